"""Harvesting: a catalogue in DCAT-AP or DCAT-US becomes drafts, as that of a portal does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import FileNotReadable, NotOneOf
from api.usecases.access import Caller, watched
from api.usecases.drafts import import_answer
from api.usecases.rights import UseCase
from catalog import drafts
from catalog.drafts import Kept
from catalog.profiles.import_data_json import read_data_json
from catalog.profiles.import_dcat import read_dcat

if TYPE_CHECKING:
    from api.answers.drafts import DraftImportAnswer
    from api.bootstrap import Services

READERS = {"dcat": read_dcat, "data.json": read_data_json}


def harvest_catalogue(
    services: Services, caller: Caller, file: Path, form: str, source: str, *, keep: bool = True
) -> DraftImportAnswer:
    """Read a catalogue of a known form and keep its data sets as drafts.

    Unless they are to `keep`, the drafts are only looked at. Raises NotThisFormat, RemoteContext,
    FileNotReadable, InvalidSource.
    """
    with watched(services, caller, UseCase.DRAFT_IMPORT) as trail:
        if form not in READERS:
            raise NotOneOf("format", tuple(READERS))
        named = drafts.check_source(source)
        trail.detail |= {"source": named, "format": form}
        imported = READERS[form](_text_of(file), named)
        kept = Kept()
        if keep:
            with services.database.transaction() as conn:
                kept = drafts.keep_drafts(conn, imported.drafts, services.clock)
        trail.rows = len(imported.drafts)
    return import_answer(imported, form, kept)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileNotReadable(str(file)) from error
