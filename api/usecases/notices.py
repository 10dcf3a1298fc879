"""Notices: what the platform told an account or its department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.answers.publishing import NoticeAnswer
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from catalog.publishing import notices

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.publishing.notices import Notice


def list_notices(
    services: Services, caller: Caller, *, unread_only: bool, before: str | None, limit: int
) -> tuple[list[NoticeAnswer], str | None]:
    """A page of the caller's notices, newest first, and the key of the next page."""
    with watched(services, caller, UseCase.NOTICE_LIST), services.database.reading() as conn:
        page = notices.list_notices(
            conn, caller.require(), unread_only=unread_only, limit=limit, before=before
        )
    return [_answer(each) for each in page.rows], page.next_cursor


def read_notice(services: Services, caller: Caller, notice_id: str) -> NoticeAnswer:
    """Mark a notice as read; NoticeNotFound."""
    with watched(services, caller, UseCase.NOTICE_READ) as trail:
        with services.database.transaction() as conn:
            found = notices.read(conn, notice_id, caller.require(), services.clock.now())
        trail.resource = found.resource_id
        trail.detail["notice"] = found.notice_id
    return _answer(found)


def _answer(found: Notice) -> NoticeAnswer:
    return NoticeAnswer(
        notice_id=found.notice_id,
        account=found.account,
        department_id=found.department_id,
        kind=found.kind.value,
        resource_id=found.resource_id,
        zh=found.zh,
        en=found.en,
        created_at=found.created_at,
        read_at=found.read_at,
        read_by=found.read_by,
    )
