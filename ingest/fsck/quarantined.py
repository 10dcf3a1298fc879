"""Check the quarantine files of a delivery, and make damaged ones again from its raw bytes."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.deliveries import Delivery, DeliveryState
from ingest.fsck.checking import REWRITTEN, Checking, row_counts, sums, unreadable
from ingest.fsck.findings import NOTHING, Group, Kind, Words
from ingest.fsck.rebuild import rebuilt
from ingest.fsck.shelf import Shelf
from ingest.quarantine import keep, list_sums
from lake.checksums import sha256_of_object, unsealed
from lake.errors import ObjectNotFound
from lake.inventory import UnreadableFile
from lake.layout import quarantine_rows_key, quarantine_sums_key, quarantine_violations_key

REBUILT: Words = ("已由原始文件重建", "made again from the raw file")


@dataclass(frozen=True, slots=True)
class _Damage:
    group: Group
    key: str
    detail: Words


def check_quarantine(checking: Checking, shelf: Shelf, delivery: Delivery) -> None:
    """Rows and violations are there, readable and as many as recorded."""
    if delivery.resource_id is None:
        return
    rows = quarantine_rows_key(delivery.resource_id, delivery.delivery_id)
    violations = quarantine_violations_key(delivery.resource_id, delivery.delivery_id)
    listed = quarantine_sums_key(delivery.resource_id, delivery.delivery_id)
    wanted = [key for key, kept in ((rows, _bad(delivery)), (violations, _told(delivery))) if kept]
    # What an attempt wrote that came to nothing is the delivery's all the same.
    if not wanted:
        shelf.forget(rows, violations, listed)
        return
    damage = _damage_of(checking, shelf, delivery, wanted, listed)
    shelf.forget(rows, violations)
    if not damage:
        return
    done = None
    if not checking.options.dry_run:
        only_list = [each.key for each in damage] == [listed]
        done = (_listed_anew if only_list else _remade)(checking, delivery)
    for each in damage:
        checking.tell(
            each.group,
            Kind.QUARANTINE,
            done,
            bucket=shelf.bucket,
            key=each.key,
            about=delivery.delivery_id,
            detail=each.detail,
        )


def _bad(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.LOADED and bool(delivery.quarantined)


def _told(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.LOADED and bool(delivery.rules)


def _damage_of(
    checking: Checking, shelf: Shelf, delivery: Delivery, wanted: list[str], listed: str
) -> list[_Damage]:
    damage, recorded = [], _recorded(checking, shelf, listed)
    if recorded is None:
        damage.append(_Damage(Group.MISSING, listed, NOTHING))
    elif not recorded:
        damage.append(_Damage(Group.CHANGED, listed, NOTHING))
    for key in wanted:
        if shelf.take(key) is None:
            damage.append(_Damage(Group.MISSING, key, NOTHING))
        elif not checking.options.quick:
            damage += _changed(checking, shelf, delivery, key, recorded or {})
    return damage


def _recorded(checking: Checking, shelf: Shelf, key: str) -> dict[str, str] | None:
    """SHA-256 by name of file; None where there is no list, nothing for a damaged one."""
    if shelf.take(key) is None:
        return None
    try:
        with checking.intake.store.open(shelf.bucket, key) as stream:
            return unsealed(stream.read())
    except ObjectNotFound:
        return None
    except ValueError:
        return {}


def _changed(
    checking: Checking, shelf: Shelf, delivery: Delivery, key: str, recorded: dict[str, str]
) -> list[_Damage]:
    expected = recorded.get(key.rpartition("/")[2])
    try:
        found = sha256_of_object(checking.intake.store, shelf.bucket, key)
        if expected is not None and found != expected:
            return [_Damage(Group.CHANGED, key, sums(expected, found))]
        detail = _miscounted(checking, shelf, delivery, key)
    except ObjectNotFound:
        return [_Damage(Group.MISSING, key, NOTHING)]
    return [] if detail is None else [_Damage(Group.CHANGED, key, detail)]


def _miscounted(checking: Checking, shelf: Shelf, delivery: Delivery, key: str) -> Words | None:
    url = checking.intake.location.url(shelf.bucket, key)
    is_rows = key.endswith("rows.parquet")
    try:
        rows, rules = checking.files.tally(url, None if is_rows else "rule")
    except FileNotFoundError:
        return ("读取时已不在", "it went while it was read")
    except UnreadableFile as error:
        return unreadable(error)
    if is_rows and rows != delivery.quarantined:
        return row_counts(delivery.quarantined or 0, rows)
    if not is_rows and rules != dict(delivery.rules):
        return ("各规则的条数与登记不同", "its counts by rule are not those recorded")
    return None


def _listed_anew(checking: Checking, delivery: Delivery) -> Words | None:
    """Files that are as many as recorded and can be read are taken for what they were."""
    if checking.options.quick:
        return None
    list_sums(checking.intake, delivery)
    return REWRITTEN


def _remade(checking: Checking, delivery: Delivery) -> Words | None:
    """Write the files again if the raw bytes still give what was recorded of them."""
    with rebuilt(checking.intake, delivery) as checked:
        if checked is None or checked.quarantined != delivery.quarantined:
            return None
        if dict(checked.rules) != dict(delivery.rules):
            return None
        keep(checking.intake, delivery, checked)
    return REBUILT
