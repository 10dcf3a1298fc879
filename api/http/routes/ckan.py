"""The reading part of CKAN's action API, at both addresses that its clients know."""

import json
from collections.abc import Mapping
from json import JSONDecodeError
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.errors import BadRequest
from api.http.address import Address
from api.http.context import Public
from api.http.problems import READS_AWAY, Responses, documented
from api.usecases.ckan import answer_action
from catalog.errors import DepartmentNotFound, RecordNotFound, RecordNotPublished
from catalog.profiles.errors import PartNotFound, UnknownAction, WrongParameter

router = APIRouter(tags=["harvesters"])

_NOT_FOUND = (RecordNotFound, RecordNotPublished, DepartmentNotFound, PartNotFound)


async def parameters_of(request: Request) -> Mapping[str, Any]:
    """From the query, from a JSON body, or from both; BadRequest for a body of another shape."""
    found: dict[str, Any] = dict(request.query_params)
    body = await request.body() if request.method == "POST" else b""
    if body.strip():
        try:
            sent = json.loads(body)
        except (JSONDecodeError, UnicodeDecodeError, RecursionError):
            sent = None
        if not isinstance(sent, dict):
            raise BadRequest("body", "应为一个 JSON 对象", "should be a JSON object")
        found |= sent
    return found


Parameters = Annotated[Mapping[str, Any], Depends(parameters_of)]

_PROBLEMS: Responses = documented(
    (404, "resource-not-found, department-not-found, part-not-found"),
    (409, "wrong-parameter"),
    (400, "unknown-action"),
    (413, "body-too-large"),
    (422, "bad-request, invalid-request"),
    (500, "unexpected"),
    READS_AWAY,
)
for _status in (400, 404, 409):  # these three in CKAN's own shape, which its clients read
    _PROBLEMS[_status]["content"] |= {"application/json": {}}


@router.get("/api/3/action/{action}", response_model=dict[str, Any], responses=_PROBLEMS)
@router.get("/api/action/{action}", response_model=dict[str, Any], responses=_PROBLEMS)
def read_action(
    context: Public, address: Address, action: str, parameters: Parameters
) -> JSONResponse:
    """CKAN 的只读动作，参数在查询串中，无需密钥 · A reading action of CKAN; needs no key."""
    return _answer(context, address, action, parameters)


@router.post("/api/3/action/{action}", response_model=dict[str, Any], responses=_PROBLEMS)
@router.post("/api/action/{action}", response_model=dict[str, Any], responses=_PROBLEMS)
def post_action(
    context: Public, address: Address, action: str, parameters: Parameters
) -> JSONResponse:
    """CKAN 的只读动作，参数为 JSON，无需密钥 · The same with parameters as JSON; needs no key."""
    return _answer(context, address, action, parameters)


def _answer(
    context: Public, address: str, action: str, parameters: Mapping[str, Any]
) -> JSONResponse:
    about = {"help": f"{address}/api/3/action/help_show?name={action}"}
    try:
        result = answer_action(context.services, address, action, parameters)
    except _NOT_FOUND as error:
        return _refused(about, 404, "Not Found Error", {"message": f"Not found: {error}"})
    except WrongParameter as error:
        return _refused(about, 409, "Validation Error", {error.parameter: [str(error)]})
    except UnknownAction as error:
        # CKAN answers this one as a text, which makes its clients say what was wrong
        return JSONResponse(f"Bad request - Action name not known: {error.action}", 400)
    return JSONResponse({**about, "success": True, "result": result})


def _refused(
    about: Mapping[str, str], status: int, kind: str, said: Mapping[str, Any]
) -> JSONResponse:
    error = {"__type": kind, **said}
    return JSONResponse({**about, "success": False, "error": error}, status)
