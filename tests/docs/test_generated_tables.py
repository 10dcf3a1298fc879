"""The tables of docs/deliveries.md say what the code says, and leave out no rule and no reason."""

from __future__ import annotations

import re
from pathlib import Path

from docs import generate
from ingest.sentences import RULES
from standards.identifiers import IdentifierKind

ROOT = Path(__file__).parents[2]
# Found without a check of an item: by the exact reader, and among the keys of a whole delivery.
OF_ROWS = {"row.ragged", "row.quotes", "key.duplicate", "key.repeated"}


def test_the_tables_are_those_the_code_gives() -> None:
    text = generate.PAGE.read_text(encoding="utf-8")
    assert text.count("<!-- generated: ") == 2
    assert generate.page(text) == text, "run `python -m docs.generate` in the virtual environment"


def test_every_check_has_its_sentence_and_every_sentence_its_check() -> None:
    finer = {f"identifier.{kind}" for kind in IdentifierKind}
    checked = {check.rule for check in generate.every_check()}
    assert checked - finer == set(RULES) - OF_ROWS
    assert {check.rule for check in generate.every_check() if check.rule_sql} == finer


def test_every_reason_in_the_code_is_in_the_table() -> None:
    files = [ROOT / "ingest" / name for name in ("refusals.py", "file_refusals.py")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    written = set(
        re.findall(
            r'"((?:file|header|totals|resource|record|platform|delivery|drop|manifest)\.[a-z0-9_]+)"',
            source,
        )
    )
    assert {refusal.code for refusal in generate.every_refusal()} == written
