"""One run of a view's SQL in the engine: prepared sources, then group after group of buckets."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from math import ceil
from pathlib import Path

import duckdb

from lake.curated import BUCKETS, bucket_sql, relation_sql
from lake.engine import quote_value, quote_values
from lake.views.compile import (
    DIFFERENCES,
    ROWS,
    Column,
    differences_sql,
    newest_only_sql,
    source_rows_sql,
    source_table,
    view_rows_sql,
)
from lake.views.identity import (
    ALIASES,
    ASSIGNED,
    CARRIED,
    LINK_TABLES,
    group_where_sql,
    is_bucketed_by_subject,
    linking_sql,
    superseded_rows_sql,
    superseded_table,
)
from lake.views.output import differences_table_sql, hashed_lines_sql, payload_sql, view_table_sql
from lake.views.serving_files import ServingWriter
from lake.views.serving_header import header_of
from lake.views.sources import ViewPlan, ViewSource

_PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
_BATCH_ROWS = 50_000


class BuildStep(StrEnum):
    """What a build is doing, in order."""

    PREPARE = "prepare"
    ROWS = "rows"
    COMMIT = "commit"
    HASH = "hash"
    SERVE = "serve"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is: `done` of `total` parts."""

    step: BuildStep
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """What a group of buckets came to: subjects, differences, and subjects of each source."""

    rows: int
    differences: int
    by_source: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """The state of one build: everything here happens in memory and in the scratch folder."""

    con: duckdb.DuckDBPyConnection
    plan: ViewPlan
    columns: Sequence[Column]
    scratch: Path
    writer: ServingWriter
    report: Callable[[Progress], None]

    def prepare(self, rows_per_pass: int) -> list[range]:
        """Find replaced rows, link the numbers of subjects, and choose the groups of buckets."""
        for source in self.plan.sources:
            if source.table.record.key_items:
                self.con.execute(superseded_rows_sql(source))
        if len(self.plan.schemes) > 1 and self.plan.sources:
            for statement in linking_sql(self.plan):
                self.con.execute(statement)
        groups = bucket_groups(sum(self._count(s) for s in self.plan.sources), rows_per_pass)
        if len(groups) > 1:
            for done, source in enumerate(self.plan.sources, start=1):
                self._set_strays_aside(source)
                self.report(Progress(BuildStep.PREPARE, done, len(self.plan.sources)))
        return groups

    def _count(self, source: ViewSource) -> int:
        relation = relation_sql(source.table.files, source.table.record)
        return _single(self.con, f"SELECT count(*) FROM {relation}")

    def _set_strays_aside(self, source: ViewSource) -> None:
        """Prepare the rows that the table's own buckets would put into the wrong group."""
        rows = f"({source_rows_sql(self.plan, self.columns, source)})"
        condition = "number IS DISTINCT FROM raw" if is_bucketed_by_subject(source) else "true"
        strays = f"FROM {rows} WHERE {condition}"
        # Counting reads few columns; most sources have no strays at all.
        empty = "" if _single(self.con, f"SELECT count(*) {strays}") else " LIMIT 0"
        self.con.execute(
            f"CREATE OR REPLACE TABLE {_stray_table(source)} AS "
            f"SELECT *, {bucket_sql('number')} AS bucket {strays}{empty}"
        )

    def build_group(self, part: int, buckets: range, parts: int) -> GroupCounts:
        """Build the subjects of one group of buckets: Parquet files and a serving part."""
        by_source = tuple(self._fill_source(s, buckets, parts) for s in self.plan.sources)
        self.con.execute(
            f"CREATE OR REPLACE TABLE {ROWS} AS {view_rows_sql(self.plan, self.columns)}"
        )
        for source in self.plan.sources:
            self.con.execute(f"DROP TABLE {source_table(source)}")
        self.con.execute(
            f"CREATE OR REPLACE TABLE {DIFFERENCES} AS {differences_sql(self.columns)}"
        )
        self._copy(view_table_sql(self.plan, self.columns), self.rows_file(part))
        self._copy(differences_table_sql(self.plan, self.columns), self.differences_file(part))
        self.report(Progress(BuildStep.ROWS, part + 1, parts))
        payload = payload_sql(self.plan, self.columns)
        self.writer.write_part(part, self.con.execute(payload).to_arrow_reader(_BATCH_ROWS))
        self.report(Progress(BuildStep.SERVE, part + 1, parts))
        rows, differences = (
            _single(self.con, f"SELECT count(*) FROM {table}") for table in (ROWS, DIFFERENCES)
        )
        return GroupCounts(rows, differences, by_source)

    def _fill_source(self, source: ViewSource, buckets: range, parts: int) -> int:
        table = source_table(source)
        query = self._group_rows_sql(source, buckets, parts)
        self.con.execute(f"CREATE OR REPLACE TABLE {table} AS {query}")
        self.con.execute(newest_only_sql(source))
        return _single(self.con, f"SELECT count(*) FROM {table}")

    def _group_rows_sql(self, source: ViewSource, buckets: range, parts: int) -> str:
        if parts == 1:
            return source_rows_sql(self.plan, self.columns, source)
        strays = (
            f"SELECT * EXCLUDE (bucket) FROM {_stray_table(source)} "
            f"WHERE bucket BETWEEN {buckets.start} AND {buckets.stop - 1}"
        )
        if not is_bucketed_by_subject(source):
            return strays
        where = group_where_sql(buckets)
        rows = source_rows_sql(self.plan, self.columns, source, where)
        return f"SELECT * FROM ({rows}) WHERE number = raw\nUNION ALL BY NAME {strays}"

    def _copy(self, query: str, path: Path) -> None:
        self.con.execute(f"COPY ({query}) TO {quote_value(str(path))} {_PARQUET}")

    def rows_file(self, part: int) -> Path:
        return self.scratch / f"rows-{part:05d}.parquet"

    def differences_file(self, part: int) -> Path:
        return self.scratch / f"differences-{part:05d}.parquet"

    def deliveries_file(self) -> Path:
        """Write the table that explains the codes, and say where it is."""
        path = self.scratch / "deliveries.parquet"
        deliveries = self.plan.deliveries
        sources = {source.resource_id: source.number for source in self.plan.sources}
        columns = {
            "delivery": f"{[d.number for d in deliveries]}::INTEGER[]",
            "source": f"{[sources[d.resource_id] for d in deliveries]}::INTEGER[]",
            "resource_id": f"{quote_values(d.resource_id for d in deliveries)}::VARCHAR[]",
            "delivery_id": f"{quote_values(d.delivery_id for d in deliveries)}::VARCHAR[]",
            "mode": f"{quote_values(d.mode for d in deliveries)}::VARCHAR[]",
            "data_time": f"{quote_values(d.data_time.isoformat() for d in deliveries)}::VARCHAR[]",
        }
        selected = ", ".join(f"unnest({values}) AS {name}" for name, values in columns.items())
        self._copy(f"SELECT {selected}", path)
        return path

    def content_hash(self, parts: int) -> str:
        """Hash values, winning sources, their deliveries and own ids, ordered by number."""
        files = quote_values(str(self.rows_file(part)) for part in range(parts))
        lines = hashed_lines_sql(self.plan, self.columns, f"read_parquet({files})")
        digest = hashlib.sha256()
        for batch in self.con.execute(lines).to_arrow_reader(_BATCH_ROWS):
            digest.update("".join(batch.column(0).to_pylist()).encode())
        self.report(Progress(BuildStep.HASH, 1, 1))
        return digest.hexdigest()

    def finish_serving(self, version: int, known_at: datetime, groups: Sequence[range]) -> Path:
        """Complete the serving files and put them in their place, not yet served."""
        if len(self.plan.schemes) > 1:
            aliases = f"SELECT key, subject FROM {ALIASES} ORDER BY key"
            if not self.plan.sources:
                aliases = "SELECT '' AS key, '' AS subject WHERE false"
            self.writer.write_aliases(self.con.execute(aliases).to_arrow_reader(_BATCH_ROWS))
        header = header_of(self.plan, version=version, known_at=known_at.isoformat(), groups=groups)
        return self.writer.finish(header)

    def drop_tables(self) -> None:
        """Give the engine's memory back, also after a failure."""
        tables = [ROWS, DIFFERENCES, CARRIED, ASSIGNED, ALIASES, *LINK_TABLES]
        for source in self.plan.sources:
            tables += [source_table(source), superseded_table(source), _stray_table(source)]
        for table in tables:
            self.con.execute(f"DROP TABLE IF EXISTS {table}")


def bucket_groups(rows: int, rows_per_pass: int) -> list[range]:
    """Cut the buckets into as few groups of neighbours as keep a pass below so many source rows."""
    passes = min(BUCKETS, max(1, ceil(rows / rows_per_pass)))
    bounds = [BUCKETS * cut // passes for cut in range(passes + 1)]
    return [range(start, stop) for start, stop in pairwise(bounds)]


def _stray_table(source: ViewSource) -> str:
    return f"view_strays_{source.number}"


def _single(con: duckdb.DuckDBPyConnection, query: str) -> int:
    [(value,)] = con.execute(query).fetchall()
    return int(value)
