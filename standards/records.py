"""The typed read side of a metadata record that has passed its check."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from standards.documents import as_mapping, as_sequence
from standards.identifiers.kinds import IdentifierKind

DEFAULT_LEVEL = 2  # business data inside government, where neither item nor record says otherwise
DEFAULT_MODE = "full"
TABLE_CATEGORIES = (2, 3)  # 电子表格, 数据库 in the format list of the 1272 guide


class ResourceKind(StrEnum):
    TABLE = "table"
    FILE = "file"
    INTERFACE = "interface"


class ItemNotFound(Exception):
    """A record has no such item."""

    def __init__(self, resource_id: str, item_id: str) -> None:
        super().__init__(resource_id, item_id)
        self.resource_id = resource_id
        self.item_id = item_id

    def __str__(self) -> str:
        return (
            f"资源 {self.resource_id} 没有信息项 {self.item_id}，请查看其元数据记录 / "
            f"resource {self.resource_id} has no item {self.item_id}; see its record"
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One item (信息项). `data_type` is one letter of domain list 1.4.6; `length` in characters,
    for N and Y in digits; `scale` in digits; `minimum`, `maximum` a number or an ISO date."""

    id: str
    name: str
    data_type: str
    length: int | None
    scale: int | None
    key: bool
    nullable: bool
    null_values: tuple[str, ...]
    aliases: tuple[str, ...]
    code_list: str | None
    identifiers: tuple[IdentifierKind, ...]
    element: str | None
    level: int
    share_type: int
    minimum: int | float | str | None
    maximum: int | float | str | None
    pattern: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """A metadata record; `document` is the whole of it as written.

    `default_mode` (full, incremental) is that of a file dropped without a manifest; where
    `manifest_required`, such a file waits for one.
    """

    resource_id: str
    kind: ResourceKind
    name: str
    provider_code: str
    share_type: int
    items: tuple[Item, ...]
    ignored_columns: tuple[str, ...]
    null_values: tuple[str, ...]
    document: Mapping[str, object]
    default_mode: str = DEFAULT_MODE
    manifest_required: bool = False

    @property
    def key_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.key)

    def find_item(self, item_id: str) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def item(self, item_id: str) -> Item:
        """The item, or ItemNotFound."""
        found = self.find_item(item_id)
        if found is None:
            raise ItemNotFound(self.resource_id, item_id)
        return found


def read_record(document: Mapping[str, object]) -> Record:
    """Read a record that `check_record` found without errors; KeyError or ValueError if not."""
    share_type = _number(document["share_type"])
    level = document.get("level")
    default_level = DEFAULT_LEVEL if level is None else _number(level)
    delivery = as_mapping(document.get("delivery"))
    return Record(
        resource_id=str(document["resource_id"]),
        kind=kind_of(document),
        name=str(document["name"]),
        provider_code=str(document["provider_code"]),
        share_type=share_type,
        items=tuple(
            _read_item(as_mapping(item), share_type, default_level)
            for item in as_sequence(document.get("items"))
        ),
        ignored_columns=_texts(document.get("ignored_columns")),
        null_values=_texts(document.get("null_values")),
        document=document,
        default_mode=str(delivery.get("default_mode", DEFAULT_MODE)),
        manifest_required=delivery.get("manifest") == "required",
    )


def kind_of(document: Mapping[str, object]) -> ResourceKind:
    """The kind as written; else the one its format speaks for (2, 3 table, 7 interface)."""
    written = document.get("kind")
    if written is not None:
        return ResourceKind(str(written))
    category = as_mapping(document.get("format")).get("category")
    if category in TABLE_CATEGORIES or (category == 6 and document.get("items")):
        return ResourceKind.TABLE
    return ResourceKind.INTERFACE if category == 7 else ResourceKind.FILE


def _read_item(item: Mapping[str, object], share_type: int, level: int) -> Item:
    key = item.get("key") is True
    return Item(
        id=str(item["id"]),
        name=str(item["name"]),
        data_type=str(item["data_type"]),
        length=_optional_number(item.get("length")),
        scale=_optional_number(item.get("scale")),
        key=key,
        nullable=not key and item.get("nullable") is not False,
        null_values=_texts(item.get("null_values")),
        aliases=_texts(item.get("aliases")),
        code_list=_optional_text(item.get("code_list")),
        identifiers=read_identifiers(item.get("identifier")),
        element=_optional_text(item.get("element")),
        level=_number(item.get("level", level)),
        share_type=_number(item.get("share_type", share_type)),
        minimum=_bound(item.get("minimum")),
        maximum=_bound(item.get("maximum")),
        pattern=_optional_text(item.get("pattern")),
    )


def read_identifiers(value: object) -> tuple[IdentifierKind, ...]:
    """The kinds of number an item admits: none, one word, or a list in order of precedence."""
    if value is None:
        return ()
    words = as_sequence(value) or (value,)
    return tuple(IdentifierKind(str(word)) for word in words)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in as_sequence(value))


def _optional_text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int:
    if isinstance(value, int | float) and value == int(value):
        return int(value)
    raise ValueError(f"not a whole number: {value!r}")


def _optional_number(value: object) -> int | None:
    return None if value is None else _number(value)


def _bound(value: object) -> int | float | str | None:
    return value if isinstance(value, int | float | str) else None
