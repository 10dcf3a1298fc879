"""Business registration number (工商注册号), GS 15-2006: 6 authority, 8 sequence, 1 check.

Before 2007 numbers had 13 digits, those of foreign-invested enterprises the form 企…字第…号;
both are lawful old forms without a check digit.
"""

import re

_SHAPE = re.compile(r"[0-9]{15}")
_LEGACY = re.compile(r"[0-9]{13}|企[一-龥]{1,12}字第[0-9]{1,12}号?")


def check_character(first14: str) -> str:
    """The 15th digit for the first fourteen (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in first14:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def failed_rule(number: str) -> str | None:
    """The rule that a normalised number breaks, or None."""
    if is_legacy(number):
        return None
    if _SHAPE.fullmatch(number) is None:
        return "identifier.reg_no.shape"
    if check_character(number[:14]) != number[14]:
        return "identifier.reg_no.check"
    return None


def is_legacy(number: str) -> bool:
    return _LEGACY.fullmatch(number) is not None


def region(number: str) -> str | None:
    """The registering authority's division; forms that begin with 企 name none in digits."""
    return None if number.startswith("企") else number[:6]
