"""Recognises what the columns of a table hold: types, code lists, identity numbers, data elements,
and which of them is the key. It proposes; a person decides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from standards.chinese.text import plain
from standards.code_lists import CodeLists
from standards.elements import DataElement
from standards.identifiers import IdentifierKind
from standards.recognise_codes import CodesFound, find_codes
from standards.recognise_numbers import NumbersFound, find_numbers
from standards.recognise_types import TypeFound, find_type, room_for

# What departments write where there is nothing to say.
_NOTHING = r"无 N/A NA n/a #N/A - -- — —— / \ \N NULL null None nan NaN 不详 暂无 空 无数据 未填写"
NULLS = frozenset(_NOTHING.split(" "))
# Of the rows of a sample so many may repeat a key or lack it: a delivery would set them apart.
KEY_SHARE = 0.985
ENOUGH_ROWS = 100
_COUNTS_ROWS = re.compile(r"^(序号|行号|编号|No\.?|#|id|ID)$")
_KEY_ELEMENTS = frozenset({"person.id_number", "entity.uscc"})
_BLANKS = " \t\r\n\u3000\u00a0"
_FAMILIES = {**dict.fromkeys("NYIBF", "number"), **dict.fromkeys("DT", "time"), "L": "boolean"}
_SUBJECTS: Mapping[IdentifierKind, str] = {
    IdentifierKind.CITIZEN: "person",
    IdentifierKind.USCC: "entity",
    IdentifierKind.ORG_CODE: "entity",
    IdentifierKind.REG_NO: "entity",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sample: its head, and its cells as text, None where there is nothing.

    `stored` is the type that the file itself gives it (D, T, I, B, L), None for text.
    """

    head: str
    cells: Sequence[str | None]
    stored: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What a column holds. `misfits` counts cells that do not fit what is proposed; `share_known`
    is the part of the rows with a value, `share_distinct` the part of these that differ."""

    head: str
    found: TypeFound
    numbers: NumbersFound | None
    codes: CodesFound | None
    element: DataElement | None
    null_values: tuple[str, ...]
    share_known: float
    share_distinct: float
    key: bool = False

    @property
    def data_type(self) -> str:
        """The type to propose: identity numbers and codes are text, whatever they look like."""
        if self.numbers is not None or (self.codes is not None and not self.codes.as_names):
            return "C"
        if self.element is not None and self._suits(self.element.data_type):
            return self.element.data_type
        return self.found.data_type

    def _suits(self, data_type: str) -> bool:
        """Whether a column of that type would hold every value as well."""
        if data_type == "C":
            # whole numbers by which things are called are text to their element
            return self.found.data_type in {"C", "I"}
        return data_type in {"N", "Y"} and self.found.data_type in {"I", "N", "Y"}

    @property
    def code_list(self) -> str | None:
        return None if self.codes is None or self.codes.as_names else self.codes.list_id

    @property
    def misfits(self) -> int:
        if self.numbers is not None:
            return self.numbers.misfits
        if self.code_list is not None and self.codes is not None:
            return self.codes.misfits
        return self.found.misfits

    @property
    def level(self) -> int | None:
        """3 for what names a person, else the level of the element where there is one."""
        if self.numbers is not None and IdentifierKind.CITIZEN in self.numbers.kinds:
            return 3
        return None if self.element is None else self.element.level


@dataclass(frozen=True, slots=True)
class _Counted:
    """A column by its values: how often each occurs, how often each word for nothing does."""

    column: Column
    counts: Counter[str]
    nulls: Counter[str]


def recognise(
    columns: Sequence[Column], code_lists: CodeLists, elements: Mapping[str, DataElement]
) -> tuple[Holding, ...]:
    """What each column holds, in their order; at most one of them is the key."""
    counted = [_count(column) for column in columns]
    numbers = [find_numbers(each.counts) for each in counted]
    candidates = [_elements_of(each.column.head, elements.values()) for each in counted]
    subject = _subject(counted, numbers, candidates)
    holdings: list[Holding] = []
    taken: set[str] = set()
    for each, found, known in zip(counted, numbers, candidates, strict=True):
        free = [each for each in known if each.id not in taken and _is_about(each, subject)]
        holding = _holding(each, found, free, code_lists)
        if holding.element is not None:
            taken.add(holding.element.id)
        holdings.append(holding)
    return _with_key(holdings)


def _count(column: Column) -> _Counted:
    cells = Counter(cell.strip(_BLANKS) for cell in column.cells if cell is not None)
    del cells[""]
    nulls = Counter({text: cells.pop(text) for text in NULLS & cells.keys()})
    return _Counted(column, cells, nulls)


def _elements_of(head: str, elements: Iterable[DataElement]) -> list[DataElement]:
    """The elements that the head is a name of."""
    wanted = _plain_head(head)
    return [
        element
        for element in elements
        if any(_plain_head(name) == wanted for name in (element.name, *element.synonyms))
    ]


def _plain_head(text: str) -> str:
    return re.sub(r"[\s()（）*:：_-]|（.*?）|\(.*?\)", "", plain(text))


def _subject(
    counted: Sequence[_Counted],
    numbers: Sequence[NumbersFound | None],
    candidates: Sequence[Sequence[DataElement]],
) -> str:
    """Whether the rows are people or organisations: by their number, else by most of the heads."""
    shares = [
        (_distinct_rows(each), _SUBJECTS[found.kinds[0]])
        for each, found in zip(counted, numbers, strict=True)
        if found is not None
    ]
    if shares:
        return max(shares, key=lambda share: share[0])[1]
    votes = Counter(e.id.partition(".")[0] for known in candidates for e in known[:1])
    return votes.most_common(1)[0][0] if votes else "person"


def _is_about(element: DataElement, subject: str) -> bool:
    """Whether an element is one of the subject, or of neither people nor organisations."""
    area = element.id.partition(".")[0]
    return area == subject or area not in _SUBJECTS.values()


def _distinct_rows(counted: _Counted) -> float:
    rows = len(counted.column.cells)
    return len(counted.counts) / rows if rows else 0.0


def _holding(
    counted: _Counted,
    numbers: NumbersFound | None,
    elements: Sequence[DataElement],
    code_lists: CodeLists,
) -> Holding:
    counts, head, rows = counted.counts, counted.column.head, len(counted.column.cells)
    expected = next((each.code_list for each in elements if each.code_list), None)
    codes = None if numbers else find_codes(head, counts, code_lists, expected)
    found = _stored_type(counted) or find_type(head, counts)
    known = sum(counts.values())
    holding = Holding(
        head=head,
        found=found,
        numbers=numbers,
        codes=codes,
        element=None,
        null_values=tuple(sorted(counted.nulls)),
        share_known=known / rows if rows else 0.0,
        share_distinct=len(counts) / known if known else 0.0,
    )
    fitting = next((each for each in elements if _agrees(each, holding)), None)
    return replace(holding, element=fitting)


def _stored_type(counted: _Counted) -> TypeFound | None:
    """The type of the file, where it says more than the text: a timestamp, a floating number."""
    stored = counted.column.stored
    if stored in {"D", "T", "L", "G"}:
        return TypeFound(stored)
    if stored == "B" and find_type(counted.column.head, counted.counts).data_type in {"C", "M"}:
        return TypeFound("B")
    return None


def _agrees(element: DataElement, holding: Holding) -> bool:
    """Whether what the column holds can be what the element is."""
    if element.identifier is not None:
        return holding.numbers is not None and element.identifier in holding.numbers.kinds
    if element.code_list is not None:
        return holding.codes is not None and holding.codes.list_id == element.code_list
    proposed = holding.data_type
    if _family(element.data_type) == _family(proposed):
        return True
    return element.data_type == "C" and proposed == "I"


def _family(data_type: str) -> str:
    return _FAMILIES.get(data_type, "text")


def _with_key(holdings: list[Holding]) -> tuple[Holding, ...]:
    """Mark the column by which rows are told apart: an identity number before any other."""
    best = max(holdings, key=_key_worth, default=None)
    if best is None or _key_worth(best) == (0, 0, 0.0):
        return tuple(holdings)
    return tuple(replace(each, key=each is best) for each in holdings)


def _key_worth(holding: Holding) -> tuple[int, int, float]:
    """How good a key the column is; zeros where it is none."""
    share = min(holding.share_known, holding.share_distinct)
    named = holding.element is not None and holding.element.id in _KEY_ELEMENTS
    if holding.numbers is not None and share >= KEY_SHARE:
        return (2, int(named), share)
    is_name = holding.data_type in {"C", "I"} and not _COUNTS_ROWS.match(holding.head)
    whole = holding.share_known == 1.0 and holding.share_distinct == 1.0
    looks_like_one = re.search(r"(号|号码|编号|代码|编码|标识)$", holding.head) is not None
    if is_name and whole and looks_like_one and holding.codes is None:
        return (1, 0, share)
    return (0, 0, 0.0)


def length_of(holding: Holding, cells: Iterable[str | None]) -> tuple[int | None, int | None]:
    """Length and scale to propose, with room; never less than the element has."""
    element, data_type = holding.element, holding.data_type
    if holding.numbers is not None:
        return holding.numbers.length, None
    if data_type in {"N", "Y"}:
        scale = max(holding.found.scale or 0, (element.scale or 0) if element else 0)
        length = max(holding.found.length or 18, (element.length or 0) if element else 0)
        return length, scale
    if data_type != "C":
        return None, None
    counts = Counter(cell.strip(_BLANKS) for cell in cells if cell is not None)
    for nothing in ("", *NULLS):
        del counts[nothing]
    needed = room_for(counts) if counts else 50
    if holding.code_list is not None:
        return max(map(len, counts), default=needed), None
    wanted = element.length if element is not None and element.length is not None else 0
    longest = max(map(len, counts), default=0)
    return (wanted if longest <= wanted else needed), None
