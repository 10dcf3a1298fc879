"""The same search by SQLite's FTS5, on the very tokens of ours: hits by BM25, six facets counted.

It runs in the process that asks, without HTTP. Its facets are all counted by what is found, which
is less than ours count where a facet is narrowed; of several themes it counts the first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from catalog.search.facets import Facet
from catalog.search.indexed import IndexedRecord, fields_of
from catalog.search.tokens import INITIALS, Run, Script, pairs, runs, syllable_pairs
from standards.chinese.pinyin import readings
from standards.chinese.text import plain

_TEXTS: Final = (
    "title",
    "title_pinyin",
    "title_initials",
    "department",
    "department_pinyin",
    "department_initials",
    "keywords",
    "items",
    "abstract",
    "title_characters",
    "department_characters",
    "items_characters",
    "abstract_characters",
)
_WEIGHTS: Final = (10, 3, 1, 5, 3, 1, 4, 4, 2, 10, 5, 4, 2)
_FACETS: Final = tuple(facet.value for facet in Facet)


def build(path: Path, records: Iterable[IndexedRecord]) -> None:
    """Fill a new database with the records."""
    facets = ", ".join(f'"{name}" TEXT' for name in _FACETS)
    with sqlite3.connect(path) as conn:
        conn.execute(f"CREATE TABLE records (id INTEGER PRIMARY KEY, summary TEXT, {facets})")
        texts = ", ".join(_TEXTS)
        conn.execute(
            f"CREATE VIRTUAL TABLE found USING fts5({texts}, content='', "
            "tokenize=\"unicode61 remove_diacritics 0 tokenchars '.^'\")"
        )
        for number, record in enumerate(records, 1):
            fields = fields_of(record)
            values = [_text(name, fields[name]) for name in _TEXTS]
            conn.execute(
                f"INSERT INTO found (rowid, {texts}) VALUES ({_marks(len(_TEXTS) + 1)})",
                (number, *values),
            )
            row = [next(iter(record.facets[Facet(name)]), None) for name in _FACETS]
            conn.execute(
                f"INSERT INTO records VALUES ({_marks(len(row) + 2)})",
                (number, record.summary, *row),
            )
        conn.execute("INSERT INTO found (found) VALUES ('optimize')")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database for reading."""
    conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        yield conn
    finally:
        conn.close()


def ask(conn: sqlite3.Connection, text: str, filters: Mapping[str, str]) -> int:
    """The first twenty with the counts of all facets; how many of the twenty there are."""
    match = " AND ".join(f"({_anywhere(run)})" for run in runs(plain(text)))
    where, values = _where(filters)
    source, order = "records r", "r.id"
    if match:
        source = "found JOIN records r ON r.id = found.rowid"
        order = f"bm25(found, {', '.join(map(str, _WEIGHTS))})"
        where, values = ["found MATCH ?", *where], [match, *values]
    chosen = f"FROM {source} WHERE {' AND '.join(where) or '1'}"
    hits = conn.execute(f"SELECT r.summary {chosen} ORDER BY {order} LIMIT 20", values).fetchall()
    columns = ", ".join(f'r."{name}"' for name in _FACETS)
    counted = " UNION ALL ".join(
        f"SELECT '{name}', \"{name}\", count(*) FROM m GROUP BY 2" for name in _FACETS
    )
    conn.execute(f"WITH m AS MATERIALIZED (SELECT {columns} {chosen}) {counted}", values).fetchall()
    return len(hits)


def _where(filters: Mapping[str, str]) -> tuple[list[str], list[str]]:
    where, values = [], []
    for name, value in filters.items():
        if name in {Facet.CLASS, Facet.FORMAT, Facet.DEPARTMENT}:
            where.append(f'r."{name}" GLOB ?')
            values.append(f"{value}*")
        else:
            where.append(f'r."{name}" = ?')
            values.append(value)
    return where, values


def _anywhere(run: Run) -> str:
    if run.script is Script.CHINESE and len(run.text) == 1:
        return _in(_TEXTS[9:], [run.text])
    if run.script is Script.CHINESE:
        return _in(("title", "department", "keywords", "items", "abstract"), pairs(run.text))
    found = [_in(("title", "keywords"), [run.text], begun=True)]
    if run.script is Script.LETTERS:
        found += [_in(("title_pinyin", "department_pinyin"), *_spoken(r)) for r in _read(run)]
        threes = [run.text[at : at + INITIALS] for at in range(len(run.text) - INITIALS + 1)]
        short = len(run.text) < INITIALS
        initials = [run.text] if short else threes
        found.append(_in(("title_initials", "department_initials"), initials, short))
    return " OR ".join(found)


def _read(run: Run) -> Sequence[tuple[str, ...]]:
    return readings(run.text[:60])


def _spoken(reading: Sequence[str]) -> tuple[list[str], bool]:
    return (syllable_pairs(list(reading))[:-1] or [reading[0]]), True


def _in(columns: Sequence[str], terms: Sequence[str], begun: bool = False) -> str:
    return f'{{{" ".join(columns)}}} : "{" ".join(terms)}"{" *" if begun else ""}'


def _text(name: str, value: object) -> str:
    whole = value if isinstance(value, str) else " ".join(value)  # type: ignore[arg-type]
    return " ".join(whole) if name.endswith("_characters") else whole


def _marks(count: int) -> str:
    return ", ".join("?" * count)
