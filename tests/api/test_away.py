"""A route says in OpenAPI what it answers while a database or the object store is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.bootstrap import Services, open_services
from catalog.audit_schema import audit_lines
from catalog.database import open_database
from lake.location import StoreLocation
from lake.s3_store import S3Store
from tests.api.conftest import served, services_at
from tests.api.makers import ANNA, GOOD_FILE, PURPOSE, RESOURCE, World, a_csv, make_world
from tests.api.test_routes import OPERATIONS, PUBLIC, VALUES, ask

UPLOAD = "/v1/resources/{resource_id}/deliveries"
VIOLATIONS = "/v1/deliveries/{delivery_id}/violations"
CANCEL = "/v1/jobs/{job_id}/cancel"
CKAN = {"/api/action/{action}", "/api/3/action/{action}"}  # its errors have a form of their own
# what the index of this machine answers
SEARCHED = {"/v1/search", "/v1/suggestions"}
# of these nobody is noted; elements are public to read, not to propose
UNNOTED = PUBLIC - {"/v1/elements"}
PATHS = {path for _, path, _ in OPERATIONS} - CKAN
BAD_FILE = a_csv([(ANNA, "安娜", "2"), ("1", "无名", "1")])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of these tests' own, in which nothing that is queued is worked on."""
    services = services_at(tmp_path_factory.mktemp("away") / "home")
    yield make_world(services)
    services.close()


@pytest.fixture
def services(own: World, tmp_path: Path) -> Iterator[Services]:
    """The same home opened anew, with an audit store to break."""
    audit_url = f"sqlite:///{tmp_path / 'audit.db'}"
    opened = open_services(replace(own.services.settings, audit_url=audit_url))
    yield opened
    opened.close()


def no_database(services: Services) -> None:
    for part in ("rights", "confirmed_audit"):
        del services.__dict__[part]
    services.database.dispose()
    nowhere = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    services.__dict__["database"] = nowhere


def no_audit(services: Services) -> None:
    store = open_database(services.settings.audit_url)
    audit_lines.drop(store.engine)
    store.dispose()


def no_store(services: Services) -> None:
    services.__dict__["store"] = S3Store(StoreLocation.s3("127.0.0.1:1", "key", "secret"))


@pytest.mark.parametrize(
    ("take_away", "slug", "refused"),
    [
        (no_database, "database-unavailable", PATHS - SEARCHED),
        (no_audit, "audit-not-written", PATHS - UNNOTED),
        (no_store, "store-unavailable", {UPLOAD, VIOLATIONS, CANCEL}),
    ],
)
def test_what_a_route_answers_while_a_part_is_away_is_described(
    own: World,
    services: Services,
    take_away: Callable[[Services], None],
    slug: str,
    refused: set[str],
) -> None:
    ids = things_to_ask_for(own)
    answers = {}
    with served(services) as address, httpx.Client(base_url=address, timeout=60) as http:
        take_away(services)
        for method, path, operation in OPERATIONS:
            answer = ask(http, method, path, ids=ids, **sent_to(own, method, path))
            if answer.status_code == 503 and path not in CKAN:
                answers[path] = answer.json()["type"].removeprefix("/problems/")
                described = operation["responses"].get("503", {}).get("description", "")
                assert answers[path] in described, path
    lookups = {path for path in answers if path.endswith("lookup")}
    told_otherwise = {path for path, type_ in answers.items() if type_ != slug}
    # a lookup without database leaves no line either; a view that was never built is no such thing
    assert told_otherwise <= lookups
    assert answers.keys() - lookups == refused - lookups


def things_to_ask_for(own: World) -> dict[str, str]:
    """A delivery with something wrong in it, and the job of one that waits."""
    bad = own.deliver(BAD_FILE, data_time="2026-02-01")
    waits = own.deliver(GOOD_FILE, data_time="2026-02-02", wait=False)
    assert bad.quarantined == 1
    assert waits.job is not None
    return {
        **VALUES,
        "resource_id": RESOURCE,
        "delivery_id": bad.delivery_id,
        "job_id": waits.job.job_id,
    }


def sent_to(own: World, method: str, path: str) -> dict[str, Any]:
    account = "operator" if "jobs" in path else "gongan-clerk"
    sent: dict[str, Any] = {}
    if path.endswith("lookup"):
        account = "hall-app"
        sent["json"] = {"scheme": "citizen", "number": ANNA, "purpose": PURPOSE}
    if method == "POST" and path == UPLOAD:
        sent |= {"content": GOOD_FILE, "params": {"mode": "full", "data-time": "2026-03-01"}}
    return sent | {"headers": {"Authorization": f"Bearer {own.keys[account]}"}}
