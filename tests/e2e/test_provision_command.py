"""`datong department provision`: what it gives works, and the secret is nowhere else."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from minio.error import S3Error

from api.bootstrap import open_services
from api.cli.main import main
from api.settings import load_settings
from examples.demo import WORLD
from examples.office import PLATFORM, Office
from lake.location import StoreLocation
from tests.e2e.chain import (
    Chain,
    SampleWorld,
    audit_lines,
    environment_of,
    set_environment,
)

BUCKET = "dept-shuiwu"


@dataclass(frozen=True)
class Counter:
    """A home with a platform and one department, and the command line on it."""

    chain: Chain
    capture: pytest.CaptureFixture[str]

    def ran(self, *words: str) -> tuple[int, str, str]:
        """Run `datong department WORDS` in this process: exit code and both streams."""
        self.capture.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            set_environment(patch, self.chain.environment)
            with pytest.raises(SystemExit) as ended:
                main(("department", *words))
        streams = self.capture.readouterr()
        return int(ended.value.code or 0), streams.out, streams.err

    def provision(self, *words: str) -> dict[str, Any]:
        code, out, err = self.ran("provision", "shuiwu", *words, "--as", "admin", "--json")
        assert code == 0, err
        return dict(json.loads(out))

    def files(self) -> list[Path]:
        return [path for path in self.chain.home.rglob("*") if path.is_file()]


def a_chain(home: Path, location: StoreLocation | None = None) -> Chain:
    environment = environment_of(home, location)
    services = open_services(load_settings(environment))
    try:
        office = Office(home, services)
        office.initialise(WORLD / "departments" / f"{PLATFORM}.yaml")
        office.add_department(WORLD / "departments" / "shuiwu.yaml")
    finally:
        services.close()
    return Chain(home, environment, SampleWorld(home))


@pytest.fixture
def counter(
    tmp_path: Path, s3_location: StoreLocation, capfd: pytest.CaptureFixture[str]
) -> Counter:
    return Counter(a_chain(tmp_path / "home", s3_location), capfd)


def client_of(given: dict[str, Any]) -> Minio:
    return Minio(
        given["endpoint"].removeprefix("http://"),
        access_key=given["access_key"],
        secret_key=given["secret_key"],
        region=given["region"],
        secure=False,
    )


def put(given: dict[str, Any], key: str) -> None:
    content = io.BytesIO(b"x" * (6 << 20))
    client_of(given).put_object(given["bucket"], key, content, -1, part_size=5 << 20)


def test_a_department_drops_files_with_the_key_that_it_was_given(
    counter: Counter, s3_location: StoreLocation
) -> None:
    given = counter.provision()
    assert given["department_id"] == "shuiwu"
    assert given["bucket"] == BUCKET
    assert given["endpoint"] == f"http://{s3_location.endpoint}"
    assert given["prefixes"] == {"put": ["incoming/"], "get": ["receipts/", "outgoing/"]}
    put(given, "incoming/tax/文 件.csv")
    list(client_of(given).list_objects(BUCKET, "receipts/"))  # other tests have some there
    for key in ("raw/x", "receipts/x"):
        with pytest.raises(S3Error, match="AccessDenied"):
            put(given, key)


def test_a_second_key_ends_the_first_and_revocation_ends_all(counter: Counter) -> None:
    first, second = counter.provision(), counter.provision()
    put(second, "incoming/tax/x")
    with pytest.raises(S3Error):
        put(first, "incoming/tax/x")
    revoked = {"department_id": "shuiwu", "bucket": BUCKET, "revoked": 1}
    assert counter.provision("--revoke") == revoked
    with pytest.raises(S3Error):
        put(second, "incoming/tax/x")
    assert counter.provision("--revoke") == {**revoked, "revoked": 0}


def test_no_key_is_in_any_file_and_the_one_of_the_platform_is_said_to_nobody(
    counter: Counter, s3_location: StoreLocation
) -> None:
    given = [counter.provision(), counter.provision()]
    said = "".join(
        text for words in (("provision", "shuiwu"), ("provision", "shuiwu", "--revoke"))
        for text in counter.ran(*words, "--as", "admin")[1:]
    )  # fmt: skip
    keys = [each[half] for each in given for half in ("access_key", "secret_key")]
    assert all(len(key) >= 20 for key in keys)
    for path in counter.files():
        content = path.read_bytes()
        assert [key for key in (*keys, s3_location.secret_key) if key.encode() in content] == []
    assert s3_location.secret_key not in said + json.dumps(given)
    assert s3_location.access_key not in said + json.dumps(given)


def test_provisioning_is_audited_and_is_for_administrators_alone(counter: Counter) -> None:
    counter.provision()
    counter.provision("--revoke")
    assert counter.ran("provision", "nobody", "--as", "admin")[0] == 1
    assert counter.ran("provision", "shuiwu")[0] == 1
    lines = [
        (line["result"], line["detail"])
        for line in audit_lines(counter.chain)
        if line["action"] == "department.provision"
    ]
    assert lines == [
        ("ok", {"department": "shuiwu"}),
        ("ok", {"department": "shuiwu", "revoke": True, "revoked": 1}),
        ("department-not-found", {"department": "nobody"}),
        ("no-identity", {}),
    ]


def test_a_local_lake_is_opened_without_a_key(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    counter = Counter(a_chain(tmp_path / "home"), capfd)
    given = counter.provision()
    assert given["access_key"] is None
    assert given["secret_key"] is None
    folder = Path(given["endpoint"].removeprefix("file://")) / given["bucket"]
    assert (folder / "incoming").is_dir()
    code, out, _ = counter.ran("provision", "shuiwu", "--as", "admin")
    assert code == 0
    assert "无需密钥" in out
    assert counter.provision("--revoke")["revoked"] == 0


def test_a_store_whose_key_may_not_make_keys_says_what_to_do(
    counter: Counter, s3_location: StoreLocation
) -> None:
    given = counter.provision()
    weak = StoreLocation.s3(s3_location.endpoint, given["access_key"], given["secret_key"])
    chain = replace(counter.chain, environment=environment_of(counter.chain.home, weak))
    code, out, err = replace(counter, chain=chain).ran("provision", "shuiwu", "--as", "admin")
    assert (code, out) == (1, "")
    assert given["secret_key"] not in err
    assert given["access_key"] not in err
