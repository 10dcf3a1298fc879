"""Progress of long work, drawn on standard error and only where that is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str, float | None], None]


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Report]:
    """Give a function that takes (what is being done, fraction done or None)."""
    if quiet or not sys.stderr.isatty():
        yield _say_nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def report(doing: str, fraction: float | None) -> None:
            total = None if fraction is None else 1.0
            bar.update(task, description=doing, total=total, completed=fraction or 0.0)

        yield report


def _say_nothing(_doing: str, _fraction: float | None) -> None:
    return None
