"""Scores of records and the catalogue in numbers; needs no key."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.answers.quality import ScoreAnswer, StatisticsAnswer
from api.http.context import Public
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import READS_AWAY, documented
from api.usecases.quality import catalogue_statistics, score_of_record, score_page

router = APIRouter(prefix="/v1", tags=["quality"])

_LIST_PROBLEMS = documented((422, "invalid-request, bad-request"), (500, "unexpected"), READS_AWAY)
Department = Annotated[str | None, Query(max_length=31, description="部门 · department")]


@router.get(
    "/resources/{resource_id}/quality",
    responses=documented(
        (404, "resource-not-found"), (422, "invalid-request"), (500, "unexpected"), READS_AWAY
    ),
)
def quality(context: Public, resource_id: str) -> ScoreAnswer:
    """一条记录的质量评分及逐项理由 · How good a record is, and why."""
    return score_of_record(context.services, resource_id)


@router.get("/quality", responses=_LIST_PROBLEMS)
def qualities(
    context: Public,
    department: Department = None,
    below: Annotated[int | None, Query(ge=0, le=101, description="低于此分 · scores below")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ScoreAnswer]:
    """质量评分，最低在前 · Scores, the lowest first."""
    found, following = score_page(
        context.services,
        department=department,
        below=below,
        after=key_of(cursor),
        limit=limit,
    )
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


@router.get("/statistics", responses=_LIST_PROBLEMS)
def statistics(
    context: Public,
    since: Annotated[
        str | None, Query(max_length=7, description="起始月份 · from this month on")
    ] = None,
    department: Department = None,
) -> StatisticsAnswer:
    """目录统计：按种类、部门、共享类型、状态和月份 · The catalogue in numbers."""
    return catalogue_statistics(context.services, since=since, department=department)
