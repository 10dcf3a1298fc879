"""DCAT-US: the published schema accepts all of our `data.json`, which is never held as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from catalog.profiles.data_json import data_json_pieces
from catalog.profiles.entries import Entry, Site
from tests.profiles.conftest import MANY


@pytest.fixture(scope="module")
def validator(dcat_data: Path) -> Draft4Validator:
    """The schema of Project Open Data 1.1; its files refer to each other by name."""
    folder = dcat_data / "project-open-data-v1.1" / "schema"
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    found = [
        (f"https://project-open-data.cio.gov/v1.1/schema/{name}", DRAFT4.create_resource(schema))
        for name, schema in schemas.items()
    ]
    return Draft4Validator(
        {"$ref": "https://project-open-data.cio.gov/v1.1/schema/catalog.json"},
        registry=Registry().with_resources(found),
        format_checker=Draft4Validator.FORMAT_CHECKER,
    )


@pytest.fixture(scope="module")
def whole(entries: Sequence[Entry], site: Site) -> dict[str, object]:
    found: dict[str, object] = json.loads("".join(data_json_pieces(site, entries)))
    return found


def test_the_schema_accepts_a_thousand_records(
    validator: Draft4Validator, whole: dict[str, list[object]]
) -> None:
    few = {**whole, "dataset": whole["dataset"][:200]}
    assert [error.message for error in validator.iter_errors(few)] == []
    assert len(whole["dataset"]) == MANY


@pytest.mark.parametrize(
    "name", ["title", "description", "keyword", "modified", "publisher", "contactPoint",
             "identifier", "accessLevel", "bureauCode", "programCode"],
)  # fmt: skip
def test_what_the_schema_demands_is_missed_when_it_is_not_there(
    name: str, validator: Draft4Validator, whole: dict[str, list[dict[str, object]]]
) -> None:
    dataset = {key: value for key, value in whole["dataset"][0].items() if key != name}
    [error] = validator.iter_errors({**whole, "dataset": [dataset]})
    assert name in error.message


def test_the_document_is_written_out_a_data_set_at_a_time(
    entries: Sequence[Entry], site: Site
) -> None:
    asked = 0

    def counted() -> Iterator[Entry]:
        nonlocal asked
        for entry in entries:
            asked += 1
            yield entry

    pieces = data_json_pieces(site, counted())
    next(pieces)
    next(pieces)
    assert asked == 1
    assert json.loads("".join(data_json_pieces(site, [])))["dataset"] == []


def test_a_department_above_is_named_and_an_address_that_is_not_there_is_none(
    whole: dict[str, list[dict[str, dict[str, object]]]],
) -> None:
    publisher = whole["dataset"][1]["publisher"]
    assert publisher["subOrganizationOf"] == {"@type": "org:Organization", "name": "示例市公安局"}
    assert str(whole["dataset"][0]["contactPoint"]["hasEmail"]).endswith(".invalid")
