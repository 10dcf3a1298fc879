"""The register of deliveries: facts that ingest gives to the catalogue, one row a delivery."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog.job_rows import JobKind
from catalog.lake_errors import AlreadyDelivered, DeliveryNotFound, DeliveryNotOpen
from catalog.tables import deliveries as table
from catalog.tables import jobs


class DeliveryMode(StrEnum):
    FULL = "full"
    INCREMENTAL = "incremental"


class DeliveryState(StrEnum):
    RECEIVED = "received"
    LOADING = "loading"
    LOADED = "loaded"
    REFUSED = "refused"


UNFINISHED = (DeliveryState.RECEIVED, DeliveryState.LOADING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery (报送批次); counts are rows, size is bytes, times are aware UTC.

    `retry_key` follows from resource, sender, mode, data time and bytes; `reason` of a refused
    one is `{code, zh, en, place}`; `rules` counts violations by rule; `files` is 1 for a loaded
    delivery of a file resource, which has no rows, and None elsewhere. Of a file that lay in
    incoming/, `dropped` is `{key, manifest, refusal}`; the marks name the very objects.
    """

    delivery_id: str
    resource_id: str | None
    resource_named: str
    record_version: int | None = None
    generation: int | None = None
    department_id: str
    account: str
    mode: DeliveryMode
    data_time: datetime
    file_name: str
    sha256: str
    size: int
    rows_declared: int | None = None
    sha256_declared: str | None = None
    idempotency_key: str | None = None
    retry_key: str
    state: DeliveryState = DeliveryState.RECEIVED
    attempt: int = 0
    raw_bucket: str | None = None
    raw_key: str | None = None
    encoding: str | None = None
    format: str | None = None
    rows_in: int | None = None
    accepted: int | None = None
    quarantined: int | None = None
    unchanged: int | None = None
    rules: Mapping[str, int] = field(default_factory=dict)
    reason: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    received_at: datetime
    loaded_at: datetime | None = None
    snapshot_id: int | None = None
    files: int | None = None
    dropped: Mapping[str, Any] | None = None
    drop_mark: str | None = None
    manifest_mark: str | None = None

    @property
    def refused(self) -> bool:
        """The file was refused whole."""
        return self.state is DeliveryState.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What a finished load reports; `snapshot_id` is None when no row was accepted.

    `files` counts those kept of a file resource, whose counts of rows are 0; None for a table.
    """

    loaded_at: datetime
    rows_in: int
    accepted: int
    quarantined: int
    unchanged: int
    rules: Mapping[str, int]
    encoding: str | None
    format: str
    notes: tuple[str, ...] = ()
    snapshot_id: int | None = None
    files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalResult:
    """Why a whole file was refused, and what was known of it by then."""

    reason: Mapping[str, Any]
    rows_in: int | None = None
    rules: Mapping[str, int] = field(default_factory=dict)
    encoding: str | None = None
    format: str | None = None
    notes: tuple[str, ...] = ()


_FIELDS = tuple(each.name for each in fields(Delivery))
_SELECT = sa.select(*(table.c[name] for name in _FIELDS))


def insert(conn: sa.Connection, delivery: Delivery) -> None:
    """Register a delivery that has arrived.

    Raises AlreadyDelivered when a live delivery has the same retry key, or the same account's
    idempotency key; a delivery is live unless it was refused. No dropped object is delivered
    twice, whatever became of it: AlreadyDelivered.
    """
    live = delivery.state is not DeliveryState.REFUSED
    values: dict[str, Any] = {name: getattr(delivery, name) for name in _FIELDS}
    values["live_retry_key"] = delivery.retry_key if live else None
    values["live_idempotency_key"] = delivery.idempotency_key if live else None
    try:
        _insert(conn, values)
    except sa.exc.IntegrityError:
        other = _live_twin(conn, delivery) if live else None
        if other is not None:
            raise AlreadyDelivered(other) from None
        # its twin was refused in between, or something else is wrong with it: that fails again
        _insert(conn, values)


def _insert(conn: sa.Connection, values: Mapping[str, Any]) -> None:
    with conn.begin_nested():  # what fails leaves the rest of the transaction as it was
        conn.execute(sa.insert(table).values(values))


def _live_twin(conn: sa.Connection, delivery: Delivery) -> str | None:
    same = table.c.live_retry_key == delivery.retry_key
    if delivery.idempotency_key is not None:
        same |= (table.c.account == delivery.account) & (
            table.c.live_idempotency_key == delivery.idempotency_key
        )
    if delivery.drop_mark is not None:
        same |= table.c.drop_mark == delivery.drop_mark
    return conn.scalar(sa.select(table.c.delivery_id).where(same).limit(1))


def find(conn: sa.Connection, delivery_id: str) -> Delivery | None:
    return _first(conn, _SELECT.where(table.c.delivery_id == delivery_id))


def require(conn: sa.Connection, delivery_id: str) -> Delivery:
    """The delivery, or DeliveryNotFound."""
    found = find(conn, delivery_id)
    if found is None:
        raise DeliveryNotFound(delivery_id)
    return found


def find_live(conn: sa.Connection, retry_key: str) -> Delivery | None:
    """The delivery of which another one with this retry key would be a retry."""
    return _first(conn, _SELECT.where(table.c.live_retry_key == retry_key))


def find_by_idempotency_key(conn: sa.Connection, account: str, key: str) -> Delivery | None:
    """The newest delivery under this key of the account, refused or not: see its state."""
    query = _SELECT.where(table.c.account == account, table.c.idempotency_key == key)
    return _first(conn, query.order_by(table.c.delivery_id.desc()).limit(1))


def find_by_drop_mark(conn: sa.Connection, mark: str) -> Delivery | None:
    """The delivery that this very object in incoming/ became."""
    return _first(conn, _SELECT.where(table.c.drop_mark == mark))


def find_by_manifest_mark(conn: sa.Connection, mark: str) -> Delivery | None:
    """The newest delivery that this very manifest in incoming/ belonged to."""
    query = _SELECT.where(table.c.manifest_mark == mark)
    return _first(conn, query.order_by(table.c.delivery_id.desc()).limit(1))


def raw_kept(conn: sa.Connection, delivery_id: str, raw_key: str) -> None:
    """The bytes lie under this key of the raw bucket and will not change again."""
    _change(conn, delivery_id, {"raw_key": raw_key})


def begin_attempt(conn: sa.Connection, delivery_id: str) -> int:
    """Open a new attempt at loading and give its number; a finished delivery is not opened."""
    # locked: two at the same moment get two numbers, and the older attempt records nothing
    current = _first(conn, _SELECT.where(table.c.delivery_id == delivery_id).with_for_update())
    if current is None:
        raise DeliveryNotFound(delivery_id)
    values = {"state": DeliveryState.LOADING, "attempt": current.attempt + 1}
    _change(conn, delivery_id, values, attempt=current.attempt)
    return current.attempt + 1


def record_loaded(
    conn: sa.Connection, delivery_id: str, result: LoadResult, *, attempt: int | None = None
) -> None:
    """The load is done. With `attempt` given, only that attempt may say so (DeliveryNotOpen)."""
    values = {each.name: getattr(result, each.name) for each in fields(result)}
    _change(conn, delivery_id, {**values, "state": DeliveryState.LOADED}, attempt=attempt)


def record_refused(
    conn: sa.Connection, delivery_id: str, result: RefusalResult, *, attempt: int | None = None
) -> None:
    """The file is refused whole; its retry key is free, so the same bytes may be tried anew."""
    values: dict[str, Any] = {each.name: getattr(result, each.name) for each in fields(result)}
    values |= {"state": DeliveryState.REFUSED, "accepted": 0, "quarantined": 0, "unchanged": 0}
    values |= {"live_retry_key": None, "live_idempotency_key": None}
    _change(conn, delivery_id, values, attempt=attempt)


def _change(
    conn: sa.Connection, delivery_id: str, values: Mapping[str, Any], *, attempt: int | None = None
) -> None:
    statement = sa.update(table).where(
        table.c.delivery_id == delivery_id, table.c.state.in_(UNFINISHED)
    )
    if attempt is not None:
        statement = statement.where(table.c.attempt == attempt)
    if conn.execute(statement.values(**values)).rowcount != 1:
        current = require(conn, delivery_id)
        raise DeliveryNotOpen(delivery_id, state=current.state, attempt=current.attempt)


def unfinished(conn: sa.Connection) -> list[Delivery]:
    """Deliveries between two steps, oldest first."""
    query = _SELECT.where(table.c.state.in_(UNFINISHED)).order_by(table.c.delivery_id)
    return _all(conn, query)


def without_job(conn: sa.Connection, received_by: datetime) -> list[Delivery]:
    """Unfinished deliveries that nobody will work on, oldest first, but for those just received."""
    live = jobs.c.live_subject == sa.literal(f"{JobKind.DELIVERY}:") + table.c.delivery_id
    query = _SELECT.where(
        table.c.state.in_(UNFINISHED), table.c.received_at <= received_by, ~sa.exists().where(live)
    )
    return _all(conn, query.order_by(table.c.delivery_id))


def finished_among(conn: sa.Connection, delivery_ids: Collection[str]) -> list[str]:
    """Which of these have their verdict."""
    column = table.c.delivery_id
    query = sa.select(column).where(column.in_(delivery_ids), table.c.state.not_in(UNFINISHED))
    return list(conn.scalars(query))


def list_deliveries(
    conn: sa.Connection,
    department_id: str | None = None,
    resource_id: str | None = None,
    limit: int = 100,
    before: str | None = None,
) -> list[Delivery]:
    """Deliveries, newest first; `before` is the last delivery_id of the page before."""
    query = _SELECT.order_by(table.c.delivery_id.desc()).limit(limit)
    if department_id is not None:
        query = query.where(table.c.department_id == department_id)
    if resource_id is not None:
        query = query.where(table.c.resource_id == resource_id)
    if before is not None:
        query = query.where(table.c.delivery_id < before)
    return _all(conn, query)


def loaded_of(conn: sa.Connection, resource_id: str, generation: int) -> list[Delivery]:
    """The loaded deliveries of one generation in order of arrival.

    One of which no row was accepted loaded nothing: it must not pass for an empty full delivery.
    """
    query = _SELECT.where(
        table.c.resource_id == resource_id,
        table.c.generation == generation,
        table.c.state == DeliveryState.LOADED,
        table.c.accepted > 0,
    )
    return _all(conn, query.order_by(table.c.delivery_id))


def _first(conn: sa.Connection, query: sa.Select[Any]) -> Delivery | None:
    row = conn.execute(query).mappings().first()
    return None if row is None else _delivery(row)


def _all(conn: sa.Connection, query: sa.Select[Any]) -> list[Delivery]:
    return [_delivery(row) for row in conn.execute(query).mappings()]


def _delivery(row: Mapping[Any, Any]) -> Delivery:
    facts = {name: row[name] for name in _FIELDS}
    facts["mode"] = DeliveryMode(facts["mode"])
    facts["state"] = DeliveryState(facts["state"])
    facts["notes"] = tuple(facts["notes"])
    return Delivery(**facts)
