"""A file goes the whole way on PostgreSQL and a real S3 server, as it does in files of a home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.bootstrap import open_services
from api.settings import load_settings
from lake.location import StoreLocation
from tests.api.conftest import served
from tests.api.makers import PURPOSE, World, make_offices
from tests.api.test_file_resources import FILES, a_file_record
from tests.e2e.chain import environment_of
from tests.ingest.pictures import a_docx, a_pdf, a_png
from tests.ingest.spoiling import flip
from tests.servers.postgres import PostgresServer

LARGE = a_png() + bytes(3 << 20)


@pytest.fixture
def world(tmp_path: Path, postgres: PostgresServer, seaweedfs: StoreLocation) -> Iterator[World]:
    with postgres.database(migrated=False) as url:
        environment = environment_of(tmp_path, seaweedfs, url)
        services = open_services(load_settings(environment))
        world = make_offices(services)
        world.publish(a_file_record())
        world.grant(application="hall-app", resource=FILES, items=[])
        yield world
        services.close()


def test_files_are_delivered_replaced_refused_and_fetched(world: World) -> None:
    facts = {"resource": FILES, "mode": "incremental"}
    for content, name, state in (
        (a_pdf("draft"), "通知.pdf", "loaded"),
        (a_pdf("final"), "通知.pdf", "loaded"),
        (LARGE, "map.png", "loaded"),
        (a_docx(), "map.png", "refused"),
    ):
        assert world.deliver(content, file_name=name, **facts).state == state
    with served(world.services) as address, httpx.Client(base_url=address, timeout=30) as http:
        url = f"/v1/resources/{FILES}/files"
        header = {"Authorization": f"Bearer {world.keys['hall-app']}"}
        files = {f["name"]: f for f in http.get(url, headers=header).json()["items"]}
        assert {name: f["version"] for name, f in files.items()} == {"通知.pdf": 2, "map.png": 1}

        def fetch(name: str) -> httpx.Response:
            asked = {"purpose": PURPOSE}
            return http.get(f"{url}/{files[name]['file_id']}", headers=header, params=asked)

        assert fetch("通知.pdf").content == a_pdf("final")
        assert fetch("map.png").content == LARGE
        refused = http.get(f"{url}/a%00b", headers=header, params={"purpose": PURPOSE})
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unusable-value")
        told = files["map.png"]
        key = f"raw/{FILES}/{told['delivery_id']}/{told['sha256']}"
        spoil(world, key)
        with pytest.raises(httpx.RemoteProtocolError):
            fetch("map.png")
    fetched = [line for line in world.audit() if line["action"] == "file.get"]
    assert [line["result"] for line in fetched] == ["ok", "ok", "unusable-value", "ok"]


def spoil(world: World, key: str) -> None:
    path = world.services.settings.home / "spoiled"
    path.write_bytes(flip(LARGE))
    world.services.store.put_file("dept-gongan", key, path)
