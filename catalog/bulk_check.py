"""Checks the lines of a bulk import by the one validator, beside the process that writes."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from catalog.code_batches import MOST_DIGITS
from catalog.codes import front_of, is_resource_code
from catalog.record_rows import version_values
from standards.code_lists import CodeLists, load_code_lists
from standards.documents import DocumentError, load_document
from standards.elements import optional_text
from standards.faults import error
from standards.record_rules import check_writable
from standards.registers import Registers
from standards.schema_check import MOST_EXPLAINED
from standards.violations import Severity, Violation, errors_of

Lines = Sequence[tuple[int, str]]
# how many batches may be checked and not written yet, for each process that checks
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Checks:
    """What the check of an import goes by. `bring_codes`: a record may carry its resource code."""

    code_lists: CodeLists
    registers: Registers | None
    bring_codes: bool
    author: str
    started: datetime


@dataclass(frozen=True, slots=True)
class Recipe:
    """The same in a form that another process can be told."""

    code_lists: tuple[Path, ...]
    registers: Registers | None
    bring_codes: bool
    author: str
    started: datetime

    def checks(self) -> Checks:
        lists = load_code_lists(*self.code_lists)
        return Checks(lists, self.registers, self.bring_codes, self.author, self.started)


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line after its check: what is to be stored, or what makes it invalid.

    `version` holds the columns of `record_versions` that follow from the document alone.
    """

    number: int
    resource_id: str | None
    faults: tuple[Violation, ...] = ()
    provider_code: str = ""
    front: str = ""
    resource_code: str | None = None
    basis: tuple[str, str] | None = None
    version: dict[str, Any] = field(default_factory=dict)


def check_lines(lines: Lines, checks: Checks, explained: int = MOST_EXPLAINED) -> list[CheckedLine]:
    """Judge each line, which holds one document; the reference explains so many invalid ones."""
    from standards.record_check import check_records

    read: list[tuple[int, dict[str, object] | Violation]] = []
    for number, text in lines:
        read.append((number, _read(text)))
    documents = [each for _, each in read if isinstance(each, dict)]
    verdicts = check_records(
        documents,
        checks.code_lists,
        registers=checks.registers,
        imported=checks.bring_codes,
        explained=max(0, explained),
        read=True,
    )
    checked = []
    for number, each in read:
        if isinstance(each, Violation):
            checked.append(CheckedLine(number, None, (each,)))
        else:
            checked.append(_judged(number, each, next(verdicts), checks))
    return checked


def codes_in(lines: Lines) -> list[str]:
    """The resource codes that documents bring, as far as they have a code's form."""
    found = []
    for _, text in lines:
        if '"resource_code"' in text and isinstance(document := _read(text), dict):
            code = document.get("resource_code")
            found += [code] if isinstance(code, str) and is_resource_code(code) else []
    return found


def _read(text: str) -> dict[str, object] | Violation:
    try:
        return load_document(text)
    except DocumentError as fault:
        return Violation(
            "", None, "document.unreadable", Severity.ERROR, "JSON", fault.zh, fault.en
        )


def _judged(
    number: int, document: dict[str, Any], violations: tuple[Violation, ...], checks: Checks
) -> CheckedLine:
    resource_id = optional_text(document.get("resource_id"))
    code = document.pop("resource_code", None)
    faults = (*errors_of(violations), *_check_code(code))
    if faults:  # a number such as 1e999 is read and cannot be written: that comes before all else
        return CheckedLine(number, resource_id, check_writable(document) or faults)
    try:
        version = version_values(document, 1, checks.author, checks.started)
    except ValueError:
        unwritable = check_writable(document)
        if not unwritable:
            raise
        return CheckedLine(number, resource_id, unwritable)
    said = document.get("non_share_basis") or {}
    return CheckedLine(
        number,
        resource_id,
        provider_code=str(document["provider_code"]),
        front=front_of(document),
        resource_code=code,
        basis=(str(said["basis"]), str(said.get("clause") or "")) if said else None,
        version=version,
    )


def _check_code(code: object) -> list[Violation]:
    """A code that keeps to the grammar, and whose serial the counter can go on from."""
    if not isinstance(code, str) or not is_resource_code(code):
        return []  # none, or the schema has said what is wrong
    serial = code.partition("/")[2]
    if len(serial) <= MOST_DIGITS:
        return []
    zh, en = f"顺序码至多 {MOST_DIGITS} 位", f"a serial of at most {MOST_DIGITS} digits"
    return [error("resource_code", code, "record.resource_code.serial", zh, en)]


def check_batches(
    batches: Iterable[Lines], recipe: Recipe, processes: int
) -> Iterator[list[CheckedLine]]:
    """The batches in their order, each judged; in so many processes of their own, 0 in this one."""
    if processes == 0:
        checker = _Checker(recipe.checks())
        for batch in batches:
            yield checker.check(batch)
        return
    with ExitStack() as stack:
        checkers = _Checkers(stack, recipe)
        threads = stack.enter_context(ThreadPoolExecutor(processes, "checks"))
        waiting: deque[Future[list[CheckedLine]]] = deque()
        for batch in batches:
            waiting.append(threads.submit(checkers.check, batch))
            if len(waiting) > _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Checker:
    """Judges batch after batch; only so many invalid records are explained at length."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._explained = MOST_EXPLAINED

    def check(self, batch: Lines) -> list[CheckedLine]:
        checked = check_lines(batch, self._checks, self._explained)
        self._explained -= sum(1 for line in checked if line.faults)
        return checked


class _Checkers:
    """One process for each thread that asks: it ends when its pipe does, however that comes about.

    The processes of a pool would outlive a parent that is killed.
    """

    def __init__(self, stack: ExitStack, recipe: Recipe) -> None:
        self._stack = stack
        self._recipe = recipe
        self._of_thread = threading.local()
        self._starting = threading.Lock()

    def check(self, batch: Lines) -> list[CheckedLine]:
        pipe = getattr(self._of_thread, "pipe", None) or self._start()
        pipe.send(batch)
        answer: list[CheckedLine] = pipe.recv()
        return answer

    def _start(self) -> Connection[Any, Any]:
        with self._starting:
            spawning = get_context("spawn")
            ours, theirs = spawning.Pipe()
            process = spawning.Process(target=_serve, args=(theirs, self._recipe), daemon=True)
            process.start()
            theirs.close()
            self._stack.callback(process.join)
            self._stack.callback(ours.close)
        self._of_thread.pipe = ours
        return ours


def _serve(pipe: Connection[Any, Any], recipe: Recipe) -> None:
    """Judge batches until nobody asks any more."""
    # Ctrl-C is the parent's to answer: it closes the pipe
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    checker = _Checker(recipe.checks())
    while True:
        try:
            batch = pipe.recv()
        except EOFError:
            return
        pipe.send(checker.check(batch))
