"""Hide identity numbers in text that others read: logs, errors, audit lines, names of files.

Numbers come in full width, too, and in groups (`110101 19900307 1234`), none of which is a number
by itself. So signs that are neither letters nor digits are looked through, up to four between two
digits, and what reads as a citizen number with a date of birth is hidden.
"""

import re
from collections.abc import Iterable

from standards.identifiers.citizen import birth_date, failed_rule, upgraded
from standards.identifiers.normalise import FORMS

NUMBER, IN_NAME = "‹number›", "***"
LONGEST = 8000  # characters of a text in a log; what is longer is cut, for it is no message

# Ids and digests of ours: they stay.
_OURS = re.compile(
    r"(?<![0-9A-Z])(?:[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
    r"|[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})(?![0-9A-Z])"
)
# Every number that names somebody: 9 to 20 letters and digits, at least seven of them digits; and
# one of fifteen digits or more also where letters stand beside it.
_TOKEN = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{9,20}(?![0-9A-Z])|[0-9]{15,}X?")
_LONG_RUN = re.compile(r"[0-9]{13,}X?")
_MOMENT = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9](?:[0-9]{3})?"
)
_SIGNS = re.compile(r"[^0-9X]")

Span = tuple[int, int]


def _apart(*digits: str) -> str:
    return r"[\W_]{0,4}".join(digits)


_DIGIT = "[0-9]"
_REGION = ("[1-9]", *(_DIGIT,) * 5)
_CENTURY = rf"(?:{_apart('1', '[89]')}|{_apart('2', '0')})"
_DAY = (
    rf"(?:{_apart('0', '[1-9]')}|{_apart('1', '[0-2]')})",
    rf"(?:{_apart('0', '[1-9]')}|{_apart('[12]', _DIGIT)}|{_apart('3', '[01]')})",
)
_YEAR = (_DIGIT,) * 2


def _grouped(*digits: str) -> re.Pattern[str]:
    # Looked for at the beginning of every group: another number may begin inside what is none.
    return re.compile(rf"(?<![0-9])(?=({_apart(*digits)})(?![0-9]))")


_NEW_FORM = _grouped(*_REGION, _CENTURY, *_YEAR, *_DAY, *(_DIGIT,) * 3, "[0-9X]")
_OLD_FORM = _grouped(*_REGION, *_YEAR, *_DAY, *(_DIGIT,) * 3)


def without_numbers(text: str) -> str:
    """Replace whatever may be an identity number; ids and digests stay. For logs and errors."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…"
    plain = _without_ours(text)
    tokens = [m.span() for m in _TOKEN.finditer(plain) if _has_digits(m.group())]
    grouped = [
        m.span(1)
        for form in (_NEW_FORM, _OLD_FORM)
        for m in form.finditer(plain)
        if birth_date(upgraded(_SIGNS.sub("", m.group(1)))) is not None
    ]
    return _replaced(text, [*tokens, *grouped], NUMBER)


def without_long_numbers(name: str) -> str:
    """Replace long numbers in the name of a file or its path.

    Ids, dates and moments stay, and so do groups that are no valid number: `330106_20260131_0001`
    is how files are named.
    """
    plain = _without_ours(name)
    runs = [m.span() for m in _LONG_RUN.finditer(plain) if _MOMENT.fullmatch(m.group()) is None]
    grouped = [
        m.span(1)
        for m in _NEW_FORM.finditer(plain)
        if failed_rule(_SIGNS.sub("", m.group(1))) is None
    ]
    return _replaced(name, [*runs, *grouped], IN_NAME)


def _without_ours(text: str) -> str:
    """The text in half width and capitals, sign for sign, without what stays."""
    return _OURS.sub(lambda found: "·" * len(found.group()), text.translate(FORMS))


def _has_digits(token: str) -> bool:
    return sum(sign.isdigit() for sign in token) >= 7


def _replaced(text: str, spans: Iterable[Span], mark: str) -> str:
    kept, done = [], 0
    for start, end in sorted(spans):
        if start >= done:
            kept += [text[done:start], mark]
        done = max(done, end)
    return "".join([*kept, text[done:]])
