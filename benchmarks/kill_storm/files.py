"""The files of a storm: for each what it holds, so that a reader can tell what must be there."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.population import write_population

# Bad rows are counted by this, written from the record alone: it shares no code with the checks.
GOOD = """
    "姓名" IS NOT NULL
    AND "性别" IN ('1', '2')
    AND try_cast("出生日期" AS DATE) IS NOT NULL
    AND try_cast("年收入" AS DECIMAL(18, 2)) IS NOT NULL
"""
_FIRST = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StormFile:
    """One file as a department sends it; no two have the same bytes."""

    path: Path
    resource: str
    department: str
    data_time: datetime
    sha256: str


def make_file(folder: Path, number: int, *, rows: int, resource: str, department: str) -> StormFile:
    """Write the file of this number: a few rows more than the one before."""
    path = folder / f"storm-{number:04d}.csv"
    write_population(path, rows + number)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return StormFile(path, resource, department, _FIRST + timedelta(days=number), digest)
