"""Data elements (数据元): what an item may say it holds; those of the two base databases."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from standards.documents import as_mapping, as_sequence, load_document
from standards.identifiers.kinds import IdentifierKind

_FOLDER = Path(__file__).parent / "elements"


@dataclass(frozen=True, slots=True)
class DataElement:
    """`length` in characters, for N in digits; `scale` in digits; `standard` names the code or
    format; `level` is the data level 1 to 4; `authority` lists duties, or registrar, best first;
    `synonyms` are other heads that a column with it has in the files of departments."""

    id: str
    name: str
    data_type: str
    length: int | None
    scale: int | None
    code_list: str | None
    identifier: IdentifierKind | None
    standard: str | None
    basic: bool
    level: int
    authority: tuple[str, ...]
    definition: str | None = None
    synonyms: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def load_elements() -> Mapping[str, DataElement]:
    """All shipped elements by id: `person.…` and `entity.…`."""
    elements = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        for element_id, facts in load_document(path.read_text(encoding="utf-8")).items():
            elements[element_id] = read_element(element_id, as_mapping(facts))
    return MappingProxyType(elements)


def read_element(element_id: str, facts: Mapping[str, object]) -> DataElement:
    """An element from the facts of a document that passed its check."""
    identifier = facts.get("identifier")
    return DataElement(
        id=element_id,
        name=str(facts["name"]),
        data_type=str(facts["data_type"]),
        length=optional_int(facts.get("length")),
        scale=optional_int(facts.get("scale")),
        code_list=optional_text(facts.get("code_list")),
        identifier=None if identifier is None else IdentifierKind(str(identifier)),
        standard=optional_text(facts.get("standard")),
        basic=facts.get("basic") is True,
        level=int(str(facts["level"])),
        authority=tuple(str(duty) for duty in as_sequence(facts.get("authority"))),
        definition=optional_text(facts.get("definition")),
        synonyms=tuple(str(text) for text in as_sequence(facts.get("synonyms"))),
    )


def shipped_documents() -> dict[str, dict[str, object]]:
    """The shipped elements as the documents by which they are registered, by id."""
    return {
        element_id: {"element_id": element_id, **as_mapping(facts)}
        for path in sorted(_FOLDER.glob("*.yaml"))
        for element_id, facts in load_document(path.read_text(encoding="utf-8")).items()
    }


def optional_text(value: object) -> str | None:
    return None if value is None else str(value)


def optional_int(value: object) -> int | None:
    return None if value is None else int(str(value))
