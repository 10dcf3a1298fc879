"""Reads the beginning of a file as columns of text, with bounded memory, for a record to be drafted
from it. What a delivery would refuse whole is refused here in the same words."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from ingest import refusals, sample_refusals
from ingest.csv_source import COLUMNS, DELIMITERS
from ingest.decode import decode
from ingest.exact_csv import LINE_LIMIT
from ingest.formats import FileFormat, tell_format
from ingest.refusals import FileRefused
from ingest.sample_columns import BLANKS, CHARACTERS, ROWS, Sample, SampleColumn, rows_to_read
from ingest.sample_tables import parquet_sample, workbook_sample
from standards.identifiers.hide import without_numbers

_TRIED = 200  # rows by which a delimiter is told from its rivals


def read_sample(path: Path, scratch: Path, *, rows: int = ROWS) -> Sample:
    """The beginning of a file, or FileRefused; `scratch` takes a text that is not UTF-8."""
    kind = tell_format(path)
    if kind is FileFormat.CSV:
        found = _read_text(path, scratch, rows)
    elif kind is FileFormat.XLSX:
        found = workbook_sample(path, rows)
    else:
        found = parquet_sample(path, rows)
    _refuse_unlike_header(found)
    if found.rows == 0:
        raise FileRefused(refusals.header_only())
    return _without_empty_columns(found)


def _read_text(path: Path, scratch: Path, rows: int) -> Sample:
    text = decode(path, scratch)
    delimiter = _delimiter(text.path)
    with _records(text.path, delimiter) as records:
        head = _header(records)
        columns = tuple(SampleColumn(name) for name in head)
        limit = rows_to_read(rows, len(head))
        count = odd = characters = 0
        whole = True
        for record in records:
            if count == limit or characters > CHARACTERS:
                whole = False
                break
            if record == []:
                continue
            if record is None or len(record) != len(head) or record == head:
                odd += 1
                continue
            count += 1
            characters += sum(map(len, record))
            _append(columns, record)
    if odd > count:
        raise FileRefused(sample_refusals.no_table(odd))
    return Sample(FileFormat.CSV, columns, count, whole, odd, text.encoding, delimiter)


@contextmanager
def _records(path: Path, delimiter: str) -> Iterator[Iterator[list[str] | None]]:
    """The records of a text, None for one with broken quotes."""
    csv.field_size_limit(LINE_LIMIT)
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield _each(csv.reader(file, delimiter=delimiter, strict=True))


def _each(reader: Iterator[list[str]]) -> Iterator[list[str] | None]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _header(records: Iterator[list[str] | None]) -> list[str]:
    head = next((record for record in records if record != []), [])
    if head is None:
        raise FileRefused(refusals.malformed_header("第 1 行 / line 1"))
    if len(head) > COLUMNS:
        raise FileRefused(refusals.too_many_columns(len(head), COLUMNS))
    return [name.strip(BLANKS) for name in head]


def _delimiter(path: Path) -> str:
    """The delimiter by which most of the first rows have as many cells as the header."""
    return max(DELIMITERS, key=lambda delimiter: _fit(path, delimiter))


def _fit(path: Path, delimiter: str) -> tuple[float, int]:
    with _records(path, delimiter) as records:
        first = [record for record in islice(records, _TRIED) if record != []]
    widths = [0 if record is None else len(record) for record in first]
    if not widths or widths[0] < 2:
        return 0.0, 0
    alike = sum(1 for width in widths if width == widths[0])
    return alike / len(widths), widths[0]


def _append(columns: Sequence[SampleColumn], cells: Iterable[str | None]) -> None:
    for column, cell in zip(columns, cells, strict=True):
        column.cells.append(cell or None)


def _refuse_unlike_header(found: Sample) -> None:
    heads = [column.head for column in found.columns]
    if any(without_numbers(head) != head for head in heads):
        # The first row holds somebody's number: it must not be repeated in a reason.
        raise FileRefused(sample_refusals.no_header())
    if any(_is_cell_of(column) for column in found.columns):
        raise FileRefused(sample_refusals.no_header())
    for place, column in enumerate(found.columns, start=1):
        if not column.head and any(column.cells):
            raise FileRefused(sample_refusals.headless(place))
    counts = Counter(head for head in heads if head)
    repeated = [head for head, times in counts.items() if times > 1]
    if repeated:
        raise FileRefused(sample_refusals.repeated(repeated[0]))
    if not counts:
        raise FileRefused(sample_refusals.no_header())


def _is_cell_of(column: SampleColumn) -> bool:
    """Whether what stands at the head is a value of the column: then the file has no header."""
    return bool(column.head) and column.head in column.cells


def _without_empty_columns(found: Sample) -> Sample:
    """Columns without a head and without a value are what formatting leaves behind."""
    return replace(found, columns=tuple(column for column in found.columns if column.head))
