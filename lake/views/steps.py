"""Every durable step of a view's build, in order: where an accident may cut it.

`build_view` passes the first six, `api/usecases/views.py` the last three.
"""

from collections.abc import Callable
from enum import StrEnum


class ViewStep(StrEnum):
    """What is durable when a step is passed; until `view_served` the older version is served."""

    PLANNED = "view_planned"  # nothing: sources, version and build id are chosen
    ROWS_BUILT = "view_rows_built"  # Parquet in the scratch folder alone
    FILES_STAGED = "view_files_staged"  # Parquet in the base bucket that no table names
    COMMITTED = "view_committed"  # the three tables name it; no recorded version does
    HASHED = "view_hashed"  # nothing more: the content hash is known
    SERVING_WRITTEN = "view_serving_written"  # serving files in their place; no pointer names them
    RECORDED = "view_recorded"  # the catalogue has the version
    SERVED = "view_served"  # the pointer names it
    CLEARED = "view_cleared"  # files of versions that nobody asks for any more are gone


OnViewStep = Callable[[ViewStep], None]


def pass_by(step: ViewStep) -> None:
    """Do nothing at a step: what builds do unless a test is watching."""
