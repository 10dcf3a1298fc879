"""Drafts over HTTP: what was found in other catalogues and waits for its department."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.answers.drafts import DraftAnswer, DraftSummary
from api.http.context import Keyed
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import AUDIT_AWAY, documented
from api.usecases.drafts import DraftFilter, list_drafts, show_draft
from catalog.drafts import DraftState

router = APIRouter(prefix="/v1", tags=["catalogue"])

_PROBLEMS = (
    (401, "no-identity, unknown-key, revoked-key, expired-key"),
    (403, "role-not-allowed"),
    (500, "unexpected"),
    AUDIT_AWAY,
)


@router.get("/drafts", responses=documented(*_PROBLEMS, (422, "invalid-request, bad-request")))
def drafts(
    context: Keyed,
    source: Annotated[str | None, Query(max_length=31, description="来源 · source")] = None,
    department_name: Annotated[
        str | None, Query(max_length=400, description="原目录中的部门名 · department as found")
    ] = None,
    state: Annotated[DraftState | None, Query(description="状态 · state")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DraftSummary]:
    """从其他目录导入、待补全的草稿 · Drafts found in other catalogues, to be completed."""
    wanted = DraftFilter(source, department_name, None if state is None else state.value)
    found, following = list_drafts(
        context.services, context.caller(), wanted, key_of(cursor), limit
    )
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


@router.get(
    "/drafts/{draft_id}",
    responses=documented(*_PROBLEMS, (404, "draft-not-found"), (422, "invalid-request")),
)
def draft(context: Keyed, draft_id: str) -> DraftAnswer:
    """一份草稿和它的待定项 · One draft, and what is left to decide."""
    return show_draft(context.services, context.caller(), draft_id)
