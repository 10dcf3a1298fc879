"""Writes the cells of a compact row as the text of their JSON, without making values of them.

What surrounds a value (source, delivery, rule, who agrees) is the same for very many subjects: it
is written once and kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any, TypeAlias

from catalog.clock import CHINA_TIME
from lake.views.served_rows import Differing, Row, cell_of, differing_of, duty_of, value_of
from lake.views.serving_header import DERIVED, ServingHeader
from lake.views.subject import Cell, JsonValue

MOST_KEPT = 20_000
_Surroundings: TypeAlias = tuple[int, int | None, int, int | None, str]
_NONE: Differing = {}


class CellTexts:
    """The cells of one version as JSON, moments in China time as in every answer."""

    def __init__(self, header: ServingHeader, places: Mapping[str, int]) -> None:
        self._header, self._places = header, places
        self._openings = {name: f'{encode_basestring(name)}:{{"value":' for name in places}
        self._kept: dict[_Surroundings, str] = {}

    def text(self, number: str, row: Row, attributes: Iterable[str]) -> str:
        """`{attribute: {value, source, …}}` of those attributes that the view has, in this order.

        Raises CorruptServingRow.
        """
        header, places, kept, openings = self._header, self._places, self._kept, self._openings
        _, _, values, winners, masks, deliveries, differences = row
        differing = differing_of(row) if differences else _NONE
        duty = duty_of(header, number, row)
        cells = []
        for name in attributes:
            place = places.get(name)
            if place is None:
                continue
            if place in differing:
                rest = _rest(cell_of(header, row, place, differing[place], duty))
            else:
                winner = winners[place]
                delivery = None if winner is None or winner == DERIVED else deliveries[winner]
                around = (place, winner, masks[place], delivery, duty)
                rest = kept.get(around) or self._keep(around, row)
            value = _json(value_of(header.attributes[place][1], values[place]))
            cells.append(f"{openings[name]}{value}{rest}")
        return f"{{{','.join(cells)}}}"

    def _keep(self, around: _Surroundings, row: Row) -> str:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        place, *_, duty = around
        rest = self._kept[around] = _rest(cell_of(self._header, row, place, None, duty))
        return rest


def _rest(cell: Cell) -> str:
    """All of a cell that stands behind its value."""
    said = cell.as_json()
    del said["value"]
    said["data_time"] = None if cell.data_time is None else in_china(cell.data_time)
    said["differ"] = [_shown(each.as_json()) for each in cell.differ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return f",{text[1:]}"


def _shown(difference: dict[str, Any]) -> dict[str, Any]:
    return {**difference, "data_time": in_china(difference["data_time"])}


def in_china(moment: str) -> str:
    """An ISO 8601 moment with its offset as answers show it."""
    return datetime.fromisoformat(moment).astimezone(CHINA_TIME).isoformat()


def _json(value: JsonValue) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    return "false" if value is False else str(value)
