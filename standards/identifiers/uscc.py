"""Unified social credit code (统一社会信用代码), GB 32100-2015: 18 characters, the last a check.

1 registering department, 2 class of entity, 3-8 division, 9-17 organisation code, 18 check.
"""

import re

from standards.identifiers import org_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O S V Z
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def check_character(first17: str) -> str:
    """The 18th character for the first seventeen."""
    pairs = zip(WEIGHTS, first17, strict=True)
    total = sum(weight * ALPHABET.index(character) for weight, character in pairs)
    return ALPHABET[-total % 31]


def failed_rule(number: str) -> str | None:
    """The rule that a normalised code breaks, or None."""
    if _SHAPE.fullmatch(number) is None:
        return "identifier.uscc.shape"
    if check_character(number[:17]) != number[17]:
        return "identifier.uscc.check"
    return None


def inner_org_code(number: str) -> str:
    return number[8:17]


def inner_org_code_fails(number: str) -> bool:
    """Newer subject codes are not always GB 11714 codes, so this is for a warning only."""
    return org_code.failed_rule(inner_org_code(number)) is not None


def region(number: str) -> str:
    return number[2:8]
