"""The built view equals the slow plain model on random small worlds."""

from __future__ import annotations

import pytest

from lake.views.serving import ServingReader, Subject
from standards.views import ViewDefinition
from tests.views.conftest import Workshop
from tests.views.model import PlainCell, PlainView, plain_view
from tests.views.random_worlds import a_person_world, an_entity_world
from tests.views.worlds import LEGAL_ENTITY, PERSON


def served(subject: Subject) -> dict[str, PlainCell]:
    """A subject as served, in the model's words; refuses what the model cannot say."""
    cells = {}
    for attribute, cell in subject.cells.items():
        differ = {difference.source: difference.value for difference in cell.differ}
        assert len(differ) == len(cell.differ)
        cells[attribute] = PlainCell(
            cell.value,
            cell.source,
            cell.delivery,
            cell.data_time,
            cell.rule,
            set(cell.agree),
            differ,
        )
    return cells


def assert_equal(definition: ViewDefinition, reader: ServingReader, model: PlainView) -> None:
    for (scheme, number), expected in model.subjects.items():
        subject = reader.lookup(scheme, number)
        assert subject is not None
        assert (subject.scheme, subject.number) == (scheme, number)
        assert served(subject) == expected
    for (scheme, number), place in model.found_by.items():
        subject = reader.lookup(scheme, number)
        assert subject is not None
        assert (subject.scheme, subject.number) == place


@pytest.mark.parametrize("seed", range(6))
def test_a_person_view_equals_the_plain_model(seed: int, workshop: Workshop) -> None:
    world = a_person_world(seed)
    model = plain_view(PERSON, world)
    whole = workshop.serve(PERSON, world)
    assert_equal(PERSON, whole, model)
    in_groups = workshop.serve(PERSON, world, rows_per_pass=25)
    assert_equal(PERSON, in_groups, model)
    first, second = workshop.built
    assert first.rows == second.rows == len(model.subjects)
    differences = sum(len(c.differ) for cells in model.subjects.values() for c in cells.values())
    assert first.differences == second.differences == differences
    assert first.content_hash == second.content_hash


@pytest.mark.parametrize("seed", range(12))
def test_a_legal_entity_view_equals_the_plain_model(seed: int, workshop: Workshop) -> None:
    world = an_entity_world(seed)
    model = plain_view(LEGAL_ENTITY, world)
    rows_per_pass = 8 if seed % 2 else 10**6
    reader = workshop.serve(LEGAL_ENTITY, world, rows_per_pass=rows_per_pass)
    assert_equal(LEGAL_ENTITY, reader, model)
    assert workshop.built[0].rows == len(model.subjects)


@pytest.mark.parametrize("seed", range(2))
def test_a_number_that_several_subjects_share_finds_none_of_them(
    seed: int, workshop: Workshop
) -> None:
    world = an_entity_world(seed)
    model = plain_view(LEGAL_ENTITY, world)
    reader = workshop.serve(LEGAL_ENTITY, world)
    carried = {
        ("org_code", str(row.values["jgdm"]))
        for source in world
        for row in source.rows
        if row.values.get("jgdm")
    }
    for scheme, number in carried - model.found_by.keys():
        assert reader.lookup(scheme, number) is None
