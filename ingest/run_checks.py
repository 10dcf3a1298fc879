"""Run the checks of one delivery: good rows to a Parquet file, bad ones with violations beside.

One pass over the source writes the good rows and catches those that have something to say
(ingest/flagged.py); only keys that occur twice send a second pass after their rows.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.check_sql import CheckPlan, is_flagged, judged_sql, loaded_sql, names_of
from ingest.duplicates import DUPLICATES, find_duplicates, set_apart
from ingest.flagged import FLAGGED, FlaggedRows
from ingest.violation_sql import VIOLATIONS, violations_sql
from lake.engine import quote_name, quote_value

COPY_OPTIONS = "FORMAT parquet, COMPRESSION zstd"
# A view build passes over groups of buckets once a view has millions of rows. A file smaller than
# this is read whole in each pass for less than its sorting costs (docs/decisions/0019).
SORTED_FROM = 2_000_000


class RowsDisagree(Exception):
    """The engine read another number of rows than the bytes hold."""

    def __init__(self, *, counted: int, read: int) -> None:
        super().__init__(counted, read)
        self.counted = counted
        self.read = read

    def __str__(self) -> str:
        return f"{self.counted} rows counted, {self.read} read"


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """The rows of a delivery after all checks; rows_in = accepted + quarantined.

    `good` are the Parquet files of the accepted rows, `bad` and `violations` those of the others
    (None where there are none); `rules` counts violations by rule, warnings included.
    """

    rows_in: int
    accepted: int
    quarantined: int
    good: tuple[Path, ...]
    bad: Path | None
    violations: Path | None
    rules: Mapping[str, int]


def run_checks(
    con: duckdb.DuckDBPyConnection, plan: CheckPlan, *, delivery_id: str, scratch: Path
) -> CheckedRows:
    """Check every row of the source; RowsDisagree when reader and bytes differ in their count."""
    scratch.mkdir(exist_ok=True)
    flagged = FlaggedRows(plan, scratch / "flagged.parquet")
    flagged.attach(con)
    try:
        good, accepted = _write_good(con, plan, flagged, delivery_id, scratch)
        told = flagged.finish(con)
    finally:
        flagged.close(con)
    duplicates = find_duplicates(con, plan.record, good)
    if duplicates:
        good = (set_apart(con, good, scratch / "unique.parquet"),)
        flagged.add(con, judged_sql(plan, plan.source.whole), DUPLICATES, empty=not told)
    if not (told or duplicates):
        _must_agree(plan.source.rows, accepted)
        return CheckedRows(accepted, accepted, 0, good, None, None, {})
    bad = _count(con, f"SELECT count(*) FROM {FLAGGED} WHERE _bad")
    _must_agree(plan.source.rows, accepted - duplicates + bad)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {VIOLATIONS} AS {violations_sql(plan)}")
    return CheckedRows(
        rows_in=plan.source.rows,
        accepted=accepted - duplicates,
        quarantined=bad,
        good=good,
        bad=_write_bad(con, plan, scratch / "bad.parquet") if bad else None,
        violations=_write_violations(con, scratch / "violations.parquet"),
        rules=_rules(con),
    )


def _write_good(
    con: duckdb.DuckDBPyConnection,
    plan: CheckPlan,
    flagged: FlaggedRows,
    delivery_id: str,
    scratch: Path,
) -> tuple[tuple[Path, ...], int]:
    """Write the good rows of each part to a file of its own, all parts at once; count them."""
    keep = f"CASE WHEN {is_flagged(plan)} THEN {flagged.call_sql} ELSE true END"
    order = "ORDER BY _bucket" if plan.source.rows >= SORTED_FROM else ""

    def write(place: int, part: str) -> tuple[Path, int]:
        target = scratch / f"good-{place}.parquet"
        rows = loaded_sql(plan, part, delivery_id, keep)
        copy = f"COPY ({rows} {order}) TO {quote_value(str(target))} ({COPY_OPTIONS})"
        with con.cursor() as cursor:
            return target, _count(cursor, copy)

    parts = plan.source.parts
    with _a_thread_each(con, len(parts)), ThreadPoolExecutor(len(parts)) as pool:
        written = list(pool.map(write, range(len(parts)), parts))
    return tuple(path for path, _ in written), sum(count for _, count in written)


@contextmanager
def _a_thread_each(con: duckdb.DuckDBPyConnection, parts: int) -> Iterator[None]:
    """Let each part have its own thread and no helpers: more threads than cores cost a third."""
    threads = _count(con, "SELECT current_setting('threads')")
    if parts > 1:
        con.execute("SET threads = 1")
    try:
        yield
    finally:
        con.execute(f"SET threads = {threads}")


def _write_bad(con: duckdb.DuckDBPyConnection, plan: CheckPlan, target: Path) -> Path:
    items = ", ".join(
        f"{names_of(item.id).raw} AS {quote_name(item.id)}" for item in plan.record.items
    )
    con.execute(
        f"COPY (SELECT _row, _line, {items}, _raw FROM {FLAGGED} WHERE _bad ORDER BY _row) "
        f"TO {quote_value(str(target))} ({COPY_OPTIONS})"
    )
    return target


def _write_violations(con: duckdb.DuckDBPyConnection, target: Path) -> Path | None:
    written = _count(
        con,
        f"COPY (SELECT * FROM {VIOLATIONS} ORDER BY row, item, rule) "
        f"TO {quote_value(str(target))} ({COPY_OPTIONS})",
    )
    return target if written else None


def _rules(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    sql = f"SELECT rule, count(*) FROM {VIOLATIONS} GROUP BY rule ORDER BY rule"
    return dict(con.execute(sql).fetchall())


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    [(number,)] = con.execute(sql).fetchall()
    return int(number)


def _must_agree(counted: int, read: int) -> None:
    if counted != read:
        raise RowsDisagree(counted=counted, read=read)
