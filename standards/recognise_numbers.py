"""Tells by shape and check digit which identity numbers a column holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from standards.identifiers import IdentifierKind, check_identifier

# Numbers that are wrong are quarantined; where more than one in ten is, it is no such column.
ENOUGH = 0.9
# Where a second kind makes up the rest, it is a legal older form and not a slip.
ALMOST_ALL = 0.995
LOOKED_AT = 2_000
# One number in eleven has the check digit of another kind by chance.
FEWEST: Mapping[IdentifierKind, int] = MappingProxyType(
    {
        IdentifierKind.CITIZEN: 1,
        IdentifierKind.USCC: 2,
        IdentifierKind.REG_NO: 5,
        IdentifierKind.ORG_CODE: 5,
    }
)
_SHAPES: Mapping[IdentifierKind, re.Pattern[str]] = MappingProxyType(
    {
        IdentifierKind.CITIZEN: re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}"),
        IdentifierKind.USCC: re.compile(r"[0-9A-Za-z]{18}"),
        IdentifierKind.REG_NO: re.compile(r"[0-9]{15}|[0-9]{13}|企.*字第.*号"),
        IdentifierKind.ORG_CODE: re.compile(r"[0-9A-Za-z]{8}-?[0-9Xx]"),
    }
)
_LENGTHS: Mapping[IdentifierKind, int] = MappingProxyType(
    {
        IdentifierKind.CITIZEN: 18,
        IdentifierKind.USCC: 18,
        IdentifierKind.REG_NO: 15,
        IdentifierKind.ORG_CODE: 9,
    }
)


@dataclass(frozen=True, slots=True)
class NumbersFound:
    """The kinds, in order of precedence; `misfits` counts the values that are none of them."""

    kinds: tuple[IdentifierKind, ...]
    length: int
    misfits: int


def find_numbers(counts: Mapping[str, int]) -> NumbersFound | None:
    """The kinds of number of a column by its values with how often each occurs, or None."""
    looked_at = dict(islice(counts.items(), LOOKED_AT))
    total = sum(looked_at.values())
    rates = {kind: _valid(kind, looked_at) / total for kind in IdentifierKind} if total else {}
    best = max(rates, key=lambda kind: rates[kind], default=None)
    if best is None or len(looked_at) < FEWEST[best]:
        return None
    kinds: tuple[IdentifierKind, ...] = (best,)
    if best is IdentifierKind.USCC and rates[best] < ALMOST_ALL:
        # before 2015 enterprises had registration numbers, and some are known by them still
        kinds = _with_old_numbers(rates, looked_at, total)
    if sum(rates[kind] for kind in kinds) < ENOUGH:
        return None
    misfits = sum(count for text, count in counts.items() if not _is_any(kinds, text))
    return NumbersFound(kinds, max(_LENGTHS[kind] for kind in kinds), misfits)


def _with_old_numbers(
    rates: Mapping[IdentifierKind, float], looked_at: Mapping[str, int], total: int
) -> tuple[IdentifierKind, ...]:
    old = rates[IdentifierKind.REG_NO]
    rest = total - rates[IdentifierKind.USCC] * total
    if old * total >= 2 and old * total >= rest / 2 and len(looked_at) >= 5:
        return (IdentifierKind.USCC, IdentifierKind.REG_NO)
    return (IdentifierKind.USCC,)


def _valid(kind: IdentifierKind, counts: Mapping[str, int]) -> int:
    return sum(count for text, count in counts.items() if _is(kind, text))


def _is(kind: IdentifierKind, text: str) -> bool:
    return bool(_SHAPES[kind].fullmatch(text)) and check_identifier(kind, text).valid


def _is_any(kinds: tuple[IdentifierKind, ...], text: str) -> bool:
    # what is written in full width is a number all the same
    return any(check_identifier(kind, text).valid for kind in kinds)
