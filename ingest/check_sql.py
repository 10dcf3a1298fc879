"""Compose the checks of a whole record into one SQL pass over a text source.

Level by level: as delivered (r_) → text (t_) → value (v_) → why a number fails (f_) → whether any
check is broken. Of the rows where one is, which ones: a bit a check in a few BIGINT masks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.checks import REGIONS, Check, ItemPlan, Names, enum_name, plan_item
from ingest.source import TextSource
from lake.curated import bucket_sql, duckdb_type, key_text_sql
from lake.engine import quote_name, quote_value
from standards.code_lists import CodeLists
from standards.identifiers.sql import create_regions_sql
from standards.records import Record
from standards.violations import Severity

# A BIGINT holds 63 bits beside its sign.
BITS = 62
MARKS = ("_row", "_line", "_fault", "_raw", "_cells")


@dataclass(frozen=True, slots=True)
class PlacedCheck:
    """A check and the bit it sets: in mask column `mask` the bit `bit`."""

    check: Check
    mask: str
    bit: int

    @property
    def is_set(self) -> str:
        """SQL that is true for a row that breaks the check."""
        return f"({self.mask} & {1 << self.bit}) <> 0"


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """All checks of a record over one source, ready to be run."""

    record: Record
    source: TextSource
    items: tuple[ItemPlan, ...]
    checks: tuple[PlacedCheck, ...]
    error_masks: tuple[str, ...]
    warning_masks: tuple[str, ...]


def plan_checks(record: Record, source: TextSource, code_lists: CodeLists) -> CheckPlan:
    """Compile a record into the checks of one source."""
    items = tuple(
        plan_item(
            item,
            names_of(item.id),
            code_lists=code_lists,
            null_values=record.null_values,
            source=source,
        )
        for item in record.items
    )
    every = [check for item in items for check in item.checks]
    errors = _place([check for check in every if check.severity is Severity.ERROR], "_e")
    warnings = _place([check for check in every if check.severity is not Severity.ERROR], "_w")
    return CheckPlan(
        record=record,
        source=source,
        items=items,
        checks=(*errors, *warnings),
        error_masks=tuple(dict.fromkeys(placed.mask for placed in errors)),
        warning_masks=tuple(dict.fromkeys(placed.mask for placed in warnings)),
    )


def names_of(item_id: str) -> Names:
    """Name the columns of one item on its way: raw, text, value."""
    return Names(*(quote_name(f"{prefix}_{item_id}") for prefix in ("r", "t", "v")))


def enumerations(record: Record, code_lists: CodeLists) -> list[str]:
    """Return the statements that make the enumerations the checks cast to."""
    wanted = {item.code_list for item in record.items if item.code_list is not None}
    lists = {enum_name(list_id): code_lists.require(list_id).codes for list_id in sorted(wanted)}
    statements = [
        f"CREATE TYPE {quote_name(name)} AS ENUM ({', '.join(map(quote_value, codes))})"
        for name, codes in lists.items()
    ]
    if any(item.identifiers for item in record.items):
        divisions = code_lists.require("division").codes
        regions = [code for code in divisions if len(code) == 6]
        statements.append(create_regions_sql(REGIONS, regions))
    return statements


def judged_sql(plan: CheckPlan, rows: str) -> str:
    """Return SQL for every row of a table expression with its texts, values and failures."""
    raw = [f"{quote_name(i.item.id)} AS {names_of(i.item.id).raw}" for i in plan.items]
    marks = MARKS if plan.source.marked else MARKS[:1]
    texts = [f"{i.text_sql} AS {names_of(i.item.id).text}" for i in plan.items]
    values = [f"{i.value_sql} AS {names_of(i.item.id).value}" for i in plan.items]
    failures = [f"{sql} AS {name}" for i in plan.items for name, sql in i.failures.items()]
    return (
        f"SELECT {', '.join(('*', *failures))} FROM ("
        f"SELECT {', '.join(('*', *values))} FROM ("
        f"SELECT {', '.join(('*', *texts))} FROM ("
        f"SELECT {', '.join((*raw, *marks))} FROM {rows})))"
    )


def is_flagged(plan: CheckPlan) -> str:
    """SQL that is true for a row that breaks any check, be it an error or a warning.

    A plain OR: which checks a row breaks is worked out for flagged rows alone.
    """
    suspects = (placed.check.suspect or placed.check.wrong for placed in plan.checks)
    broken = [f"({suspect})" for suspect in dict.fromkeys(suspects)]
    if plan.source.marked:
        broken.append("_fault IS NOT NULL")
    return " OR ".join(broken) or "false"


def mask_sql(plan: CheckPlan, mask: str) -> str:
    """SQL for one mask column of a row: the bits of the checks it breaks."""
    bits = [
        f"CASE WHEN {placed.check.wrong} THEN {1 << placed.bit}::BIGINT ELSE 0 END"
        for placed in plan.checks
        if placed.mask == mask
    ]
    return " | ".join(bits)


def loaded_sql(plan: CheckPlan, rows: str, delivery_id: str, keep: str) -> str:
    """Return SQL for the rows of the curated table: values, then delivery, row, op, bucket.

    `keep` is asked of every row once. It stands among the columns and not in the filter, because
    the engine pushes a filter down to where it repeats every check digit it asks for.
    """
    values = [
        f"CAST({names_of(item.id).value} AS {duckdb_type(item)}) AS {quote_name(item.id)}"
        for item in plan.record.items
    ]
    columns = (*values, f"{quote_value(delivery_id)} AS _delivery", "_row", f"{keep} AS _kept")
    return (
        f"SELECT * EXCLUDE (_kept), 'upsert' AS _op, "
        f"{bucket_sql(_bucket_text(plan.record))} AS _bucket "
        f"FROM (SELECT {', '.join(columns)} FROM ({judged_sql(plan, rows)})) WHERE _kept"
    )


def _bucket_text(record: Record) -> str:
    """Return the text whose bucket a row lies in: its identity number if that is in the key."""
    numbers = [item for item in record.key_items if item.identifiers]
    if numbers:
        return quote_name(numbers[0].id)
    return key_text_sql(record) if record.key_items else "CAST(_row AS VARCHAR)"


def _place(checks: Sequence[Check], prefix: str) -> list[PlacedCheck]:
    return [
        PlacedCheck(check, f"{prefix}{place // BITS}", place % BITS)
        for place, check in enumerate(checks)
    ]
