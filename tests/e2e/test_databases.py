"""A home set up by several at once, asked strange things, and left by its database server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import require_part
from tests.e2e.chain import Chain, SampleWorld, environment_of, plain_connection, run_command
from tests.servers.postgres import PostgresServer, find_postgres, running_postgres
from tests.servers.together import run_together

NOWHERE = SampleWorld(Path("nowhere"))
AUDIT = "/problems/audit-not-written"

# every way in by which a text of a caller gets as far as a statement
STRANGE = [
    "/v1/resources/a%00b",
    "/v1/resources/" + "a" * 5000,
    "/v1/resources?cursor=YQBi",  # a, NUL, b
    "/v1/resources/307%00/1",
]


def home_at(folder: Path, url: str) -> Chain:
    home = folder / "home"
    return Chain(home, environment_of(home, database_url=url), NOWHERE)


@contextmanager
def initialised(folder: Path, url: str) -> Iterator[tuple[Chain, httpx.Client]]:
    chain = home_at(folder, url)
    ran = run_command(chain, "init")
    assert ran.returncode == 0, ran.stderr.decode()
    with chain.served() as http:
        yield chain, http


def test_a_home_that_several_set_up_at_once_is_set_up_once(
    empty_database: str, tmp_path: Path
) -> None:
    chain = home_at(tmp_path, empty_database)
    prepare = (
        "import json, sys\n"
        "from api.bootstrap import open_services\n"
        "from api.settings import load_settings\n"
        "from api.usecases.setup import initialise\n"
        "import alembic.command\n"
        "services = open_services(load_settings(json.loads(sys.argv[1])))\n"
    )
    act = "sys.stdout.write(str(initialise(services, None).created))\nservices.close()\n"
    created = run_together(3, prepare, act, json.dumps(chain.environment))
    assert sorted(created) == ["False", "False", "True"]
    with plain_connection(empty_database) as conn:
        for table, rows in (("departments", 1), ("accounts", 1), ("view_definitions", 2)):
            assert conn.scalar(sa.text(f"SELECT count(*) FROM {table}")) == rows


def test_what_no_database_can_hold_is_refused_as_a_problem(
    empty_database: str, tmp_path: Path
) -> None:
    with initialised(tmp_path, empty_database) as (_chain, http):
        for path in STRANGE:
            answer = http.get(path)
            assert answer.status_code in {404, 422}, (path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
        # a search asks no database, and finds nothing by half a word
        assert http.get("/v1/resources?q=a%00b").json()["items"] == []
        refused = http.get(STRANGE[0]).json()
        assert refused["type"] == "/problems/unusable-value"
        assert refused["field"] == "resource_id"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[PostgresServer]:
    if find_postgres() is None:
        require_part("postgres")
    with running_postgres(tmp_path / "server") as server:
        yield server


def test_without_its_server_a_home_says_so_and_goes_on_when_it_is_back(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    with (
        own_server.database(migrated=False) as url,
        initialised(tmp_path, url) as (chain, http),
    ):
        key = {"Authorization": "Bearer dt_00000000_" + "A" * 43}
        asked = {"purpose": "x", "scheme": "citizen", "number": "990101199003070015"}
        assert http.get("/healthz").status_code == 200
        own_server.stop()
        for answer in (
            http.get("/healthz"),
            http.get("/v1/resources"),
            http.post("/v1/persons/lookup", json=asked, headers=key),
        ):
            assert answer.status_code == 503, answer.text
            problem = answer.json()
            assert problem["type"] in {"/problems/database-unavailable", AUDIT}
            assert own_server.password not in answer.text
        ran = run_command(chain, "record", "list", "--json")
        assert ran.returncode == 1
        assert '"code": "database-unavailable"' in ran.stderr.decode()
        path = chain.home / "logs" / "datong.jsonl"
        log = path.read_text(encoding="utf-8")
        assert "Connection refused" in log
        assert own_server.password not in log
        assert told_of_the_database(log) == ["stalled"]  # and not a line for each call
        own_server.start()
        assert http.get("/healthz").status_code == 200
        assert http.get("/v1/resources").json()["items"] is not None
        unknown = http.post("/v1/persons/lookup", json=asked, headers=key)
        assert unknown.status_code == 401, unknown.text
        log = path.read_text(encoding="utf-8")
        assert told_of_the_database(log) == ["stalled", "going-on"]


def told_of_the_database(log: str) -> list[str]:
    lines = [json.loads(line) for line in log.splitlines()]
    return [line["event"] for line in lines if line.get("what") == "database"]
