"""A catalogue that exists already, imported whole: complete records, checked, in batches."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from api.answers.drafts import RecordImportAnswer, RefusedLineAnswer
from api.errors import FileNotReadable
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.bulk_check import CheckedLine, Recipe
    from catalog.bulk_import import Importing, LineResult

AT_ONCE = 1_000
MOST_ERRORS = 1_000
# where all is written in one batch or two, a process to check them would only have to be waited for
WORTH_A_PROCESS = 2 * AT_ONCE


@dataclass(slots=True)
class _Tally:
    """What became of all lines so far."""

    counts: Counter[str] = field(default_factory=Counter)
    errors: list[RefusedLineAnswer] = field(default_factory=list)

    def add(self, results: Iterable[LineResult]) -> None:
        for result in results:
            self.counts[result.became.value] += 1
            if result.faults and len(self.errors) < MOST_ERRORS:
                faults = [fault.as_json() for fault in result.faults]
                self.errors.append(
                    RefusedLineAnswer(
                        line=result.number, resource_id=result.resource_id, violations=faults
                    )
                )

    def answer(self, *, published: bool) -> RecordImportAnswer:
        refused = self.counts["refused"]
        return RecordImportAnswer(
            lines=self.counts.total(),
            added=self.counts["added"],
            changed=self.counts["changed"],
            unchanged=self.counts["unchanged"],
            refused=refused,
            published=published,
            errors=self.errors,
            errors_left_out=refused - len(self.errors),
        )


def import_records(
    services: Services,
    caller: Caller,
    file: Path,
    *,
    publish: bool,
    opinion: str | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> RecordImportAnswer:
    """Import a file of JSON lines; a line that is wrong keeps no other out.

    Batches are transactions: what was cut short holds whole batches, and goes on when it is run
    again, for the same document changes nothing. Raises FileNotReadable.
    """
    with watched(services, caller, UseCase.RECORD_IMPORT) as trail:
        trail.detail |= {"file": file.name, "publish": publish}
        count = _reserve(services, file) if publish else _count(file)
        tally, seen = _Tally(), dict[str, int]()
        importing = _importing(services, caller, publish=publish, opinion=opinion)
        for batch in _checked(services, caller, file, publish=publish, lines=count):
            done = _write(services, _once(batch, seen), importing)
            seen.update((each.resource_id, each.number) for each in done if each.resource_id)
            tally.add(done)
            progress(tally.counts.total())
        trail.rows = tally.counts["added"] + tally.counts["changed"]
        trail.detail |= dict(tally.counts)
    return tally.answer(published=publish)


def _lines_of(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, numbered from 1 as an editor does."""
    try:
        with file.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, 1):
                if not line.isspace():
                    yield number, line
    except (OSError, UnicodeDecodeError) as error:
        raise FileNotReadable(str(file)) from error


def _batches(file: Path) -> Iterator[list[tuple[int, str]]]:
    lines = _lines_of(file)
    while batch := list(islice(lines, AT_ONCE)):
        yield batch


def _count(file: Path) -> int:
    return sum(1 for _ in _lines_of(file))


def _reserve(services: Services, file: Path) -> int:
    """Set aside every code that the file brings, before the first one is issued; gives the lines.

    Else a record without a code, early in the file, could be given that of a later one.
    """
    from catalog.bulk_check import codes_in
    from catalog.code_batches import reserve_codes

    count, codes = 0, list[str]()
    for batch in _batches(file):
        count += len(batch)
        codes += codes_in(batch)
    if codes:
        with services.database.transaction() as conn:
            reserve_codes(conn, codes)
    return count


def _checked(
    services: Services, caller: Caller, file: Path, *, publish: bool, lines: int
) -> Iterator[list[CheckedLine]]:
    from catalog.bulk_check import check_batches

    many = lines > WORTH_A_PROCESS
    processes = max(1, (os.cpu_count() or 1) - 1) if many else 0
    yield from check_batches(
        _batches(file), _recipe(services, caller, publish=publish), min(processes, 8)
    )


def _recipe(services: Services, caller: Caller, *, publish: bool) -> Recipe:
    from catalog import registers
    from catalog.bulk_check import Recipe
    from standards.registers import Registers

    folder = services.settings.code_lists
    with services.database.reading() as conn:
        known = registers.read(conn)
    return Recipe(
        code_lists=(folder,) if folder.is_dir() else (),
        registers=Registers(dict(known.elements), known.systems),
        bring_codes=publish,
        author=caller.require().name,
        started=services.clock.now(),
    )


def _once(batch: list[CheckedLine], seen: dict[str, int]) -> list[CheckedLine]:
    """The batch, in which a resource that an earlier line of the file holds is refused."""
    from catalog.bulk_import import refused_as_repeated

    earlier = dict(seen)
    lines = []
    for line in batch:
        first = earlier.setdefault(line.resource_id or "", line.number)
        repeats = line.resource_id is not None and first != line.number and not line.faults
        lines.append(refused_as_repeated(line, first) if repeats else line)
    return lines


def _write(services: Services, batch: list[CheckedLine], importing: Importing) -> list[LineResult]:
    """Write a batch in a transaction; again where somebody wrote one of its records meanwhile."""
    from catalog.bulk_import import write_lines

    at = replace(importing, now=services.clock.now())
    try:
        with services.database.transaction() as conn:
            return write_lines(conn, batch, at)
    except sa.exc.IntegrityError:
        with services.database.transaction() as conn:
            return write_lines(conn, batch, at)


def _importing(
    services: Services, caller: Caller, *, publish: bool, opinion: str | None
) -> Importing:
    from catalog.bulk_import import Importing, department_ids

    with services.database.reading() as conn:
        departments = department_ids(conn)
    return Importing(
        account=caller.require().name,
        opinion=opinion,
        publish=publish,
        now=services.clock.now(),
        ids=services.ids,
        departments=departments,
    )
