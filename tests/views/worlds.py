"""Makers of small worlds: records, deliveries, rows, and the two views they feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.curated import LoadedDelivery, arrow_schema, bucket_of_text
from lake.views.sources import SourceTable
from standards.identifiers import IdentifierKind
from standards.records import Item, Record, ResourceKind
from standards.views import Scheme, ViewAttribute, ViewDefinition

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Delivered:
    """One row as a delivery brought it; `values` by item id."""

    delivery: str
    row: int
    values: Mapping[str, object]
    op: str = "upsert"


@dataclass(frozen=True)
class WorldSource:
    """One department's table: its record, duty, deliveries and all rows ever delivered."""

    record: Record
    duty: str | None
    deliveries: Sequence[LoadedDelivery]
    rows: Sequence[Delivered] = field(default_factory=list)


def a_delivery(delivery_id: str, day: int = 0, mode: str = "full") -> LoadedDelivery:
    return LoadedDelivery(delivery_id, mode, DAY_ONE + timedelta(days=day))


def an_item(
    item_id: str,
    element: str | None,
    data_type: str = "C",
    *,
    key: bool = False,
    kinds: Sequence[str] = (),
    scale: int | None = None,
) -> Item:
    return Item(
        id=item_id,
        name=item_id,
        data_type=data_type,
        length=12 if data_type == "N" else None,
        scale=scale,
        key=key,
        nullable=not key,
        null_values=(),
        aliases=(),
        code_list=None,
        identifiers=tuple(IdentifierKind(kind) for kind in kinds),
        element=element,
        level=2,
        share_type=2,
        minimum=None,
        maximum=None,
        pattern=None,
    )


def a_record(resource_id: str, *items: Item) -> Record:
    return Record(
        resource_id=resource_id,
        kind=ResourceKind.TABLE,
        name=resource_id,
        provider_code="",
        share_type=2,
        items=items,
        ignored_columns=(),
        null_values=(),
        document={},
    )


def an_attribute(
    attribute_id: str,
    element: str,
    data_type: str = "C",
    authority: Sequence[str] = (),
    scale: int | None = None,
) -> ViewAttribute:
    return ViewAttribute(
        id=attribute_id,
        element=element,
        name=attribute_id,
        data_type=data_type,
        length=10 if data_type == "N" else None,
        scale=scale,
        code_list=None,
        authority=tuple(authority),
        basic=True,
        level=2,
    )


PERSON = ViewDefinition(
    view_id="person",
    record="person",
    name="自然人",
    schemes=(Scheme("citizen", "person.id_number", IdentifierKind.CITIZEN),),
    registrars={},
    attributes=(
        an_attribute("id_number", "person.id_number", authority=["police"]),
        an_attribute("name", "person.name", authority=["police", "health", "labour"]),
        an_attribute("sex", "person.sex", authority=["police"]),
        an_attribute("birth_date", "person.birth_date", "D", ["police", "health"]),
        an_attribute("income", "person.income", "N", ["resource:wages", "labour"], scale=2),
        an_attribute("children", "person.children", "I", ["labour"]),
        an_attribute("insured", "person.insured", "L", ["labour", "police"]),
        an_attribute("nickname", "person.nickname"),
    ),
)

LEGAL_ENTITY = ViewDefinition(
    view_id="legal_entity",
    record="legal-entity",
    name="法人",
    schemes=(
        Scheme("uscc", "entity.uscc", IdentifierKind.USCC),
        Scheme("reg_no", "entity.reg_no", IdentifierKind.REG_NO),
        Scheme("org_code", "entity.org_code", IdentifierKind.ORG_CODE),
    ),
    registrars={"9": "market", "5": "civil", "1": "bianban"},
    attributes=(
        an_attribute("uscc", "entity.uscc", authority=["registrar"]),
        an_attribute("org_code", "entity.org_code", authority=["registrar"]),
        an_attribute("reg_no", "entity.reg_no", authority=["market"]),
        an_attribute("name", "entity.name", authority=["registrar", "market", "tax"]),
        an_attribute("org_type", "entity.org_type", authority=["registrar"]),
        an_attribute("is_legal_person", "entity.is_legal_person", "L", ["registrar"]),
    ),
)


def tables_of(world: Sequence[WorldSource], folder: Path) -> list[SourceTable]:
    """Store a world as curated Parquet, one file a delivery, and describe it to the view."""
    return [
        SourceTable(
            record=source.record,
            department_id="dept",
            duty=source.duty,
            generation=1,
            files=tuple(
                _write(folder, source, delivery.delivery_id) for delivery in source.deliveries
            ),
            snapshot_id=1,
            deliveries=tuple(source.deliveries),
        )
        for source in world
    ]


def _write(folder: Path, source: WorldSource, delivery_id: str) -> str:
    keys = source.record.key_items
    rows = [
        {
            **row.values,
            "_delivery": row.delivery,
            "_row": row.row,
            "_op": row.op,
            "_bucket": bucket_of_text(str(row.values[keys[0].id])) if len(keys) == 1 else 0,
        }
        for row in source.rows
        if row.delivery == delivery_id
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{source.record.resource_id}-{delivery_id}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(source.record)), path)
    return str(path)
