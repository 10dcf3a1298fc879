"""What accompanies publication over HTTP: own catalogues, the negative list, notices, rates."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.answers import RecordSummary
from api.answers.publishing import BindingRatesAnswer, NegativeListEntry, NoticeAnswer
from api.http.context import Keyed, Public
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import AUDIT_AWAY, READS_AWAY, documented
from api.usecases import negative_list, notices, record_lists

router = APIRouter(prefix="/v1", tags=["publishing"])

_KEYS = (401, "no-identity, unknown-key, revoked-key, expired-key")
_FORM = (422, "invalid-request, bad-request")
Department = Annotated[str | None, Query(max_length=31, description="部门 · department")]


@router.get(
    "/departments/{department_id}/resources",
    responses=documented(
        _KEYS,
        (403, "role-not-allowed, not-permitted"),
        (404, "department-not-found"),
        _FORM,
        (500, "unexpected"),
        AUDIT_AWAY,
    ),
)
def own_catalogue(
    context: Keyed,
    department_id: Annotated[str, Path(max_length=31)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RecordSummary]:
    """部门自有资源目录 · A department's own catalogue: what it has registered."""
    found, following = record_lists.department_page(
        context.services, context.caller(), department_id, key_of(cursor), limit
    )
    after = None if following is None else cursor_of(following)
    return Page(request_id=context.request_id, items=found, next_cursor=after)


@router.get("/negative-list", responses=documented(_FORM, (500, "unexpected"), READS_AWAY))
def negative(
    context: Public,
    department: Department = None,
    overdue: Annotated[bool, Query(description="只看逾期未复核的 · overdue ones only")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NegativeListEntry]:
    """负面清单：不予共享的资源及依据，无需密钥 · What is not shared and why; needs no key."""
    found, following = negative_list.negative_list_page(
        context.services,
        department=department,
        overdue_only=overdue,
        after=key_of(cursor),
        limit=limit,
    )
    after = None if following is None else cursor_of(following)
    return Page(request_id=context.request_id, items=found, next_cursor=after)


@router.get(
    "/statistics/bindings",
    responses=documented(
        _KEYS,
        (403, "role-not-allowed"),
        (404, "department-not-found"),
        _FORM,
        (500, "unexpected"),
        AUDIT_AWAY,
    ),
)
def binding_rates(context: Keyed, department: Department = None) -> BindingRatesAnswer:
    """资源挂接率，按部门及合计 · The binding rate, by department and in all."""
    return record_lists.show_binding_rates(context.services, context.caller(), department)


@router.get(
    "/notices",
    responses=documented(_KEYS, (403, "role-not-allowed"), _FORM, (500, "unexpected"), AUDIT_AWAY),
)
def list_notices(
    context: Keyed,
    unread: Annotated[bool, Query(description="只看未读 · unread ones only")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NoticeAnswer]:
    """给调用者及其部门的通知，最新在前 · What the caller and its department were told."""
    found, following = notices.list_notices(
        context.services,
        context.caller(),
        unread_only=unread,
        before=key_of(cursor),
        limit=limit,
    )
    after = None if following is None else cursor_of(following)
    return Page(request_id=context.request_id, items=found, next_cursor=after)


@router.post(
    "/notices/{notice_id}/read",
    responses=documented(
        _KEYS,
        (403, "role-not-allowed"),
        (404, "notice-not-found"),
        (422, "invalid-request"),
        (500, "unexpected"),
        AUDIT_AWAY,
    ),
)
def read_notice(context: Keyed, notice_id: Annotated[str, Path(max_length=40)]) -> NoticeAnswer:
    """标为已读 · Mark a notice as read."""
    return notices.read_notice(context.services, context.caller(), notice_id)
