"""Keys of departments are made, replaced and ended, on every S3 server that makes them."""

from __future__ import annotations

import json
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException

from lake.errors import KeyServiceRefused, NoKeyService, StoreUnavailable, UnsafeKey
from lake.location import StoreLocation
from lake.provisioning import (
    DepartmentKey,
    issue_key,
    key_service,
    open_folders,
    policy_of,
    revoke_keys,
)
from tests.conftest import require_part
from tests.lake.attempts import ALIKE, OPEN, OWN, Attempt, attempt
from tests.lake.raw_s3 import RawS3, Reply
from tests.lake.site import Site
from tests.servers.weed import find_weed, weed_server

READ = attempt("GET", f"own/{OPEN[0]}")


def opens(site: Site, key: DepartmentKey, tried: Attempt = READ) -> bool:
    return tried.make(RawS3(site.location, key.access_key, key.secret_key)).succeeded


def call(client: RawS3, action: str, version: str = "2010-05-08", **parameters: str) -> Reply:
    """Ask IAM or STS, in the form that both take."""
    form = urlencode({"Action": action, "Version": version, **parameters}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    service = "sts" if version == "2011-06-15" else "iam"
    return client.ask("POST", "/", (), form, headers, service=service)


def test_a_new_key_ends_the_old_one_at_once(site: Site) -> None:
    service = key_service(site.location)
    first = issue_key(service, OWN)
    assert opens(site, first)
    second = issue_key(service, OWN)
    assert not opens(site, first)
    assert opens(site, second)
    assert first.secret_key != second.secret_key
    assert not opens(site, site.key)


def test_a_revoked_key_is_ended_at_once_and_may_be_revoked_again(site: Site) -> None:
    service = key_service(site.location)
    key = issue_key(service, OWN)
    assert revoke_keys(service, OWN) == 1
    assert not opens(site, key)
    assert revoke_keys(service, OWN) == 0
    assert opens(site, issue_key(service, OWN))


def test_a_department_whose_name_begins_alike_keeps_its_key(site: Site) -> None:
    service = key_service(site.location)
    alike = issue_key(service, ALIKE)
    issue_key(service, OWN)
    revoke_keys(service, OWN)
    assert opens(site, alike, attempt("GET", f"alike/{OPEN[0]}"))


def test_removing_a_holder_that_is_not_there_is_no_error(site: Site) -> None:
    key_service(site.location).remove(f"{OWN}.nobody")


def test_whatever_a_holder_made_for_itself_ends_with_it(site: Site) -> None:
    """MinIO opens sessions to every user, SeaweedFS makes every user more keys of its own."""
    service = key_service(site.location)
    holder = issue_key(service, OWN)
    client = RawS3(site.location, holder.access_key, holder.secret_key)
    if site.is_minio:
        made = call(client, "AssumeRole", "2011-06-15", DurationSeconds="604800")
        token = {"x-amz-security-token": made.text_of("SessionToken")}
    else:
        made, token = call(client, "CreateAccessKey"), {}
    own = RawS3(site.location, made.text_of("AccessKeyId"), made.text_of("SecretAccessKey"))

    def read(key: str) -> int:
        return own.ask("GET", f"/{OWN}/{key}", headers=token).status

    assert read(OPEN[0]) == 200
    assert read("raw/r/d/geheim") == 403
    issue_key(service, OWN)
    assert read(OPEN[0]) == 403
    revoke_keys(service, OWN)
    issue_key(service, OWN)
    assert read(OPEN[0]) == 403


@pytest.mark.parametrize("site", ["MinIO"], indirect=True)
def test_a_holder_on_minio_makes_no_account_and_changes_no_secret(site: Site) -> None:
    key = issue_key(key_service(site.location), OWN)
    admin = MinioAdmin(
        endpoint=site.location.endpoint,
        credentials=StaticProvider(key.access_key, key.secret_key),
        region=site.location.region,
        secure=False,
    )
    for refused in (
        admin.add_service_account,
        lambda: admin.user_add(key.access_key, "another-secret"),
        lambda: admin.user_add("somebody-else", "another-secret"),
        lambda: admin.policy_add(OWN, policy={"Version": "2012-10-17", "Statement": []}),
        lambda: admin.policy_info(OWN),
        admin.user_list,
    ):
        with pytest.raises(MinioAdminException, match="AccessDenied"):
            refused()
    assert json.loads(admin.list_service_account(key.access_key))["accounts"] is None


@pytest.mark.parametrize("site", ["SeaweedFS"], indirect=True)
def test_a_holder_on_seaweedfs_learns_and_changes_nothing_of_its_rights(site: Site) -> None:
    key = issue_key(key_service(site.location), OWN)
    client = RawS3(site.location, key.access_key, key.secret_key)
    everything = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}],
        }
    )
    named = {"UserName": key.holder, "PolicyName": "datong"}
    assert call(client, "PutUserPolicy", PolicyDocument=everything, **named).status == 403
    assert call(client, "GetUserPolicy", **named).status == 403
    assert call(client, "DeleteUserPolicy", **named).status == 403
    assert call(client, "CreateUser", UserName="somebody-else").status == 403
    assert call(client, "CreateAccessKey", UserName="another").status == 403


def test_a_holder_cut_off_before_its_policy_may_do_nothing(site: Site) -> None:
    """What is left where making a key is cut short; the next key removes it."""
    service = key_service(site.location)
    key = issue_key(service, OWN)
    leftover = service.add(f"{OWN}.leftover", "dept-no-such-bucket")
    assert not opens(site, leftover)
    issue_key(service, OWN)
    assert f"{OWN}.leftover" not in service.holders()
    assert not opens(site, key)


def test_nothing_of_a_key_is_printed(site: Site) -> None:
    key = issue_key(key_service(site.location), OWN)
    assert key.secret_key not in repr(key)
    assert key.access_key not in repr(key)
    assert key.holder not in repr(key)


def test_a_key_without_administration_can_make_no_keys(site: Site) -> None:
    key = issue_key(key_service(site.location), OWN)
    weak = StoreLocation.s3(site.location.endpoint, key.access_key, key.secret_key)
    for location in (weak, StoreLocation.s3(weak.endpoint, "nobody", "no-such-secret")):
        with pytest.raises(KeyServiceRefused) as refused:
            issue_key(key_service(location), OWN)
        assert location.secret_key not in str(refused.value)
        assert re.search(r"AccessDenied|InvalidAccessKeyId", str(refused.value))


def test_seaweedfs_whose_keys_are_read_only_says_how_to_change_it(tmp_path: Path) -> None:
    program = find_weed()
    if program is None:
        require_part("s3")
    server = weed_server(program, tmp_path)
    server.command = [word for word in server.command if "iam.readOnly" not in word]
    with server, pytest.raises(KeyServiceRefused, match=r"-s3\.iam\.readOnly=false"):
        issue_key(key_service(server.location), OWN)


class _AnotherService(BaseHTTPRequestHandler):
    """An S3 service of a kind that nobody has tried."""

    def do_GET(self) -> None:
        self.send_response(403)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def another_service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _AnotherService) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_service_nobody_has_tried_is_refused() -> None:
    with another_service() as endpoint, pytest.raises(NoKeyService, match=endpoint):
        key_service(StoreLocation.s3(endpoint, "k", "s"))


def test_a_service_that_is_away_is_a_known_error() -> None:
    with pytest.raises(StoreUnavailable):
        key_service(StoreLocation.s3("127.0.0.1:9", "k", "the-secret"))


def test_a_local_lake_has_folders_for_the_platform_alone(tmp_path: Path) -> None:
    location = StoreLocation.folder(tmp_path / "lake")
    for _ in range(2):
        open_folders(location, OWN)
    folder = tmp_path / "lake" / OWN
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"incoming", "receipts", "outgoing"}
    with pytest.raises(UnsafeKey):
        open_folders(location, "../elsewhere")


def test_the_policy_is_said_in_the_decision() -> None:
    """Who runs another service makes the key by hand from there."""
    root = Path(__file__).parents[2]
    text = (root / "docs/decisions/0022-department-keys.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert json.loads(block) == policy_of("BUCKET")
