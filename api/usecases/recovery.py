"""What a start does first: finish or undo whatever a crash left between two steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from api.usecases.views import serve_recorded

if TYPE_CHECKING:
    from api.bootstrap import Services


def recover(services: Services) -> None:
    """Finish or undo cut-short deliveries, and serve the views that are recorded."""
    from ingest.recover import finish_or_undo

    recovered = finish_or_undo(services.intake())
    log = structlog.get_logger()
    for delivery_id, error in recovered.failed.items():
        log.error("delivery-not-recovered", delivery_id=delivery_id, error=error)
    if recovered.finished or recovered.removed:
        log.info(
            "recovered", deliveries=list(recovered.finished), uploads_removed=recovered.removed
        )
    serve_recorded(services)
