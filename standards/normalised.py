"""Tables of spellings: what the many ways in which portals write a fact stand for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from standards.documents import as_mapping, load_document

_SHIPPED = Path(__file__).parent / "normalised"
Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SpellingTable:
    """`values` leads from a spelling, folded, to the fields of a record that it says."""

    id: str
    title: str
    values: Mapping[str, Facts]

    def find(self, text: str) -> Facts | None:
        """What a spelling stands for; None for one that the table does not know."""
        return self.values.get(folded(text))

    def with_own(self, own: Mapping[str, object]) -> SpellingTable:
        """The table with further spellings, which win over its own."""
        return SpellingTable(self.id, self.title, {**self.values, **_values(own)})


def folded(text: str) -> str:
    """A spelling as it is compared: compatibility forms unified, lower case, no outer blanks."""
    return unicodedata.normalize("NFKC", text).strip().lower()


@lru_cache(maxsize=16)
def shipped_spellings(table_id: str) -> SpellingTable:
    """A shipped table: format, industry, nothing, openness, update_cycle."""
    document = load_document((_SHIPPED / f"{table_id}.yaml").read_text(encoding="utf-8"))
    return SpellingTable(
        str(document["id"]),
        str(document["title"]),
        MappingProxyType(_values(as_mapping(document["values"]))),
    )


def _values(written: Mapping[str, object]) -> dict[str, Facts]:
    return {folded(spelling): as_mapping(facts) for spelling, facts in written.items()}
