"""What a command prints: JSON on standard output, or sentences and tables for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.answers import Answer

WIDE = 250


def say(sentence: str) -> None:
    # half a character that came in, in a name or a number, must not make what goes out unreadable
    sys.stdout.write(sentence.encode("utf-8", errors="replace").decode("utf-8") + "\n")


def warn(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def print_json(document: Any) -> None:
    say(as_text(document))


def print_lines(documents: Iterable[Any]) -> None:
    """One JSON document a line."""
    for document in documents:
        say(as_text(document))


def as_text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, default=str)


def show(document: Any, *, as_json: bool, human: Callable[[], None]) -> None:
    """Print the document as JSON, or let `human` print it for a person."""
    if as_json:
        print_json(document)
    else:
        human()


def show_facts(answer: Answer, *, as_json: bool) -> None:
    """Print an answer as JSON, or its facts one a line."""
    document = answer.as_json()
    show(document, as_json=as_json, human=lambda: facts(document.items()))


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str = "") -> None:
    """A table for a person; `empty` is said instead where there are no rows."""
    from rich.console import Console
    from rich.table import Table

    lines = [[_cell(value) for value in row] for row in rows]
    if not lines and empty:
        say(empty)
        return
    drawn = Table(*heads, header_style="bold")
    for line in lines:
        drawn.add_row(*line)
    # what is read by another program is not folded to the width of a screen
    width = None if sys.stdout.isatty() else WIDE
    Console(file=sys.stdout, markup=False, highlight=False, width=width).print(drawn)


def facts(pairs: Iterable[tuple[str, Any]]) -> None:
    """Name and value pairs, one a line; those without a value are left out."""
    for name, value in pairs:
        if value not in (None, "", (), [], {}):
            say(f"{name}: {_cell(value)}")


def violation_lines(violations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What a check found in a document, three lines each: place and rule, Chinese, English."""
    for each in violations:
        places = [each[name] for name in ("place", "path") if each.get(name)]
        yield f"[{each['severity']}] {' '.join(places)} ({each['rule']})"
        yield f"    {each['zh']}"
        yield f"    {each['en']}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={each}" for key, each in value.items())
    return str(value)
