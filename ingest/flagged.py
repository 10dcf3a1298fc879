"""Catch the rows that have something to say while the good ones stream by, in the same scan.

DuckDB has one output for a COPY. An Arrow function in its WHERE clause is the second: it is called
with the flagged rows alone, keeps them as delivered with their masks, and answers which of them
are good all the same. Measured against a second scan: 1 M rows with few flagged, 40 % less time.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from duckdb import func
from duckdb.sqltypes import BOOLEAN, DuckDBPyType

from ingest.check_sql import CheckPlan, mask_sql, names_of
from lake.engine import quote_name, quote_value

FLAGGED = "flagged_rows"
KEEP = "keep_flagged"
BAD = "_bad"
BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a flagged row: its name there, the expression that gives it, its type."""

    name: str
    expression: str
    kind: str


class FlaggedRows:
    """Collects flagged rows from all threads of a scan into one Parquet file."""

    def __init__(self, plan: CheckPlan, path: Path) -> None:
        self._path = path
        self._columns = _columns(plan)
        self._errors = plan.error_masks
        self._lock = threading.Lock()
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._writer: pq.ParquetWriter | None = None

    def attach(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the function known to the connection that will scan."""
        con.create_function(
            KEEP,
            self._keep,
            [self._row_type()],
            BOOLEAN,
            type=func.ARROW,
            null_handling=func.SPECIAL,
            side_effects=True,
        )

    def _row_type(self) -> DuckDBPyType:
        fields = ", ".join(f"{quote_name(c.name)} {c.kind}" for c in self._columns)
        return DuckDBPyType(f"STRUCT({fields})")

    @property
    def call_sql(self) -> str:
        """SQL that keeps the row at hand and is true where it is good."""
        # One struct: DuckDB takes no function of any number of arguments.
        fields = ", ".join(f"{quote_name(c.name)} := {c.expression}" for c in self._columns)
        return f"{KEEP}(struct_pack({fields}))"

    @property
    def select_sql(self) -> str:
        """The select list that gives the same columns without keeping anything."""
        return ", ".join(f"{c.expression} AS {quote_name(c.name)}" for c in self._columns)

    def _keep(self, rows: pa.ChunkedArray) -> pa.Array:
        table = pa.Table.from_batches([pa.RecordBatch.from_struct_array(c) for c in rows.chunks])
        bad = self._is_bad(table)
        table = table.append_column(BAD, bad)
        with self._lock:
            self._waiting.append(table)
            self._rows += table.num_rows
            if sum(part.num_rows for part in self._waiting) >= BATCH:
                self._flush()
        return pc.invert(bad).combine_chunks()

    def _is_bad(self, table: pa.Table) -> pa.ChunkedArray:
        bad = pc.is_valid(table.column("_fault"))
        for mask in self._errors:
            bad = pc.or_(bad, pc.not_equal(table.column(mask), 0))
        return bad

    def _flush(self) -> None:
        whole = pa.concat_tables(self._waiting)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, whole.schema, compression="lz4")
        self._writer.write_table(whole)
        self._waiting = []

    def close(self, con: duckdb.DuckDBPyConnection) -> None:
        """Take the function back and let go of the file, also after a scan that failed."""
        con.remove_function(KEEP)
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def finish(self, con: duckdb.DuckDBPyConnection) -> bool:
        """Close the file and make it a view of the connection; False when no row was flagged."""
        if self._waiting:
            self._flush()
        if self._writer is None:
            return False
        self._writer.close()
        self._writer = None
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW {FLAGGED} AS "
            f"SELECT * FROM read_parquet({quote_value(str(self._path))})"
        )
        return True

    def add(
        self, con: duckdb.DuckDBPyConnection, rows_sql: str, apart: str, *, empty: bool
    ) -> None:
        """Flag more rows as bad, those of `rows_sql` with the numbers of table `apart`."""
        numbers = f"SELECT _row FROM {apart}"
        before = f"SELECT * FROM {FLAGGED} WHERE _row NOT IN ({numbers}) UNION ALL "
        added = f"SELECT {self.select_sql} FROM ({rows_sql}) WHERE _row IN ({numbers})"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE flagged_and_apart AS "
            f"{'' if empty else before}SELECT *, true AS {BAD} FROM ({added})"
        )
        con.execute(f"CREATE OR REPLACE TEMP VIEW {FLAGGED} AS SELECT * FROM flagged_and_apart")


def _columns(plan: CheckPlan) -> Sequence[Column]:
    """Name what a violation is told from: row, texts as delivered, key, numbers, masks."""
    marked = plan.source.marked
    columns = [
        Column("_row", "_row", "BIGINT"),
        Column("_line", "_line" if marked else "_row + 1", "BIGINT"),
        Column("_fault", "_fault" if marked else "NULL::VARCHAR", "VARCHAR"),
        Column("_raw", "_raw" if marked else "NULL::VARCHAR", "VARCHAR"),
    ]
    for item in plan.record.items:
        names = names_of(item.id)
        columns.append(Column(f"r_{item.id}", names.raw, "VARCHAR"))
        if item.key:
            columns.append(Column(f"t_{item.id}", names.text, "VARCHAR"))
        for kind in item.identifiers:
            name = names.failure(kind)
            columns.append(Column(name.strip('"'), name, "VARCHAR"))
    masks = (*plan.error_masks, *plan.warning_masks)
    return (*columns, *(Column(mask, mask_sql(plan, mask), "BIGINT") for mask in masks))
