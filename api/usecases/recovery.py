"""What nobody asks for and somebody must do: take up what crashes left, clear what none owns."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import structlog

from api.usecases.views import serve_recorded

if TYPE_CHECKING:
    from api.bootstrap import Services


def recover(services: Services) -> None:
    """What a worker does first: queue what was cut short, serve the views that are recorded."""
    adopt_deliveries(services)
    serve_recorded(services)


def adopt_deliveries(services: Services) -> int:
    """Queue a job for each unfinished delivery that has none; says how many."""
    from ingest.recover import adopt

    adopted = adopt(services.intake())
    if adopted:
        structlog.get_logger().info("deliveries-adopted", deliveries=adopted)
    return adopted


def clear_abandoned(services: Services) -> int:
    """Remove uploads without a sender, and scratch files of processes that are gone."""
    from ingest.recover import ABANDONED, clear_staging

    removed = clear_staging(services.intake())
    oldest = (services.clock.now() - ABANDONED).timestamp()
    scratch = services.settings.scratch
    for left in list(scratch.iterdir()) if scratch.is_dir() else []:
        if left.is_dir() and left.stat().st_mtime < oldest:
            shutil.rmtree(left, ignore_errors=True)
            removed += 1
    if removed:
        structlog.get_logger().info("abandoned-removed", removed=removed)
    return removed
