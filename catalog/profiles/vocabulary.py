"""Our codes in the vocabularies of the profiles: update cycles, file types, rights of access."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_AUTHORITY = "http://publications.europa.eu/resource/authority"
FREQUENCY = f"{_AUTHORITY}/frequency/"
FILE_TYPE = f"{_AUTHORITY}/file-type/"
ACCESS_RIGHT = f"{_AUTHORITY}/access-right/"
CHINESE = f"{_AUTHORITY}/language/ZHO"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"

FREQUENCIES: Mapping[str, str] = MappingProxyType(
    {
        "realtime": "UPDATE_CONT",
        "daily": "DAILY",
        "weekly": "WEEKLY",
        "monthly": "MONTHLY",
        "quarterly": "QUARTERLY",
        "semiannual": "ANNUAL_2",
        "yearly": "ANNUAL",
        "on_demand": "AS_NEEDED",
        "irregular": "IRREG",
        "other": "OTHER",
    }
)
"""Update cycle to the last part of the EU authority's URI."""

INTERVALS: Mapping[str, str] = MappingProxyType(
    {
        "realtime": "R/PT1S",
        "daily": "R/P1D",
        "weekly": "R/P1W",
        "monthly": "R/P1M",
        "quarterly": "R/P3M",
        "semiannual": "R/P6M",
        "yearly": "R/P1Y",
        "irregular": "irregular",
    }
)
"""Update cycle as DCAT-US writes it; it has no word for the others."""

# Further spellings of the same, from catalogues that are harvested; nothing that only comes near.
_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "cont": "realtime",
        "continuous": "realtime",
        "continual": "realtime",
        "real-time": "realtime",
        "r/p7d": "weekly",
        "r/p12m": "yearly",
        "annually": "yearly",
        "annual": "yearly",
        "semiannual": "semiannual",
        "twice a year": "semiannual",
        "as needed": "on_demand",
        "asneeded": "on_demand",
        "r/p0.5y": "semiannual",
        "r/p0.25y": "quarterly",
    }
)

_FILE_TYPES: Mapping[str, tuple[str | None, str | None]] = MappingProxyType(
    {
        # type of the record: the EU authority's file type, the IANA media type
        "csv": ("CSV", "text/csv"),
        "xls": ("XLS", "application/vnd.ms-excel"),
        "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "json": ("JSON", "application/json"),
        "xml": ("XML", "application/xml"),
        "txt": ("TXT", "text/plain"),
        "doc": ("DOC", "application/msword"),
        "docx": ("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "ppt": ("PPT", "application/vnd.ms-powerpoint"),
        "html": ("HTML", "text/html"),
        "pdf": ("PDF", "application/pdf"),
        "jpg": ("JPEG", "image/jpeg"),
        "gif": ("GIF", "image/gif"),
        "bmp": ("BMP", "image/bmp"),
        "dbf": ("DBF", None),
        "access": ("MDB", None),
        "parquet": ("PARQUET", "application/vnd.apache.parquet"),
        "zip": ("ZIP", "application/zip"),
    }
)


class Access(StrEnum):
    """How far data is open, in the words of the EU authority."""

    PUBLIC = "PUBLIC"
    RESTRICTED = "RESTRICTED"
    NON_PUBLIC = "NON_PUBLIC"


def access_of(document: Mapping[str, Any]) -> Access:
    """What a record promises the world outside of government.

    Sharing (共享) is among departments, opening (开放) is to society: what is shared and not open
    can be had by who is granted it; what is not shared, by nobody.
    """
    if document.get("share_type") == 3:
        return Access.NON_PUBLIC
    if document.get("open") is not True:
        return Access.RESTRICTED
    free = document.get("open_type", "unconditional") == "unconditional"
    return Access.PUBLIC if free and not document.get("open_condition") else Access.RESTRICTED


def file_type(document: Mapping[str, Any]) -> str | None:
    """The EU authority's file type of a record's format, where it has one."""
    return _FILE_TYPES.get(_type(document), (None, None))[0]


def media_type(document: Mapping[str, Any]) -> str | None:
    """The IANA media type of a record's format, where it has one."""
    return _FILE_TYPES.get(_type(document), (None, None))[1]


def type_of_media(text: str) -> str | None:
    """The type of our formats that a media type, a file type's URI or a plain word stands for."""
    word = text.strip().removeprefix(FILE_TYPE).removeprefix(MEDIA_TYPE).lower()
    for name, (file, media) in _FILE_TYPES.items():
        if word in {name, (file or "").lower(), media}:
            return name
    return None


def cycle_of(text: str) -> str | None:
    """The update cycle that a frequency of some catalogue is; None where it is none of ours."""
    word = text.strip().lower()
    for table in (FREQUENCIES, INTERVALS):
        for cycle, name in table.items():
            if word in {cycle, name.lower(), f"{FREQUENCY}{name}".lower()}:
                return cycle
    return _SPELLINGS.get(word.removeprefix(FREQUENCY))


def _type(document: Mapping[str, Any]) -> str:
    found = document.get("format")
    return str(found.get("type", "")).strip().lower() if isinstance(found, Mapping) else ""
