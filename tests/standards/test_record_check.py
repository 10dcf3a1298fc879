"""Each rule of a metadata record: which code it has, where it points, and what would be right."""

import re
import time

import pytest

from standards.record_check import check_department, check_manifest, check_record
from standards.violations import Severity, errors_of
from tests.standards.makers import PROVIDER, Document, a_record, an_item, code_lists, faults

CONDITIONAL = {"share_type": 2, "share_condition": "依申请"}
REFUSED = {"share_type": 3, "share_method": ..., "non_share_reason_type": 1}


def test_a_plain_record_has_no_violation() -> None:
    assert check_record(a_record(), code_lists()) == ()


@pytest.mark.parametrize(
    ("facts", "rule", "path"),
    [
        ({"name": ...}, "record.name.required", "name"),
        ({"name": "　 "}, "record.name.required", "name"),
        ({"share_type": 2}, "record.share_condition.required", "share_condition"),
        ({"share_type": 2, "share_condition": ""},
         "record.share_condition.required", "share_condition"),
        (REFUSED, "record.share_condition.required", "share_condition"),
        ({**REFUSED, "share_condition": "法", "non_share_reason_type": ...},
         "record.non_share_reason_type.required", "non_share_reason_type"),
        ({**REFUSED, "share_condition": "法", "share_method": "mail"},
         "record.share_method.absent", "share_method"),
        ({"share_method": ...}, "record.share_method.required", "share_method"),
        ({"share_type": "1"}, "record.share_type.value", "share_type"),
        ({"open": True, "open_type": "conditional"},
         "record.open_condition.required", "open_condition"),
        ({"open_type": "unconditional"}, "record.open_type.agrees", "open"),
        ({"items": ...}, "record.items.required", "items"),
        ({"items": []}, "record.items.required", "items"),
        ({"kind": "table", "format": {"category": 6, "type": "parquet"}, "items": ...},
         "record.items.required", "items"),
        ({"kind": "table", "format": {"category": 1, "type": "pdf"}},
         "record.format.category.kind", "format/category"),
        ({"provider_code": "12100000400000624E"}, "record.provider_code.check", "provider_code"),
        ({"provider_code": PROVIDER.lower()}, "record.provider_code.check", "provider_code"),
        ({"secrecy": True}, "record.secrecy", "secrecy"),
        ({"resource_code": "307001/1"}, "record.resource_code.given", "resource_code"),
        ({"resource_code": 7}, "record.resource_code.given", "resource_code"),
        ({"publish_date": "2026-01-01"}, "record.publish_date.given", "publish_date"),
        ({"metadata_id": "a"}, "record.metadata_id.given", "metadata_id"),
        ({"metadata_updated_at": None}, "record.metadata_updated_at.given", "metadata_updated_at"),
        ({"update_cycle": "hourly"}, "record.update_cycle.value", "update_cycle"),
        ({"resource_id": "Hukou"}, "record.resource_id.format", "resource_id"),
        ({"resource_id": "hukou\n"}, "record.resource_id.format", "resource_id"),
        ({"level": 5}, "record.level.range", "level"),
        ({"keywords": ["a", "a"]}, "record.keywords.unique", "keywords"),
        ({"kind": "interface"}, "record.interface.required", "interface"),
        ({"kind": "table", "interface": {"url": "/a", "method": "GET"}},
         "record.interface.absent", "interface"),
        ({"ignored_columns": ["备注", "姓名"]}, "record.ignored_columns.item", "ignored_columns/1"),
        ({"classification": {"lei": "4", "xiang": "07", "mu": "001"}},
         "record.classification.lei.format", "classification/lei"),
        ({"classification": {"lei": "3", "xiang": "00", "mu": "001"}},
         "record.classification.xiang.format", "classification/xiang"),
        ({"classification": {"lei": "3", "mu": "001"}},
         "record.classification.xiang.required", "classification/xiang"),
        ({"related_codes": ["401001/1"]}, "record.related_codes.format", "related_codes/0"),
        ({"related_codes": ["101001-1"]}, "record.related_codes.format", "related_codes/0"),
        ({"delivery": {"default_mode": "append"}}, "record.delivery.default_mode.value",
         "delivery/default_mode"),
        ({"delivery": {"default_mode": "incremental"}}, "record.delivery.default_mode.key",
         "delivery/default_mode"),
        ({"delivery": {"manifest": True}}, "record.delivery.manifest.value", "delivery/manifest"),
        ({"delivery": {"mode": "full"}}, "record.delivery.unknown_key", "delivery/mode"),
        ({"delivery": "full"}, "record.delivery.type", "delivery"),
    ],
)  # fmt: skip
def test_a_wrong_record_names_rule_and_place(facts: Document, rule: str, path: str) -> None:
    found = faults(a_record(**facts))
    assert found[rule].path == path
    assert found[rule].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("facts", "rule", "key"),
    [
        ({"id": "Name"}, "record.items.id.format", "id"),
        ({"id": ...}, "record.items.id.required", "id"),
        ({"data_type": "X"}, "record.items.data_type.value", "data_type"),
        ({"length": "50"}, "record.items.length.type", "length"),
        ({"length": 0}, "record.items.length.range", "length"),
        ({"key": True, "nullable": True}, "record.items.nullable.key", "nullable"),
        ({"scale": 2}, "record.items.scale.type", "data_type"),
        ({"data_type": "N", "length": 4, "scale": 6}, "record.items.scale.length", "scale"),
        ({"data_type": "N", "length": 40}, "record.items.length.digits", "length"),
        ({"code_list": "etnicity"}, "record.items.code_list.unknown", "code_list"),
        ({"code_list": "sex", "data_type": "I"}, "record.items.code_list.type", "data_type"),
        ({"identifier": "passport"}, "record.items.identifier.value", "identifier"),
        ({"identifier": ["uscc", "uscc"]}, "record.items.identifier.unique", "identifier"),
        ({"identifier": "citizen", "data_type": "I"}, "record.items.identifier.type", "data_type"),
        ({"element": "person.nam"}, "record.items.element.unknown", "element"),
        ({"minimum": 1}, "record.items.minimum.type", "minimum"),
        ({"data_type": "D", "minimum": "2026-02-30"}, "record.items.minimum.type", "minimum"),
        ({"data_type": "I", "minimum": 3, "maximum": 2}, "record.items.maximum.order", "maximum"),
        ({"pattern": "("}, "record.items.pattern.invalid", "pattern"),
        ({"pattern": "(?=a)b"}, "record.items.pattern.unsupported", "pattern"),
        ({"lenght": 3}, "record.items.unknown_key", "lenght"),
        ({"share_type": 3}, "record.items.share_condition.required", "share_condition"),
    ],
)
def test_a_wrong_item_names_rule_and_place(facts: Document, rule: str, key: str) -> None:
    item = {name: value for name, value in an_item(**facts).items() if value is not ...}
    found = faults(a_record(items=[an_item(id="first", name="第一项"), item]))
    assert found[rule].path == f"items/1/{key}"
    assert found[rule].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        ({"id": "name", "name": "甲"}, "record.items.id.unique"),
        ({"id": "b", "name": "姓名"}, "record.items.name.unique"),
        ({"id": "b", "name": "乙", "aliases": ["姓名"]}, "record.items.aliases.unique"),
    ],
)
def test_no_column_head_may_mean_two_items(second: Document, rule: str) -> None:
    assert rule in faults(a_record(items=[an_item(), an_item(**second)]))


def test_two_items_cannot_hold_one_element() -> None:
    items = [an_item(element="person.name"), an_item(id="b", name="乙", element="person.name")]
    assert "record.items.element.unique" in faults(a_record(items=items))


@pytest.mark.parametrize("loose", [1, 2])
def test_an_item_is_never_shared_more_freely_than_its_resource(loose: int) -> None:
    record = a_record(**{**REFUSED, "share_condition": "法"}, items=[an_item(share_type=loose)])
    assert "record.items.share_type.looser" in faults(record)
    stricter = a_record(**CONDITIONAL, items=[an_item(share_type=3, share_condition="法")])
    assert faults(stricter) == {}


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"provider_code": "91420000757013137P"}, "record.provider_code.category"),
        ({"update_cycle": "realtime"}, "record.update_cycle.realtime"),
        ({**REFUSED, "share_condition": "法", "open": True}, "record.open.not_shared"),
        ({**REFUSED, "share_condition": "法"}, "record.non_share_basis.missing"),
        ({"division_code": "999999"}, "record.division_code.unknown"),
        ({"category_gb21063_4": [{"name": "矿藏", "code": "03"}]},
         "record.category_gb21063_4.name.agrees"),
        ({"items": [an_item(element="person.birth_date")]}, "record.items.element.type"),
        ({"items": [an_item(element="person.id_number")]}, "record.items.element.identifier"),
        ({"items": [an_item(identifier="citizen", length=15)]}, "record.items.length.identifier"),
        ({"items": [an_item(element="person.sex", code_list="education")]},
         "record.items.element.code_list"),
    ],
)  # fmt: skip
def test_a_warning_makes_nothing_invalid(facts: Document, rule: str) -> None:
    found = faults(a_record(**facts))
    assert found[rule].severity is Severity.WARNING
    assert errors_of(found.values()) == ()


@pytest.mark.parametrize(
    "facts",
    [
        {"format": {"category": 1, "type": "pdf"}, "items": ...},
        {"format": {"category": 7, "type": "api"}, "items": ..., "update_cycle": "realtime"},
        {"kind": "interface", "interface": {"url": "/a", "method": "GET"}},
        {"open": True, "open_type": "unconditional"},
        {"open": True, "open_type": "conditional", "open_condition": "依申请"},
        {"items": [an_item(identifier=["uscc", "reg_no"])]},
        {"items": [an_item(data_type="D", length=..., minimum="1900-01-01")]},
        {"related_codes": ["101001/1", "2010010001/12", "3070010101/000123"]},
    ],
)
def test_what_the_rules_allow_passes(facts: Document) -> None:
    record = a_record(**facts)
    items = record.get("items")
    if isinstance(items, list):
        record["items"] = [{k: v for k, v in i.items() if v is not ...} for i in items]
    assert errors_of(check_record(record, code_lists())) == ()


@pytest.mark.parametrize("loose", ["unconditional", "conditional"])
def test_an_item_is_never_opened_more_freely_than_its_resource(loose: str) -> None:
    item = an_item(open_type=loose, open_condition="实名")
    assert "record.items.open_type.looser" in faults(a_record(items=[item]))
    stricter = a_record(open=True, open_type="unconditional", items=[item])
    assert faults(stricter) == {}


def test_an_item_that_is_opened_conditionally_names_its_condition() -> None:
    items = [an_item(open_type="conditional")]
    found = faults(a_record(open=True, items=items))
    assert found["record.items.open_condition.required"].path == "items/0/open_condition"
    assert faults(a_record(open=True, open_condition="实名", items=items)) == {}


def test_one_path_within_another_is_told_in_their_order() -> None:
    found = check_record(a_record(keywords=[1, 1, []]), code_lists())
    assert [violation.path for violation in found] == ["keywords", "keywords/0", "keywords/1",
                                                       "keywords/2"]  # fmt: skip


def test_a_number_where_digits_belong_is_shown_quoted() -> None:
    classification = {"lei": 3, "xiang": 7, "mu": 1}
    found = faults(a_record(classification=classification))
    assert '"07"' in found["record.classification.xiang.type"].expected
    assert '"001"' in found["record.classification.mu.type"].zh


@pytest.mark.parametrize("key", ["shareType", "share-type", "share_typ", "共享类型"])
def test_an_unknown_key_is_told_the_nearest_known_one(key: str) -> None:
    [violation] = check_record(a_record(**{key: 1}), code_lists())
    assert violation.rule == "record.unknown_key"
    assert violation.expected == "share_type"
    assert "share_type" in violation.zh


def test_a_violation_is_told_in_both_languages_with_what_would_be_right() -> None:
    for violation in check_record({"share_type": 9, "items": [{}], "bad": 1}, code_lists()):
        assert re.search("[一-龥]", violation.zh)
        assert not re.search("[一-龥]", violation.en)
        assert violation.expected
        assert set(violation.as_json()) == {
            "path", "value", "rule", "severity", "expected", "zh", "en",
        }  # fmt: skip


@pytest.mark.parametrize("value", [None, 1, "a", [], {}, [None], [1], [[]], {"a": None}, 1.5])
def test_no_part_of_the_wrong_kind_breaks_the_check(value: object) -> None:
    keys = (*an_item(), "identifier", "element", "code_list", "minimum", "pattern", "aliases")
    items = [an_item(**{key: value}) for key in keys]
    check_record(a_record(items=items), code_lists())
    for key in a_record():
        check_record(a_record(**{key: value}), code_lists())


def test_a_record_of_fifty_items_is_checked_in_milliseconds() -> None:
    record = a_record(items=[an_item(id=f"i{n}", name=f"项{n}") for n in range(50)])
    check_record(record, code_lists())
    start = time.perf_counter()
    for _ in range(10):
        check_record(record, code_lists())
    assert (time.perf_counter() - start) / 10 < 0.1


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({}, None),
        ({"duty": "police"}, "department.duty.unknown"),
        ({"code": "12100000400000624E"}, "department.code.check"),
        ({"code": "91420000757013137P"}, "department.code.category"),
        ({"division_code": "999999"}, "department.division_code.unknown"),
        ({"division_code": 110105}, "department.division_code.type"),
        ({"parent": "gongan"}, "department.parent.self"),
        ({"department_id": "G"}, "department.department_id.format"),
        ({"telephone": "1"}, "department.unknown_key"),
    ],
)
def test_a_department_is_checked(facts: Document, rule: str | None) -> None:
    document: Document = {
        "department_id": "gongan",
        "code": PROVIDER,
        "name": "某市公安局",
        "duty": "public_security",
        "division_code": "110105",
        **facts,
    }
    found = [violation.rule for violation in check_department(document, code_lists())]
    assert found == ([] if rule is None else [rule])


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({}, None),
        ({"data_time": "2026-11-01T08:00:00+08:00"}, None),
        ({"resource": "3070010101/12", "rows": 0, "sha256": "a" * 64, "file": "数据.csv"}, None),
        ({"mode": "append"}, "manifest.mode.value"),
        ({"data_time": "2026-02-30"}, "manifest.data_time.date"),
        ({"data_time": "2026/02/03"}, "manifest.data_time.format"),
        ({"rows": -1}, "manifest.rows.range"),
        ({"rows": "3"}, "manifest.rows.type"),
        ({"rows": 10**19}, "manifest.rows.range"),
        ({"idempotency_key": "a\u0000b"}, "manifest.idempotency_key.format"),
        ({"sha256": "A" * 64}, "manifest.sha256.format"),
        ({"file": "../a.csv"}, "manifest.file.format"),
        ({"row": 3}, "manifest.unknown_key"),
    ],
)
def test_a_manifest_is_checked(facts: Document, rule: str | None) -> None:
    document: Document = {
        "resource": "hukou-person",
        "mode": "full",
        "data_time": "2026-11-01",
        **facts,
    }
    found = [violation.rule for violation in check_manifest(document)]
    assert found == ([] if rule is None else [rule])


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        ({"share_type": "1"}, "write 1 without quotes"),
        ({"format": {"category": "2", "type": "csv"}}, "write 2 without quotes"),
        ({"open": "false"}, "write false without quotes"),
        ({"items": [an_item(length="18")]}, "write 18 without quotes"),
        ({"classification": {"lei": "3", "xiang": 7, "mu": "001"}}, 'quote it: "07"'),
    ],
)
def test_quotes_too_many_or_too_few_are_one_fault_and_said(facts: Document, hint: str) -> None:
    [violation] = check_record(a_record(**facts), code_lists())
    assert hint in violation.en


def test_no_quotes_are_advised_where_the_text_would_be_wrong_as_well() -> None:
    found = faults(a_record(provider_code=12100000400000))["record.provider_code.type"]
    assert "quote it" not in found.en
