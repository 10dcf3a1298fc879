"""What a build leaves behind: versions, tables, hashes, own ids; and what a crash leaves."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date

import pytest

from lake.content_hash import plain_content_hash
from lake.views.build import BuildStep, Progress, publish_pointer, remove_superseded, served_version
from lake.views.errors import ServingFilesMissing, TooManySources, VersionIsServed, ViewNotServed
from lake.views.run import bucket_groups
from lake.views.serving import ServingReader
from lake.views.sources import MOST_SOURCES, SourceTable, plan_view
from standards.views import VIEW_IDS, default_view
from tests.views.conftest import Workshop
from tests.views.numbers import a_reg_no, a_uscc, an_org_code, citizen_numbers, old_form
from tests.views.random_worlds import a_person_world
from tests.views.worlds import (
    LEGAL_ENTITY,
    PERSON,
    Delivered,
    WorldSource,
    a_delivery,
    a_record,
    an_item,
)

NUMBER, OTHER = citizen_numbers(2)
BORN = date(1960, 1, 2)


def a_hukou(number: str = NUMBER, name: str = "甲", delivery: str = "h1") -> WorldSource:
    record = a_record(
        "hukou",
        an_item("id_no", "person.id_number", key=True, kinds=["citizen"]),
        an_item("xm", "person.name"),
    )
    row = Delivered(delivery, 0, {"id_no": number, "xm": name})
    return WorldSource(record, "police", [a_delivery(delivery)], [row])


class PowerCut(Exception):
    """The machine went off."""


def cut_at(step: BuildStep) -> object:
    def report(progress: Progress) -> None:
        if progress.step is step:
            raise PowerCut

    return report


def test_a_version_is_not_served_before_it_is_published(workshop: Workshop) -> None:
    workshop.build(PERSON, [a_hukou()])
    folder = workshop.serving(PERSON)
    assert served_version(folder) is None
    with pytest.raises(ViewNotServed):
        ServingReader(folder).lookup("citizen", NUMBER)
    publish_pointer(folder, 1)
    assert ServingReader(folder).lookup("citizen", NUMBER) is not None


@pytest.mark.parametrize("step", [BuildStep.ROWS, BuildStep.COMMIT, BuildStep.HASH])
def test_a_crash_leaves_the_older_version_served(workshop: Workshop, step: BuildStep) -> None:
    reader = workshop.serve(PERSON, [a_hukou(name="甲")])
    with pytest.raises(PowerCut):
        workshop.build(PERSON, [a_hukou(name="乙")], version=2, on_progress=cut_at(step))  # type: ignore[arg-type]
    before = reader.lookup("citizen", NUMBER)
    assert before is not None
    assert before.cells["name"].value == "甲"
    workshop.build(PERSON, [a_hukou(name="乙")], version=2)
    publish_pointer(workshop.serving(PERSON), 2)
    after = reader.lookup("citizen", NUMBER)
    assert after is not None
    assert (after.version, after.cells["name"].value) == (2, "乙")


def test_the_served_version_is_never_built_again(workshop: Workshop) -> None:
    workshop.serve(PERSON, [a_hukou()])
    with pytest.raises(VersionIsServed):
        workshop.build(PERSON, [a_hukou()], version=1)


def test_a_version_without_files_is_never_served(workshop: Workshop) -> None:
    workshop.serve(PERSON, [a_hukou()])
    with pytest.raises(ServingFilesMissing) as caught:
        publish_pointer(workshop.serving(PERSON), 9)
    assert "9" in str(pickle.loads(pickle.dumps(caught.value)))  # noqa: S301
    assert served_version(workshop.serving(PERSON)) == 1


def test_old_versions_go_and_the_served_one_stays(workshop: Workshop) -> None:
    for _ in range(4):
        workshop.serve(PERSON, [a_hukou()])
    assert remove_superseded(workshop.serving(PERSON), keep=1) == (1, 2)
    assert ServingReader(workshop.serving(PERSON)).lookup("citizen", NUMBER) is not None


def test_own_ids_survive_redelivery_and_the_upgrade_of_old_numbers(workshop: Workshop) -> None:
    by_new = workshop.serve(PERSON, [a_hukou(NUMBER)]).lookup("citizen", NUMBER)
    by_old = workshop.serve(PERSON, [a_hukou(old_form(NUMBER), "乙", "h2")]).lookup(
        "citizen", old_form(NUMBER)
    )
    assert by_new is not None
    assert by_old is not None
    assert by_new.subject_id == by_old.subject_id
    assert NUMBER not in by_new.subject_id
    workshop.salt = "another salt"
    salted = workshop.serve(PERSON, [a_hukou(NUMBER)]).lookup("citizen", NUMBER)
    assert salted is not None
    assert salted.subject_id != by_new.subject_id


def test_the_content_hash_is_that_of_the_plain_definition(workshop: Workshop) -> None:
    world = a_person_world(3)
    built = workshop.build(PERSON, world, rows_per_pass=30)
    publish_pointer(workshop.serving(PERSON), 1)
    reader = ServingReader(workshop.serving(PERSON))
    rows = []
    [(files,)] = workshop.engine.execute(
        "SELECT list(file) FROM glob(?)",
        [f"{workshop.folder}/lake/datong-base/curated/person/data/**/*.parquet"],
    ).fetchall()
    numbers = workshop.engine.read_parquet(files).project("subject_number").fetchall()
    columns = ["subject_id"]
    for attribute in PERSON.attributes:
        columns += [attribute.id, f"{attribute.id}/from", f"{attribute.id}/delivery"]
    for (number,) in numbers:
        subject = reader.lookup("citizen", number)
        assert subject is not None
        row: dict[str, object] = {"number": number, "subject_id": subject.subject_id}
        for attribute, cell in subject.cells.items():
            row[attribute] = cell.value
            row[f"{attribute}/from"] = "derived" if cell.rule == "derived" else cell.source
            row[f"{attribute}/delivery"] = cell.delivery
        rows.append(row)
    assert built.content_hash == plain_content_hash(rows, columns, ["number"])


def test_the_content_hash_changes_with_a_value_and_not_with_a_version(workshop: Workshop) -> None:
    first = workshop.build(PERSON, [a_hukou(name="甲")])
    again = workshop.build(PERSON, [a_hukou(name="甲")])
    other = workshop.build(PERSON, [a_hukou(name="乙")])
    assert first.content_hash == again.content_hash != other.content_hash


def test_the_tables_in_the_base_bucket_hold_the_newest_version_alone(workshop: Workshop) -> None:
    workshop.build(PERSON, [a_hukou(NUMBER)])
    built = workshop.build(PERSON, [a_hukou(OTHER)])
    files = workshop.tables.data_files(("base", "person"), built.snapshot_id)
    found = workshop.engine.read_parquet(files).project("subject_number, name, name__source")
    assert found.fetchall() == [(OTHER, "甲", 0)]
    codes = workshop.tables.current(("base", "person_deliveries"))
    assert codes is not None
    files = workshop.tables.data_files(("base", "person_deliveries"), codes.snapshot_id)
    explained = workshop.engine.read_parquet(files).project("source, resource_id, delivery_id")
    assert explained.fetchall() == [(0, "hukou", "h1")]


def test_a_view_is_built_into_an_s3_bucket(s3_workshop: Workshop) -> None:
    built = s3_workshop.build(PERSON, [a_hukou()])
    files = s3_workshop.tables.data_files(("base", "person"), built.snapshot_id)
    assert all(file.startswith("s3://datong-base/") for file in files)
    found = s3_workshop.engine.read_parquet(files).project("subject_number, name")
    assert found.fetchall() == [(NUMBER, "甲")]


def test_the_facts_of_a_build_name_what_went_in(workshop: Workshop) -> None:
    built = workshop.build(PERSON, [a_hukou()])
    assert built.inputs == {
        "hukou": {"generation": 1, "snapshot_id": 1, "deliveries": ["h1"], "subjects": 1}
    }


@pytest.mark.parametrize(
    "text", ['"]', "\\", "a\x1eb", ",[0,1]", "\x00", "𠮷", "'", "{}", "\u2028"], ids=repr
)
def test_any_text_can_be_a_difference(workshop: Workshop, text: str) -> None:
    other = replace(a_hukou().record, resource_id="births")
    row = Delivered("b1", 0, {"id_no": NUMBER, "xm": f"x{text}x"})
    births = WorldSource(other, "health", [a_delivery("b1")], [row])
    subject = workshop.serve(PERSON, [a_hukou(name="甲"), births]).lookup("citizen", NUMBER)
    assert subject is not None
    [difference] = subject.cells["name"].differ
    assert (difference.source, difference.value) == ("births", f"x{text}x")


@pytest.mark.parametrize(
    "blank", [" ", "\t", "\n", "\r", "\u3000", "\u00a0", " \u3000\t"], ids=repr
)
def test_blanks_around_a_text_are_no_difference(workshop: Workshop, blank: str) -> None:
    other = replace(a_hukou().record, resource_id="births")
    rows = [
        Delivered("b1", 0, {"id_no": NUMBER, "xm": f"{blank}甲 乙{blank}"}),
        Delivered("b1", 1, {"id_no": OTHER, "xm": blank}),
    ]
    births = WorldSource(other, "health", [a_delivery("b1")], rows)
    reader = workshop.serve(PERSON, [a_hukou(name="甲 乙"), births])
    both, alone = (reader.lookup("citizen", number) for number in (NUMBER, OTHER))
    assert both is not None
    assert alone is not None
    assert (both.cells["name"].agree, both.cells["name"].differ) == (("births",), ())
    assert alone.cells["name"].value is None


@pytest.mark.parametrize("rows_per_pass", [1, 10])
def test_what_is_no_valid_number_is_nobody(workshop: Workshop, rows_per_pass: int) -> None:
    hukou = a_hukou()
    wrong = f"{NUMBER[:17]}{'0' if NUMBER[17] != '0' else '1'}"
    rows = [
        Delivered("h1", place, {"id_no": number, "xm": "甲"})
        for place, number in enumerate([NUMBER, wrong, "不详", wrong[:17], old_form(OTHER), None])
    ]
    built = workshop.build(PERSON, [replace(hukou, rows=rows)], rows_per_pass=rows_per_pass)
    assert built.rows == built.inputs["hukou"]["subjects"] == 2


@pytest.mark.parametrize("rows_per_pass", [1, 10])
def test_of_two_ways_to_write_a_number_the_newer_row_counts(
    workshop: Workshop, rows_per_pass: int
) -> None:
    hukou = a_hukou()
    rows = [
        Delivered("h1", place, {"id_no": number, "xm": name})
        for place, (number, name) in enumerate(
            [(old_form(NUMBER), "旧"), (NUMBER, "新"), (OTHER, "新"), (old_form(OTHER), "更新")]
        )
    ]
    reader = workshop.serve(PERSON, [replace(hukou, rows=rows)], rows_per_pass=rows_per_pass)
    names = []
    for number in (NUMBER, OTHER):
        subject = reader.lookup("citizen", number)
        assert subject is not None
        names.append(subject.cells["name"].value)
    assert names == ["新", "更新"]
    assert workshop.built[0].inputs["hukou"]["subjects"] == 2


def test_a_view_without_any_source_is_built_empty(workshop: Workshop) -> None:
    assert workshop.serve(PERSON, []).lookup("citizen", NUMBER) is None
    empty = WorldSource(a_hukou().record, "police", [])
    reader = workshop.serve(LEGAL_ENTITY, [])
    assert reader.lookup("uscc", a_uscc("91", an_org_code(1))) is None
    assert workshop.serve(PERSON, [empty]).lookup("citizen", NUMBER) is None
    assert [built.rows for built in workshop.built] == [0, 0, 0]


@pytest.mark.parametrize("view_id", VIEW_IDS)
def test_the_shipped_definitions_can_be_built(workshop: Workshop, view_id: str) -> None:
    definition = default_view(view_id)
    scheme = definition.schemes[0]
    record = a_record("source", an_item("n", scheme.element, kinds=[scheme.identifier]))
    number = NUMBER if view_id == "person" else a_uscc("91", an_org_code(1))
    world = [WorldSource(record, None, [a_delivery("d")], [Delivered("d", 0, {"n": number})])]
    subject = workshop.serve(definition, world).lookup(scheme.scheme, number)
    assert subject is not None
    assert subject.cells.keys() == {attribute.id for attribute in definition.attributes}


def test_a_registration_number_of_market_regulation_makes_it_the_registrar(
    workshop: Workshop,
) -> None:
    items = [an_item("zch", "entity.reg_no", kinds=["reg_no"]), an_item("mc", "entity.name")]
    row = {"zch": a_reg_no(1), "mc": "甲"}
    world = [
        WorldSource(
            a_record(resource, *items), duty, [a_delivery(resource)], [Delivered(resource, 0, row)]
        )
        for resource, duty in (("market", "market"), ("civil", "civil"))
    ]
    subject = workshop.serve(LEGAL_ENTITY, world).lookup("reg_no", a_reg_no(1))
    assert subject is not None
    cell = subject.cells["name"]
    assert (cell.source, cell.rule, cell.agree) == ("market", "authority", ("civil",))


def test_what_was_loaded_before_its_record_had_it_checked_names_no_subject(
    workshop: Workshop,
) -> None:
    # The same text under two schemes would even be two subjects of one number.
    world = [
        WorldSource(
            a_record(kind, an_item("hm", f"entity.{kind}", kinds=[kind])),
            "market",
            [a_delivery(kind)],
            [Delivered(kind, 0, {"hm": "不详"}), Delivered(kind, 1, {"hm": number})],
        )
        for kind, number in (("reg_no", a_reg_no(1)), ("org_code", an_org_code(1)))
    ]
    renamed = [
        replace(s, record=replace(s.record, resource_id=f"r{n}")) for n, s in enumerate(world)
    ]
    assert workshop.build(LEGAL_ENTITY, renamed).rows == 2


def test_what_is_not_to_be_shared_feeds_no_view(workshop: Workshop) -> None:
    hukou, other = a_hukou(name="甲"), a_hukou(name="乙")
    number, name = other.record.items
    closed_item = replace(
        other.record, resource_id="tax", items=(number, replace(name, share_type=3))
    )
    closed_number = replace(
        other.record, resource_id="wanted", items=(replace(number, share_type=3), name)
    )
    closed = replace(other.record, resource_id="cases", share_type=3)
    world = [hukou, *(replace(other, record=each) for each in (closed_item, closed_number, closed))]
    reader = workshop.serve(PERSON, world)
    assert list(workshop.built[0].inputs) == ["hukou", "tax"]
    subject = reader.lookup("citizen", NUMBER)
    assert subject is not None
    cells = subject.cells
    assert (cells["name"].source, cells["name"].agree, cells["name"].differ) == ("hukou", (), ())
    assert cells["id_number"].agree == ("tax",)


def test_masks_know_no_more_sources_than_they_have_bits() -> None:
    tables = [
        SourceTable(replace(a_hukou().record, resource_id=f"r{n:02d}"), "d", None, 1)
        for n in range(MOST_SOURCES + 1)
    ]
    with pytest.raises(TooManySources):
        plan_view(PERSON, tables)


def test_the_record_of_the_view_itself_is_no_source() -> None:
    own = SourceTable(replace(a_hukou().record, resource_id=PERSON.record), "platform", None, 1)
    assert plan_view(PERSON, [own]).sources == ()


@pytest.mark.parametrize("rows", [0, 1, 10, 99, 10_000])
def test_groups_of_buckets_cover_every_bucket_once(rows: int) -> None:
    groups = bucket_groups(rows, 10)
    assert [bucket for group in groups for bucket in group] == list(range(64))
    assert all(group for group in groups)
