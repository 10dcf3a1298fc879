"""Numbers of nobody with right check digits: division 990000 was never assigned."""

from __future__ import annotations

from datetime import date

from standards.identifiers import citizen, org_code, reg_no, uscc


def citizen_numbers(count: int) -> list[str]:
    """Different 18-digit numbers of persons born in the twentieth century."""
    found = []
    for place in range(count):
        day = date(1950 + place % 49, 1 + place % 12, 1 + place % 28)
        first17 = f"990000{day:%Y%m%d}{place:03d}"
        found.append(first17 + citizen.check_character(first17))
    return found


def old_form(number: str) -> str:
    """The 15-digit form of an 18-digit number of the twentieth century."""
    return number[:6] + number[8:17]


def an_org_code(place: int) -> str:
    first8 = f"{place:08d}"
    return first8 + org_code.check_character(first8)


def a_uscc(head: str, inner: str) -> str:
    first17 = f"{head}990000{inner}"
    return first17 + uscc.check_character(first17)


def a_reg_no(place: int, first: int = 0) -> str:
    first14 = f"990000{first}{place:07d}"
    return first14 + reg_no.check_character(first14)
