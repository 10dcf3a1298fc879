"""The documents of the examples are valid, and fit the files that they describe."""

from pathlib import Path
from typing import Any

import pytest

from examples.world.plan import FILES, FilePlan
from standards.code_lists import CodeLists, load_code_lists
from standards.documents import load_document
from standards.record_check import check_department, check_record
from standards.records import read_record
from standards.system_check import check_system

EXAMPLES = Path(__file__).parents[2] / "examples"
WORLD = EXAMPLES / "world"
RECORDS = [*sorted((WORLD / "records").glob("*.yaml")), EXAMPLES / "real" / "enterprise.yaml"]
SYSTEMS = sorted((WORLD / "systems").glob("*.yaml"))
DEPARTMENTS = sorted((WORLD / "departments").glob("*.yaml"))


@pytest.fixture(scope="module")
def code_lists() -> CodeLists:
    return load_code_lists(WORLD / "code_lists")


def document(path: Path) -> Any:
    return load_document(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_is_valid_without_a_warning(path: Path, code_lists: CodeLists) -> None:
    assert check_record(document(path), code_lists) == ()


@pytest.mark.parametrize("path", DEPARTMENTS, ids=lambda path: path.stem)
def test_a_department_is_valid_without_a_warning(path: Path, code_lists: CodeLists) -> None:
    assert check_department(document(path), code_lists) == ()


@pytest.mark.parametrize("path", SYSTEMS, ids=lambda path: path.stem)
def test_a_system_is_valid_and_of_a_department_of_the_world(path: Path) -> None:
    system = document(path)
    assert check_system(system) == ()
    assert (WORLD / "departments" / f"{system['department']}.yaml") in DEPARTMENTS


def test_every_record_that_names_a_system_names_one_of_its_own_department() -> None:
    owners = {
        named: found["department"]
        for found in map(document, SYSTEMS)
        for named in (found["system_id"], found["name"])
    }
    codes = {document(path)["code"]: path.stem for path in DEPARTMENTS}
    naming = [record for record in map(document, RECORDS) if "source_system" in record]
    assert len(naming) > 3
    for record in naming:
        assert owners[record["source_system"]] == codes[record["provider_code"]]


@pytest.mark.parametrize("plan", FILES, ids=lambda plan: plan.name)
def test_every_column_of_a_file_is_known_to_its_record(plan: FilePlan) -> None:
    record = read_record(document(WORLD / "records" / f"{plan.resource}.yaml"))
    known = {head: item.id for item in record.items for head in (item.name, *item.aliases)}
    for column in plan.columns:
        assert column.head in record.ignored_columns or known[column.head] == column.item
    assert set(known.values()) <= {column.item for column in plan.columns}


@pytest.mark.parametrize("plan", FILES, ids=lambda plan: plan.name)
def test_the_key_of_a_file_is_the_key_of_its_record(plan: FilePlan) -> None:
    record = read_record(document(WORLD / "records" / f"{plan.resource}.yaml"))
    assert [item.id for item in record.key_items] == [plan.key]
    assert not plan.null_text or plan.null_text in record.null_values


def test_a_file_is_sent_by_the_department_that_provides_the_resource() -> None:
    codes = {document(path)["code"]: path.stem for path in DEPARTMENTS}
    for plan in FILES:
        record = document(WORLD / "records" / f"{plan.resource}.yaml")
        assert codes[record["provider_code"]] == plan.department


def test_nobody_in_the_sample_world_agrees_to_what_he_submitted() -> None:
    accounts = document(WORLD / "accounts.yaml")["accounts"]
    assert len({account["name"] for account in accounts}) == len(accounts)
    for account in accounts:
        roles = set(account["roles"])
        assert not roles >= {"steward", "reviewer"}
        assert len(roles & {"admin", "auditor", "operator"}) <= 1
