"""Who may see a record that is not published, and what the others are told."""

from __future__ import annotations

import sqlalchemy as sa

from api.usecases.access import Caller
from api.usecases.rights import RIGHTS, UseCase, sees_every_department
from catalog import departments, records
from catalog.errors import NotPermitted, RecordNotFound, RecordNotPublished
from catalog.record_register import PublishedRecord, WorkingRecord
from catalog.roles import Role

_COORDINATING = frozenset({Role.STEWARD, Role.REVIEWER})


def may_see_drafts(caller: Caller) -> bool:
    """Whether a role of the caller sees drafts at all."""
    return not RIGHTS[UseCase.RECORD_READ_DRAFT].isdisjoint(caller.roles)


def sees_all_drafts(caller: Caller) -> bool:
    """Whether the caller sees the drafts of every department."""
    return sees_every_department(UseCase.RECORD_READ_DRAFT, caller.roles)


def open_departments(conn: sa.Connection, caller: Caller) -> frozenset[str] | None:
    """The departments whose drafts are the caller's business; None: all of them.

    A department coordinates its subordinate units (SI-04): its stewards and reviewers read what
    these write. Writing and deciding stay with each unit's own people.
    """
    if sees_all_drafts(caller):
        return None
    if caller.account is None:
        return frozenset()
    own = caller.account.department_id
    if _COORDINATING.isdisjoint(caller.roles):
        return frozenset({own})
    return departments.with_subordinates(conn, own)


def is_open_to(conn: sa.Connection, caller: Caller, department_id: str) -> bool:
    """Whether the drafts of a department are the caller's business."""
    own = caller.account is not None and caller.account.department_id == department_id
    if own:
        return True
    opened = open_departments(conn, caller)
    return opened is None or department_id in opened


def check_open(
    conn: sa.Connection,
    caller: Caller,
    resource: str,
    action: str = UseCase.RECORD_READ_DRAFT.value,
) -> WorkingRecord:
    """The version worked on; NotPermitted, or RecordNotFound where nothing is published either."""
    found = records.working(conn, resource)
    if not is_open_to(conn, caller, found.department_id):
        visible(conn, resource)
        raise NotPermitted(
            caller.require().name,
            action=action,
            resource=resource,
            role=Role.AUTHORITY,
        )
    return found


def visible(conn: sa.Connection, resource: str) -> PublishedRecord:
    """The published version; RecordNotFound also where there is a record that is not published."""
    try:
        return records.published(conn, resource)
    except RecordNotPublished as error:
        # to the public, what is not published is not there
        raise RecordNotFound(error.resource) from None
