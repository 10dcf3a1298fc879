"""The columns in which a workbook holds records, made from the schema of the record: each field
has one head, and whatever field the schema gains has a column by itself.

A workbook has one table for the record itself, one for its items, and one for each further list of
objects within a record (parameters of an interface, fill rates that are expected).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence
from standards.elements import load_elements
from standards.record_heads import PLAIN, FieldHeads, load_record_heads
from standards.schema_check import load_schema

RECORDS, ITEMS = "记录", "信息项"
LINKS = ("resource_id", "name")
_TRUTH: Mapping[str, object] = {
    **dict.fromkeys(("是", "true", "TRUE", "1"), True),
    **dict.fromkeys(("否", "false", "FALSE", "0"), False),
}


class Shape(StrEnum):
    """What one value of a column is in the document."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BOUND = "bound"  # a number, or a date as text


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a table.

    `path` leads from the table's object to the field (`classification/lei`); `head` is one of its
    own among all of records and items, `title` that of the schema. `many`: the value is
    a list; `one_or_many`: a list where it has several members. `options` leads from the words that
    a cell may hold to the value they mean, `shown` are the words to offer, in order. `closed`: the
    schema admits nothing else. `given_by_platform`: read, so that it can be refused, never asked.
    """

    path: str
    head: str
    title: str
    aliases: tuple[str, ...]
    shape: Shape
    many: bool
    one_or_many: bool
    options: Mapping[str, object]
    shown: tuple[str, ...]
    closed: bool
    required: bool
    given_by_platform: bool
    zh: str
    en: str

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("/"))


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects: `path` is empty for the records themselves, else where it lies in one."""

    path: str
    name: str
    columns: tuple[Column, ...]

    @property
    def is_records(self) -> bool:
        return not self.path


class RecordTables:
    """All tables of a workbook of records, with the words of the given code lists."""

    def __init__(self, code_lists: CodeLists) -> None:
        schema = load_schema("record")
        walk = _Walk(_Words(code_lists))
        own = tuple(walk.columns(schema, "", ""))
        self.records = Table("", RECORDS, own)
        self.lists = tuple(walk.tables(schema, "", ""))

    @property
    def items(self) -> Table:
        return next(table for table in self.lists if table.path == "items")

    @property
    def links(self) -> tuple[Column, ...]:
        """The columns that say of a row of a list to which record it belongs."""
        return tuple(column for column in self.records.columns if column.path in LINKS)

    def __iter__(self) -> Iterator[Table]:
        yield self.records
        yield from self.lists


class _Words:
    """The words a cell may hold for a field, from code lists, elements and the table of heads."""

    def __init__(self, code_lists: CodeLists) -> None:
        self._code_lists = code_lists

    def options(
        self, path: str, facts: Mapping[str, object], heads: FieldHeads
    ) -> tuple[dict[str, object], tuple[str, ...]]:
        if path == "items/code_list":
            return self._list_ids()
        if path == "items/element":
            return _element_ids()
        if _shape(facts) is Shape.BOOLEAN:
            return {**_TRUTH, **heads.words}, tuple(heads.words) or ("是", "否")
        admitted = _enum(facts)
        words: dict[str, object] = {str(value): value for value in admitted}
        shown: dict[object, str] = {}
        for word, value in self._of_list(heads.code_list, admitted, _shape(facts)):
            words.setdefault(word, value)
            shown.setdefault(value, word)
        for word, value in heads.words.items():
            words.setdefault(word, value)
            shown.setdefault(value, word)
        order = admitted or tuple(dict.fromkeys(shown))
        return words, tuple(shown.get(value, str(value)) for value in order)

    def _of_list(
        self, list_id: str | None, admitted: tuple[object, ...], shape: Shape
    ) -> Iterator[tuple[str, object]]:
        """Names, codes and aliases of a list with their values; those that the schema admits."""
        found = None if list_id is None else self._code_lists.find(list_id)
        if found is None:
            return
        pairs = [(name, code) for name, code in found.codes_by_name.items()]
        pairs += [(code, code) for code in found.codes]
        # a number alone means one thing here and another there: 2 is daily, or in real time
        pairs += [(alias, code) for alias, code in found.aliases.items() if not alias.isdigit()]
        for word, code in pairs:
            value: object = int(code) if shape is Shape.INTEGER and code.isdigit() else code
            if not admitted or value in admitted:
                yield word, value

    def _list_ids(self) -> tuple[dict[str, object], tuple[str, ...]]:
        words: dict[str, object] = {list_id: list_id for list_id in self._code_lists}
        for list_id, found in self._code_lists.items():
            words.setdefault(found.title.split(" / ")[0], list_id)
        return words, tuple(sorted(self._code_lists))


def _element_ids() -> tuple[dict[str, object], tuple[str, ...]]:
    elements = load_elements()
    words: dict[str, object] = {element_id: element_id for element_id in elements}
    names: dict[str, list[str]] = {}
    for element in elements.values():
        names.setdefault(element.name, []).append(element.id)
    words |= {name: ids[0] for name, ids in names.items() if len(ids) == 1 and name not in words}
    return words, tuple(elements)


class _Walk:
    """Goes through the schema of the record and names what it meets."""

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._heads = load_record_heads()

    def columns(self, schema: Mapping[str, object], path: str, parent: str) -> Iterator[Column]:
        """The columns of an object and of the objects in it, by their paths from `path` on."""
        yield from self._columns(schema, path, "", parent, required=True)

    def _columns(
        self, schema: Mapping[str, object], base: str, inner: str, parent: str, *, required: bool
    ) -> Iterator[Column]:
        needed = as_sequence(schema.get("required")) if required else ()
        for name, value in as_mapping(schema.get("properties")).items():
            facts, path = as_mapping(value), _joined(inner, name)
            full = _joined(base, path)
            title = self._head(full, facts, parent)
            if "properties" in facts:
                yield from self._columns(facts, base, path, title, required=name in needed)
            elif not _is_list_of_objects(facts):
                yield self._column(full, path, facts, title, required=name in needed)

    def tables(self, schema: Mapping[str, object], path: str, parent: str) -> Iterator[Table]:
        for name, value in as_mapping(schema.get("properties")).items():
            facts, full = as_mapping(value), _joined(path, name)
            if _is_list_of_objects(facts):
                inner = as_mapping(facts["items"])
                title = ITEMS if full == "items" else self._head(full, facts, parent)
                # fields of items are known by their own names, those of other lists by the list's
                of = "" if full == "items" else title
                yield Table(full, title, tuple(self.columns(inner, full, of)))
            elif "properties" in facts:
                yield from self.tables(facts, full, self._head(full, facts, parent))

    def _head(self, path: str, facts: Mapping[str, object], parent: str) -> str:
        named = self._heads.get(path, PLAIN).head
        return named or f"{parent}{facts.get('title', path)}"

    def _column(
        self, full: str, path: str, facts: Mapping[str, object], head: str, *, required: bool
    ) -> Column:
        heads = self._heads.get(full, PLAIN)
        many = facts.get("type") == "array"
        either = isinstance(facts.get("type"), list) and "array" in as_sequence(facts["type"])
        one = as_mapping(facts.get("items")) if many else facts
        options, shown = self._words.options(full, one, heads)
        return Column(
            path=path,
            head=head,
            title=str(facts.get("title", path)),
            aliases=heads.aliases,
            shape=_shape(one),
            many=many,
            one_or_many=either,
            options=options,
            shown=shown,
            closed=bool(_enum(one)),
            required=required,
            given_by_platform=facts.get("readOnly") is True,
            zh=str(facts.get("x-zh", "")),
            en=str(facts.get("x-en", "")),
        )


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _is_list_of_objects(facts: Mapping[str, object]) -> bool:
    return "properties" in as_mapping(facts.get("items"))


def _enum(facts: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(as_sequence(facts.get("enum")) or as_sequence(_then(facts).get("enum")))


def _then(facts: Mapping[str, object]) -> Mapping[str, object]:
    return as_mapping(facts.get("then"))


def _shape(facts: Mapping[str, object]) -> Shape:
    kinds = {facts["type"]} if isinstance(facts.get("type"), str) else set()
    if not kinds:
        kinds = set(as_sequence(facts.get("type"))) or {_type_of_enum(facts)}
    if kinds == {"number", "string"}:
        return Shape.BOUND
    for name in ("boolean", "integer", "number"):
        if kinds == {name}:
            return Shape(name)
    return Shape.TEXT


def _type_of_enum(facts: Mapping[str, object]) -> str:
    whole = [isinstance(value, int) for value in _enum(facts)]
    return "integer" if whole and all(whole) else "string"


@lru_cache(maxsize=4096)
def plain_head(text: str) -> str:
    """A head as it is compared: without blanks, marks (*, ：) and what stands in brackets."""
    kept, depth = [], 0
    for sign in unicodedata.normalize("NFKC", text).lower():
        depth += sign in "([【"
        if depth == 0 and not sign.isspace() and sign not in _MARKS:
            kept.append(sign)
        depth = max(0, depth - (sign in ")]】"))
    return "".join(kept)


_MARKS = frozenset("*★☆:\"'“”‘’、,。-—·/\\.")
