"""The page for operators names every kind of finding and every check."""

from __future__ import annotations

import re
from pathlib import Path

from api.usecases.doctor import examine
from api.usecases.setup import initialise
from ingest.fsck import Group, Kind
from tests.api.conftest import services_at

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def test_every_kind_of_finding_is_explained() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert {str(kind) for kind in Kind} <= named
    assert {str(group) for group in Group} <= named


def test_every_check_of_the_doctor_is_explained(tmp_path: Path) -> None:
    services = services_at(tmp_path)
    initialise(services, None)
    found = examine(lambda: services.settings)
    services.close()
    named = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert len(found.checks) > 15
    assert {check.name for check in found.checks} | {"database_clock"} <= named
