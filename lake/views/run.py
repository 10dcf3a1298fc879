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

from lake.content_hash import joined_text
from lake.curated import BUCKETS, bucket_sql, relation_sql
from lake.engine import quote_name, quote_value, quote_values
from lake.views.compile import Column, view_rows_sql
from lake.views.identity import (
    ALIASES,
    ASSIGNED,
    CARRIED,
    LINK_TABLES,
    altered_sql,
    group_where_sql,
    is_bucketed_by_subject,
    linking_sql,
    outdated_rows_sql,
    superseded_rows_sql,
    superseded_table,
)
from lake.views.output import differences_table_sql, hashed_lines_sql, payload_sql, view_table_sql
from lake.views.serving_files import ServingWriter
from lake.views.serving_header import header_of
from lake.views.source_rows import source_rows_sql
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
class Prepared:
    """What is known of the sources before rows are built: the groups of buckets in which to build,
    the sources by size, largest first, and those with rows that lie in another subject's bucket."""

    groups: tuple[range, ...]
    order: tuple[ViewSource, ...]
    straying: frozenset[int]


@dataclass(frozen=True, slots=True)
class Run:
    """The state of one build: everything here happens in memory and in the scratch folder."""

    con: duckdb.DuckDBPyConnection
    plan: ViewPlan
    columns: Sequence[Column]
    scratch: Path
    writer: ServingWriter
    report: Callable[[Progress], None]

    def prepare(self, rows_per_pass: int) -> Prepared:
        """Find replaced rows, link the numbers of subjects, and choose the groups of buckets."""
        sources = self.plan.sources
        for source in sources:
            self.con.execute(superseded_rows_sql(source))
        if len(self.plan.schemes) > 1 and sources:
            for statement in linking_sql(self.plan):
                self.con.execute(statement)
        straying = frozenset(source.number for source in sources if self._is_straying(source))
        sizes = {source.number: self._rows_of(source) for source in sources}
        groups = bucket_groups(sum(sizes.values()), rows_per_pass)
        for done, source in enumerate(sources, start=1):
            # A table whose key is the number of its subject has one row per subject, unless
            # another way to write the number leads to the same.
            if source.number in straying:
                self.con.execute(outdated_rows_sql(self.plan, source))
                if len(groups) > 1:
                    self._set_strays_aside(source)
            self.report(Progress(BuildStep.PREPARE, done, len(sources)))
        order = sorted(sources, key=lambda source: -sizes[source.number])
        return Prepared(tuple(groups), tuple(order), straying)

    def _is_straying(self, source: ViewSource) -> bool:
        if not is_bucketed_by_subject(source):
            return True
        return _single(self.con, altered_sql(self.plan, source)) > 0

    def _rows_of(self, source: ViewSource) -> int:
        relation = relation_sql(source.table.files, source.table.record)
        return _single(self.con, f"SELECT count(*) FROM {relation}")

    def _set_strays_aside(self, source: ViewSource) -> None:
        """Prepare the rows that the table's own buckets would put into the wrong group."""
        which = "number <> raw" if is_bucketed_by_subject(source) else "number IS NOT NULL"
        rows = source_rows_sql(self.plan, self.columns, source, which=which)
        self.con.execute(
            f"CREATE OR REPLACE TABLE {_stray_table(source)} AS "
            f"SELECT *, {bucket_sql('number')} AS bucket FROM ({rows})"
        )

    def build_group(self, part: int, prepared: Prepared) -> GroupCounts:
        """Build the subjects of one group of buckets: Parquet of rows and of differences."""
        inputs = {s.number: self._group_rows_sql(s, part, prepared) for s in prepared.order}
        rows = view_rows_sql(self.plan, self.columns, inputs)
        self._copy(view_table_sql(self.plan, self.columns, rows), self.rows_file(part))
        built = _parquet_sql([self.rows_file(part)])
        self._copy(differences_table_sql(built), self.differences_file(part))
        self.report(Progress(BuildStep.ROWS, part + 1, len(prepared.groups)))
        return self._count(part)

    def _group_rows_sql(self, source: ViewSource, part: int, prepared: Prepared) -> str:
        plain = source.number not in prepared.straying and len(self.plan.schemes) == 1
        if len(prepared.groups) == 1:
            return source_rows_sql(self.plan, self.columns, source, plain=plain)
        buckets = prepared.groups[part]
        strays = (
            f"SELECT * EXCLUDE (bucket) FROM {_stray_table(source)} "
            f"WHERE bucket BETWEEN {buckets.start} AND {buckets.stop - 1}"
        )
        if not is_bucketed_by_subject(source):
            return strays
        where = group_where_sql(buckets)
        rows = source_rows_sql(
            self.plan, self.columns, source, where=where, which="number = raw", plain=plain
        )
        return f"{rows}\nUNION ALL BY NAME {strays}" if source.number in prepared.straying else rows

    def _count(self, part: int) -> GroupCounts:
        by_source = "".join(
            f", count({quote_name(f'{source.resource_id}__delivery')})"
            for source in self.plan.sources
        )
        rows, differences = (
            _parquet_sql([file(part)]) for file in (self.rows_file, self.differences_file)
        )
        [(found, *subjects)] = self.con.execute(
            f"SELECT count(*){by_source} FROM {rows}"
        ).fetchall()
        differing = _single(self.con, f"SELECT count(*) FROM {differences}")
        return GroupCounts(found, differing, tuple(subjects))

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
        files = [self.rows_file(part) for part in range(parts)]
        lines = hashed_lines_sql(self.plan, self.columns, _parquet_sql(files))
        digest = hashlib.sha256()
        for batch in self.con.execute(lines).to_arrow_reader(_BATCH_ROWS):
            digest.update(joined_text(batch.column(0)))
        self.report(Progress(BuildStep.HASH, 1, 1))
        return digest.hexdigest()

    def write_serving(
        self,
        version: int,
        known_at: datetime,
        groups: Sequence[range],
        check: Callable[[], None],
    ) -> Path:
        """Write the serving files of what was committed and put them in their place, not served."""
        for part in range(len(groups)):
            payload = payload_sql(
                self.plan,
                self.columns,
                _parquet_sql([self.rows_file(part)]),
                _parquet_sql([self.differences_file(part)]),
            )
            self.writer.write_part(part, self.con.execute(payload).to_arrow_reader(_BATCH_ROWS))
            self.report(Progress(BuildStep.SERVE, part + 1, len(groups)))
        if len(self.plan.schemes) > 1:
            aliases = f"SELECT key, subject FROM {ALIASES} ORDER BY key"
            if not self.plan.sources:
                aliases = "SELECT '' AS key, '' AS subject WHERE false"
            self.writer.write_aliases(self.con.execute(aliases).to_arrow_reader(_BATCH_ROWS))
        header = header_of(self.plan, version=version, known_at=known_at.isoformat(), groups=groups)
        return self.writer.finish(header, check)

    def drop_tables(self) -> None:
        """Give the engine's memory back, also after a failure."""
        tables = [CARRIED, ASSIGNED, ALIASES, *LINK_TABLES]
        for source in self.plan.sources:
            tables += [superseded_table(source), _stray_table(source)]
        for table in tables:
            self.con.execute(f"DROP TABLE IF EXISTS {table}")


def bucket_groups(rows: int, rows_per_pass: int) -> list[range]:
    """Cut the buckets into as few groups of neighbours as keep a pass below so many source rows."""
    passes = min(BUCKETS, max(1, ceil(rows / rows_per_pass)))
    bounds = [BUCKETS * cut // passes for cut in range(passes + 1)]
    return [range(start, stop) for start, stop in pairwise(bounds)]


def _stray_table(source: ViewSource) -> str:
    return f"view_strays_{source.number}"


def _parquet_sql(files: Sequence[Path]) -> str:
    return f"read_parquet({quote_values(map(str, files))})"


def _single(con: duckdb.DuckDBPyConnection, query: str) -> int:
    [(value,)] = con.execute(query).fetchall()
    return int(value)
