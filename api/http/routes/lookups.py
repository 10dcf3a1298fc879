"""Governed lookups: the granted items of one person or legal entity, each with its source."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from api.answers import LookupAnswer
from api.http.context import Context, Keyed
from api.http.lookup_batches import batches_of
from api.http.lookup_body import LEGAL_ENTITIES, LOOKUPS, PERSONS, PREFIX, LookupBody, question_of
from api.http.problems import Responses, documented
from api.usecases.lookup_batch import Call

router = APIRouter(prefix=PREFIX, tags=["lookup"])

_PROBLEMS = documented(
    (400, "unreadable-body"),
    (401, "unknown-key, revoked-key, expired-key, no-identity"),
    (
        403,
        "role-not-allowed, no-grant, grant-expired, grant-revoked, other-purpose, item-not-granted",
    ),
    (413, "body-too-large"),
    (422, "invalid-request, malformed-number, scheme-not-in-view"),
    (500, "unexpected"),
    (503, "view-not-served, database-unavailable, audit-not-written"),
)


def _asked(scheme: str, number: str, items: list[str]) -> dict[str, Any]:
    body = {"scheme": scheme, "number": number, "purpose": "business_collaboration"}
    return {
        "granted": {"summary": "全部已授权项 · all granted items", "value": body},
        "some": {"summary": "指定数据项 · some items", "value": body | {"items": items}},
    }


def _answered(items: dict[str, str], source: str) -> Responses:
    cell = {
        "source": source,
        "delivery": "0199f3c2-7a10-7cc0-8b1e-5a64d1c0ffee",
        "data_time": "2026-10-31T00:00:00+08:00",
        "rule": "authority",
        "agree": [],
        "differ": [],
    }
    found = {
        "request_id": "0199f3d0-1b22-7d6a-9c01-2f9f6a1e77aa",
        "found": True,
        "view_version": 3,
        "known_at": "2026-11-01T02:00:00+08:00",
        "cells": {name: {"value": value, **cell} for name, value in items.items()},
    }
    return {
        200: {
            "content": {
                "application/json": {
                    "examples": {
                        "found": {"value": found},
                        "none": {"value": found | {"found": False, "cells": {}}},
                    }
                }
            }
        }
    }


# The region 99xxxx was never assigned, so these numbers are nobody's; their check digits are right.
_PERSON = _asked("citizen", "990101199003070015", ["name", "sex"])
_ENTITY = _asked("uscc", "91990101MA0000007H", ["name", "reg_status"])


@router.post(
    PERSONS,
    response_model=LookupAnswer,
    responses=_PROBLEMS | _answered({"name": "张三"}, "population"),
)
async def lookup_person(
    request: Request, context: Keyed, body: Annotated[LookupBody, Body(openapi_examples=_PERSON)]
) -> Response:
    """查询一个自然人 · Look up a person; identity numbers travel in the body alone."""
    return await _lookup(request, context, body)


@router.post(
    LEGAL_ENTITIES,
    response_model=LookupAnswer,
    responses=_PROBLEMS | _answered({"name": "某某有限公司"}, "enterprise"),
)
async def lookup_legal_entity(
    request: Request, context: Keyed, body: Annotated[LookupBody, Body(openapi_examples=_ENTITY)]
) -> Response:
    """查询一个法人或其他组织 · Look up a legal entity, by any of its numbers."""
    return await _lookup(request, context, body)


async def _lookup(request: Request, context: Context, body: LookupBody) -> Response:
    """The long way, for what `straight` does not take; the call itself is the same."""
    question = question_of(LOOKUPS[request.scope["path"]], body)
    call = Call(context.request_id, context.address, context.key, question)
    outcome = await batches_of(request.app).answer(call)
    if outcome.error is not None:
        raise outcome.error
    return Response(outcome.text, media_type="application/json")
