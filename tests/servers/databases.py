"""What tests say of the databases that they run on, one after the other."""

from __future__ import annotations

import pytest


def only_on(kind: str) -> pytest.MarkDecorator:
    """Run a test that takes a database on `sqlite` or `postgresql` alone: it is about that one."""
    return pytest.mark.parametrize("database_kind", [kind], indirect=True)
