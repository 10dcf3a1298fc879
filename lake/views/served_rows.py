"""Reads a compact row of the serving files back into cells, each with all its provenance."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from lake.views.errors import CorruptServingRow
from lake.views.serving_header import DERIVED, ServingHeader, registering_character
from lake.views.subject import Cell, Difference, JsonValue, Subject

_WHOLE = re.compile(r"-?[0-9]{1,19}")
Row: TypeAlias = Sequence[Any]
"""Own id, scheme, values, winners, masks, deliveries, and (place, source, text) that differ."""
Differing: TypeAlias = Mapping[int, Mapping[int, str]]


def subject_of(
    header: ServingHeader,
    number: str,
    row: Row,
    places: Mapping[str, int],
    attributes: Collection[str] | None,
) -> Subject:
    """The subject of a row, with the cells of the asked attributes (None: of all)."""
    differing, duty = differing_of(row), duty_of(header, number, row)
    cells = {
        attribute: cell_of(header, row, place, differing.get(place), duty)
        for attribute in (places if attributes is None else attributes)
        if (place := places.get(attribute)) is not None
    }
    scheme = header.schemes[row[1]][0]
    return Subject(row[0], scheme, number, header.version, header.known_at, cells)


def differing_of(row: Row) -> Differing:
    """By place and source, what sources say that is not the chosen value."""
    differing: dict[int, dict[int, str]] = {}
    for place, source, text in row[6] or ():
        differing.setdefault(place, {})[source] = text
    return differing


def duty_of(header: ServingHeader, number: str, row: Row) -> str:
    """The duty of who registers the subject; the empty text where the number does not tell."""
    return header.registrars.get(registering_character(header.schemes[row[1]][1], number), "")


def cell_of(
    header: ServingHeader,
    row: Row,
    place: int,
    differing: Mapping[int, str] | None,
    duty: str,
) -> Cell:
    """The cell of one attribute. Raises CorruptServingRow."""
    attribute, data_type = header.attributes[place]
    winner, mask, deliveries = row[3][place], row[4][place], row[5]
    value = value_of(data_type, row[2][place])
    differ: tuple[Difference, ...] = ()
    if differing:
        differ = tuple(
            Difference(
                header.sources[k], value_of(data_type, text), *_delivery(header, deliveries, k)
            )
            for k, text in sorted(differing.items())
        )
    if winner is None or winner == DERIVED:
        return Cell(value, None, None, None, None if winner is None else "derived", (), differ)
    rules = header.rules[attribute]
    rule = (rules.get(duty) or rules[""])[str(winner)]
    others = mask & ~(1 << winner)
    agree: tuple[str, ...] = ()
    if others:
        agree = tuple(
            source
            for k, source in enumerate(header.sources)
            if others >> k & 1 and not (differing and k in differing)
        )
    source = header.sources[winner]
    return Cell(value, source, *_delivery(header, deliveries, winner), rule, agree, differ)


def value_of(data_type: str, text: str | None) -> JsonValue:
    """Canonical text as JSON says it; a value foreign to its type stays the text it was."""
    if text is None:
        return None
    if data_type == "I" and _WHOLE.fullmatch(text):
        return int(text)
    if data_type == "L" and text in ("true", "false"):
        return text == "true"
    return text


def _delivery(
    header: ServingHeader, deliveries: Sequence[int | None], source: int
) -> tuple[str, str]:
    number = deliveries[source]
    if number is None:
        raise CorruptServingRow(view_id=header.view_id, version=header.version)
    return header.deliveries[number]
