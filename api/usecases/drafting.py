"""A record proposed from a sample file; keeps nothing, and repeats no cell of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from api.answers.workbooks import DraftedRecord
from api.bootstrap import local_code_lists
from api.errors import FileNotReadable, SampleRefused
from api.usecases.records import registers_at
from standards.registers import shipped_registers

if TYPE_CHECKING:
    from api.settings import Settings


def draft_record(settings: Settings, path: Path) -> DraftedRecord:
    """Propose the record of a file, with the data elements that are registered at the home.

    Raises FileNotReadable and SampleRefused.
    """
    from ingest.drafting import draft_record as draft
    from ingest.refusals import FileRefused

    registers = registers_at(settings) or shipped_registers()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            found = draft(path, Path(scratch), local_code_lists(settings), registers.elements)
        except FileRefused as error:
            raise SampleRefused(error.refusal.zh, error.refusal.en) from error
        except OSError as error:
            raise FileNotReadable(str(path)) from error
    return DraftedRecord(
        yaml=found.text,
        record=dict(found.document),
        todo=list(found.todo),
        remarks=list(found.remarks),
    )
