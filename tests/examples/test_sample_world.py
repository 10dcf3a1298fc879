"""The sample world is what its README says: the same every time, nobody's, and its truth true."""

import csv
import filecmp
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from examples.world.errors import OUTCOMES, Outcome, Spoil
from examples.world.generate import generate
from examples.world.places import all_divisions
from examples.world.plan import FILES, FilePlan
from standards.code_lists import load_code_lists
from standards.documents import load_document
from standards.identifiers import IdentifierKind, check_identifier

WORLD = Path(__file__).parents[2] / "examples" / "world"
CSV_FILES = [plan for plan in FILES if plan.name.endswith(".csv") and plan.form != "mixed"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    generate(folder)
    return folder


@pytest.fixture(scope="module")
def regions() -> frozenset[str]:
    return frozenset(load_code_lists(WORLD / "code_lists").require("division").codes)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def spoiled(world: Path, file: str) -> list[dict[str, str]]:
    return [row for row in table(world / "truth" / "spoiled.csv") if row["file"] == file]


def delivered(world: Path, plan: FilePlan) -> list[list[str]]:
    text = (world / "deliveries" / plan.name).read_bytes().decode(plan.form)
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_same_seed_gives_the_same_bytes(world: Path, tmp_path: Path) -> None:
    generate(tmp_path)
    names = sorted(str(path.relative_to(world)) for path in world.rglob("*") if path.is_file())
    assert filecmp.cmpfiles(world, tmp_path, names, shallow=False) == (names, [], [])


def test_another_seed_gives_another_world(world: Path, tmp_path: Path) -> None:
    generate(tmp_path, seed=1, persons=100, entities=50)
    assert table(tmp_path / "truth" / "persons.csv") != table(world / "truth" / "persons.csv")[:100]


def test_a_small_world_can_be_made_too(tmp_path: Path) -> None:
    generate(tmp_path, persons=300, entities=120)
    assert len(json.loads((tmp_path / "deliveries.json").read_text(encoding="utf-8"))) == len(FILES)


def test_every_person_has_a_right_number_that_is_nobodys(
    world: Path, regions: frozenset[str]
) -> None:
    strangers = 0
    for person in table(world / "truth" / "persons.csv"):
        number = person["id_number"]
        verdict = check_identifier(IdentifierKind.CITIZEN, number, regions=regions)
        assert verdict.valid
        assert number.startswith("99")
        assert number[6:14] == person["birth_date"].replace("-", "")
        assert (int(number[16]) % 2 == 1) == (person["sex"] == "1")
        strangers += bool(verdict.warnings)
    assert strangers == 12


def test_every_organisation_has_right_codes_that_are_nobodys(
    world: Path, regions: frozenset[str]
) -> None:
    for entity in table(world / "truth" / "entities.csv"):
        verdict = check_identifier(IdentifierKind.USCC, entity["uscc"], regions=regions)
        assert (verdict.valid, verdict.warnings) == (True, ())
        assert entity["uscc"][2:4] == "99"
        assert check_identifier(IdentifierKind.ORG_CODE, entity["org_code"]).valid
        if entity["reg_no"]:
            old = check_identifier(IdentifierKind.REG_NO, entity["reg_no"], regions=regions)
            assert (old.valid, old.warnings) == (True, ())


def test_no_number_is_given_twice(world: Path) -> None:
    people = [person["id_number"] for person in table(world / "truth" / "persons.csv")]
    entities = [entity["uscc"] for entity in table(world / "truth" / "entities.csv")]
    assert len(set(people)) == len(people) >= 5000
    assert len(set(entities)) == len(entities) >= 1500


def test_the_sample_division_list_holds_exactly_the_sample_province() -> None:
    document = load_document((WORLD / "code_lists" / "division_sample.yaml").read_text("utf-8"))
    assert list(document["entries"]) == list(all_divisions())  # type: ignore[call-overload]


@pytest.mark.parametrize("plan", CSV_FILES, ids=lambda plan: plan.name)
def test_the_truth_says_of_each_spoiled_cell_what_was_delivered(
    world: Path, plan: FilePlan
) -> None:
    heads, *rows = delivered(world, plan)
    place = {column.item: heads.index(column.head) for column in plan.columns}
    for one in spoiled(world, plan.name):
        row = rows[int(one["row"]) - 1]
        if one["how"] == Spoil.RAGGED:
            assert len(row) == len(heads) + 1
        elif one["how"] == Spoil.MISSING:
            assert row[place[one["item"]]] == plan.null_text
        else:
            assert row[place[one["item"]]] == one["delivered"]


@pytest.mark.parametrize("plan", CSV_FILES, ids=lambda plan: plan.name)
def test_only_the_rows_named_as_ragged_have_another_width(world: Path, plan: FilePlan) -> None:
    heads, *rows = delivered(world, plan)
    ragged = {int(one["row"]) for one in spoiled(world, plan.name) if one["how"] == Spoil.RAGGED}
    wide = {place for place, row in enumerate(rows, start=1) if len(row) != len(heads)}
    assert wide == ragged


def test_a_row_is_spoiled_in_one_way_at_most(world: Path) -> None:
    rows = Counter(
        (one["file"], one["row"])
        for one in table(world / "truth" / "spoiled.csv")
        if one["how"] != Spoil.UNKNOWN_REGION
    )
    assert set(rows.values()) == {1}


def test_as_many_cells_are_spoiled_as_the_plan_says(world: Path) -> None:
    for plan in FILES:
        found = Counter(one["how"] for one in spoiled(world, plan.name))
        for how, count in _planned(plan).items():
            assert found[how] == count, (plan.name, how)


def _planned(plan: FilePlan) -> Counter[str]:
    planned: Counter[str] = Counter()
    for rule in plan.rules:
        # both rows of a doubled key are named
        planned[rule.how] += rule.count * (2 if rule.how is Spoil.DUPLICATE_KEY else 1)
    return planned


def test_every_way_of_spoiling_has_an_outcome_and_occurs(world: Path) -> None:
    assert set(OUTCOMES) == set(Spoil)
    assert set(OUTCOMES.values()) == set(Outcome)
    assert {one["how"] for one in table(world / "truth" / "spoiled.csv")} == set(Spoil)


def test_the_hopeless_file_is_in_no_encoding(world: Path) -> None:
    content = (world / "deliveries" / "marriage-2026-11.csv").read_bytes()
    for encoding in ("utf-8", "gb18030"):
        with pytest.raises(UnicodeDecodeError):
            content.decode(encoding)


def test_the_register_holds_characters_beyond_the_basic_plane(world: Path) -> None:
    content = (world / "deliveries" / "hukou-2026-10.csv").read_bytes().decode("gb18030")
    assert any(ord(character) > 0xFFFF for character in content)


def test_ids_are_text_in_the_workbook_but_where_the_truth_says_number(world: Path) -> None:
    file = "social-insurance-2026-10.xlsx"
    book = CalamineWorkbook.from_path(str(world / "deliveries" / file))
    _heads, *rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    numbers = {place for place, row in enumerate(rows, 1) if not isinstance(row[0], str)}
    named = {int(o["row"]) for o in spoiled(world, file) if o["how"] == Spoil.NUMBER_CELL}
    assert numbers == named


def test_the_dead_are_not_married_after_their_death(world: Path) -> None:
    by_number = {p["id_number"]: p for p in table(world / "truth" / "persons.csv")}
    [plan] = [plan for plan in FILES if plan.name == "marriage-2026-10.csv"]
    heads, *rows = delivered(world, plan)
    wrong = {int(one["row"]) for one in spoiled(world, plan.name)}
    for place, row in enumerate(rows, start=1):
        cells = dict(zip(heads, row, strict=False))
        person = by_number.get(cells["公民身份号码"])
        if place not in wrong and person is not None and person["death_date"]:
            assert cells["登记日期"] <= person["death_date"]
