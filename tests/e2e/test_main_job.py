"""The main job gives the same on a local folder and on a real S3 server, to the last hash."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from api.bootstrap import open_services
from api.settings import load_settings
from examples.world.errors import Outcome
from examples.world.numbers import citizen_number
from lake.engine import load_iceberg, open_engine
from lake.location import StoreLocation
from tests.e2e.chain import Chain, SampleWorld, ask, counts_of, do_the_main_job

UNKNOWN = citizen_number("990101", date(1899, 1, 1), 1)  # older than everybody in the world


@dataclass(frozen=True)
class Both:
    folder: Chain
    s3: Chain


@dataclass(frozen=True)
class Asked:
    """The answers of one home, by question."""

    answers: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def both(
    on_a_folder: Chain,
    sample_world: SampleWorld,
    seaweedfs: StoreLocation,
    tmp_path_factory: pytest.TempPathFactory,
) -> Both:
    on_s3 = do_the_main_job(tmp_path_factory.mktemp("on-s3"), sample_world, seaweedfs)
    return Both(on_a_folder, on_s3)


@pytest.fixture(scope="module")
def asked(both: Both) -> tuple[Asked, Asked]:
    return answers_of(both.folder), answers_of(both.s3)


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
    counts = counts_of(both.folder.deliveries)
    assert counts == counts_of(both.s3.deliveries)
    assert sum(one["accepted"] for one in counts.values()) > 2_500
    assert [name for name, one in counts.items() if one["refused"]] == ["marriage-2026-11.csv"]
    assert {one["encoding"] for one in counts.values()} >= {"utf-8", "gb18030"}


def test_what_was_spoiled_is_what_lies_in_quarantine(both: Both) -> None:
    truth = both.s3.world.folder / "truth" / "spoiled.csv"
    with truth.open(encoding="utf-8", newline="") as file:
        spoiled = Counter(
            row["file"] for row in csv.DictReader(file) if row["outcome"] == Outcome.QUARANTINE
        )
    counts = counts_of(both.s3.deliveries)
    found = {name: one["quarantined"] for name, one in counts.items() if one["quarantined"]}
    assert found == dict(spoiled)


def test_both_places_hold_the_same_views(both: Both) -> None:
    folder = {view.view_id: (view.rows, view.content_hash) for view in both.folder.views}
    s3 = {view.view_id: (view.rows, view.content_hash) for view in both.s3.views}
    assert folder == s3
    assert all(rows > 200 and len(content_hash) == 64 for rows, content_hash in s3.values())


def test_an_independent_reader_counts_in_both_places_what_was_answered(both: Both) -> None:
    folder, s3 = rows_in_the_lake(both.folder), rows_in_the_lake(both.s3)
    assert folder == s3
    accepted: Counter[str] = Counter()
    for sent, answer in zip(both.s3.world.sent, both.s3.deliveries, strict=True):
        accepted[f"dept_{sent.department}.{sent.resource.replace('-', '_')}_g1"] += answer.accepted
    built = {f"base.{view.view_id}": view.rows for view in both.s3.views}
    assert s3 == dict(accepted) | built


def test_lookups_answer_the_same_cells_from_both(asked: tuple[Asked, Asked]) -> None:
    folder, s3 = asked
    for question, answer in folder.answers.items():
        other = s3.answers[question]
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
    delivered = {answer.delivery_id: answer.resource_id for answer in both.s3.deliveries}
    for question in ("person", "entity"):
        cells = asked[1].answers[question]["cells"]
        sourced = [cell for cell in cells.values() if cell["source"] is not None]
        assert len(sourced) > 5
        assert all(delivered[cell["delivery"]] == cell["source"] for cell in sourced)
