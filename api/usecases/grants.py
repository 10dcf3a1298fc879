"""Grants: given and revoked by the authority, seen by it, the auditor, and the application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from api.answers import GrantAnswer
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase, sees_every_department
from catalog import grants
from catalog.clock import CHINA_TIME

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.grants import Grant

_PAGE = 1000


def add_grant(services: Services, caller: Caller, document: Mapping[str, Any]) -> str:
    """Grant what the document says and give the grant's id; errors of `catalog.grants`."""
    with watched(services, caller, UseCase.GRANT_ADD) as trail:
        trail.resource = str(document.get("resource"))
        trail.detail["application"] = str(document.get("application"))
        with services.database.transaction() as conn:
            grant_id = grants.add_grant(
                conn,
                document,
                caller.require(),
                services.clock,
                code_lists=services.code_lists,
                ids=services.ids,
            )
        trail.detail["grant_id"] = grant_id
    return grant_id


def revoke_grant(services: Services, caller: Caller, grant_id: str) -> None:
    """End a grant at once; GrantNotFound."""
    with watched(services, caller, UseCase.GRANT_REVOKE) as trail:
        trail.detail["grant_id"] = grant_id
        with services.database.transaction() as conn:
            ended = grants.revoke_grant(conn, grant_id, caller.require(), services.clock)
        trail.resource, trail.items = ended.resource_id, ended.items


def list_grants(services: Services, caller: Caller) -> list[GrantAnswer]:
    """All grants, oldest first; an application sees its own."""
    with watched(services, caller, UseCase.GRANT_LIST):
        own = (
            None
            if sees_every_department(UseCase.GRANT_LIST, caller.roles)
            else caller.require().name
        )
        now = services.clock.now()
        return [_answer(each, now) for each in _all(services, own)]


def _all(services: Services, account: str | None) -> list[Grant]:
    found: list[Grant] = []
    with services.database.reading() as conn:
        while True:
            after = found[-1].grant_id if found else None
            page = grants.list_grants(conn, account=account, limit=_PAGE, after=after)
            found += page
            if len(page) < _PAGE:
                return found


def _answer(grant: Grant, now: datetime) -> GrantAnswer:
    return GrantAnswer(
        grant_id=grant.grant_id,
        application=grant.account,
        resource=grant.resource_id,
        items=grant.items,
        purpose=grant.purpose,
        valid_from=_as_written(grant.valid_from, timedelta(0)),
        valid_to=_as_written(grant.valid_until, timedelta(days=1)),
        state=_state(grant, now),
    )


def _as_written(moment: datetime, earlier: timedelta) -> str:
    """A day for what begins or ends with one, else the moment: as `add_grant` reads it."""
    local = moment.astimezone(CHINA_TIME)
    whole = local.time() == time()
    return (local - earlier).date().isoformat() if whole else local.isoformat()


def _state(grant: Grant, now: datetime) -> str:
    if grant.revoked_at is not None:
        return "revoked"
    if grant.is_live(now):
        return "live"
    return "expired" if now >= grant.valid_until else "not_yet_valid"
