"""The program `datacontract`, in the environment of its own that `.ci/datacontract` makes."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

PINS = Path(__file__).parent / "requirements-datacontract.txt"


def find_datacontract() -> Path | None:
    """Where the program is that was made of these very pins; None where it was not made."""
    text = PINS.read_bytes()
    version = re.search(rb"^datacontract-cli==(\S+)", text, re.MULTILINE)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    assert version is not None
    name = f"datacontract-{version[1].decode()}-{hashlib.sha256(text).hexdigest()[:12]}"
    folder = cache / "datong" / name
    return folder / "bin" / "datacontract" if (folder / "whole").is_file() else None
