"""How the plain model reads a source's value in the type of an attribute."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from standards.views import ViewAttribute


def converted(attribute: ViewAttribute, raw: object) -> object:
    """The value as it is served, or None where it has no form in the attribute's type."""
    data_type = attribute.data_type
    if data_type == "D":
        if isinstance(raw, date):
            return raw.isoformat()
        text = str(raw)
        if re.fullmatch(r"\d{8}", text):
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return None
    if data_type == "N":
        given = Decimal(str(raw))
        rounded = given.quantize(Decimal(1).scaleb(-(attribute.scale or 0)))
        return format(rounded, "f") if rounded == given else None
    if data_type == "I":
        return int(str(raw)) if re.fullmatch(r"[+-]?\d+", str(raw)) else None
    return raw
