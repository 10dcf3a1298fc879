"""What is found in a published catalogue, through the index, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import departments
from catalog.database import Database
from catalog.departments import Department
from catalog.likeness.description import Description, describe
from catalog.likeness.finding import OF_ONE_DEPARTMENT, FoundSimilar, find_similar
from catalog.likeness.judgement import judge
from catalog.search.finding import Search
from catalog.search.follower import Follower
from catalog.search.place import Place
from catalog.tables import records
from examples.world.numbers import uscc
from standards.elements import load_elements
from tests.catalog.makers import CIVIL_AFFAIRS, a_clock, a_department, a_record, settle
from tests.likeness.makers import (
    CITY,
    DISTRICT,
    OTHER_CITY,
    PROVINCE,
    a_party,
    an_item,
    items,
    published,
    weights_of,
)
from tests.servers.databases import only_on

COLUMNS = items("机构名称", "机构地址", "床位数", "负责人", "联系电话")


class Catalogue:
    """A catalogue that is filled, indexed, and asked as the civil affairs of the city."""

    def __init__(self, database: Database, place: Place) -> None:
        self.database, self.search = database, Search(place)
        self._follower = Follower(database, place, a_clock(), lambda: "test")
        with database.transaction() as conn:
            settle(conn)

    def department(self, department_id: str, **facts: Any) -> None:
        code = uscc("11", "990100", f"C{sum(map(ord, department_id)):07d}")
        with self.database.transaction() as conn:
            document = a_department(department_id=department_id, code=code, **facts)
            departments.add(conn, document, a_clock())

    def publish(self, resource_id: str, name: str, department_id: str, **facts: Any) -> None:
        is_view = facts.pop("is_view", False)
        document = a_record(resource_id=resource_id, name=name, **facts)
        with self.database.transaction() as conn:
            published(conn, document, department_id, is_view=is_view)

    def ask(self, name: str, limit: int = 5, **facts: Any) -> FoundSimilar:
        self._follower.catch_up()
        document = a_record(resource_id="mine", name=name, provider_code=CIVIL_AFFAIRS, **facts)
        with self.database.reading() as conn:
            department = departments.require(conn, "minzheng")
            return find_similar(conn, self.search, document, department, limit=limit)

    def close(self) -> None:
        self._follower.close()


@pytest.fixture
def catalogue(database: Database, tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(database, Place(tmp_path / "search"))
    yield opened
    opened.close()


def shown(found: FoundSimilar) -> Mapping[str, str]:
    return {each.resource_id: each.judged.verdict.value for each in found.similar}


def test_the_same_record_of_another_department_of_the_city_is_provided_already(
    catalogue: Catalogue,
) -> None:
    catalogue.publish("homes", "养老机构名录", "gongan", items=COLUMNS)
    catalogue.publish("own", "养老机构名录", "minzheng", items=COLUMNS)
    found = catalogue.ask("示例市养老机构名录", items=COLUMNS)
    assert shown(found) == {"homes": "provided_already"}
    [only] = found.similar
    assert found.complete
    assert only.provider_name == "示例市公安局"
    assert only.judged.overlap.title == 1.0
    assert len(only.judged.overlap.shared_items) == len(COLUMNS)
    assert "请申请共享，不必重复采集" in only.sentence.zh
    assert "示例市公安局" in only.sentence.zh


def test_elsewhere_the_same_is_an_example_and_comes_last(catalogue: Catalogue) -> None:
    catalogue.department("far", name="白桥市民政局", division_code=OTHER_CITY)
    catalogue.department("over", name="样例省民政厅", division_code="990000")
    catalogue.publish("far-homes", "养老机构名录", "far", items=COLUMNS)
    catalogue.publish("all-homes", "养老机构信息名录", "over", items=COLUMNS)
    found = catalogue.ask("养老机构名录", items=COLUMNS)
    assert list(shown(found).items()) == [
        ("all-homes", "provided_already"),
        ("far-homes", "described_elsewhere"),
    ]


def test_the_source_of_an_element_is_found_whatever_its_table_is_called(
    catalogue: Catalogue,
) -> None:
    person = [
        an_item("身份号码", "person.id_number", key=True, identifier="citizen"),
        an_item("性别", "person.sex"),
        an_item("出生日期", "person.birth_date"),
    ]
    catalogue.publish("household", "户籍人口基本信息", "gongan", items=person)
    for number in range(60):  # tables that share as much, of departments that are no source
        catalogue.publish(f"other-{number:02d}", f"办件登记第{number}表", "shuju", items=person)
    found = catalogue.ask("低保对象", items=[*person, *items("低保类别", "金额")])
    first, *others = found.similar
    assert first.resource_id == "household"
    assert first.judged.overlap.title == 0.0
    assert [(each.element_id, each.authoritative) for each in first.elements] == [
        ("person.sex", True),
        ("person.birth_date", True),
    ]
    assert first.sentence.zh.startswith("“性别”、“出生日期”的权威来源是示例市公安局")
    assert len(others) <= OF_ONE_DEPARTMENT


def test_items_alone_show_nothing(catalogue: Catalogue) -> None:
    catalogue.publish("lifts", "电梯检验台账", "gongan", items=COLUMNS)
    assert catalogue.ask("锅炉基础信息", items=COLUMNS).similar == ()


def test_what_is_withdrawn_meanwhile_and_what_the_lake_builds_is_not_shown(
    catalogue: Catalogue,
) -> None:
    catalogue.publish("view", "养老机构名录", "shuju", is_view=True, items=COLUMNS)
    assert catalogue.ask("养老机构名录", items=COLUMNS).similar == ()
    catalogue.publish("homes", "养老机构名录", "gongan", items=COLUMNS)
    assert list(shown(catalogue.ask("养老机构名录", items=COLUMNS))) == ["homes"]
    with catalogue.database.transaction() as conn:  # the index has not heard of it yet
        conn.execute(sa.update(records).values(published_version=None))
    assert catalogue.ask("养老机构名录", items=COLUMNS).similar == ()


def test_of_one_department_the_nearest_are_enough(catalogue: Catalogue) -> None:
    for number in range(6):
        catalogue.publish(f"homes-{number}", "养老机构名录", "gongan", items=COLUMNS)
    assert len(catalogue.ask("养老机构名录", items=COLUMNS).similar) == OF_ONE_DEPARTMENT


@only_on("sqlite")
def test_the_index_finds_what_comparing_with_every_record_finds(catalogue: Catalogue) -> None:
    rng = Random(32)
    divisions = (CITY, DISTRICT, PROVINCE, OTHER_CITY)
    for number in range(12):
        catalogue.department(
            f"d{number}", name=f"第{number}局", division_code=divisions[number % 4]
        )
    written = [a_random_record(rng, f"r{number:03d}", f"d{number % 12}") for number in range(120)]
    for document, department_id in written:
        facts = {name: document[name] for name in ("name", "items")}
        catalogue.publish(document["resource_id"], department_id=department_id, **facts)
    found_any = 0
    for number in range(25):
        asked, _ = a_random_record(rng, f"q{number}", "minzheng")
        found = catalogue.ask(asked["name"], limit=1000, items=asked["items"])
        plain = compared_with_all(catalogue, asked, written)
        assert [each.resource_id for each in found.similar] == plain
        found_any += bool(plain)
    assert found_any > 10


THINGS = (
    "养老机构", "低保对象", "停车场", "企业登记", "学校", "桥梁", "水库", "图书馆", "执业医师",
    "药店", "公交线路", "排污许可", "气象站", "体育场馆", "旅行社", "银行网点", "加油站", "文物",
)  # fmt: skip


def a_random_record(rng: Random, resource_id: str, department: str) -> tuple[dict[str, Any], str]:
    thing = rng.choice(THINGS)
    name = thing + rng.choice(("名录", "基本信息", "统计表2019年", "统计表2020年", "变更信息"))
    columns = rng.sample(items("名称", "地址", "电话", "床位数", "负责人", "等级", "面积"), 5)
    pointed = [
        an_item("性别", "person.sex"),
        an_item("籍贯", "person.native_place"),
        an_item("姓名", "person.name"),
    ]
    columns += rng.sample(pointed, rng.randint(0, 3))
    return {"resource_id": resource_id, "name": name, "items": columns}, department


def compared_with_all(
    catalogue: Catalogue,
    asked: Mapping[str, Any],
    written: Sequence[tuple[Mapping[str, Any], str]],
) -> list[str]:
    """The ids that judging each record plainly gives, in the order in which they are shown."""
    snapshot = catalogue.search.newest()
    assert snapshot is not None
    with catalogue.database.reading() as conn:
        known = {each.department_id: each for each in departments.list_all(conn)}
    described = {
        document["resource_id"]: (_described(document, known[owner]), known[owner])
        for document, owner in written
    }
    own = _described(asked, known["minzheng"])
    every = [description for description, _ in described.values()]
    judged = {}
    for resource_id, (description, owner) in described.items():
        used = weights_of(*every, among=len(every))
        party = a_party(owner.name, owner.duty)
        verdict = judge(own, CIVIL_PARTY, description, party, used, load_elements())
        if verdict is not None:
            judged[resource_id] = verdict
    ordered = sorted(judged, key=lambda each: (*judged[each].rank, each))
    shown_of: Counter[str] = Counter()
    kept = []
    for resource_id in ordered:
        owner_id = described[resource_id][1].department_id
        shown_of[owner_id] += 1
        if shown_of[owner_id] <= OF_ONE_DEPARTMENT:
            kept.append(resource_id)
    return kept


CIVIL_PARTY = a_party("示例市民政局", "civil_affairs")


def _described(document: Mapping[str, Any], owner: Department) -> Description:
    return describe(document, division=owner.division_code, department_name=owner.name)


@only_on("sqlite")
def test_without_an_index_nothing_is_known_and_that_is_said(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as conn:
        settle(conn)
        department = departments.require(conn, "minzheng")
        found = find_similar(conn, Search(Place(tmp_path / "none")), a_record(), department)
    assert (found.similar, found.complete) == ((), False)


@only_on("sqlite")
def test_a_department_that_moves_is_elsewhere(catalogue: Catalogue) -> None:
    catalogue.publish("homes", "养老机构名录", "gongan", items=COLUMNS)
    assert shown(catalogue.ask("养老机构名录"))["homes"] == "provided_already"
    with catalogue.database.transaction() as conn:
        departments.change(conn, a_department(division_code=OTHER_CITY), a_clock())
    assert shown(catalogue.ask("养老机构名录"))["homes"] == "described_elsewhere"
