"""Searching the catalogue, suggestions while somebody types, and demands for what is not there."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.answers.search import DemandAnswer, SearchAnswer, SuggestionsAnswer
from api.http.context import Keyed, Public
from api.http.paging import Cursor, Page, cursor_of, key_of
from api.http.problems import AUDIT_AWAY, READS_AWAY, documented
from api.usecases import demands, search
from catalog.demands import (
    LONGEST_DESCRIPTION,
    LONGEST_ITEM,
    LONGEST_QUERY,
    LONGEST_TITLE,
    MOST_ITEMS,
    NewDemand,
)
from catalog.search.facets import Facet
from catalog.search.finding import MOST_CHARACTERS

router = APIRouter(prefix="/v1", tags=["search"])

_PUBLIC = documented((422, "invalid-request, bad-request"), (500, "unexpected"))
_NARROWED = documented(
    (404, "department-not-found"),
    (409, "department-name-shared"),
    (422, "invalid-request, bad-request, not-one-of"),
    (500, "unexpected"),
    READS_AWAY,
)
_KEYED = (
    (401, "no-identity, unknown-key, revoked-key, expired-key"),
    (403, "role-not-allowed"),
    (500, "unexpected"),
    AUDIT_AWAY,
)
_MOST_VALUES = 50

Text = Annotated[
    str,
    Query(
        max_length=MOST_CHARACTERS,
        description="检索词：汉字、拼音、首字母、繁体均可，不要写证件号码 · words to search for",
    ),
]
Values = list[Annotated[str, Field(max_length=100)]] | None
Limit = Annotated[int, Query(ge=1, le=100, description="最多几项 · at most so many items")]


@router.get("/search", responses=_NARROWED)
def find(
    context: Public,
    q: Text = "",
    department: Annotated[
        Values, Query(max_length=_MOST_VALUES, description="部门 id、名称或简称 · department")
    ] = None,
    class_: Annotated[
        Values, Query(alias="class", max_length=_MOST_VALUES, description="类或类加项 · 3 or 307")
    ] = None,
    theme: Annotated[
        Values, Query(max_length=_MOST_VALUES, description="主题代码 · theme code")
    ] = None,
    share_type: Annotated[
        Values, Query(max_length=_MOST_VALUES, description="共享类型代码或名称 · share type")
    ] = None,
    format: Annotated[
        Values, Query(max_length=_MOST_VALUES, description="格式 · 2 or 2/csv")
    ] = None,
    update_cycle: Annotated[
        Values, Query(max_length=_MOST_VALUES, description="更新周期代码或名称 · update cycle")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> SearchAnswer:
    """检索已发布的信息资源，六个分面计数，无需密钥 · Search what is published, with six facets.

    同一分面的多个值取或，不同分面取与 · values of one facet are alternatives, facets add up.
    """
    given = (department, class_, theme, share_type, format, update_cycle)
    filters = {facet: values or () for facet, values in zip(Facet, given, strict=True)}
    asked = search.Asked(q, filters, limit, key_of(cursor))
    found, following = search.search(context.services, asked, context.request_id)
    return found if following is None else found.followed_by(cursor_of(following))


@router.get("/suggestions", responses=_PUBLIC)
def suggestions(context: Public, q: Text = "") -> SuggestionsAnswer:
    """边输入边提示资源名称和部门，无需密钥 · Titles and departments for a text being typed."""
    return search.suggestions(context.services, q, context.request_id)


class DemandBody(BaseModel):
    """What is needed; `query` is what was searched for in vain."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "疫苗接种点信息",
                    "description": "核对学校接种查验点，每季度更新一次即可",
                    "items": ["接种点名称", "地址", "开放时间"],
                    "query": "疫苗接种点",
                }
            ]
        },
    )

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    description: str = Field(default="", max_length=LONGEST_DESCRIPTION)
    items: tuple[Annotated[str, Field(max_length=LONGEST_ITEM)], ...] = Field(
        default=(), max_length=MOST_ITEMS
    )
    query: str | None = Field(default=None, max_length=LONGEST_QUERY)


@router.post(
    "/demands",
    status_code=201,
    responses=documented(
        *_KEYED,
        (413, "body-too-large"),
        (422, "invalid-request, invalid-demand, number-in-demand, unusable-value"),
    ),
)
def submit(context: Keyed, body: DemandBody) -> DemandAnswer:
    """登记数据需求 · File a demand for data that is not in the catalogue."""
    new = NewDemand(body.title, body.description, body.items, body.query)
    return demands.submit_demand(context.services, context.caller(), new)


@router.get("/demands", responses=documented(*_KEYED, (422, "invalid-request, bad-request")))
def list_demands(
    context: Keyed,
    limit: Annotated[int, Query(ge=1, le=500, description="最多几项 · at most so many")] = 50,
    cursor: Cursor = None,
) -> Page[DemandAnswer]:
    """数据需求，最新在前；主管部门看到全部 · Demands, newest first; the authority sees all."""
    found, following = demands.demands_page(
        context.services, context.caller(), key_of(cursor), limit
    )
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


@router.get(
    "/demands/{demand_id}",
    responses=documented(*_KEYED, (404, "demand-not-found"), (422, "invalid-request")),
)
def demand(context: Keyed, demand_id: str) -> DemandAnswer:
    """一条数据需求 · One demand."""
    return demands.show_demand(context.services, context.caller(), demand_id)
