"""Makes numbers with right check characters: written apart from the checks they are to pass."""

from datetime import date
from random import Random
from typing import Final

USCC_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CITIZEN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def citizen_check(first17: str) -> str:
    """The check character of GB 11643-1999 (ISO 7064 MOD 11-2) for 17 digits."""
    total = sum(
        int(digit) * weight for digit, weight in zip(first17, _CITIZEN_WEIGHTS, strict=True)
    )
    return "10X98765432"[total % 11]


def citizen_number(region: str, birth: date, sequence: int) -> str:
    """An 18-character citizen number; an odd sequence is a man's, an even one a woman's."""
    first17 = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return first17 + citizen_check(first17)


def old_citizen_number(number: str) -> str:
    """The 15-digit form that the same person had before 1999 (births of the 20th century only)."""
    if not number[6:8] == "19":
        raise ValueError("only a birth before 2000 has a 15-digit number")
    return number[:6] + number[8:17]


def org_code(body: str) -> str:
    """The 9-character organisation code of GB 11714-1997 for an 8-character body."""
    total = sum(
        _ORG_CHARACTERS.index(character) * weight
        for character, weight in zip(body, _ORG_WEIGHTS, strict=True)
    )
    return body + "0123456789X0"[11 - total % 11]


def uscc(authority: str, division: str, body: str) -> str:
    """The unified social credit code of GB 32100-2015: `authority` is its first two characters."""
    first17 = authority + division + org_code(body)
    total = sum(
        USCC_CHARACTERS.index(character) * pow(3, place, 31)
        for place, character in enumerate(first17)
    )
    return first17 + USCC_CHARACTERS[-total % 31]


def registration_number(authority: str, sequence: str) -> str:
    """The 15-digit business registration number of GS 15-2006 (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in authority + sequence:
        product = 2 * ((product + int(digit)) % 10 or 10) % 11
    return authority + sequence + str((11 - product) % 10)


def org_body(rng: Random) -> str:
    """An 8-character body as the codes issued since 2015 have it: MA and six characters."""
    return "MA" + "".join(rng.choice(USCC_CHARACTERS[:20]) for _ in range(6))
