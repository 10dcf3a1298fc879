"""The main job gives the same in files and on real servers of both kinds, to the last hash."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from api.bootstrap import open_services
from api.settings import load_settings
from examples.world.errors import Outcome
from examples.world.numbers import citizen_number
from lake.engine import load_iceberg, open_engine
from lake.location import StoreLocation
from tests.e2e.chain import (
    SALT,
    Chain,
    SampleWorld,
    ask,
    audit_lines,
    counts_of,
    do_the_main_job,
    plain_connection,
    run_command,
)
from tests.servers.postgres import PostgresServer

UNKNOWN = citizen_number("990101", date(1899, 1, 1), 1)  # older than everybody in the world


@dataclass(frozen=True)
class Both:
    """The embedded default, SQLite and a folder; and PostgreSQL with an S3 server."""

    files: Chain
    servers: Chain


@dataclass(frozen=True)
class Asked:
    """The answers of one home, by question."""

    answers: dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=["seaweedfs", "minio"])
def both(
    request: pytest.FixtureRequest,
    on_a_folder: Chain,
    sample_world: SampleWorld,
    postgres: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Both]:
    home = tmp_path_factory.mktemp("on-servers")
    with postgres.database(migrated=False) as url:
        # as operators write it: the driver is our business
        given = url.replace("postgresql+psycopg:", "postgresql:")
        location: StoreLocation = request.getfixturevalue(request.param)
        yield Both(on_a_folder, do_the_main_job(home, sample_world, location, given))


@pytest.fixture(scope="module")
def asked(both: Both) -> tuple[Asked, Asked]:
    return answers_of(both.files), answers_of(both.servers)


def answers_of(chain: Chain) -> Asked:
    """Ask for a person and an organisation by each of their numbers, and for nobody."""
    citizen, uscc = chain.world.showcase["citizen"], chain.world.showcase["uscc"]
    key = chain.key("hall-app")
    with chain.served() as http:

        def answer(path: str, scheme: str, number: str) -> dict[str, Any]:
            replied = ask(http, key, path, scheme=scheme, number=number)
            assert replied.status_code == 200, replied.text
            return dict(replied.json())

        entity = answer("legal-entities", "uscc", uscc)
        old_number = entity["cells"]["reg_no"]["value"]
        answers = {
            "person": answer("persons", "citizen", citizen),
            "person of 15 digits": answer("persons", "citizen", citizen[:6] + citizen[8:17]),
            "nobody": answer("persons", "citizen", UNKNOWN),
            "entity": entity,
            "entity by its organisation code": answer("legal-entities", "org_code", uscc[8:17]),
            "entity by its old number": answer("legal-entities", "reg_no", old_number),
        }
    return Asked(answers)


def rows_in_the_lake(chain: Chain) -> dict[str, int]:
    """Rows of every table, by DuckDB's own Iceberg reader on the newest metadata."""
    services = open_services(load_settings(chain.environment))
    tables = [
        *(("base", view) for view in ("person", "legal_entity")),
        *((f"dept_{sent.department}", f"{sent.resource.replace('-', '_')}_g1")
          for sent in chain.world.sent),
    ]  # fmt: skip
    counts = {}
    with open_engine(services.location) as con:
        load_iceberg(con)
        for name in dict.fromkeys(tables):
            metadata = services.tables.metadata_location(name)
            [(rows,)] = con.execute(f"SELECT count(*) FROM iceberg_scan('{metadata}')").fetchall()
            counts[".".join(name)] = rows
    services.close()
    return counts


def test_both_places_count_the_same(both: Both) -> None:
    counts = counts_of(both.files.deliveries)
    assert counts == counts_of(both.servers.deliveries)
    assert sum(one["accepted"] for one in counts.values()) > 2_500
    assert [name for name, one in counts.items() if one["refused"]] == ["marriage-2026-11.csv"]
    assert {one["encoding"] for one in counts.values()} >= {"utf-8", "gb18030"}


def test_what_was_spoiled_is_what_lies_in_quarantine(both: Both) -> None:
    truth = both.servers.world.folder / "truth" / "spoiled.csv"
    with truth.open(encoding="utf-8", newline="") as file:
        spoiled = Counter(
            row["file"] for row in csv.DictReader(file) if row["outcome"] == Outcome.QUARANTINE
        )
    counts = counts_of(both.servers.deliveries)
    found = {name: one["quarantined"] for name, one in counts.items() if one["quarantined"]}
    assert found == dict(spoiled)


def test_both_places_hold_the_same_views(both: Both) -> None:
    files = {view.view_id: (view.rows, view.content_hash) for view in both.files.views}
    servers = {view.view_id: (view.rows, view.content_hash) for view in both.servers.views}
    assert files == servers
    assert all(rows > 200 and len(content_hash) == 64 for rows, content_hash in servers.values())


def test_an_independent_reader_counts_in_both_places_what_was_answered(both: Both) -> None:
    files, servers = rows_in_the_lake(both.files), rows_in_the_lake(both.servers)
    assert files == servers
    accepted: Counter[str] = Counter()
    for sent, answer in zip(both.servers.world.sent, both.servers.deliveries, strict=True):
        accepted[f"dept_{sent.department}.{sent.resource.replace('-', '_')}_g1"] += answer.accepted
    built = {f"base.{view.view_id}": view.rows for view in both.servers.views}
    assert servers == dict(accepted) | built


def test_lookups_answer_the_same_cells_from_both(asked: tuple[Asked, Asked]) -> None:
    files, servers = asked
    for question, answer in files.answers.items():
        other = servers.answers[question]
        assert (answer["found"], answer["cells"]) == (other["found"], other["cells"]), question
        assert answer["view_version"] == other["view_version"] == 1


def test_a_subject_is_the_same_by_each_of_its_numbers(asked: tuple[Asked, Asked]) -> None:
    for home in asked:
        cells = {question: answer["cells"] for question, answer in home.answers.items()}
        assert cells["person"] == cells["person of 15 digits"]
        assert cells["entity"] == cells["entity by its organisation code"]
        assert cells["entity"] == cells["entity by its old number"]
        assert home.answers["nobody"]["found"] is False


def test_every_cell_of_an_answer_names_a_source_and_a_delivery_of_this_run(
    both: Both, asked: tuple[Asked, Asked]
) -> None:
    delivered = {answer.delivery_id: answer.resource_id for answer in both.servers.deliveries}
    for question in ("person", "entity"):
        cells = asked[1].answers[question]["cells"]
        sourced = [cell for cell in cells.values() if cell["source"] is not None]
        assert len(sourced) > 5
        assert all(delivered[cell["delivery"]] == cell["source"] for cell in sourced)


def test_one_url_is_enough_and_no_file_stands_in_for_the_database(both: Both) -> None:
    chain = both.servers
    query = sa.text(
        "SELECT table_schema, count(*) FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1"
    )
    with plain_connection(load_settings(chain.environment).database_url) as conn:
        tables = {row.table_schema: row.count for row in conn.execute(query)}
    assert (tables["datong_audit"], tables["datong_tables"]) == (1, 2)
    assert tables.keys() == {"public", "datong_audit", "datong_tables"}
    assert list(chain.home.glob("*.db*")) == []


def test_both_places_keep_the_same_audit_lines(both: Both, asked: tuple[Asked, Asked]) -> None:
    files, servers = (
        [(line["action"], line["result"], line["resource"]) for line in audit_lines(chain)]
        for chain in (both.files, both.servers)
    )
    actions = [action for action, _result, _resource in servers]
    job = actions.index("lookup")
    assert job > 40
    assert files[:job] == servers[:job]
    assert actions[job:] == ["lookup"] * len(asked[1].answers)


def test_no_secret_of_the_database_is_in_a_log_or_told_by_a_command(both: Both) -> None:
    chain = both.servers
    wrong = {"DATONG_DATABASE_URL": "postgresql://u:word-that-hides@127.0.0.1:1/d"}
    ran = run_command(replace(chain, environment=chain.environment | wrong), "record", "list")
    assert ran.returncode == 1
    assert "数据库暂时不可用".encode() in ran.stderr
    password = str(sa.make_url(chain.environment["DATONG_DATABASE_URL"]).password).encode()
    kept = [path.read_bytes() for path in (chain.home / "logs").rglob("*") if path.is_file()]
    assert any(b"Connection refused" in text for text in kept)
    for text in (ran.stdout, ran.stderr, *kept):
        assert not {one for one in (password, b"word-that-hides", SALT.encode()) if one in text}
