"""What a start does first: finish or undo whatever a crash left between two steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.usecases.views import serve_recorded

if TYPE_CHECKING:
    from api.bootstrap import Services


def recover(services: Services) -> None:
    """Finish or undo cut-short deliveries, and serve the views that are recorded."""
    from ingest.recover import finish_or_undo

    finish_or_undo(services.intake())
    serve_recorded(services)
