"""Organisation code (组织机构代码), GB 11714-1997: 8 characters and a check character."""

import re

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "0X987654321"  # 11 - sum modulo 11, where 10 is X and 11 is 0
_SHAPE = re.compile(r"[0-9A-Z]{8}[0-9X]")
_PRINTED = re.compile(r"[0-9A-Z]{8}-[0-9X]")


def check_character(first8: str) -> str:
    """The 9th character for the first eight."""
    pairs = zip(WEIGHTS, first8, strict=True)
    total = sum(weight * ALPHABET.index(character) for weight, character in pairs)
    return CHECK_CHARACTERS[total % 11]


def without_hyphen(number: str) -> str:
    """The printed form sets a hyphen before the check character; the code itself has none."""
    return number.replace("-", "") if _PRINTED.fullmatch(number) else number


def failed_rule(number: str) -> str | None:
    """The rule that a normalised code breaks, or None."""
    if _SHAPE.fullmatch(number) is None:
        return "identifier.org_code.shape"
    if check_character(number[:8]) != number[8]:
        return "identifier.org_code.check"
    return None
