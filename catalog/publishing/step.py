"""One step in the life of a record while it is taken: the record as it was read, who acts, when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from catalog.ids import Ids
from catalog.life_cycle import Action, Outcome
from catalog.record_rows import version_row
from catalog.roles import Deed


@dataclass(frozen=True, slots=True)
class Details:
    """What some actions are told beside an opinion: when to publish, what to bind to, and what
    the content means for personal information."""

    publish_at: datetime | None = None
    kind: str | None = None
    target: str | None = None
    impact: str | None = None


NO_DETAILS = Details()


@dataclass(frozen=True)
class Step:
    """`row` is the record's row before the step, locked; `account` answers for what is done."""

    conn: sa.Connection
    row: Mapping[Any, Any]
    action: Action | Deed
    outcome: Outcome
    account: str
    opinion: str
    now: datetime
    ids: Ids
    details: Details = NO_DETAILS

    @property
    def resource_id(self) -> str:
        return str(self.row["resource_id"])

    @cached_property
    def version(self) -> Mapping[Any, Any]:
        """The row of the version that is worked on."""
        return version_row(self.conn, self.resource_id, self.row["working_version"])

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.version["document"])
        return document
