"""Looks at the stored files by plain DuckDB and plain SQL, with none of the platform's own readers.

What a department sent is read from its CSV file; what the platform says from the tables of its
PostgreSQL database; what it holds from Parquet and SQLite files in the store and on the disk.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_avro
import duckdb_extension_httpfs
import duckdb_extension_iceberg
import psycopg

from benchmarks.kill_storm.files import GOOD, StormFile

COLUMNS = {
    "公民身份号码": "id_number",
    "姓名": "name",
    "性别": "sex",
    "民族": "ethnicity",
    "户籍地行政区划": "hukou_division",
    "户籍地详址": "hukou_address",
}


@dataclass(slots=True)
class Findings:
    """What is wrong, in words; empty lists are what a storm must end with."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half_visible: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Store:
    """How to reach the stored bytes and the register, by their own protocols alone."""

    database: str  # libpq URL
    endpoint: str
    access_key: str
    secret_key: str

    def register(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a query on the platform's database."""
        with psycopg.connect(self.database, autocommit=True) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def engine(self) -> duckdb.DuckDBPyConnection:
        """An engine that reads the store."""
        con = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "threads": "1",
            }
        )
        for package in (duckdb_extension_httpfs, duckdb_extension_avro, duckdb_extension_iceberg):
            [extension] = Path(str(package.__file__)).parent.rglob("*.duckdb_extension")
            con.execute(f"LOAD '{extension}'")
        con.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{self.access_key}', SECRET '{self.secret_key}', "
            f"ENDPOINT '{self.endpoint}', URL_STYLE path, USE_SSL false, REGION 'us-east-1')"
        )
        return con


def look_while_it_storms(store: Store, serving: Path, findings: Findings) -> int:
    """One look at what readers may see at this moment: whole deliveries and whole versions alone.

    Answers how many deliveries and versions were seen.
    """
    seen = 0
    with closing(store.engine()) as con:
        for _resource, metadata, snapshot in recorded_tables(store):
            counted = con.execute(
                f"SELECT _delivery, count(*) FROM iceberg_scan('{metadata}', "
                f"snapshot_from_id={snapshot}::UBIGINT) GROUP BY ALL"
            ).fetchall()
            accepted = dict(
                store.register("SELECT delivery_id, accepted FROM deliveries WHERE accepted > 0")
            )
            findings.half_visible += [
                f"delivery {delivery}: {rows} of {accepted.get(delivery)} rows"
                for delivery, rows in counted
                if accepted.get(delivery, rows) != rows
            ]
            seen += len(counted)
    seen += look_at_served(store, serving, findings)
    return seen


def recorded_tables(store: Store) -> list[tuple[Any, ...]]:
    """Resource, metadata file and snapshot of every table that has one on record."""
    return store.register(
        "SELECT resource_id, metadata_location, snapshot_id FROM curated_tables "
        "WHERE snapshot_id IS NOT NULL"
    )


def look_at_served(store: Store, serving: Path, findings: Findings) -> int:
    """The version that lookups are answered from is whole, and as the register says it is."""
    pointer = serving / "person" / "current"
    if not pointer.exists():
        return 0
    version = int(pointer.read_text())
    folder = serving / "person" / f"v{version:06d}"
    try:
        header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
        subjects = 0
        for part in set(header["parts"]):
            uri = f"file:{folder}/part-{part:03d}.sqlite?mode=ro&immutable=1"
            with closing(sqlite3.connect(uri, uri=True)) as conn:
                subjects += conn.execute("SELECT count(*) FROM subject").fetchone()[0]
    except (FileNotFoundError, sqlite3.OperationalError):
        if int(pointer.read_text()) == version:
            findings.half_visible.append(f"version {version} is served and its files are not whole")
        return 0
    rows = store.register(
        "SELECT rows FROM view_versions WHERE view_id = 'person' AND version = %s", version
    )
    if rows != [(subjects,)]:
        findings.half_visible.append(f"version {version}: {subjects} subjects, recorded {rows}")
    return 1


def look_afterwards(store: Store, files: Sequence[StormFile], findings: Findings) -> None:
    """Every file is there once: in the register, raw, and row for row in its table."""
    loaded = store.register(
        "SELECT delivery_id, resource_id, sha256, state, rows_in, accepted, quarantined, "
        "raw_bucket, raw_key FROM deliveries WHERE state <> 'refused'"
    )
    by_file = Counter((resource, sha) for _, resource, sha, *_ in loaded)
    findings.doubled += [f"{key} is registered {n} times" for key, n in by_file.items() if n > 1]
    known = {(row[1], row[2]): row for row in loaded}
    for resource, metadata, snapshot in recorded_tables(store):
        wanted = {
            known[resource, file.sha256][0]: (file, known[resource, file.sha256])
            for file in files
            if file.resource == resource and (resource, file.sha256) in known
        }
        with closing(store.engine()) as con:
            con.execute(
                f"CREATE TABLE held AS FROM iceberg_scan('{metadata}', "
                f"snapshot_from_id={snapshot}::UBIGINT)"
            )
            compare_table(con, resource, wanted, findings)
    for file in files:
        if (file.resource, file.sha256) not in known:
            findings.lost.append(f"{file.path.name} is in no register")
        else:
            _compare_raw(store, file, known[file.resource, file.sha256], findings)


def compare_table(
    con: duckdb.DuckDBPyConnection,
    resource: str,
    wanted: dict[str, tuple[StormFile, tuple[Any, ...]]],
    findings: Findings,
) -> None:
    """Compare the rows held of each delivery (`held` in the engine) with the good ones of its file.

    `wanted` has file and row of the register by delivery id.
    """
    present = {row[0] for row in con.execute("SELECT DISTINCT _delivery FROM held").fetchall()}
    findings.doubled += [
        f"{resource}: rows of {one}, sent by nobody" for one in present - {*wanted}
    ]
    doubled = con.execute(
        "SELECT _delivery, _row FROM held GROUP BY ALL HAVING count(*) > 1 LIMIT 3"
    ).fetchall()
    findings.doubled += [f"{resource}: row {row} of {one} twice" for one, row in doubled]
    sent = ", ".join(f'"{zh}" AS {en}' for zh, en in COLUMNS.items())
    held = ", ".join(COLUMNS.values())
    for delivery, (file, row) in wanted.items():
        csv = f"read_csv('{file.path}', all_varchar = true)"
        rows, good = con.execute(
            f"SELECT count(*), count(*) FILTER ({GOOD}) FROM {csv}"
        ).fetchall()[0]
        state, rows_in, accepted, quarantined = row[3:7]
        if (state, rows_in, accepted, quarantined) != ("loaded", rows, good, rows - good):
            findings.lost.append(
                f"{file.path.name}: {rows} rows, {good} good, but {row[3:7]} on record"
            )
        [(missing, strange)] = con.execute(
            f"WITH sent AS (SELECT {sent} FROM {csv} WHERE {GOOD}), "
            f"mine AS (SELECT {held} FROM held WHERE _delivery = '{delivery}') "
            "SELECT (SELECT count(*) FROM (FROM sent EXCEPT ALL FROM mine)), "
            "(SELECT count(*) FROM (FROM mine EXCEPT ALL FROM sent))"
        ).fetchall()
        if missing:
            findings.lost.append(f"{file.path.name}: {missing} rows are not in the table")
        if strange:
            findings.doubled.append(f"{file.path.name}: {strange} rows that it did not hold")


def _compare_raw(store: Store, file: StormFile, row: tuple[Any, ...], findings: Findings) -> None:
    bucket, key = row[7:9]
    with closing(store.engine()) as con:
        found = con.execute(f"SELECT content FROM read_blob('s3://{bucket}/{key}')").fetchall()
    if [hashlib.sha256(content).hexdigest() for (content,) in found] != [file.sha256]:
        findings.lost.append(f"{file.path.name}: its bytes are not those in raw/")
