"""Which published records feed a view, by which items, and who is authoritative for what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lake.curated import LoadedDelivery, current_deliveries
from lake.views.errors import TooManySources
from standards.identifiers import IdentifierKind
from standards.records import Item, Record
from standards.views import Scheme, ViewAttribute, ViewDefinition

REGISTRAR = "registrar"
RESOURCE_PREFIX = "resource:"
NOT_SHARED = 3
MOST_SOURCES = 62  # the mask of sources is one signed 64-bit integer; Iceberg has no unsigned types


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One published table record as a view sees it: what it says, whose it is, what is stored.

    `files` are the data files (URLs DuckDB can read) of the *recorded* snapshot of its curated
    table; `deliveries` the loaded deliveries of its current generation.
    """

    record: Record
    department_id: str
    duty: str | None
    generation: int
    files: tuple[str, ...] = ()
    snapshot_id: int | None = None
    deliveries: tuple[LoadedDelivery, ...] = ()

    @property
    def resource_id(self) -> str:
        return self.record.resource_id


@dataclass(frozen=True, slots=True)
class SubjectItem:
    """An item that says whom a row is about, and the schemes its numbers may belong to."""

    item: Item
    schemes: tuple[Scheme, ...]


@dataclass(frozen=True, slots=True)
class ViewSource:
    """A record that feeds a view. `number` is its code beside values and its bit in the masks."""

    number: int
    table: SourceTable
    subjects: tuple[SubjectItem, ...]
    items: Mapping[str, Item]  # attribute id -> the item that carries it

    @property
    def resource_id(self) -> str:
        return self.table.resource_id

    def carries(self, attribute: str) -> bool:
        return attribute in self.items


@dataclass(frozen=True, slots=True)
class DeliveryNumber:
    """The small number that stands for a delivery in the view, and what it stands for."""

    number: int
    resource_id: str
    delivery_id: str
    mode: str
    data_time: datetime


@dataclass(frozen=True, slots=True)
class Ranking:
    """Authority order of one attribute for one kind of subject: tiers of sources, best first.

    Sources in one tier are equal: the newest data time wins, then the smaller resource id.
    `first` is the number of tiers that belong to the first entry of the order (0 or 1), `listed`
    the number that belong to any entry; what comes after is a cross-check and last fallback.
    """

    tiers: tuple[tuple[int, ...], ...]
    first: int
    listed: int

    def rule_of(self, source: int) -> str:
        """How a winner of this ranking came to win: authority, fallback or cross_check."""
        place = next(place for place, tier in enumerate(self.tiers) if source in tier)
        if place < self.first:
            return "authority"
        return "fallback" if place < self.listed else "cross_check"


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """A view definition joined to the records that feed it: all that the SQL is made from."""

    definition: ViewDefinition
    sources: tuple[ViewSource, ...]
    deliveries: tuple[DeliveryNumber, ...]
    rankings: Mapping[str, Mapping[str, Ranking]] = field(default_factory=dict)

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        return self.definition.schemes

    def holders(self, attribute: str) -> tuple[ViewSource, ...]:
        """The sources that carry an attribute, by their numbers."""
        return tuple(source for source in self.sources if source.carries(attribute))

    def scheme_of(self, attribute: ViewAttribute) -> Scheme | None:
        """The scheme whose numbers an attribute holds, for attributes that are numbers."""
        return next((s for s in self.schemes if s.element == attribute.element), None)


def plan_view(definition: ViewDefinition, tables: Sequence[SourceTable]) -> ViewPlan:
    """Find the sources of a view among all published tables and rank them per attribute.

    Raises TooManySources.
    """
    sources = find_sources(definition, tables)
    rankings = {
        attribute.id: _rankings(definition, attribute, sources)
        for attribute in definition.attributes
    }
    return ViewPlan(definition, sources, number_deliveries(sources), rankings)


def find_sources(
    definition: ViewDefinition, tables: Sequence[SourceTable]
) -> tuple[ViewSource, ...]:
    """Every published table with an item mapped to an element that identifies the subject.

    What is not to be shared (不予共享), a record or an item, feeds no view: the grants that open
    a view were never about it.
    """
    found = [
        (table, subjects)
        for table in sorted(tables, key=lambda table: table.resource_id)
        if (subjects := _subject_items(definition, table.record))
    ]
    if len(found) > MOST_SOURCES:
        raise TooManySources(view_id=definition.view_id, found=len(found), most=MOST_SOURCES)
    return tuple(
        ViewSource(number, table, subjects, _attribute_items(definition, table.record, subjects))
        for number, (table, subjects) in enumerate(found)
    )


def _subject_items(definition: ViewDefinition, record: Record) -> tuple[SubjectItem, ...]:
    if record.resource_id == definition.record or record.share_type == NOT_SHARED:
        return ()  # the view's own record describes the result, it never feeds it
    by_element = {scheme.element: scheme for scheme in definition.schemes}
    by_kind = {IdentifierKind(scheme.identifier): scheme for scheme in definition.schemes}
    found = []
    for item in _shared_items(record):
        scheme = by_element.get(item.element or "")
        if scheme is None:
            continue
        kinds = [by_kind[kind] for kind in item.identifiers if kind in by_kind]
        found.append(SubjectItem(item, tuple(kinds) or (scheme,)))
    return tuple(found)


def _shared_items(record: Record) -> Iterator[Item]:
    return (item for item in record.items if item.share_type != NOT_SHARED)


def _attribute_items(
    definition: ViewDefinition, record: Record, subjects: Sequence[SubjectItem]
) -> dict[str, Item]:
    # A number of a subject is an attribute like any other, also when it comes in a mixed column.
    by_element: dict[str, Item] = {}
    for item in _shared_items(record):
        if item.element:
            by_element.setdefault(item.element, item)
    for subject in subjects:
        for scheme in subject.schemes:
            by_element.setdefault(scheme.element, subject.item)
    return {
        attribute.id: by_element[attribute.element]
        for attribute in definition.attributes
        if attribute.element in by_element
    }


def number_deliveries(sources: Sequence[ViewSource]) -> tuple[DeliveryNumber, ...]:
    """Number what can hold current rows so that a greater number wins between equal sources.

    The order is data time, then the smaller resource id, then the delivery id.
    """
    everything = [
        (source, delivery)
        for source in sources
        for delivery in current_deliveries(source.table.deliveries)
    ]
    everything.sort(key=lambda pair: (pair[1].data_time, -pair[0].number, pair[1].delivery_id))
    return tuple(
        DeliveryNumber(
            number, source.resource_id, delivery.delivery_id, str(delivery.mode), delivery.data_time
        )
        for number, (source, delivery) in enumerate(everything)
    )


def _rankings(
    definition: ViewDefinition, attribute: ViewAttribute, sources: Sequence[ViewSource]
) -> dict[str, Ranking]:
    """One ranking per registering duty that changes the order, and `""` for all other rows."""
    holders = [source for source in sources if source.carries(attribute.id)]
    plain = rank(attribute.authority, holders, registrar=None)
    variants = {"": plain}
    if REGISTRAR in attribute.authority:
        for duty in sorted(set(definition.registrars.values())):
            variants[duty] = rank(attribute.authority, holders, registrar=duty)
    return variants


def rank(
    authority: Sequence[str], holders: Sequence[ViewSource], *, registrar: str | None
) -> Ranking:
    """Order the sources of an attribute by its authority list; unlisted ones follow by id."""
    tiers: list[tuple[int, ...]] = []
    left = list(holders)
    first = 0
    for place, entry in enumerate(authority):
        tier = tuple(s.number for s in left if _is_named(entry, s, registrar))
        left = [source for source in left if source.number not in tier]
        if tier:
            tiers.append(tier)
            first += place == 0
    listed = len(tiers)
    tiers.extend((source.number,) for source in left)
    return Ranking(tuple(tiers), first, listed)


def _is_named(entry: str, source: ViewSource, registrar: str | None) -> bool:
    if entry.startswith(RESOURCE_PREFIX):
        return source.resource_id == entry.removeprefix(RESOURCE_PREFIX)
    duty = registrar if entry == REGISTRAR else entry
    return duty is not None and source.table.duty == duty
