"""Whether a new version of a record still fits the curated table, or opens a new generation."""

from __future__ import annotations

from standards.records import Item, Record

# letters of domain list 1.4.6 that are stored alike
_STORED_AS = {"C": "string", "M": "string", "B": "double", "F": "double", "Y": "decimal"}
_STORED_AS |= {"N": "decimal", "D": "date", "T": "timestamp", "L": "bool", "I": "long"}
_STORED_AS |= {"G": "binary"}
_MONEY = (18, 2)


def fits_generation(before: Record, after: Record) -> bool:
    """Whether rows of both versions can lie in one table.

    Labels, checks, order and further items are free, and a decimal may get more digits before
    the point; another kind, key, type, scale or the loss of an item opens a new generation.
    """
    if before.kind != after.kind or _keys(before) != _keys(after):
        return False
    following = {item.id: item for item in after.items}
    return all(
        item.id in following and _is_wider(item, following[item.id]) for item in before.items
    )


def _keys(record: Record) -> tuple[str, ...]:
    return tuple(item.id for item in record.key_items)


def _is_wider(before: Item, after: Item) -> bool:
    if _STORED_AS[before.data_type] != _STORED_AS[after.data_type]:
        return False
    if _STORED_AS[before.data_type] != "decimal":
        return True
    (old_digits, old_scale), (new_digits, new_scale) = _decimal(before), _decimal(after)
    if old_scale != new_scale:
        return False
    if old_digits is None or new_digits is None:
        return old_digits == new_digits
    return new_digits >= old_digits


def _decimal(item: Item) -> tuple[int | None, int | None]:
    return _MONEY if item.data_type == "Y" else (item.length, item.scale)
