"""Hold what every delivery needs: where to keep bytes, where to record facts, and the limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from catalog.clock import Clock
from catalog.database import Database
from catalog.ids import Ids
from ingest.steps import OnStep, pass_by
from lake.iceberg import Tables
from lake.location import StoreLocation
from lake.objects import ObjectStore
from standards.code_lists import CodeLists

Progress = Callable[[str, float | None], None]


def silent(stage: str, done: float | None) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost before it is refused; each number has its reason beside it."""

    # An .xlsx sheet ends at 1,048,576 rows; one process reads it into memory cell by cell.
    workbook_bytes: int = 200_000_000
    # Unpacked, a sheet is XML of some 40 bytes a cell: this is the whole of a sheet 40 wide, and
    # more is a bomb.
    sheet_bytes: int = 2_000_000_000
    # The reader holds the whole rectangle in memory, at about 50 bytes a cell.
    sheet_cells: int = 40_000_000


@dataclass(frozen=True, slots=True)
class Intake:
    """The joined parts that a delivery runs on (made in api/bootstrap.py)."""

    database: Database
    store: ObjectStore
    location: StoreLocation
    tables: Tables
    code_lists: CodeLists
    clock: Clock
    ids: Ids
    scratch: Path
    threads: int = 2
    memory_limit: str = "2GB"
    limits: Limits = field(default_factory=Limits)
    on_step: OnStep = pass_by
    progress: Progress = silent
