"""The public catalogue as DCAT-AP 3: each record, and the whole of it in pages."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from api.http.address import Address
from api.http.context import Public
from api.http.paging import Cursor, cursor_of, key_of
from api.http.problems import READS_AWAY, Responses, documented
from api.usecases.profiles import PageWanted, catalogue_page, record_as_dcat, record_as_turtle

router = APIRouter(tags=["harvesters"])

JSON_LD = "application/ld+json"
TURTLE = "text/turtle"
_FORMATS = {"jsonld": JSON_LD, "turtle": TURTLE}

Format = Annotated[
    Literal["jsonld", "turtle"] | None,
    Query(description="缺省按 Accept · by the Accept header unless given"),
]
PageSize = Annotated[int, Query(ge=1, le=500, description="每页几项 · data sets a page")]


def _answers(*media_types: str) -> Responses:
    return {200: {"content": {name: {} for name in media_types}}}


_PAGE_PROBLEMS = documented((422, "invalid-request, bad-request"), (500, "unexpected"), READS_AWAY)


@router.get(
    "/v1/resources/{resource_id}/dcat",
    response_model=dict[str, Any],
    responses=_answers(JSON_LD, TURTLE)
    | documented(
        (404, "resource-not-found"), (422, "invalid-request"), (500, "unexpected"), READS_AWAY
    ),
)
def record_dcat(
    context: Public,
    address: Address,
    resource_id: str,
    format: Format = None,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """一条记录的 DCAT-AP，JSON-LD 或 Turtle，无需密钥 · One record as DCAT-AP; needs no key."""
    if _media_type(format, accept) == TURTLE:
        answer = _turtle(record_as_turtle(context.services, address, resource_id))
    else:
        answer = _json_ld(record_as_dcat(context.services, address, resource_id))
    answer.headers["vary"] = "Accept"
    return answer


@router.get(
    "/catalog.jsonld",
    response_model=dict[str, Any],
    responses=_answers(JSON_LD) | _PAGE_PROBLEMS,
)
def catalogue_json_ld(
    context: Public, address: Address, limit: PageSize = 100, cursor: Cursor = None
) -> Response:
    """整个目录的 DCAT-AP（JSON-LD），分页，无需密钥 · The whole in pages; needs no key."""
    wanted = PageWanted("/catalog.jsonld", key_of(cursor), limit, cursor_of)
    page = catalogue_page(context.services, address, wanted)
    return _with_next(_json_ld(page.document), page.following)


@router.get(
    "/catalog.ttl", response_model=dict[str, Any], responses=_answers(TURTLE) | _PAGE_PROBLEMS
)
def catalogue_turtle(
    context: Public, address: Address, limit: PageSize = 100, cursor: Cursor = None
) -> Response:
    """整个目录的 DCAT-AP（Turtle），分页，无需密钥 · The same as Turtle; needs no key."""
    wanted = PageWanted("/catalog.ttl", key_of(cursor), limit, cursor_of)
    page = catalogue_page(context.services, address, wanted)
    return _with_next(_turtle(page.as_turtle()), page.following)


def _media_type(given: str | None, accept: str) -> str:
    """What was asked for by name, else what Accept names first of the two, else JSON-LD."""
    if given is not None:
        return _FORMATS[given]
    named = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return next((name for name in named if name in _FORMATS.values()), JSON_LD)


def _json_ld(document: dict[str, Any]) -> Response:
    return JSONResponse(document, media_type=JSON_LD)


def _turtle(text: str) -> Response:
    return Response(text, media_type=f"{TURTLE}; charset=utf-8")


def _with_next(answer: Response, following: str | None) -> Response:
    """Where to go on, also for readers that follow headers (RFC 8288)."""
    if following is not None:
        answer.headers["link"] = f'<{following}>; rel="next"'
    return answer
