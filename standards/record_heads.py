"""What the fields of a record are called at the head of a workbook's columns, and in its cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from standards.documents import as_mapping, as_sequence, load_document
from standards.elements import optional_text

_FILE = Path(__file__).parent / "record_heads.yaml"


@dataclass(frozen=True, slots=True)
class FieldHeads:
    """`head` is ours, None for the schema's title; `aliases` are those of other templates;
    `code_list` names the list whose codes and names a cell may hold, `words` further ones."""

    head: str | None = None
    aliases: tuple[str, ...] = ()
    code_list: str | None = None
    words: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


PLAIN = FieldHeads()


@lru_cache(maxsize=1)
def load_record_heads() -> Mapping[str, FieldHeads]:
    """The fields that have more than their title, by path (`items/name`, `classification/lei`)."""
    fields = load_document(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({path: _heads(as_mapping(facts)) for path, facts in fields.items()})


def _heads(facts: Mapping[str, object]) -> FieldHeads:
    return FieldHeads(
        head=optional_text(facts.get("head")),
        aliases=tuple(str(alias) for alias in as_sequence(facts.get("aliases"))),
        code_list=optional_text(facts.get("list")),
        words=MappingProxyType(dict(as_mapping(facts.get("words")))),
    )
