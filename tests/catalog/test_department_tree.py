"""Departments as they are called and where they stand: names, abbreviations, the tree, changes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from catalog import departments
from catalog.database import Database, migrate, open_database
from catalog.errors import DepartmentNotFound, DepartmentTaken, InvalidDepartment
from catalog.register_errors import DepartmentCodeFixed, DepartmentCycle, DepartmentNameShared
from catalog.tables import catalogue_changes, department_names, department_versions
from standards.documents import canonical_json
from tests.catalog.makers import CIVIL_AFFAIRS, NOON, People, a_clock, a_department, publish, settle
from tests.catalog.meanwhile import meanwhile

HEALTH = "11990100799001046A"
CODES = {
    "weijian": HEALTH,
    "quwei": "119901007990010620",
    "renshe": "1199010079900102XF",
    "shuiwu": "11990100799001011P",
    "jiuye": "119901007990010545",
    "first": "11990100799001070T",
    "second": "11990100799001089P",
}


def make(conn: sa.Connection, department_id: str, name: str, **facts: Any) -> None:
    code = CODES[department_id]
    document = a_department(department_id=department_id, code=code, name=name, **facts)
    departments.add(conn, document, a_clock(), author="admin")


def ids(conn: sa.Connection, text: str) -> list[str]:
    return [each.department_id for each in departments.by_name(conn, text)]


@pytest.fixture
def city(conn: sa.Connection) -> None:
    make(conn, "weijian", "青禾市卫生健康委员会", aliases=["健康大楼", "市卫健委", "卫健委"])
    make(conn, "quwei", "青禾市东澜区卫生健康局", parent="weijian")
    make(conn, "renshe", "青禾市人力资源和社会保障局")
    make(conn, "shuiwu", "国家税务总局青禾市税务局")
    make(conn, "jiuye", "青禾市社会福利彩票发行处", parent="renshe")


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("weijian", ["weijian"]),
        (HEALTH, ["weijian"]),
        ("青禾市卫生健康委员会", ["weijian"]),
        ("健康大楼", ["weijian"]),
        ("青禾市卫健委", ["weijian"]),
        ("青禾卫健委", ["weijian"]),
        ("市卫健委", ["weijian"]),
        ("市卫生局", ["weijian"]),
        ("卫健委", ["weijian"]),
        ("卫健局", ["quwei", "weijian"]),
        ("江苏省青禾市卫健委", ["weijian"]),
        ("东澜区卫健局", ["quwei"]),
        ("区卫健局", ["quwei"]),
        ("市人社局", ["renshe"]),
        ("青禾市税务局", ["shuiwu"]),
        ("税务局", ["shuiwu"]),
        ("市社会福利彩票发行处", ["jiuye"]),
        (" 青禾市 卫健委 ", ["weijian"]),
        ("红叶市卫健委", []),
        ("公安局", []),
        ("", []),
        ("%", []),
        ("市", []),
    ],
)
def test_a_department_is_found_by_every_name_it_goes_by(
    conn: sa.Connection, text: str, found: list[str]
) -> None:
    assert ids(conn, text) == found


@pytest.mark.usefixtures("city")
def test_a_name_of_one_is_required_to_be_of_one(conn: sa.Connection) -> None:
    assert departments.require_named(conn, "市卫健委").department_id == "weijian"
    with pytest.raises(DepartmentNameShared) as refused:
        departments.require_named(conn, "卫生健康委")
    assert refused.value.departments == ("quwei", "weijian")
    with pytest.raises(DepartmentNotFound):
        departments.require_named(conn, "红叶市卫健委")


@pytest.mark.usefixtures("city")
def test_the_names_of_all_are_given_with_the_name_first(conn: sa.Connection) -> None:
    names = departments.all_names(conn)
    assert names["weijian"] == ("青禾市卫生健康委员会", "健康大楼", "市卫健委", "卫健委")
    assert set(departments.all_names(conn)) == {
        each.department_id for each in departments.list_all(conn)
    }


def test_a_name_without_a_place_is_found_with_any_where_it_is_the_only_one(
    conn: sa.Connection,
) -> None:
    make(conn, "weijian", "卫生健康委员会")
    assert ids(conn, "青禾市卫健委") == ["weijian"]
    assert ids(conn, "环境卫生局") == []


@pytest.mark.usefixtures("city")
def test_those_below_are_those_near_and_far(conn: sa.Connection) -> None:
    make(conn, "first", "青禾市东澜区疾控中心", parent="quwei")
    assert departments.with_subordinates(conn, "weijian") == {"weijian", "quwei", "first"}
    assert departments.with_subordinates(conn, "first") == {"first"}
    assert departments.with_subordinates(conn, "absent") == frozenset()
    assert departments.subordinates(conn, "weijian") == ("quwei",)
    assert departments.require(conn, "first").parent == "quwei"


def change(
    conn: sa.Connection, department_id: str, **facts: Any
) -> tuple[departments.Department, tuple[str, ...]]:
    held = dict(departments.require(conn, department_id).document)
    document = {name: value for name, value in {**held, **facts}.items() if value is not None}
    return departments.change(conn, document, a_clock(), author="admin")


def changes_of(conn: sa.Connection) -> list[str]:
    query = sa.select(catalogue_changes.c.resource_id).order_by(catalogue_changes.c.sequence)
    return list(conn.scalars(query))


def test_a_changed_name_is_found_and_told_to_whoever_follows_the_catalogue(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    before = changes_of(conn)
    assert change(conn, "gongan") == (departments.require(conn, "gongan"), ())
    renamed, changed = change(conn, "gongan", name="示例市警务局", aliases=["示例市公安局"])
    assert changed == ("aliases", "name")
    assert (renamed.name, renamed.aliases) == ("示例市警务局", ("示例市公安局",))
    assert departments.require(conn, "gongan") == renamed
    assert ids(conn, "示例市公安局") == ids(conn, "市公安局") == ids(conn, "示例市警务局")
    assert changes_of(conn) == [*before, "household"]
    change(conn, "gongan", contact={"name": "值班室"})
    assert changes_of(conn) == [*before, "household"]
    versions = sa.select(department_versions.c.version, department_versions.c.author).where(
        department_versions.c.department_id == "gongan"
    )
    assert sorted(conn.execute(versions).all()) == [(1, None), (2, "admin"), (3, "admin")]


def test_the_code_may_change_until_there_are_records(conn: sa.Connection, people: People) -> None:
    assert change(conn, "gongan", code=HEALTH)[1] == ("code",)
    with pytest.raises(DepartmentTaken):
        change(conn, "gongan", code=CIVIL_AFFAIRS)
    change(conn, "gongan", code=a_department()["code"])
    publish(conn, people)
    with pytest.raises(DepartmentCodeFixed):
        change(conn, "gongan", code=HEALTH)


@pytest.mark.usefixtures("city")
def test_no_department_stands_above_itself(conn: sa.Connection) -> None:
    make(conn, "first", "青禾市东澜区疾控中心", parent="quwei")
    for parent in ("quwei", "first"):
        with pytest.raises(DepartmentCycle):
            change(conn, "weijian", parent=parent)
    with pytest.raises(InvalidDepartment):
        change(conn, "weijian", parent="weijian")
    with pytest.raises(DepartmentNotFound):
        change(conn, "weijian", parent="absent")
    assert change(conn, "first", parent="renshe")[0].parent == "renshe"
    assert change(conn, "first", parent=None)[0].parent is None


def test_what_is_not_registered_can_not_be_changed_and_add_says_how_to_change(
    conn: sa.Connection, people: People
) -> None:
    with pytest.raises(DepartmentNotFound):
        departments.change(conn, a_department(department_id="absent", code=HEALTH), a_clock())
    with pytest.raises(DepartmentTaken) as refused:
        departments.add(conn, a_department(name="另一个名称"), a_clock())
    assert "datong department change" in refused.value.zh
    assert "datong department change" in refused.value.en


def test_two_changes_at_once_make_no_circle(database: Database) -> None:
    with database.transaction() as conn:
        make(conn, "first", "甲")
        make(conn, "second", "乙")
    _first, second = meanwhile(
        database,
        lambda c: change(c, "first", parent="second"),
        lambda c: change(c, "second", parent="first"),
    )
    assert isinstance(second.exception(), DepartmentCycle)


@pytest.mark.usefixtures("city")
def test_names_are_read_anew_where_they_were_read_otherwise(conn: sa.Connection) -> None:
    before = conn.execute(sa.select(department_names).order_by(*department_names.c)).all()
    conn.execute(sa.update(department_names).values(office=None, place="", folded="-"))
    assert ids(conn, "市卫健委") == []
    departments.refresh_all_names(conn)
    assert conn.execute(sa.select(department_names).order_by(*department_names.c)).all() == before


def test_departments_of_an_older_database_keep_their_names(empty_database: str) -> None:
    opened = open_database(empty_database)
    migrate(opened, "0004")
    document = a_department(aliases=["市公安局"])
    old = sa.table("departments", *(sa.column(name) for name in (
        "department_id", "code", "name", "document", "added_at",
    )))  # fmt: skip
    at = NOON if opened.engine.dialect.name == "postgresql" else NOON.replace(tzinfo=None)
    row = {name: document[name] for name in ("department_id", "code", "name")}
    with opened.transaction() as conn:
        conn.execute(
            sa.insert(old).values(**row, document=canonical_json(document), added_at=str(at))
        )
    migrate(opened)
    with opened.transaction() as conn:
        assert departments.all_names(conn) == {"gongan": ("示例市公安局", "市公安局")}
        assert ids(conn, "市公安局") == ["gongan"]
        departments.refresh_all_names(conn)
        assert ids(conn, "公安局") == ["gongan"]
        assert conn.scalar(sa.select(department_versions.c.version)) == 1
    opened.dispose()


def test_settled_people_have_departments_with_names(conn: sa.Connection) -> None:
    settle(conn)
    assert ids(conn, "市民政局") == ["minzheng"]
