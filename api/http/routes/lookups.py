"""Governed lookups: the granted items of one person or legal entity, each with its source."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from api.answers import LookupAnswer
from api.http.context import Context, Keyed
from api.http.problems import Responses, documented
from api.usecases.lookup import Question, lookup

router = APIRouter(prefix="/v1", tags=["lookup"])

# A name, never a number: what is sent here may be repeated in a problem.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class LookupBody(BaseModel):
    """Which subject, for what purpose, and which items; without `items` all granted ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: Name
    number: str = Field(min_length=1, max_length=64, repr=False)
    purpose: Name
    items: list[Name] | None = Field(default=None, min_length=1, max_length=200)


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
    (503, "view-not-served"),
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
    "/persons/lookup",
    responses=_PROBLEMS | _answered({"name": "张三"}, "population"),
)
def lookup_person(
    context: Keyed, body: Annotated[LookupBody, Body(openapi_examples=_PERSON)]
) -> LookupAnswer:
    """查询一个自然人 · Look up a person; identity numbers travel in the body alone."""
    return _lookup(context, "person", body)


@router.post(
    "/legal-entities/lookup",
    responses=_PROBLEMS | _answered({"name": "某某有限公司"}, "enterprise"),
)
def lookup_legal_entity(
    context: Keyed, body: Annotated[LookupBody, Body(openapi_examples=_ENTITY)]
) -> LookupAnswer:
    """查询一个法人或其他组织 · Look up a legal entity, by any of its numbers."""
    return _lookup(context, "legal_entity", body)


def _lookup(context: Context, view_id: str, body: LookupBody) -> LookupAnswer:
    items = None if body.items is None else tuple(body.items)
    question = Question(view_id, body.scheme, body.number, body.purpose, items)
    return lookup(context.services, context.caller(), question)
