"""Match the columns of a file to the items of its record, or say what differs."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest import refusals
from ingest.refusals import FileRefused, HeaderFault
from standards.records import Record

# No head of a column holds a number as long as these; identity and registration numbers do.
_LOOKS_LIKE_DATA = re.compile(r"[0-9]{11}")


@dataclass(frozen=True, slots=True)
class Layout:
    """For each column of the file the id of its item, None for a column the record ignores."""

    columns: tuple[str | None, ...]


def names_of(record: Record) -> dict[str, str]:
    """Return every head a column may carry → item id: label, id, aliases."""
    heads: dict[str, str] = {}
    for item in record.items:
        for name in (item.name, item.id, *item.aliases):
            heads.setdefault(name, item.id)
    return heads


def match_header(record: Record, found: Sequence[str]) -> Layout:
    """Match a header strictly: every item once, nothing that is neither declared nor ignored."""
    heads = names_of(record)
    ignored = set(record.ignored_columns)
    cleaned = [name.strip().removeprefix("\ufeff") for name in found]
    if any(_LOOKS_LIKE_DATA.search(name) for name in cleaned):
        # The first row holds somebody's number: it must not be repeated in a reason.
        raise FileRefused(refusals.no_header([item.name for item in record.items]))
    columns = tuple(None if name in ignored else heads.get(name) for name in cleaned)
    unknown = tuple(
        name
        for name, item in zip(cleaned, columns, strict=True)
        if item is None and name not in ignored
    )
    counts = Counter(item for item in columns if item is not None)
    labels = {item.id: item.name for item in record.items}
    fault = HeaderFault(
        unknown=unknown,
        missing=tuple(item.name for item in record.items if item.id not in counts),
        repeated=tuple(labels[item] for item, times in counts.items() if times > 1),
        expected=tuple(item.name for item in record.items),
        found=tuple(cleaned),
    )
    if fault.unknown or fault.missing or fault.repeated:
        raise FileRefused(refusals.wrong_header(fault))
    return Layout(columns)


def known_heads(record: Record, found: Sequence[str]) -> int:
    """Count how many of the found names the record knows: tells a delimiter from its rivals."""
    heads = names_of(record)
    return sum(
        1 for name in found if name.strip() in heads or name.strip() in record.ignored_columns
    )
