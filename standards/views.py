"""View definitions: which attributes a base view has, and whose value each of them takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from standards.documents import as_mapping, as_sequence, load_document
from standards.elements import DataElement, load_elements, optional_int, optional_text
from standards.identifiers.kinds import IdentifierKind

VIEW_IDS = ("person", "legal_entity")
REGISTRAR = "registrar"
RESOURCE_PREFIX = "resource:"
_FOLDER = Path(__file__).parent / "views"
# 类 1 基础信息资源; 项 in printed order: 人口, 法人单位 (发改高技〔2017〕1272号)
_CLASSES = {"person": "01", "legal_entity": "02"}
_PATHS = {"person": "/v1/persons/lookup", "legal_entity": "/v1/legal-entities/lookup"}
_CONDITION = "业务信息项按用途申请，经授权后使用"


class UnknownView(Exception):
    """There is no base view of this name."""

    def __init__(self, view_id: str) -> None:
        super().__init__(view_id)
        self.view_id = view_id

    def __str__(self) -> str:
        known = "、".join(VIEW_IDS)
        return (
            f"没有基础视图 {self.view_id}，可用的有 {known} / "
            f"there is no base view {self.view_id}; there are {', '.join(VIEW_IDS)}"
        )


@dataclass(frozen=True, slots=True)
class Scheme:
    """A kind of number by which a subject is known, and the element that holds it."""

    scheme: str
    element: str
    identifier: IdentifierKind


@dataclass(frozen=True, slots=True)
class ViewAttribute:
    """`authority`: duties, `registrar` or `resource:<resource_id>`, in the order of precedence."""

    id: str
    element: str
    name: str
    data_type: str
    length: int | None
    scale: int | None
    code_list: str | None
    authority: tuple[str, ...]
    basic: bool
    level: int


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """`schemes` in the order of precedence; `registrars` leads from the first character of a
    credit code to the duty that registers such entities; `record` is the view's own resource."""

    view_id: str
    record: str
    name: str
    schemes: tuple[Scheme, ...]
    registrars: Mapping[str, str]
    attributes: tuple[ViewAttribute, ...]


def default_view_text(view_id: str) -> str:
    """The shipped definition as YAML, or UnknownView."""
    if view_id not in VIEW_IDS:
        raise UnknownView(view_id)
    return (_FOLDER / f"{view_id}.yaml").read_text(encoding="utf-8")


def default_view(view_id: str) -> ViewDefinition:
    """The shipped definition, or UnknownView."""
    return load_view(default_view_text(view_id))


def load_view(text: str) -> ViewDefinition:
    """Read a definition that `check_view` found without errors; DocumentError if unreadable."""
    return read_view(load_document(text))


def read_view(document: Mapping[str, object]) -> ViewDefinition:
    """Read a checked definition; KeyError or ValueError if it was not."""
    schemes = as_sequence(as_mapping(document["subject"])["schemes"])
    registrars = as_mapping(document.get("registrars"))
    return ViewDefinition(
        view_id=str(document["view_id"]),
        record=str(document["record"]),
        name=str(document["name"]),
        schemes=tuple(_scheme(as_mapping(scheme)) for scheme in schemes),
        registrars=MappingProxyType({first: str(duty) for first, duty in registrars.items()}),
        attributes=tuple(
            _attribute(as_mapping(attribute)) for attribute in as_sequence(document["attributes"])
        ),
    )


def _scheme(facts: Mapping[str, object]) -> Scheme:
    return Scheme(
        scheme=str(facts["scheme"]),
        element=str(facts["element"]),
        identifier=IdentifierKind(str(facts["identifier"])),
    )


def _attribute(facts: Mapping[str, object]) -> ViewAttribute:
    """What an attribute does not say itself, its element says."""
    element = load_elements()[str(facts["element"])]
    written = {**_facts_of(element), **facts}
    return ViewAttribute(
        id=str(facts["id"]),
        element=element.id,
        name=str(written["name"]),
        data_type=str(written["data_type"]),
        length=optional_int(written["length"]),
        scale=optional_int(written["scale"]),
        code_list=optional_text(written["code_list"]),
        authority=tuple(str(word) for word in as_sequence(written["authority"])),
        basic=written["basic"] is True,
        level=int(str(written["level"])),
    )


def _facts_of(element: DataElement) -> dict[str, object]:
    return {
        "name": element.name,
        "data_type": element.data_type,
        "length": element.length,
        "scale": element.scale,
        "code_list": element.code_list,
        "authority": element.authority,
        "basic": element.basic,
        "level": element.level,
    }


def view_record(
    definition: ViewDefinition, platform_code: str, platform_name: str
) -> dict[str, object]:
    """A record that passes `check_record`: an interface, so that no view becomes its own source.

    Basic items are shared without condition, all others on request (国发〔2016〕51号, article 10).
    """
    return {
        "resource_id": definition.record,
        "kind": "interface",
        "name": definition.name,
        "provider_code": platform_code,
        "provider_name": platform_name,
        "abstract": _abstract(definition),
        "classification": {
            "lei": "1",
            "xiang": _CLASSES[definition.view_id],
            "mu": "001",
            "ximu": "",
        },
        "format": {"category": 7, "type": "api"},
        "interface": {"url": _PATHS[definition.view_id], "method": "POST"},
        "share_type": 1,
        "share_condition": _CONDITION,
        "share_method": "query",
        "open": False,
        "open_type": "not_open",
        "update_cycle": "realtime",
        "level": max(attribute.level for attribute in definition.attributes),
        "items": [_item(attribute) for attribute in definition.attributes],
    }


def _abstract(definition: ViewDefinition) -> str:
    names = [attribute.name for attribute in definition.attributes if attribute.basic]
    return f"{definition.name}：{'、'.join(names)}等，逐项标明来源部门和时间"


def _item(attribute: ViewAttribute) -> dict[str, object]:
    identifier = load_elements()[attribute.element].identifier
    item: dict[str, object] = {
        "id": attribute.id,
        "name": attribute.name,
        "data_type": attribute.data_type,
        "length": attribute.length,
        "scale": attribute.scale,
        "code_list": attribute.code_list,
        "identifier": None if identifier is None else identifier.value,
        "element": attribute.element,
        "level": attribute.level,
        "share_type": 1 if attribute.basic else 2,
    }
    return {key: value for key, value in item.items() if value is not None}
