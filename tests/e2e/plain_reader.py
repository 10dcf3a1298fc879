"""What became of a home, read by plain means: DuckDB on Iceberg's files, SQL on the register,
sqlite3 on the serving files. Nothing of the platform's own reading is used."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from duckdb import DuckDBPyConnection

from lake.engine import load_iceberg, open_engine
from lake.location import StoreLocation
from tests.e2e.chain import plain_connection

BASE = "datong-base"
VIEW_TABLES = ("person", "person_deliveries", "person_differences")
_NAMED = "datong.snapshot."


@dataclass(frozen=True)
class ServedFiles:
    """The version that the pointer names, and the name of every subject in its files."""

    version: int
    names: Mapping[str, str]


@dataclass(frozen=True)
class PlainReader:
    """An independent reader of one home."""

    home: Path
    database_url: str
    location: StoreLocation

    def sql(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of the register."""
        with plain_connection(self.database_url) as conn:
            return [tuple(row) for row in conn.execute(sa.text(query), values)]

    def duckdb(self, query: str) -> list[tuple[Any, ...]]:
        return self._engine.execute(query).fetchall()

    @cached_property
    def _engine(self) -> DuckDBPyConnection:
        engine = open_engine(self.location)
        load_iceberg(engine)
        return engine

    def close(self) -> None:
        self._engine.close()

    def served(self, view_id: str = "person") -> ServedFiles:
        """Open the files that the pointer names, all of them."""
        folder = self.home / "serving" / view_id
        version = int((folder / "current").read_text())
        place = folder / f"v{version:06d}"
        header = json.loads((place / "header.json").read_text(encoding="utf-8"))
        assert header["version"] == version
        at = [name for name, _ in header["attributes"]].index("name")
        names: dict[str, str] = {}
        for part in sorted(place.glob("part-*.sqlite")):
            with closing(sqlite3.connect(f"{part.as_uri()}?mode=ro", uri=True)) as conn:
                assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                rows = conn.execute("SELECT number, payload FROM subject").fetchall()
            names |= {number: json.loads(payload)[2][at] for number, payload in rows}
        return ServedFiles(version, names)

    def serving_folder(self, view_id: str = "person") -> list[str]:
        return sorted(path.name for path in (self.home / "serving" / view_id).iterdir())

    def recorded(self, view_id: str = "person") -> list[tuple[int, int, str]]:
        """Version, snapshot and metadata file of every recorded version, in their order."""
        return self.sql(  # type: ignore[return-value]
            "SELECT version, snapshot_id, metadata_location FROM view_versions"
            " WHERE view_id = :view ORDER BY version",
            view=view_id,
        )

    def staged(self, version: int, table: str = "person") -> list[str]:
        """Parquet files in the base bucket of any build that was to be this version."""
        url = self.location.url(BASE, f"curated/{table}/data")
        return [file for (file,) in self.duckdb(f"FROM glob('{url}/v{version:06d}-*/*.parquet')")]

    def newest_version(self, table: str) -> int:
        """The version that the newest metadata of a view's table speaks of, recorded or not."""
        newest = max(self._metadata(table).items())[1]
        return int(_summary(newest, newest["current-snapshot-id"])["datong.view_version"])

    def view_rows(self, snapshot_id: int, metadata: str) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of a recorded version in each of the view's three tables."""
        [(content,)] = self.duckdb(f"SELECT content FROM read_text('{metadata}')")
        named = _summary(json.loads(content), snapshot_id)
        rows = {"person": self._scan(metadata, snapshot_id)}
        for table in VIEW_TABLES[1:]:
            snapshot = int(named[_NAMED + table])
            found = [
                file
                for file, known in self._metadata(table).items()
                if any(each["snapshot-id"] == snapshot for each in known.get("snapshots", []))
            ]
            rows[table] = self._scan(found[0], snapshot)
        return rows

    def curated(self, resource: str, department: str = "gongan") -> list[tuple[str, str]]:
        """Key and delivery of every row of the recorded state of a curated table."""
        [(metadata, snapshot)] = self.sql(
            "SELECT metadata_location, snapshot_id FROM curated_tables WHERE resource_id = :r",
            r=resource,
        )
        return self.duckdb(  # type: ignore[return-value]
            f"SELECT id_number, _delivery FROM iceberg_scan('{metadata}',"
            f" snapshot_from_id = {snapshot}::UBIGINT) ORDER BY ALL"
        )

    def objects(self, bucket: str, prefix: str) -> list[str]:
        """Every object below a prefix, on a folder or a service."""
        url = self.location.url(bucket, prefix)
        return sorted(file for (file,) in self.duckdb(f"FROM glob('{url}/**')"))

    def _scan(self, metadata: str, snapshot_id: int) -> list[tuple[Any, ...]]:
        columns = "subject_number, name" if "/person/metadata/" in metadata else "*"
        return self.duckdb(
            f"SELECT {columns} FROM iceberg_scan('{metadata}',"
            f" snapshot_from_id = {snapshot_id}::UBIGINT) ORDER BY ALL"
        )

    def _metadata(self, table: str) -> dict[str, dict[str, Any]]:
        folder = self.location.url(BASE, f"curated/{table}/metadata")
        found = self.duckdb(f"SELECT filename, content FROM read_text('{folder}/*.metadata.json')")
        return {file: json.loads(content) for file, content in found}


def _summary(metadata: Mapping[str, Any], snapshot_id: int) -> dict[str, str]:
    [summary] = [
        each["summary"] for each in metadata["snapshots"] if each["snapshot-id"] == snapshot_id
    ]
    return dict(summary)
