"""The extension fields of a record: what each takes, what it refuses, and what the lists say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standards.code_lists import load_code_lists
from standards.elements import load_elements
from standards.record_check import check_record
from standards.records import ResourceKind, kind_of
from standards.registers import Registers
from standards.schema_check import load_schema
from standards.themes import theme_of
from standards.violations import Severity, errors_of
from tests.standards.makers import Document, a_record, an_item, code_lists, faults

API: Document = {"kind": "interface", "format": {"category": 7, "type": "api"}}
PDF: Document = {"format": {"category": 1, "type": "pdf"}, "items": ...}


def an_interface(*parameters: Document, **facts: object) -> Document:
    return {**API, "interface": {"url": "/a/{id}", "method": "GET", "parameters": [*parameters]},
            **facts}  # fmt: skip


@pytest.mark.parametrize(
    "facts",
    [
        {"category_gb21063_4": [{"name": "矿藏", "code": "ZCC00"}]},
        {"category_gb21063_4": [{"name": "财政", "code": "08", "standard": "GB/T 21063.4-2007"}]},
        {"category_gb21063_4": [{"name": "本市分类", "code": "A.1", "standard": "某市分类"}]},
        {"uses": ["work_reference", "data_verification"]},
        {"rights": "某市公安局", "management_mode": "集中", "generation_mode": "业务系统生成"},
        {"online_url": "https://www.example.gov.cn/a?b=c"},
        {"sensitivity_level": 4, "net_type": "1", "field_domain": "23", "use_scene": "0"},
        {"is_certificate": True, "level_type": "3", "division_code": "110105"},
        {"center_dept_code": "11100000000013021X", "data_processing": "sjjgcd01"},
        {"backflow": True, "backflow_region": False, "data_range": "02", "data_kind": [1, 32]},
        {"sync_mechanism": "full", "sync_frequency": "daily", "physical_deletion": False},
        {"non_share_basis": {"basis": "state_secrets_law", "clause": "第十三条"}},
        {"expectations": {"rows": {"minimum": 1, "maximum": 1, "reason": "年报"}}},
        {"expectations": {"fill_rates": [{"item": "name", "minimum": 0.98, "reason": "必填"}]}},
        {**PDF, "kind": "file", "file": {"media_types": ["application/pdf"], "note": "扫描件"}},
        {**PDF, "file": {}},
        an_interface({"name": "id", "place": "path", "data_type": "C", "required": True}),
        {**API, "interface": {"url": "/a", "method": "POST", "answer": "一条记录", "limits": {
            "calls_per_second": 10, "calls_per_day": 10_000, "from": "08:30", "to": "23:59"}}},
        {"items": [an_item(sensitive=True, unit="元", date_format="YYYY-MM-DD")]},
        {"source_system": "人口管理系统"},
    ],
)  # fmt: skip
def test_a_field_takes_what_it_is_for(facts: Document) -> None:
    assert check_record(a_record(**facts), code_lists()) == ()


@pytest.mark.parametrize(
    ("facts", "rule", "path"),
    [
        ({"category_gb21063_4": [{"name": "矿藏"}]}, "category_gb21063_4.code.required",
         "category_gb21063_4/0/code"),
        ({"category_gb21063_4": [{"name": "矿藏", "code": "X1"}]}, "category_gb21063_4.code.format",
         "category_gb21063_4/0/code"),
        ({"category_gb21063_4": [{"name": "矿藏", "code": "99"}]},
         "category_gb21063_4.code.unknown", "category_gb21063_4/0/code"),
        ({"uses": ["curiosity"]}, "uses.unknown", "uses/0"),
        ({"uses": []}, None, ""),
        ({"rights": ""}, "rights.required", "rights"),
        ({"online_url": "javascript:x"}, "online_url.format", "online_url"),
        ({"online_url": "https://a b"}, "online_url.format", "online_url"),
        ({"sensitivity_level": 5}, "sensitivity_level.range", "sensitivity_level"),
        ({"net_type": 1}, "net_type.value", "net_type"),
        ({"field_domain": "24"}, "field_domain.format", "field_domain"),
        ({"field_domain": "0"}, "field_domain.format", "field_domain"),
        ({"use_scene": "4"}, "use_scene.value", "use_scene"),
        ({"is_certificate": "是"}, "is_certificate.type", "is_certificate"),
        ({"level_type": "5"}, "level_type.value", "level_type"),
        ({"division_code": "11010"}, "division_code.format", "division_code"),
        ({"data_processing": "raw"}, "data_processing.value", "data_processing"),
        ({"data_range": "1"}, "data_range.value", "data_range"),
        ({"data_kind": [3]}, "data_kind.value", "data_kind/0"),
        ({"data_kind": [1, 1]}, "data_kind.unique", "data_kind"),
        ({"sync_mechanism": "1"}, "sync_mechanism.value", "sync_mechanism"),
        ({"non_share_basis": {"basis": "a_law"}}, "non_share_basis.basis.unknown",
         "non_share_basis/basis"),
        ({"non_share_basis": {"clause": "一"}}, "non_share_basis.basis.required",
         "non_share_basis/basis"),
        ({"expectations": {"rows": {"reason": "年报"}}}, "expectations.rows.required",
         "expectations/rows"),
        ({"expectations": {"rows": {"minimum": 1}}}, "expectations.rows.reason.required",
         "expectations/rows/reason"),
        ({"expectations": {"rows": {"minimum": 2, "maximum": 1, "reason": "年报"}}},
         "expectations.rows.maximum.order", "expectations/rows/maximum"),
        ({"expectations": {"fill_rates": [{"item": "x", "minimum": 1, "reason": "a"}]}},
         "expectations.fill_rates.item.unknown", "expectations/fill_rates/0/item"),
        ({"expectations": {"fill_rates": [{"item": "name", "minimum": 1, "reason": "a"}] * 2}},
         "expectations.fill_rates.item.unique", "expectations/fill_rates/1/item"),
        ({"expectations": {"fill_rates": [{"item": "name", "minimum": 98, "reason": "a"}]}},
         "expectations.fill_rates.minimum.range", "expectations/fill_rates/0/minimum"),
        ({"file": {}}, "file.absent", "file"),
        ({"kind": "table", "file": {}}, "file.absent", "file"),
        ({**PDF, "interface": {"url": "/a", "method": "GET"}}, "interface.absent", "interface"),
        ({**PDF, "file": {"media_types": ["pdf"]}}, "file.media_types.format",
         "file/media_types/0"),
        (an_interface({"name": "no", "place": "path"}), "interface.parameters.place.path",
         "interface/parameters/0/place"),
        (an_interface({"name": "no", "place": "body"}), "interface.parameters.place.body",
         "interface/parameters/0/place"),
        (an_interface({"name": "no"}, {"name": "no", "place": "query"}),
         "interface.parameters.name.unique", "interface/parameters/1/name"),
        ({**API, "interface": {"url": "/a", "method": "GET", "limits": {"from": "8:30"}}},
         "interface.limits.from.format", "interface/limits/from"),
        ({**API, "interface": {"url": "/a", "method": "GET", "limits": "每日一次"}},
         "interface.limits.type", "interface/limits"),
    ],
)  # fmt: skip
def test_a_field_refuses_what_it_is_not_for(facts: Document, rule: str | None, path: str) -> None:
    found = faults(a_record(**facts))
    if rule is None:
        assert found == {}
        return
    violation = found[f"record.{rule}"]
    assert (violation.path, violation.severity) == (path, Severity.ERROR)


def test_an_import_may_bring_the_resource_code_that_agrees_with_its_class() -> None:
    def rules(code: object, **facts: object) -> list[str]:
        record = a_record(resource_code=code, **facts)
        return [violation.rule for violation in check_record(record, code_lists(), imported=True)]

    assert rules("307001/1") == []
    assert rules("307001-1") == ["record.resource_code.format"]
    assert rules("3070010101/1") == ["record.resource_code.classification"]
    assert rules("307001/1", publish_date="2026-01-01") == ["record.publish_date.given"]


def test_a_source_system_is_one_of_the_register_where_there_is_one() -> None:
    record = a_record(source_system="人口管理系统")
    known = Registers(load_elements(), frozenset({"renkou", "人口管理平台"}))
    [violation] = check_record(record, code_lists(), registers=known)
    assert violation.rule == "record.source_system.unknown"
    assert "人口管理平台" in violation.zh
    assert "登记" in violation.zh
    for name in known.systems or ():
        assert check_record(a_record(source_system=name), code_lists(), registers=known) == ()


def test_an_element_is_one_of_the_register_that_is_given() -> None:
    own = {"city.card": next(iter(load_elements().values()))}
    known = Registers(own, None)
    record = a_record(items=[an_item(element="city.card")])
    assert "record.items.element.unknown" in faults(record)
    assert errors_of(check_record(record, code_lists(), registers=known)) == ()
    shipped = a_record(items=[an_item(element="person.name")])
    [violation] = check_record(shipped, code_lists(), registers=known)
    assert violation.rule == "record.items.element.unknown"


def test_a_local_list_of_domains_is_kept_to(tmp_path: Path) -> None:
    text = "id: field_domain\ntitle: 所属领域\nsource: 本市\nedition: '1'\nentries: {'1': 交通}\n"
    (tmp_path / "field_domain.yaml").write_text(text, encoding="utf-8")
    lists = load_code_lists(tmp_path)
    assert check_record(a_record(field_domain="1"), lists) == ()
    [violation] = check_record(a_record(field_domain="2"), lists)
    assert violation.rule == "record.field_domain.unknown"


@pytest.mark.parametrize(
    ("category", "theme"),
    [
        ({"name": "矿藏", "code": "ZCC00"}, "03"),
        ({"name": "财政", "code": "08"}, "08"),
        ({"name": "财政", "code": "ZHA00"}, "08"),
        ({"name": "甲", "code": "ZHA00"}, None),
        ({"name": "财政", "code": "08", "standard": "某市分类"}, None),
    ],
)
def test_the_theme_of_a_category_is_told_where_it_is_known(
    category: Document, theme: str | None
) -> None:
    assert theme_of(category, code_lists()) == theme


def test_the_kind_of_a_file_needs_no_word() -> None:
    assert kind_of(a_record(**PDF)) is ResourceKind.FILE


def described(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of the schema with its path."""
    for name, part in schema.get("properties", {}).items():
        yield f"{path}{name}", part
        yield from described(part, f"{path}{name}.")
        yield from described(part.get("items", {}), f"{path}{name}.")


FIELDS = dict(described(load_schema("record")))


def test_every_field_says_its_name_and_what_would_be_right() -> None:
    """The platform's own are marked: nobody writes them, so no advice is needed."""
    own = {name for name, part in FIELDS.items() if part.get("readOnly")}
    assert own == {"resource_code", "publish_date", "metadata_id", "metadata_updated_at"}
    for name, part in FIELDS.items():
        assert part["title"], name
        assert name in own or (part["x-zh"] and part["x-en"]), name


def test_no_two_fields_of_one_mapping_share_a_title() -> None:
    """Titles head the columns of workbooks, and lead back to the fields."""
    titles = [(name.rpartition(".")[0], part["title"]) for name, part in FIELDS.items()]
    assert len(titles) == len(set(titles))


def test_the_fields_agreed_upon_are_all_there() -> None:
    agreed = (
        "category_gb21063_4 uses rights management_mode generation_mode online_url source_system "
        "sensitivity_level net_type field_domain use_scene is_certificate level_type metadata_id "
        "division_code center_dept_code data_processing backflow backflow_region data_range "
        "data_kind sync_mechanism sync_frequency physical_deletion non_share_basis expectations "
        "file interface items.open_type items.open_condition items.sensitive items.unit "
        "items.date_format interface.answer metadata_updated_at keywords metadata_contact"
    )
    assert set(agreed.split()) <= set(FIELDS)
