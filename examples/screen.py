"""What a demonstration shows: headings, sentences, tables and progress bars, Chinese first."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Protocol, TextIO

from rich.box import ROUNDED
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

PLAIN_WIDTH = 110  # where the output is no terminal, nobody folds the lines for the reader


class Advance(Protocol):
    """Says that one step of a progress bar is done, and what comes now."""

    def __call__(self, doing: str, *, done: int = 1) -> None: ...


class Screen:
    """Prints to a terminal of any width, or plainly to a file."""

    def __init__(self, stream: TextIO | None = None) -> None:
        out = sys.stdout if stream is None else stream
        width = None if out.isatty() else PLAIN_WIDTH
        if isinstance(out, TextIOWrapper):
            out.reconfigure(errors="backslashreplace")  # a terminal that knows no Chinese
        self._console = Console(file=out, width=width, markup=False, highlight=False)
        self._step = 0

    @property
    def interactive(self) -> bool:
        return self._console.is_terminal

    def heading(self, zh: str, en: str, *, command: str = "") -> None:
        """Open the next step; `command` is what a person would type for it."""
        self._step += 1
        self.say()
        self.say(f"{self._step}. {zh}", style="bold cyan")
        self.say(f"   {en}", style="cyan")
        if command:
            self.say(f"   = {command}", style="dim")

    def say(self, sentence: str = "", *, style: str | None = None) -> None:
        """One line, folded by the terminal alone: what is to be copied stays one line."""
        self._console.print(sentence, style=style, soft_wrap=True)

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        title: str = "",
        numbers: Sequence[int] = (),
        lines: bool = False,
    ) -> None:
        """A table; the columns at the places `numbers` are set to the right."""
        drawn = Table(box=ROUNDED, title=title or None, title_justify="left", show_lines=lines)
        for place, head in enumerate(heads):
            drawn.add_column(head, justify="right" if place in numbers else "left", overflow="fold")
        for row in rows:
            drawn.add_row(*("" if cell is None else str(cell) for cell in row))
        self._console.print(drawn)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Advance]:
        """A bar of `total` steps that goes away when done; nothing where there is no terminal."""
        if not self.interactive:
            yield _say_nothing
            return
        columns = (
            TextColumn("   {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bars:
            task = bars.add_task(title, total=total)

            def advance(doing: str, *, done: int = 1) -> None:
                bars.update(task, advance=done, description=doing)

            yield advance


def _say_nothing(doing: str, *, done: int = 1) -> None:
    return None
