"""Elements and systems as documents: each rule, the safe dialect, and what may be the same."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from standards.element_check import check_element
from standards.element_likeness import similar_elements
from standards.elements import load_elements, read_element, shipped_documents
from standards.schema_check import load_schema
from standards.system_check import check_system
from standards.violations import errors_of
from tests.standards.makers import Document, code_lists

PLATE: Document = {
    "element_id": "vehicle.plate_no",
    "name": "机动车号牌号码",
    "definition": "发给机动车的号牌号码",
    "data_type": "C",
    "length": 15,
    "level": 2,
}
SYSTEM: Document = {
    "system_id": "household-register",
    "name": "户籍管理系统",
    "department": "gongan",
    "description": "办理户口登记",
    "status": "running",
    "protection_level": 3,
    "url": "https://hukou.example.gov.cn/",
    "online_since": "2019-05-01",
}


def changed(document: Document, facts: Document) -> Document:
    merged = {**document, **facts}
    return {name: value for name, value in merged.items() if value is not ...}


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"element_id": "plate"}, "element.element_id.format"),
        ({"element_id": "vehicle.plate\n"}, "element.element_id.format"),
        ({"definition": ...}, "element.definition.required"),
        ({"definition": "　"}, "element.definition.required"),
        ({"data_type": "X"}, "element.data_type.value"),
        ({"level": 5}, "element.level.range"),
        ({"code_list": "plates"}, "element.code_list.unknown"),
        ({"code_list": "sex", "data_type": "I"}, "element.code_list.type"),
        ({"identifier": "citizen", "data_type": "N"}, "element.identifier.type"),
        ({"length": ...}, "element.length.missing"),
        ({"data_type": "N", "length": 39}, "element.length.digits"),
        ({"data_type": "N", "length": 3, "scale": 4}, "element.scale.length"),
        ({"authority": ["police"]}, "element.authority.unknown"),
        ({"synonyms": ["机动车号牌号码"]}, "element.synonyms.name"),
        ({"synonyms": ["a", "a"]}, "element.synonyms.unique"),
        ({"colour": "red"}, "element.unknown_key"),
        ({"level": float("nan")}, "element.unwritable"),
        ({"name": "\ud800"}, "element.unwritable"),
    ],
)
def test_an_element_is_checked(facts: Document, rule: str) -> None:
    assert check_element(PLATE, code_lists()) == ()
    assert [each.rule for each in check_element(changed(PLATE, facts), code_lists())] == [rule]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"system_id": "Hukou"}, "system.system_id.format"),
        ({"status": "planned"}, "system.status.value"),
        ({"protection_level": 5}, "system.protection_level.range"),
        ({"url": "ftp://example.gov.cn"}, "system.url.format"),
        ({"online_since": "2019-02-30"}, "system.online_since.date"),
        ({"online_since": "2019"}, "system.online_since.format"),
        ({"department": ...}, "system.department.required"),
        ({"protection_level": float("inf")}, "system.unwritable"),
    ],
)
def test_a_system_is_checked(facts: Document, rule: str) -> None:
    assert check_system(SYSTEM) == ()
    assert [each.rule for each in check_system(changed(SYSTEM, facts))] == [rule]


@pytest.mark.parametrize("value", [None, 1, "a", [], {}, [None], [1], {"a": None}, 1.5, True])
def test_no_part_of_the_wrong_kind_breaks_a_check(value: object) -> None:
    for key in load_schema("element")["properties"]:  # type: ignore[attr-defined]
        check_element({**PLATE, key: value}, code_lists())
    for key in SYSTEM:
        check_system({**SYSTEM, key: value})


@pytest.mark.parametrize("name", ["element", "system"])
def test_a_schema_is_valid_and_keeps_to_the_safe_dialect(name: str) -> None:
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    for facts in schema["properties"].values():  # type: ignore[attr-defined]
        pattern = facts.get("pattern", "")
        assert not re.search(r"\\[dDwWsSbBpPZ]", pattern)
        assert not pattern.endswith("$")
        assert facts["title"]
        assert facts["x-zh"]
        assert facts["x-en"].isascii()


def test_every_shipped_element_passes_the_check_of_a_proposal() -> None:
    for element_id, document in shipped_documents().items():
        assert errors_of(check_element(document, code_lists())) == (), element_id
        assert read_element(element_id, document) == load_elements()[element_id]


def test_no_other_name_of_a_shipped_element_is_that_of_another_one_in_its_group() -> None:
    heads: dict[tuple[str, str], str] = {}
    for element in load_elements().values():
        for name in (element.name, *element.synonyms):
            group = element.id.partition(".")[0]
            owner = heads.setdefault((group, name), element.id)
            assert owner == element.id, name


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"name": "身份证号"}, [("person.id_number", "name")]),
        ({"name": "号码", "synonyms": ["身份证号 码"]}, [("person.id_number", "name")]),
        ({"name": "户籍地详址", "synonyms": []}, [("person.hukou_address", "name")]),
        ({"name": "户籍地详细地址"}, [("person.hukou_address", "near")]),
        ({"name": "准驾车型"}, []),
        ({"name": "出生日", "data_type": "D"}, [("person.birth_date", "near")]),
        ({"name": "出生日", "data_type": "C"}, []),
        ({}, []),
    ],
)
def test_a_proposal_shows_what_may_be_the_same(
    facts: Document, found: list[tuple[str, str]]
) -> None:
    document = {**PLATE, **facts}
    proposed = read_element("vehicle.plate_no", document)
    known = load_elements().values()
    shown = [(like.element_id, like.reason) for like in similar_elements(proposed, known)]
    assert shown == found


def test_an_element_is_not_like_itself() -> None:
    person = load_elements()["person.name"]
    assert similar_elements(person, [person]) == ()
    [like] = similar_elements(replace(person, id="person.other"), [person])
    assert like.element_id == "person.name"
