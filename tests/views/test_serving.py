"""Answers for one subject: by every number it has, from any thread, from the newest version."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lake.views.build import publish_pointer
from lake.views.errors import SchemeNotInView, ServingFilesMissing
from lake.views.serving import ServingReader, VersionRemoved
from lake.views.serving_files import POINTER, version_folder
from tests.views.conftest import Workshop
from tests.views.copies import serve_copies
from tests.views.model import plain_view
from tests.views.numbers import a_reg_no, a_uscc, an_org_code, citizen_numbers, old_form
from tests.views.random_worlds import a_person_world
from tests.views.test_build import NUMBER, a_hukou
from tests.views.worlds import (
    LEGAL_ENTITY,
    PERSON,
    Delivered,
    WorldSource,
    a_delivery,
    a_record,
    an_item,
)

CODE = a_uscc("91", an_org_code(1))


def an_entity(resource: str = "market", **numbers: str) -> WorldSource:
    elements = {"xydm": "uscc", "zch": "reg_no", "jgdm": "org_code"}
    items = [an_item(item, f"entity.{elements[item]}", kinds=[elements[item]]) for item in numbers]
    return WorldSource(
        a_record(resource, *items),
        "market",
        [a_delivery(resource)],
        [Delivered(resource, 0, numbers)],
    )


@pytest.mark.parametrize(
    ("scheme", "number"),
    [
        ("uscc", CODE),
        ("uscc", f" {CODE.lower()} "),
        ("org_code", an_org_code(1)),
        ("reg_no", a_reg_no(1)),
    ],
)
def test_an_entity_is_found_by_every_number_it_has(
    workshop: Workshop, scheme: str, number: str
) -> None:
    reader = workshop.serve(LEGAL_ENTITY, [an_entity(xydm=CODE, zch=a_reg_no(1))])
    subject = reader.lookup(scheme, number)
    assert subject is not None
    assert (subject.scheme, subject.number) == ("uscc", CODE)
    assert subject.cells["is_legal_person"].value is True


def test_a_row_with_an_old_number_alone_joins_the_entity_that_has_it(workshop: Workshop) -> None:
    world = [an_entity(xydm=CODE, zch=a_reg_no(1)), an_entity("archive", zch=a_reg_no(1))]
    reader = workshop.serve(LEGAL_ENTITY, world)
    subject = reader.lookup("reg_no", a_reg_no(1))
    assert subject is not None
    cell = subject.cells["reg_no"]
    assert (cell.source, cell.agree) == ("archive", ("market",))
    assert workshop.built[0].rows == 1


def test_a_scheme_is_not_answered_by_a_number_of_another_one(workshop: Workshop) -> None:
    reader = workshop.serve(LEGAL_ENTITY, [an_entity(xydm=CODE)])
    assert reader.lookup("reg_no", CODE) is None
    assert reader.lookup("org_code", CODE) is None


def test_a_person_is_found_by_the_old_form_of_the_number(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    assert reader.lookup("citizen", old_form(NUMBER)) == reader.lookup("citizen", NUMBER)


def test_an_unknown_scheme_is_refused_by_name(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    with pytest.raises(SchemeNotInView, match="uscc"):
        reader.lookup("uscc", CODE)


def test_only_the_asked_attributes_are_answered(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    subject = reader.lookup("citizen", NUMBER, ["name", "unheard_of"])
    assert subject is not None
    assert subject.cells.keys() == {"name"}


def test_a_moved_pointer_is_seen_at_the_next_lookup(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou(name="甲")])
    workshop.build(PERSON, [a_hukou(name="乙")])
    names = []
    for version in (1, 2, 1):
        publish_pointer(workshop.serving(PERSON), version)
        subject = reader.lookup("citizen", NUMBER)
        assert subject is not None
        names.append((reader.version, subject.version, subject.cells["name"].value))
    assert names == [(1, 1, "甲"), (2, 2, "乙"), (1, 1, "甲")]


def test_threads_get_whole_answers_while_the_pointer_moves(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou(name="甲")])
    workshop.build(PERSON, [a_hukou(name="乙")])
    expected = {1: "甲", 2: "乙"}

    def ask(_: int) -> bool:
        subject = reader.lookup("citizen", NUMBER)
        return subject is not None and subject.cells["name"].value == expected[subject.version]

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, n) for n in range(400)]
        for version in (2, 1, 2):
            publish_pointer(workshop.serving(PERSON), version)
        assert all(answer.result() for answer in answers)


def test_from_the_served_row_one_recovers_exactly_who_said_what(workshop: Workshop) -> None:
    world = a_person_world(11)
    model = plain_view(PERSON, world)
    reader = workshop.serve(PERSON, world)
    for (scheme, number), cells in model.subjects.items():
        subject = reader.lookup(scheme, number)
        assert subject is not None
        for attribute, cell in subject.cells.items():
            said = dict.fromkeys(cell.agree, cell.value)
            said |= {difference.source: difference.value for difference in cell.differ}
            plain = cells[attribute]
            expected = dict.fromkeys(plain.agree, plain.value) | plain.differ
            if cell.source is not None:
                said[cell.source] = cell.value
                expected[str(plain.source)] = plain.value
            assert said == expected


def test_every_difference_names_the_delivery_it_came_with(workshop: Workshop) -> None:
    record = a_record(
        "library",
        an_item("id_no", "person.id_number", kinds=["citizen"]),
        an_item("xm", "person.name"),
    )
    rows = [Delivered("l1", 0, {"id_no": NUMBER, "xm": "乙"})]
    world = [a_hukou(name="甲"), WorldSource(record, None, [a_delivery("l1", day=4)], rows)]
    subject = workshop.serve(PERSON, world).lookup("citizen", NUMBER)
    assert subject is not None
    assert subject.cells["name"].as_json() == {
        "value": "甲",
        "source": "hukou",
        "delivery": "h1",
        "data_time": "2026-01-01T00:00:00+00:00",
        "rule": "authority",
        "agree": [],
        "differ": [
            {
                "source": "library",
                "value": "乙",
                "delivery": "l1",
                "data_time": "2026-01-05T00:00:00+00:00",
            }
        ],
    }


def test_a_number_nobody_has_finds_nobody(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    assert reader.lookup("citizen", citizen_numbers(3)[2]) is None
    assert reader.lookup("citizen", "") is None


@pytest.mark.parametrize("said", ["约3", "-", "３", "+", "3人", "1" * 25])
def test_text_where_a_whole_number_should_be_is_told_as_it_is(
    workshop: Workshop, said: str
) -> None:
    items = [
        an_item("id", "person.id_number", key=True, kinds=["citizen"]),
        an_item("kids", "person.children"),
    ]
    row = Delivered("labour", 0, {"id": NUMBER, "kids": said})
    world = [WorldSource(a_record("labour", *items), "labour", [a_delivery("labour")], [row])]
    subject = workshop.serve(PERSON, world).lookup("citizen", NUMBER)
    assert subject is not None
    cell = subject.cells["children"]
    assert (cell.value, [each.value for each in cell.differ]) == (None, [said])


def test_who_is_not_found_is_not_found_in_a_version_that_is_named(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    header, subject = reader.answer("citizen", citizen_numbers(9)[8])
    assert (header.version, subject) == (1, None)
    workshop.serve(PERSON, [a_hukou()])
    header, subject = reader.answer("citizen", NUMBER)
    assert subject is not None
    assert header.version == subject.version == 2


def test_a_closed_reader_opens_again(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    assert reader.lookup("citizen", NUMBER) is not None
    reader.close()
    assert ServingReader(workshop.serving(PERSON)).version == 1
    assert reader.lookup("citizen", NUMBER) is not None


def test_a_version_that_went_away_before_its_files_were_opened_is_told_from_a_broken_one(
    workshop: Workshop,
) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    first = reader.current()
    serve_copies(workshop.serving(PERSON), 2, 3, 4)
    with pytest.raises(VersionRemoved):
        reader.find(first, "citizen", NUMBER)
    header, subject = reader.answer("citizen", NUMBER)
    assert subject is not None
    assert header.version == subject.version == 4
    for part in version_folder(workshop.serving(PERSON), 4).glob("part-*"):
        part.unlink()
    with pytest.raises(ServingFilesMissing, match="4"):
        ServingReader(workshop.serving(PERSON)).answer("citizen", NUMBER)


def test_files_that_are_open_are_read_to_the_end_whatever_is_removed(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    first = reader.current()
    before = reader.find(first, "citizen", NUMBER)
    serve_copies(workshop.serving(PERSON), 2, 3, 4)
    assert not first.folder.exists()
    assert reader.find(first, "citizen", NUMBER) == before


def test_a_pointer_that_moves_twice_within_a_tick_is_seen_both_times(workshop: Workshop) -> None:
    """The time of the file stays, and the system may give the number of the file once more."""
    reader = workshop.serve(PERSON, [a_hukou()])
    serve_copies(workshop.serving(PERSON), 2, 3)
    pointer = workshop.serving(PERSON) / POINTER
    moment = pointer.stat()
    for version in ("2", "3", "2"):
        pointer.write_text(version, encoding="ascii")
        os.utime(pointer, ns=(moment.st_atime_ns, moment.st_mtime_ns))
        assert reader.version == int(version)


def test_threads_get_answers_while_versions_come_and_go(workshop: Workshop) -> None:
    reader = workshop.serve(PERSON, [a_hukou()])
    stop = threading.Event()

    def ask(_: int) -> list[int]:
        seen = []
        while not stop.is_set():
            header, subject = reader.answer("citizen", NUMBER)
            assert subject is not None
            assert header.version == subject.version
            seen.append(header.version)
        reader.close()
        return seen

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, n) for n in range(4)]
        try:
            serve_copies(workshop.serving(PERSON), *range(2, 80))
        finally:
            stop.set()
        seen = [each.result() for each in asking]
    for versions in seen:
        assert versions == sorted(versions)
        assert versions[-1] > 2
