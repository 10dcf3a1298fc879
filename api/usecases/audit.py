"""The audit lines, for the auditor alone; reading them leaves a line of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase

if TYPE_CHECKING:
    from api.bootstrap import Services


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines to read; None for any."""

    since: datetime | None = None
    account: str | None = None
    action: str | None = None
    limit: int | None = None


def audit_lines(
    services: Services, caller: Caller, wanted: AuditFilter
) -> Iterator[dict[str, Any]]:
    """The lines in the order they were written, each with its `sequence`."""
    with watched(services, caller, UseCase.AUDIT_LIST):
        stored = services.audit.lines(
            since=wanted.since, account=wanted.account, action=wanted.action, limit=wanted.limit
        )
    return ({"sequence": each.sequence, **json.loads(each.text)} for each in stored)
