"""Tells from its values which data type a column has; nothing that a type would lose is one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

# One cell in fifty may be a slip that a delivery sets apart; more of them, and it is no such type.
MOSTLY = 0.98
# Beyond these digits a spreadsheet makes the rest up; what has more of them names something.
MOST_DIGITS = 15
LONG_TEXT = 2000
_ROOMS = (10, 20, 50, 100, 200, 500, 1000, 2000, 4000, 8000)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHORT_DATE = re.compile(r"(1[89]|20)[0-9]{6}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+\.[0-9]+")
_FLOAT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,3}")
_CODE = re.compile(r"[0-9A-Za-z-]+")
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]")
_TRUTHS = (
    frozenset({"是", "否"}),
    frozenset({"true", "false"}),
    frozenset({"TRUE", "FALSE"}),
    frozenset({"True", "False"}),
    frozenset({"Y", "N"}),
)
# Numbers that name something are text, though all digits: nobody adds them up.
_NAMES_SOMETHING = re.compile(r"(号|号码|编号|代码|编码|码|电话|手机|邮编|序列|ID|id|Id)$")
_MONEY = re.compile(r"金额|基数|工资|薪|费|价|税额|款|资金|资本|补贴|余额|\(元\)|（元）")


@dataclass(frozen=True, slots=True)
class TypeFound:
    """`misfits` counts the values that are not of the type (a delivery would set them apart)."""

    data_type: str
    length: int | None = None
    scale: int | None = None
    misfits: int = 0


def find_type(head: str, counts: Mapping[str, int]) -> TypeFound:
    """The type of a column by its head and its values with how often each occurs."""
    total = sum(counts.values())
    if total == 0:
        return TypeFound("C", length=_ROOMS[2])
    for data_type, fits in _KINDS.items():
        misfits = sum(count for text, count in counts.items() if not fits(text))
        if misfits <= total * (1 - MOSTLY):
            return TypeFound(data_type, misfits=misfits)
    if _is_truth(head, counts):
        return TypeFound("L")
    return _number(head, counts, total) or _text(counts)


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text):
        return _exists(date.fromisoformat, text)
    return bool(_SHORT_DATE.fullmatch(text)) and _exists(
        date.fromisoformat, f"{text[:4]}-{text[4:6]}-{text[6:]}"
    )


def _is_moment(text: str) -> bool:
    return bool(_MOMENT.fullmatch(text)) and _exists(datetime.fromisoformat, text[:19])


def _exists(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


_KINDS: Mapping[str, Callable[[str], bool]] = {"D": _is_date, "T": _is_moment}


def _is_truth(head: str, counts: Mapping[str, int]) -> bool:
    values = frozenset(counts)
    if head.startswith("是否") and values <= {"0", "1"}:
        return True
    return len(values) == 2 and values in _TRUTHS


def _number(head: str, counts: Mapping[str, int], total: int) -> TypeFound | None:
    """A number that can be reckoned with and loses nothing by it; None where it is none."""
    if _NAMES_SOMETHING.search(head) or any(_LEADING_ZERO.match(text) for text in counts):
        return None
    whole = {text for text in counts if _INTEGER.fullmatch(text)}
    decimal = {text for text in counts if _DECIMAL.fullmatch(text)}
    floating = {text for text in counts if _FLOAT.fullmatch(text)}
    misfits = total - sum(counts[text] for text in whole | decimal | floating)
    if misfits > total * (1 - MOSTLY) or not whole | decimal | floating:
        return None
    if any(_digits(text) > MOST_DIGITS for text in whole):
        return None
    if floating:
        return TypeFound("B", misfits=misfits)
    if not decimal:
        return TypeFound("I", misfits=misfits)
    scale = max(len(text.partition(".")[2]) for text in decimal)
    before = max(_digits(text.partition(".")[0]) for text in whole | decimal)
    if scale <= 2 and _MONEY.search(head):
        return TypeFound("Y", length=18, scale=2, misfits=misfits)
    if before + scale > 36:
        return TypeFound("B", misfits=misfits)
    return TypeFound("N", length=min(38, max(18, before + scale + 2)), scale=scale, misfits=misfits)


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)


def _text(counts: Mapping[str, int]) -> TypeFound:
    longest = max(map(len, counts))
    if longest > LONG_TEXT:
        return TypeFound("M")
    return TypeFound("C", length=room_for(counts))


def room_for(counts: Mapping[str, int]) -> int:
    """The length to allow: that of all codes where they agree, else the longest with room."""
    lengths: Counter[int] = Counter()
    for text, count in counts.items():
        lengths[len(text)] += count
    longest = max(lengths)
    [(common, times)] = lengths.most_common(1)
    alike = common == longest and times >= sum(lengths.values()) * MOSTLY
    if alike and len(counts) > 4 and all(map(_CODE.fullmatch, counts)):
        return longest
    return next((room for room in _ROOMS if room >= longest * 1.5), longest * 2)
