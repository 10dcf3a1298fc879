"""The public catalogue: departments, and the records that are published."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.answers import DepartmentAnswer, RecordAnswer, RecordSummary
from api.http.context import Public
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import READS_AWAY, documented
from api.usecases.departments import departments_after
from api.usecases.records import published_page, published_record
from api.usecases.search import summaries_found

router = APIRouter(prefix="/v1", tags=["catalogue"])

_LIST_PROBLEMS = documented((422, "invalid-request, bad-request"), (500, "unexpected"), READS_AWAY)


@router.get("/departments", responses=_LIST_PROBLEMS)
def departments(
    context: Public, limit: Limit = 50, cursor: Cursor = None
) -> Page[DepartmentAnswer]:
    """部门列表，无需密钥 · The departments; needs no key."""
    found = departments_after(context.services, key_of(cursor), limit)
    following = cursor_of(found[-1].department_id) if len(found) == limit else None
    return Page(request_id=context.request_id, items=found, next_cursor=following)


@router.get("/resources", responses=_LIST_PROBLEMS)
def resources(
    context: Public,
    q: Annotated[
        str | None, Query(max_length=100, description="名称中的文字 · text in the record")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RecordSummary]:
    """已发布的信息资源，无需密钥 · The published resources; needs no key.

    带 q 时按检索的相关度排列，否则按 id · with q in the order of the search, else by id.
    """
    if q:
        found, following = summaries_found(context.services, q, key_of(cursor), limit)
    else:
        found, following = published_page(context.services, None, key_of(cursor), limit)
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


@router.get(
    "/resources/{resource_id}",
    responses=documented(
        (404, "resource-not-found"), (422, "invalid-request"), (500, "unexpected"), READS_AWAY
    ),
)
def resource(context: Public, resource_id: str) -> RecordAnswer:
    """一条已发布的元数据记录，无需密钥 · One published record; needs no key."""
    return published_record(context.services, resource_id)
