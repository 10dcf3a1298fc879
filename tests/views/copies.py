"""New versions of a served view without building them: copies that say which one they are."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from lake.views.serving_files import (
    publish_pointer,
    remove_superseded,
    served_version,
    version_folder,
)
from lake.views.serving_header import read_header


def serve_copies(folder: Path, *numbers: int) -> None:
    """Serve one version after the other, and remove what is superseded, as a build does."""
    for number in numbers:
        served = served_version(folder)
        assert served is not None
        copy = version_folder(folder, number)
        shutil.copytree(version_folder(folder, served), copy)
        replace(read_header(copy), version=number).write(copy)
        publish_pointer(folder, number)
        remove_superseded(folder)
