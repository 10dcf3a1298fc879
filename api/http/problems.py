"""RFC 9457 problems: one shape for every refusal, with a stable type and both languages."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.problems import Problem, extension_of, known_bases, problem_of, sentences_of
from standards.identifiers.hide import without_numbers

MEDIA_TYPE = "application/problem+json"
Responses = dict[int | str, dict[str, Any]]


class ProblemBody(BaseModel):
    """RFC 9457; further members depend on the type."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/item-not-granted"])
    title: str = Field(examples=["数据项未授权 · Item not granted"])
    status: int
    detail: str
    detail_zh: str
    detail_en: str
    request_id: str


INVALID_REQUEST = Problem("invalid-request", 422, "请求格式有误", "Invalid request")
UNEXPECTED = Problem("unexpected", 500, "服务器发生未预期的错误", "Unexpected error")
_HTTP: Mapping[int, Problem] = {
    400: Problem("unreadable-body", 400, "请求体无法读取", "Unreadable body"),
    404: Problem("no-such-route", 404, "没有此路径", "No such route"),
    405: Problem("method-not-allowed", 405, "此路径不支持该方法", "Method not allowed"),
    413: Problem("body-too-large", 413, "请求体过大", "Body too large"),
}


def add_handlers(app: FastAPI) -> None:
    """Answer every error as a problem, those of the framework included."""
    for base in known_bases():
        app.add_exception_handler(base, _known)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unexpected)  # answered there, logged at the edge


def problem_response(
    problem: Problem,
    request_id: str,
    sentences: tuple[str, str],
    extension: Mapping[str, Any] | None = None,
) -> JSONResponse:
    zh, en = sentences
    body = {
        **(extension or {}),
        "type": problem.type_uri,
        "title": f"{problem.zh} · {problem.en}",
        "status": problem.status,
        "detail": f"{zh} · {en}",
        "detail_zh": zh,
        "detail_en": en,
        "request_id": request_id,
    }
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
    return JSONResponse(body, problem.status, headers=headers, media_type=MEDIA_TYPE)


def unexpected_problem(request_id: str) -> JSONResponse:
    zh = f"服务器发生未预期的错误，请把请求号 {request_id} 告知运维人员"
    en = f"something unexpected happened; tell the operator the request id {request_id}"
    return problem_response(UNEXPECTED, request_id, (zh, en))


# 503 by what a route needs: reading the catalogue, an audit line before the answer, stored bytes
READS_AWAY = (503, "database-unavailable")
AUDIT_AWAY = (503, "database-unavailable, audit-not-written")
STORE_AWAY = (503, "database-unavailable, audit-not-written, store-unavailable")


def documented(*slugs_and_statuses: tuple[int, str]) -> Responses:
    """The problem responses of a route for OpenAPI: (status, the types it may have)."""
    return {
        status: {
            "description": description,
            "model": ProblemBody,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
        for status, description in slugs_and_statuses
    }


def refusal(
    error: Exception, request_id: str, extension: Mapping[str, Any] | None = None
) -> JSONResponse:
    """The problem of an error of the table, with its own members and those given.

    Any other error is raised again.
    """
    problem = problem_of(error)
    if problem is None:
        raise error
    members = {**(extension or {}), **extension_of(error)}
    return problem_response(problem, request_id, sentences_of(error), members)


def _known(request: Request, error: Exception) -> JSONResponse:
    request.state.refused = error  # for the edge, which tells the operator more than the caller
    return refusal(error, request.state.request_id)


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    del error
    return unexpected_problem(request.state.request_id)


def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    faults = [_fault(each) for each in cast(RequestValidationError, error).errors()]
    places = "、".join(fault["place"] for fault in faults)
    zh, en = f"请求中以下位置有误：{places}", f"the request is wrong at: {places}"
    return problem_response(INVALID_REQUEST, request.state.request_id, (zh, en), {"errors": faults})


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    """Place and expectation of one fault; what was sent is never repeated."""
    location: Sequence[Any] = error["loc"]
    place = without_numbers("/".join(str(part) for part in location))
    return {"place": place, "expected": without_numbers(str(error["msg"]))}


def _framework(request: Request, error: Exception) -> JSONResponse:
    refused = cast(HTTPException, error)
    other = Problem("http-error", refused.status_code, "请求未能处理", "Request not handled")
    problem = _HTTP.get(refused.status_code, other)
    answer = problem_response(
        problem,
        request.state.request_id,
        (problem.zh, problem.en.lower()),
    )
    answer.headers.update(refused.headers or {})
    return answer
