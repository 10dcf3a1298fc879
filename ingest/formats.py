"""Tell what a file is from its first bytes; its name is only a hint."""

import zipfile
from enum import StrEnum
from pathlib import Path

from ingest import refusals
from ingest.refusals import FileRefused


class FileFormat(StrEnum):
    """A format that deliveries are taken in."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


def tell_format(path: Path) -> FileFormat:
    """Return the format of the file at `path`; what is not a known binary format is text."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise FileRefused(refusals.empty_file())
    if start.startswith(b"PAR1"):
        return FileFormat.PARQUET
    if start.startswith(b"PK\x03\x04"):
        return _workbook(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        # The old compound format: .xls, or an encrypted .xlsx.
        raise FileRefused(refusals.unreadable(".xlsx"))
    return FileFormat.CSV


def _workbook(path: Path) -> FileFormat:
    try:
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" in archive.namelist():
                return FileFormat.XLSX
    except (zipfile.BadZipFile, OSError) as error:
        raise FileRefused(refusals.unreadable(".xlsx")) from error
    raise FileRefused(refusals.unreadable(".xlsx"))
