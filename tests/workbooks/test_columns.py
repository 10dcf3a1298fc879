"""Every field of a record has a column of its own, under a head that means nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from catalog.workbooks.cell_values import value_of
from catalog.workbooks.columns import Column, Shape, plain_head
from catalog.workbooks.record_workbook import shown_value
from standards.documents import as_mapping
from standards.record_heads import load_record_heads
from standards.schema_check import load_schema
from tests.workbooks.makers import code_lists, tables

TABLES = tables()
COLUMNS = [column for table in TABLES for column in table.columns]


def fields(schema: Mapping[str, object], path: str = "") -> Iterator[str]:
    """Every field of the schema that holds no further ones, by its path."""
    for name, value in as_mapping(schema.get("properties")).items():
        facts, full = as_mapping(value), f"{path}/{name}".lstrip("/")
        inner = as_mapping(facts.get("items"))
        nested = facts if "properties" in facts else inner if "properties" in inner else None
        if nested is None:
            yield full
        else:
            yield from fields(nested, full)


def test_every_field_of_the_schema_has_one_column() -> None:
    found = [f"{table.path}/{c.path}".lstrip("/") for table in TABLES for c in table.columns]
    assert Counter(found) == Counter(fields(load_schema("record")))


def test_the_table_of_heads_names_fields_that_are_there() -> None:
    known = set(fields(load_schema("record"))) | {table.path for table in TABLES}
    assert load_record_heads().keys() <= known
    lists = {heads.code_list for heads in load_record_heads().values()} - {None}
    assert lists <= set(code_lists())


def test_heads_and_aliases_of_records_and_items_mean_one_column_each() -> None:
    both = [*TABLES.records.columns, *TABLES.items.columns]
    heads = Counter(plain_head(head) for c in both for head in {c.head, *c.aliases})
    assert [head for head, times in heads.items() if times > 1] == []


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.shown], ids=lambda c: c.head)
def test_what_a_drop_down_offers_is_understood(column: Column) -> None:
    values = [value_of(column, word) for word in column.shown]
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    assert len(set(map(str, flat))) == len(flat) == len(column.shown)
    assert set(map(str, flat)) <= set(map(str, column.options.values()))


@pytest.mark.parametrize(
    ("path", "cell", "value"),
    [
        ("share_type", "有条件共享", 2),
        ("share_type", "2", 2),
        ("share_type", 2.0, 2),
        ("share_type", "2 有条件共享", 2),
        ("share_type", "有条件共享（2）", 2),
        ("share_type", "1 有条件共享", "1 有条件共享"),  # the halves differ: nothing is guessed
        ("share_type", "部分共享", "部分共享"),
        ("update_cycle", "每月", "monthly"),
        ("update_cycle", "2", "2"),  # numbers of cycles differ from platform to platform
        ("update_cycle", 2.0, 2),
        ("update_cycle", " 每月\u3000", "monthly"),
        ("open", "是", True),
        ("open", True, True),
        ("open", "也许", "也许"),
        ("secrecy", "非涉密", False),
        ("keywords", "人口、户籍,居民", ["人口", "户籍", "居民"]),
        ("keywords", "a,b\nc", ["a,b", "c"]),
        ("uses", "工作参考、数据校核", ["work_reference", "data_verification"]),
        ("data_kind", "人、组织", [1, 16]),
        ("classification/lei", "部门信息资源", "3"),
        ("classification/mu", 1.0, 1),
        ("provider_code", 1.199010079900103e17, 119901007990010304),
        ("level", "3级", 3),
        ("net_type", 1.0, "1"),
        ("interface/limits/calls_per_day", "100", 100),
    ],
)
def test_a_cell_becomes_what_yaml_would_say(path: str, cell: object, value: object) -> None:
    [column] = [c for c in TABLES.records.columns if c.path == path]
    found = value_of(column, cell)  # type: ignore[arg-type]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("path", "cell", "value"),
    [
        ("data_type", "字符型", "C"),
        ("data_type", "字符型C", "C"),
        ("data_type", "C 字符型", "C"),
        ("identifier", "公民身份号码", "citizen"),
        ("identifier", "uscc、工商注册号", ["uscc", "reg_no"]),
        ("code_list", "民族代码", "ethnicity"),
        ("element", "person.name", "person.name"),
        ("minimum", "0", 0),
        ("minimum", "0.5", 0.5),
        ("minimum", "1900-01-01", "1900-01-01"),
        ("length", "十八", "十八"),
        ("key", "否", False),
    ],
)
def test_a_cell_of_an_item_becomes_what_yaml_would_say(
    path: str, cell: object, value: object
) -> None:
    [column] = [c for c in TABLES.items.columns if c.path == path]
    assert value_of(column, cell) == value  # type: ignore[arg-type]


def test_a_list_is_written_so_that_the_same_list_is_read() -> None:
    [column] = [c for c in TABLES.records.columns if c.path == "null_values"]
    for members in (["无"], ["N/A", "无"], ["a,b"], ["、"], ["a;b", "c"]):
        assert value_of(column, str(shown_value(column, members))) == members


def test_shapes_are_those_of_the_schema() -> None:
    shapes = {column.path: column.shape for column in TABLES.items.columns}
    assert (shapes["length"], shapes["minimum"], shapes["key"], shapes["identifier"]) == (
        Shape.INTEGER,
        Shape.BOUND,
        Shape.BOOLEAN,
        Shape.TEXT,
    )
