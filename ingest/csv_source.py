"""Read a delimited text: by DuckDB where its frame is beyond doubt, else by the exact reader."""

import csv
from pathlib import Path

from ingest import refusals
from ingest.decode import DecodedText
from ingest.exact_csv import LINE_LIMIT, read_exactly
from ingest.header import Layout, known_heads, match_header
from ingest.refusals import FileRefused
from ingest.source import Note, TextSource
from ingest.text_facts import Structure, count_structure
from ingest.text_parts import Part
from lake.engine import quote_name, quote_value
from standards.records import Record

DELIMITERS = (",", "\t", ";", "|")
# As many as the widest workbook has: more is a wrong delimiter, not a table.
COLUMNS = 16_384


def csv_source(record: Record, text: DecodedText, scratch: Path) -> TextSource:
    """Return the rows of a delimited text; refuse it whole where its frame cannot be trusted."""
    delimiter, found = _header(record, text.path)
    if len(found) > COLUMNS:
        raise FileRefused(refusals.too_many_columns(len(found), COLUMNS))
    layout = match_header(record, found)
    notes = _delimiter_note(delimiter)
    structure = count_structure(text.path, text.facts, delimiter)
    if structure.lines <= 1 and structure.quoted_newlines == 0 and text.facts.returns == 0:
        raise FileRefused(refusals.header_only())
    if not _is_plain(text, structure, found):
        return exact_source(record, text, scratch, notes)
    return TextSource(
        parts=tuple(
            _relation(part, layout, delimiter) for part in text.parts or (Part(text.path, 1, 0),)
        ),
        rows=structure.lines - 1,
        encoding=text.encoding,
        notes=notes,
        spoiled=text.facts.spoiled,
        blanks=_may_have_blanks(text, delimiter),
        empties=False,
    )


def _may_have_blanks(text: DecodedText, delimiter: str) -> bool:
    return text.facts.blanks or (text.facts.tabs > 0 and delimiter != "\t")


def exact_source(
    record: Record, text: DecodedText, scratch: Path, notes: tuple[Note, ...] = ()
) -> TextSource:
    """Read row by row: slower, and right on ragged rows, odd quotes, mixed line ends."""
    delimiter, found = _header(record, text.path)
    layout = match_header(record, found)
    exact = read_exactly(text.path, layout, delimiter, scratch / "exact.parquet")
    if exact.rows == 0:
        raise FileRefused(refusals.header_only())
    return TextSource(
        parts=(f"read_parquet({quote_value(str(exact.path))})",),
        rows=exact.rows,
        encoding=text.encoding,
        notes=(*(notes or _delimiter_note(delimiter)), *exact.notes),
        spoiled=text.facts.spoiled,
        marked=True,
    )


def _header(record: Record, path: Path) -> tuple[str, list[str]]:
    """Return the delimiter whose reading of the first record the metadata knows best."""
    readings = [(delimiter, _first_record(path, delimiter)) for delimiter in DELIMITERS]
    return max(readings, key=lambda reading: known_heads(record, reading[1]))


def _first_record(path: Path, delimiter: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        csv.field_size_limit(LINE_LIMIT)
        try:
            return next(csv.reader(file, delimiter=delimiter), [])
        except csv.Error as error:
            raise FileRefused(refusals.line_too_long("row 1", LINE_LIMIT)) from error


def _delimiter_note(delimiter: str) -> tuple[Note, ...]:
    if delimiter == ",":
        return ()
    name = {"\t": "制表符 tab", ";": "分号 semicolon", "|": "竖线 bar"}[delimiter]
    return (Note("csv.delimiter", f"列分隔符为{name}", f"the columns are separated by {name}"),)


def _is_plain(text: DecodedText, structure: Structure, header: list[str]) -> bool:
    """Whether the counted bytes leave no room for a second reading of the file."""
    return (
        text.facts.uniform_ends
        and structure.regular
        and structure.quoted_newlines == 0
        and structure.delimiters == structure.lines * (len(header) - 1)
        and len(header) > 1
    )


def _relation(part: Part, layout: Layout, delimiter: str) -> str:
    names = [f"c{place}" for place in range(len(layout.columns))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    items = ", ".join(
        f"{name} AS {quote_name(item)}"
        for name, item in zip(names, layout.columns, strict=True)
        if item is not None
    )
    reader = (
        f"read_csv({quote_value(str(part.path))}, auto_detect = false, header = false, "
        f"skip = {part.skip}, delim = {quote_value(delimiter)}, quote = '\"', escape = '\"', "
        f"strict_mode = true, columns = {{{columns}}})"
    )
    return f"(SELECT {items}, {part.rows_before} + row_number() OVER () AS _row FROM {reader})"
