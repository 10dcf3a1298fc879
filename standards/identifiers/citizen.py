"""Citizen identity number (公民身份号码), GB 11643-1999: 6 region, 8 birth, 3 sequence, 1 check."""

import re
from datetime import date

EARLIEST_BIRTH = date(1850, 1, 1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"  # by the weighted sum modulo 11 (ISO 7064 MOD 11-2)
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_OLD_SHAPE = re.compile(r"[0-9]{15}")


def check_character(first17: str) -> str:
    """The 18th character for the first seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first17, strict=True))
    return CHECK_CHARACTERS[total % 11]


def upgraded(number: str) -> str:
    """The 18-character form of an old 15-digit number (born 19yy); anything else unchanged."""
    if _OLD_SHAPE.fullmatch(number) is None:
        return number
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_character(first17)


def birth_date(number: str) -> date | None:
    """The date in digits 7 to 14 where it exists."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def failed_rule(number: str, latest_birth: date | None = None) -> str | None:
    """The rule that a normalised number breaks, or None."""
    if _SHAPE.fullmatch(number) is None:
        return "identifier.citizen.shape"
    born = birth_date(number)
    if born is None or born < EARLIEST_BIRTH:
        return "identifier.citizen.birth"
    if latest_birth is not None and born > latest_birth:
        return "identifier.citizen.birth"
    if check_character(number[:17]) != number[17]:
        return "identifier.citizen.check"
    return None


def region(number: str) -> str:
    return number[:6]
