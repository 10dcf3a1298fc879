"""The typed read side of a record."""

import pickle

import pytest

from standards.identifiers import IdentifierKind
from standards.records import ItemNotFound, ResourceKind, kind_of, read_record
from tests.standards.makers import a_record, an_item


def test_a_record_is_read_with_its_defaults() -> None:
    record = read_record(a_record(ignored_columns=["备注"], null_values=["N/A"], level=3))
    [item] = record.items
    assert record.kind is ResourceKind.TABLE
    assert record.ignored_columns == ("备注",)
    assert (item.share_type, item.level, item.nullable, item.key) == (1, 3, True, False)
    assert item.identifiers == ()


def test_a_key_item_is_never_nullable() -> None:
    record = read_record(a_record(items=[an_item(key=True), an_item(id="b", nullable=False)]))
    assert [item.nullable for item in record.items] == [False, False]
    assert [item.id for item in record.key_items] == ["name"]


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("citizen", (IdentifierKind.CITIZEN,)),
        (["uscc", "reg_no"], (IdentifierKind.USCC, IdentifierKind.REG_NO)),
        (None, ()),
    ],
)
def test_an_item_admits_one_or_several_kinds_of_number(
    written: object, kinds: tuple[IdentifierKind, ...]
) -> None:
    record = read_record(a_record(items=[an_item(identifier=written)]))
    assert record.items[0].identifiers == kinds


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"format": {"category": 1, "type": "pdf"}, "items": ...}, ResourceKind.FILE),
        ({"format": {"category": 6, "type": "parquet"}}, ResourceKind.TABLE),
        ({"format": {"category": 7, "type": "api"}}, ResourceKind.INTERFACE),
        ({"kind": "file"}, ResourceKind.FILE),
    ],
)
def test_the_kind_is_as_written_or_as_the_format_says(
    facts: dict[str, object], kind: ResourceKind
) -> None:
    assert kind_of(a_record(**facts)) is kind


def test_a_missing_item_is_named() -> None:
    record = read_record(a_record())
    assert record.item("name").name == "姓名"
    with pytest.raises(ItemNotFound, match=r"hukou-person.*age") as caught:
        record.item("age")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


@pytest.mark.parametrize(
    ("delivery", "read"),
    [
        (None, ("full", False)),
        ({}, ("full", False)),
        ({"default_mode": "incremental"}, ("incremental", False)),
        ({"default_mode": "full", "manifest": "required"}, ("full", True)),
        ({"manifest": "optional"}, ("full", False)),
    ],
)
def test_how_dropped_files_are_taken_is_in_the_record(
    delivery: object, read: tuple[str, bool]
) -> None:
    facts = {} if delivery is None else {"delivery": delivery}
    record = read_record(a_record(**facts))
    assert (record.default_mode, record.manifest_required) == read
