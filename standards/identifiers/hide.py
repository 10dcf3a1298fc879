"""Hide identity numbers in text that others read: logs, errors, names of files.

Numbers come in full width, too, and in groups (`110101 19900307 1234`), none of which is a number
by itself: groups are put together, and hidden where they read as a citizen number with a date of
birth that exists.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from standards.identifiers.citizen import EARLIEST_BIRTH, birth_date, upgraded
from standards.identifiers.normalise import FORMS

# Ids of ours: they stay.
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OUR_ID = re.compile(_UUID, re.IGNORECASE)
# Every number that names somebody: 9 to 20 letters and digits, at least seven of them digits.
_TOKEN = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{9,20}(?![0-9A-Z])")
_LONG_RUN = re.compile(r"[0-9]{13,}X?")
_GROUP = re.compile(r"[0-9]+X?")
_SEPARATOR = re.compile(r"[ \-_.·—–]{1,2}")
_LATEST_BIRTH_YEAR = 2100
_LENGTHS = (15, 18)
NUMBER, NAME = "‹number›", "***"

Span = tuple[int, int]


def without_numbers(text: str) -> str:
    """Replace whatever may be an identity number; a UUID stays as it is. For logs and errors."""
    plain = _OUR_ID.sub(lambda found: "·" * len(found.group()), text.translate(FORMS))
    tokens = [m.span() for m in _TOKEN.finditer(plain) if _is_number(m.group())]
    return _replaced(text, [*tokens, *_grouped(plain)], NUMBER)


def without_long_numbers(name: str) -> str:
    """Replace long runs of digits in the name of a file or its path; dates and versions stay."""
    plain = name.translate(FORMS)
    runs = [m.span() for m in _LONG_RUN.finditer(plain)]
    return _replaced(name, [*runs, *_grouped(plain)], NAME)


def _is_number(token: str) -> bool:
    return sum(sign.isdigit() for sign in token) >= 7


def _grouped(plain: str) -> Iterator[Span]:
    """Neighbouring groups of digits that are a citizen number when put together."""
    groups = list(_GROUP.finditer(plain))
    joined = [
        _SEPARATOR.fullmatch(plain, one.end(), other.start()) is not None
        for one, other in pairwise(groups)
    ]
    for first, start in enumerate(groups):
        digits = start.group()
        for place in range(first, len(joined)):
            if not joined[place] or len(digits) >= max(_LENGTHS):
                break
            digits += groups[place + 1].group()
            if _reads_as_citizen(digits):
                yield start.start(), groups[place + 1].end()


def _reads_as_citizen(digits: str) -> bool:
    if len(digits) not in _LENGTHS or not digits[:-1].isdigit():
        return False
    born = birth_date(upgraded(digits))
    return born is not None and born >= EARLIEST_BIRTH and born.year < _LATEST_BIRTH_YEAR


def _replaced(text: str, spans: list[Span], mark: str) -> str:
    kept, done = [], 0
    for start, end in sorted(spans):
        if start >= done:
            kept += [text[done:start], mark]
        done = max(done, end)
    return "".join([*kept, text[done:]])
