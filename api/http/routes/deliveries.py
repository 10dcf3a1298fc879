"""Deliveries over HTTP: the file is the body, and what became of it can be read afterwards."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response

from api.answers import DeliveryAnswer
from api.errors import DeliveryRefused
from api.http.context import Keyed
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import AUDIT_AWAY, STORE_AWAY, Responses, documented, refusal
from api.http.runner import runner_of
from api.http.upload import file_name_of
from api.usecases.deliveries import (
    DeliveryWanted,
    Outcome,
    show_delivery,
    violations_page,
)
from catalog.deliveries import DeliveryMode

router = APIRouter(prefix="/v1", tags=["deliveries"])

_READ_PROBLEMS = (
    (401, "no-identity, unknown-key, revoked-key, expired-key"),
    (403, "role-not-allowed"),
    (404, "delivery-not-found"),
    (422, "invalid-request, bad-request"),
    (500, "unexpected"),
)
_VERDICTS: Responses = {
    202: {"model": DeliveryAnswer, "description": "已接收，入库进行中 · kept, loading goes on"},
}
_WRITE_PROBLEMS = documented(
    (401, "no-identity, unknown-key, revoked-key, expired-key"),
    (403, "role-not-allowed"),
    (409, "idempotency-key-reused"),
    (422, "invalid-request, bad-request, bad-time, delivery-refused (with delivery_id)"),
    (500, "unexpected"),
    STORE_AWAY,
)
_FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {"type": "string", "format": "binary"},
                "example": "统一社会信用代码,企业名称\n91990101MA0000007H,某某有限公司\n",
            },
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                "schema": {"type": "string", "format": "binary"}
            },
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post(
    "/resources/{resource_id}/deliveries",
    status_code=201,
    response_model=DeliveryAnswer,
    responses=_VERDICTS | _WRITE_PROBLEMS,
    openapi_extra=_FILE_BODY,
)
async def deliver(
    context: Keyed,
    request: Request,
    resource_id: str,
    mode: Annotated[
        DeliveryMode, Query(examples=["full"], description="full 全量 | incremental 增量")
    ],
    data_time: Annotated[
        str,
        Query(
            alias="data-time",
            examples=["2026-10-31"],
            description="数据时间 · what moment the content describes",
        ),
    ],
    rows: Annotated[int | None, Query(ge=0, description="应有行数 · control total")] = None,
    sha256: Annotated[str | None, Query(pattern=r"^[0-9a-fA-F]{64}$")] = None,
    content_disposition: Annotated[
        str | None, Header(examples=['attachment; filename="enterprise.csv"'])
    ] = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    prefer: Annotated[str | None, Header(examples=["respond-async"])] = None,
) -> Response:
    """报送一个任意大小的文件 · Deliver a file of any size; it is streamed, not held in memory.

    以结果应答；带 `Prefer: respond-async` 时文件保存后即应答 202，入库由后台进程完成。

    Answered with the verdict. With `Prefer: respond-async`, or where the loading takes very long,
    202 as soon as the bytes are kept: see the delivery and its job.
    """
    wanted = DeliveryWanted(
        resource=resource_id,
        mode=mode.value,
        data_time=data_time,
        file_name=file_name_of(content_disposition) or "",
        rows=rows,
        sha256=sha256,
        idempotency_key=idempotency_key,
    )
    outcome = await runner_of(request.app).run(
        context, wanted, request.stream(), early=_prefers_async(prefer)
    )
    return _verdict(outcome, context.request_id, asked=_prefers_async(prefer))


@router.get("/deliveries/{delivery_id}", responses=documented(*_READ_PROBLEMS, AUDIT_AWAY))
def delivery(context: Keyed, delivery_id: str) -> DeliveryAnswer:
    """一个报送批次的结果 · What became of a delivery."""
    return show_delivery(context.services, context.caller(), delivery_id)


@router.get(
    "/deliveries/{delivery_id}/violations",
    responses=documented(*_READ_PROBLEMS, STORE_AWAY),
)
def violations(
    context: Keyed, delivery_id: str, limit: Limit = 100, cursor: Cursor = None
) -> Page[dict[str, Any]]:
    """问题数据，逐条 · What is wrong in a delivery: row, item, rule, value."""
    found, following = violations_page(
        context.services, context.caller(), delivery_id, key_of(cursor), limit
    )
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


def _prefers_async(prefer: str | None) -> bool:
    wishes = (prefer or "").lower().replace(";", ",").split(",")
    return "respond-async" in {wish.strip() for wish in wishes}


def _verdict(outcome: Outcome, request_id: str, *, asked: bool) -> Response:
    """201 the verdict, a retry the first one; 202 not loaded yet, 422 refused whole."""
    answer = outcome.answer
    location = {"Location": f"/v1/deliveries/{answer.delivery_id}"}
    if answer.refused and answer.reason is not None:
        error = DeliveryRefused(answer.delivery_id, answer.reason.zh, answer.reason.en)
        refused = refusal(error, request_id, answer.as_json())
        refused.headers.update(location)
        return refused
    if outcome.running:
        applied = {"Preference-Applied": "respond-async"} if asked else {}
        return JSONResponse(answer.as_json(), 202, headers=location | applied)
    return JSONResponse(answer.as_json(), 201, headers=location)
