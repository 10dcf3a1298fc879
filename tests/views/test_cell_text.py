"""Cells written as text are, to the byte, the JSON of the cells that are read as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lake.views import cell_text
from lake.views.cell_text import in_china
from lake.views.errors import CorruptServingRow
from lake.views.served_rows import subject_of
from lake.views.serving import ServedVersion, ServingReader
from standards.views import ViewDefinition
from tests.views.conftest import Workshop
from tests.views.model import plain_view
from tests.views.random_worlds import a_person_world, an_entity_world
from tests.views.test_build import NUMBER, a_hukou
from tests.views.worlds import LEGAL_ENTITY, PERSON, WorldSource

World = Callable[[int], Sequence[WorldSource]]


def found(reader: ServingReader, scheme: str, number: str) -> tuple[ServedVersion, str, Any]:
    version = reader.current()
    row = reader.find(version, scheme, number)
    assert row is not None
    return version, *row


def as_values(version: ServedVersion, number: str, row: Any, attributes: Sequence[str]) -> str:
    subject = subject_of(version.header, number, row, version.places, attributes)
    cells = {name: cell.as_json() for name, cell in subject.cells.items()}
    for cell in cells.values():
        if cell["data_time"] is not None:
            cell["data_time"] = in_china(str(cell["data_time"]))
        for difference in cell["differ"]:  # type: ignore[attr-defined]
            difference["data_time"] = in_china(difference["data_time"])
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("seed", [3, 11])
@pytest.mark.parametrize(
    ("definition", "world_of"), [(PERSON, a_person_world), (LEGAL_ENTITY, an_entity_world)]
)
def test_every_cell_of_a_random_world_is_the_same_text(
    workshop: Workshop, definition: ViewDefinition, world_of: World, seed: int
) -> None:
    world = world_of(seed)
    reader = workshop.serve(definition, world)
    differing = 0
    for scheme, number in plain_view(definition, list(world)).subjects:
        version, filed, row = found(reader, scheme, number)
        attributes = list(version.places)
        for asked in (attributes, attributes[::-2], ["unheard_of", *attributes[:2]], []):
            text = version.cells.text(filed, row, asked)
            assert text == as_values(version, filed, row, asked)
        differing += '"differ":[{' in version.cells.text(filed, row, attributes)
    assert differing > 0


@pytest.mark.parametrize("name", ['甲"乙', "a\\b", "甲\t乙", "x\x1f\x7f\u2028", "𠮷"])
def test_a_value_is_escaped_as_json_asks(workshop: Workshop, name: str) -> None:
    version, filed, row = found(workshop.serve(PERSON, [a_hukou(name=name)]), "citizen", NUMBER)
    text = version.cells.text(filed, row, ["name"])
    assert json.loads(text)["name"]["value"] == name
    assert text == as_values(version, filed, row, ["name"])


def test_what_surrounds_values_is_kept_up_to_a_bound(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cell_text, "MOST_KEPT", 2)
    version, filed, row = found(workshop.serve(PERSON, [a_hukou()]), "citizen", NUMBER)
    attributes = list(version.places)
    for _ in range(3):
        assert version.cells.text(filed, row, attributes) == as_values(
            version, filed, row, attributes
        )
        assert len(version.cells._kept) <= 2


def test_a_row_of_a_source_that_gave_nothing_is_refused(workshop: Workshop) -> None:
    version, filed, row = found(workshop.serve(PERSON, [a_hukou()]), "citizen", NUMBER)
    row[5] = [None] * len(row[5])
    with pytest.raises(CorruptServingRow):
        version.cells.text(filed, row, ["name"])


def test_moments_are_shown_in_china_with_their_offset(workshop: Workshop) -> None:
    version, filed, row = found(workshop.serve(PERSON, [a_hukou()]), "citizen", NUMBER)
    header = replace(version.header, deliveries=(("h1", "2026-06-30T17:30:00.250000+00:00"),))
    text = cell_text.CellTexts(header, version.places).text(filed, row, ["name"])
    assert json.loads(text)["name"]["data_time"] == "2026-07-01T01:30:00.250000+08:00"
