"""Data elements (数据元) of the two base databases: what an item may say it holds."""

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
    format; `level` is the data level 1 to 4; `authority` lists duties, or registrar, best first."""

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


@lru_cache(maxsize=1)
def load_elements() -> Mapping[str, DataElement]:
    """All shipped elements by id: `person.…` and `entity.…`."""
    elements = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        for element_id, facts in load_document(path.read_text(encoding="utf-8")).items():
            elements[element_id] = _element(element_id, as_mapping(facts))
    return MappingProxyType(elements)


def _element(element_id: str, facts: Mapping[str, object]) -> DataElement:
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
    )


def optional_text(value: object) -> str | None:
    return None if value is None else str(value)


def optional_int(value: object) -> int | None:
    return None if value is None else int(str(value))
