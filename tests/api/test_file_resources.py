"""A file resource from its record to the bytes that an application fetches, by command and HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.logs import log_file
from api.usecases.grants import revoke_grant
from api.usecases.records import act_on_record
from catalog.file_counts import counts_of
from tests.api.conftest import Datong
from tests.api.makers import PURPOSE, World, a_citizen_number, a_record
from tests.ingest.pictures import a_docx, a_pdf, a_png
from tests.ingest.spoiling import flip

Header = Callable[[str], dict[str, str]]

FILES = "policies"
NUMBERED = f"{a_citizen_number(7)}.png"


def a_file_record(**facts: Any) -> dict[str, Any]:
    document = a_record(
        resource_id=FILES,
        kind="file",
        name="政策文件",
        format={"category": 1, "type": "pdf"},
        file={"media_types": ["application/pdf", "image/png"]},
        share_method="file",
        **facts,
    )
    del document["items"]
    return document


@pytest.fixture(scope="module")
def shelf(world: World) -> World:
    """The world with a file resource of two files, and an application that may fetch them."""
    world.publish(a_file_record())
    for content, name in ((a_pdf("first"), "通知.pdf"), (a_png(), NUMBERED)):
        done = keep(world, content, name)
        assert (done.state, done.files, done.rows_in) == ("loaded", 1, 0)
    world.account("archive-app", "consumer", department="minzheng", kind="application")
    grant(world)
    return world


def keep(world: World, content: bytes, name: str, **facts: Any) -> Any:
    return world.deliver(content, resource=FILES, mode="incremental", file_name=name, **facts)


def grant(world: World, **facts: Any) -> str:
    return world.grant(application="archive-app", resource=FILES, **{"items": [], **facts})


def listed(http: httpx.Client, header: dict[str, str], **asked: str) -> list[dict[str, Any]]:
    answer = http.get(f"/v1/resources/{FILES}/files", headers=header, params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def id_of(http: httpx.Client, keyed: Header, name: str) -> str:
    [found] = [f for f in listed(http, keyed("gongan-clerk")) if f["name"] == name]
    return str(found["file_id"])


def fetch(http: httpx.Client, header: dict[str, str], file_id: str, **asked: str) -> httpx.Response:
    return http.get(f"/v1/resources/{FILES}/files/{file_id}", headers=header, params=asked)


def line_of(world: World, answer: httpx.Response) -> dict[str, Any]:
    request_id = answer.headers["x-request-id"]
    [line] = [line for line in world.audit() if line["request_id"] == request_id]
    return line


def test_an_application_lists_and_fetches_what_it_was_granted(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    files = {f["name"]: f for f in listed(http, keyed("archive-app"), purpose=PURPOSE)}
    assert set(files) == {"通知.pdf", NUMBERED}
    one = files["通知.pdf"]
    assert (one["media_type"], one["size"]) == ("application/pdf", len(a_pdf("first")))
    answer = fetch(http, keyed("archive-app"), one["file_id"], purpose=PURPOSE)
    assert (answer.status_code, answer.content) == (200, a_pdf("first"))
    digest = hashlib.sha256(a_pdf("first"))
    told = answer.headers
    assert one["sha256"] == told["x-content-sha256"] == digest.hexdigest()
    assert told["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert told["content-type"] == "application/pdf"
    assert told["content-disposition"] == f"attachment; filename*=UTF-8''{quote('通知.pdf')}"
    assert (told["x-content-type-options"], told["x-file-version"]) == ("nosniff", "1")
    line = line_of(shelf, answer)
    assert (line["action"], line["account"], line["result"]) == ("file.get", "archive-app", "ok")
    assert (line["resource"], line["purpose"], line["department"]) == (FILES, PURPOSE, "minzheng")
    assert line["detail"]["file_id"] == one["file_id"]
    assert line["detail"]["sha256"] == digest.hexdigest()
    assert line["detail"]["size"] == len(a_pdf("first"))


def test_a_file_that_was_replaced_is_fetched_in_its_newest_version(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    keep(shelf, a_pdf("draft"), "办法.pdf")
    file_id = id_of(http, keyed, "办法.pdf")
    newer = keep(shelf, a_pdf("final"), "办法.pdf", data_time="2026-11-01")
    [found] = [f for f in listed(http, keyed("archive-app")) if f["file_id"] == file_id]
    assert (found["version"], found["delivery_id"]) == (2, newer.delivery_id)
    answer = fetch(http, keyed("archive-app"), file_id, purpose=PURPOSE)
    assert (answer.content, answer.headers["x-file-version"]) == (a_pdf("final"), "2")


def test_upload_over_http_answers_as_for_tables(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    url = f"/v1/resources/{FILES}/deliveries"
    asked = {"mode": "incremental", "data-time": "2026-10-31"}

    def send(content: bytes, name: str) -> httpx.Response:
        named = {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
        header = {**keyed("gongan-clerk"), **named}
        return http.post(url, content=content, params=asked, headers=header)

    first, again = send(a_pdf("http"), "http.pdf"), send(a_pdf("http"), "http.pdf")
    assert (first.status_code, first.json()["files"]) == (201, 1)
    assert again.json()["delivery_id"] == first.json()["delivery_id"]
    refused = send(a_docx(), "misnamed.pdf")
    assert refused.status_code == 422
    assert refused.json()["reason"]["code"] == "file.other_content"
    assert "Word" in refused.json()["detail_zh"]
    assert send(a_pdf("nameless"), "").json()["reason"]["code"] == "file.no_name"
    shown = http.get(f"/v1/deliveries/{first.json()['delivery_id']}", headers=keyed("gongan-clerk"))
    assert (shown.json()["state"], shown.json()["format"]) == ("loaded", "pdf")


REFUSED: list[tuple[dict[str, Any], dict[str, str], int, str]] = [
    ({}, {"purpose": "work_reference"}, 403, "other-purpose"),
    ({"valid_to": "2020-12-31"}, {"purpose": PURPOSE}, 403, "grant-expired"),
    ({"valid_from": "2090-01-01"}, {"purpose": PURPOSE}, 403, "grant-not-yet-valid"),
    ({}, {}, 422, "bad-request"),
    ({}, {"purpose": "1"}, 422, "bad-request"),
]


@pytest.mark.parametrize(("facts", "asked", "status", "problem"), REFUSED)
def test_another_purpose_or_another_time_is_refused(
    shelf: World,
    http: httpx.Client,
    keyed: Header,
    facts: dict[str, Any],
    asked: dict[str, str],
    status: int,
    problem: str,
) -> None:
    app = f"app-{problem}-{len(asked)}{len(asked.get('purpose', ''))}"
    shelf.account(app, "consumer", department="minzheng", kind="application")
    shelf.grant(application=app, resource=FILES, items=[], **facts)
    answer = fetch(http, keyed(app), id_of(http, keyed, "通知.pdf"), **asked)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")
    line = line_of(shelf, answer)
    assert (line["result"], line["detail"].get("sha256")) == (problem, None)


def test_without_a_grant_or_after_its_end_nothing_is_listed_or_fetched(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    file_id = id_of(http, keyed, "通知.pdf")
    url = f"/v1/resources/{FILES}/files"
    for asked in (url, f"{url}/{file_id}?purpose={PURPOSE}"):
        answer = http.get(asked, headers=keyed("bare-app"))
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/no-grant")
    shelf.account("short-app", "consumer", department="minzheng", kind="application")
    grant_id = shelf.grant(application="short-app", resource=FILES, items=[])
    assert fetch(http, keyed("short-app"), file_id, purpose=PURPOSE).status_code == 200
    revoke_grant(shelf.services, shelf.caller("authority"), grant_id)
    for asked in (url, f"{url}/{file_id}?purpose={PURPOSE}"):
        answer = http.get(asked, headers=keyed("short-app"))
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/grant-revoked")


def test_a_clerk_reads_the_own_departments_files_and_no_others(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    file_id = id_of(http, keyed, "通知.pdf")
    assert fetch(http, keyed("gongan-clerk"), file_id).content == a_pdf("first")
    refused = fetch(http, keyed("minzheng-clerk"), file_id)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/no-grant")


def test_an_auditor_lists_without_numbers_and_fetches_nothing(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    names = [f["name"] for f in listed(http, keyed("auditor"))]
    assert "***.png" in names
    assert NUMBERED not in names
    refused = fetch(http, keyed("auditor"), id_of(http, keyed, "通知.pdf"))
    assert refused.json()["type"] == "/problems/role-not-allowed"


@pytest.mark.parametrize(
    ("resource", "status", "problem"),
    [
        ("none-such", 404, "resource-not-found"),
        ("population", 409, "not-a-file-resource"),
        ("person", 409, "not-a-file-resource"),
        (FILES, 404, "file-not-found"),
    ],
)
def test_what_is_no_file_is_said_to_be_none(
    shelf: World, http: httpx.Client, keyed: Header, resource: str, status: int, problem: str
) -> None:
    url = f"/v1/resources/{resource}/files/{shelf.services.ids.new()}"
    answer = http.get(url, headers=keyed("archive-app"), params={"purpose": PURPOSE})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")


def test_files_are_listed_a_page_at_a_time(shelf: World, http: httpx.Client, keyed: Header) -> None:
    every = [f["file_id"] for f in listed(http, keyed("gongan-clerk"))]
    found, cursor = [], None
    while True:
        asked = {"limit": "1"} | ({} if cursor is None else {"cursor": cursor})
        url = f"/v1/resources/{FILES}/files"
        page = http.get(url, headers=keyed("gongan-clerk"), params=asked).json()
        found += [f["file_id"] for f in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == every
    assert len(found) >= 2


@pytest.mark.parametrize("size", [0, 3 << 20])
def test_a_kept_file_that_changed_never_arrives_whole_and_is_logged(
    shelf: World, http: httpx.Client, keyed: Header, size: int
) -> None:
    name, content = f"changed-{size}.pdf", a_pdf("changed") + bytes(size)
    done = keep(shelf, content, name)
    key = f"raw/{FILES}/{done.delivery_id}/{done.sha256}"
    path = shelf.services.store.local_path("dept-gongan", key)
    assert path is not None
    path.chmod(0o600)
    path.write_bytes(flip(content))
    file_id = id_of(http, keyed, name)
    if size == 0:
        answer = fetch(http, keyed("archive-app"), file_id, purpose=PURPOSE)
        assert (answer.status_code, answer.json()["type"]) == (500, "/problems/raw-changed")
        assert line_of(shelf, answer)["result"] == "raw-changed"
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            fetch(http, keyed("archive-app"), file_id, purpose=PURPOSE)
    lines = log_file(shelf.services.settings.logs).read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines if '"file-changed"' in line]
    assert done.delivery_id in [line["delivery_id"] for line in told]
    path.write_bytes(content)
    assert fetch(http, keyed("archive-app"), file_id, purpose=PURPOSE).content == content


def test_commands_list_and_fetch_by_name(shelf: World, datong: Datong, tmp_path: Path) -> None:
    ran = datong("file", "list", FILES, "--as", "archive-app", "--json")
    assert {"通知.pdf", NUMBERED} <= {f["name"] for f in json.loads(ran.out)}
    assert "通知.pdf" in datong("file", "list", FILES, "--as", "archive-app").out
    out = tmp_path / "got.png"
    asked = ("--purpose", PURPOSE, "--as", "archive-app")
    ran = datong("file", "get", FILES, NUMBERED, str(out), *asked, "--json")
    assert ran.code == 0, ran
    assert out.read_bytes() == a_png()
    assert json.loads(ran.out)["sha256"] == hashlib.sha256(a_png()).hexdigest()
    missing = datong("file", "get", FILES, f"{a_citizen_number(8)}.png", str(out), *asked)
    assert (missing.code, a_citizen_number(8) in missing.err) == (1, False)
    nowhere = str(tmp_path / "no" / "x.png")
    failed = datong("file", "get", FILES, NUMBERED, nowhere, "--as", "gongan-clerk", "--json")
    assert (failed.code, json.loads(failed.err)["error"]["code"]) == (1, "folder-not-writable")


def test_what_is_fetched_is_counted(shelf: World, http: httpx.Client, keyed: Header) -> None:
    file_id = id_of(http, keyed, "通知.pdf")

    def now() -> tuple[int, int]:
        with shelf.services.database.reading() as conn:
            found = counts_of(conn, FILES)
        return found.fetches, found.fetched_bytes

    fetches, size = now()
    fetch(http, keyed("archive-app"), file_id, purpose=PURPOSE)
    fetch(http, keyed("bare-app"), file_id, purpose=PURPOSE)  # refused, so not counted
    assert now() == (fetches + 1, size + len(a_pdf("first")))


def test_no_number_of_a_name_is_in_a_log_or_an_audit_line(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    fetch(http, keyed("archive-app"), id_of(http, keyed, NUMBERED), purpose=PURPOSE)
    number = NUMBERED.removesuffix(".png")
    log = log_file(shelf.services.settings.logs).read_text(encoding="utf-8")
    assert number not in log
    assert number not in json.dumps(shelf.audit(), ensure_ascii=False)


def test_no_address_names_a_file_by_its_name(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    answer = fetch(http, keyed("archive-app"), quote("通知.pdf"), purpose=PURPOSE)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/file-not-found")
    assert line_of(shelf, answer)["result"] == "file-not-found"


def test_nobody_is_let_in_without_a_key(http: httpx.Client, shelf: World) -> None:
    del shelf
    for url in (f"/v1/resources/{FILES}/files", f"/v1/resources/{FILES}/files/x"):
        assert http.get(url).json()["type"] == "/problems/no-identity"


def test_a_withdrawn_resource_hands_out_nothing(
    shelf: World, http: httpx.Client, keyed: Header
) -> None:
    shelf.publish({**a_file_record(), "resource_id": "taken-down"})
    done = shelf.deliver(a_pdf(), resource="taken-down", mode="full", file_name="a.pdf")
    assert done.state == "loaded"
    shelf.grant(application="archive-app", resource="taken-down", items=[])
    for account, action in (("gongan-steward", "request_withdraw"), ("authority", "agree")):
        act_on_record(shelf.services, shelf.caller(account), "taken-down", action, "到期")
    answer = http.get("/v1/resources/taken-down/files", headers=keyed("archive-app"))
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/resource-not-found")
