"""The registers over HTTP: data elements, information systems, a department and its tree."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from api.answers.registers import (
    DepartmentTreeAnswer,
    ElementAnswer,
    ElementStateAnswer,
    SystemAnswer,
)
from api.http.context import Keyed, Public
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import AUDIT_AWAY, READS_AWAY, documented
from api.usecases.departments import department_tree
from api.usecases.elements import (
    act_on_element,
    adopted_element,
    adopted_page,
    propose_element,
)
from api.usecases.systems import systems_page

router = APIRouter(prefix="/v1", tags=["registers"])

_LIST_PROBLEMS = documented((422, "invalid-request, bad-request"), (500, "unexpected"), READS_AWAY)
_KEY_PROBLEMS = (401, "no-identity, unknown-key, revoked-key, expired-key")
_PROPOSAL = {
    "element_id": "vehicle.plate_no",
    "name": "机动车号牌号码",
    "definition": "公安机关交通管理部门发给机动车的号牌号码",
    "data_type": "C",
    "length": 15,
    "standard": "GA/T 16.7",
    "level": 2,
    "authority": ["public_security"],
    "synonyms": ["车牌号", "号牌号码"],
}


class ElementDecision(BaseModel):
    """What is decided about an element, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Annotated[str, Field(max_length=20, examples=["agree"])]
    opinion: Annotated[str | None, Field(max_length=2000, examples=["定义清楚，同意采用"])] = None


@router.get("/elements", responses=_LIST_PROBLEMS)
def elements(
    context: Public,
    q: Annotated[
        str | None, Query(max_length=100, description="名称、定义中的文字 · text in the element")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ElementAnswer]:
    """已采用的数据元，无需密钥 · The adopted data elements; needs no key."""
    found, following = adopted_page(context.services, q, key_of(cursor), limit)
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


@router.get(
    "/elements/{element_id}",
    responses=documented(
        (404, "element-not-found"), (422, "invalid-request"), (500, "unexpected"), READS_AWAY
    ),
)
def element(context: Public, element_id: str) -> ElementAnswer:
    """一个已采用的数据元，无需密钥 · One adopted data element; needs no key."""
    return adopted_element(context.services, element_id)


@router.post(
    "/elements",
    responses=documented(
        (400, "unreadable-body"),
        _KEY_PROBLEMS,
        (403, "role-not-allowed, not-permitted"),
        (409, "element-shipped, stale-revision"),
        (422, "invalid-request, invalid-document, unusable-value"),
        (500, "unexpected"),
        AUDIT_AWAY,
    ),
)
def propose(
    context: Keyed,
    document: Annotated[
        dict[str, Any], Body(openapi_examples={"new": {"summary": "新 new", "value": _PROPOSAL}})
    ],
) -> ElementStateAnswer:
    """提议数据元或其变更 · Propose a data element or a change; shows those that may be the same."""
    return propose_element(context.services, context.caller(), document)


@router.post(
    "/elements/{element_id}/actions",
    responses=documented(
        (400, "unreadable-body"),
        _KEY_PROBLEMS,
        (403, "role-not-allowed, not-permitted, own-submission"),
        (404, "element-not-found"),
        (409, "element-shipped, not-in-state, stale-revision"),
        (422, "invalid-request, not-one-of, opinion-missing, unusable-value"),
        (500, "unexpected"),
        AUDIT_AWAY,
    ),
)
def decide(context: Keyed, element_id: str, body: ElementDecision) -> ElementStateAnswer:
    """审核或停用数据元 · Agree to, reject or retire a data element, with an opinion."""
    return act_on_element(context.services, context.caller(), element_id, body.action, body.opinion)


@router.get("/systems", responses=_LIST_PROBLEMS)
def systems(context: Public, limit: Limit = 50, cursor: Cursor = None) -> Page[SystemAnswer]:
    """已登记的信息系统，无需密钥 · The registered information systems; needs no key."""
    found, following = systems_page(context.services, key_of(cursor), limit)
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


@router.get(
    "/departments/{department_id}",
    responses=documented(
        (404, "department-not-found"), (422, "invalid-request"), (500, "unexpected"), READS_AWAY
    ),
)
def department(context: Public, department_id: str) -> DepartmentTreeAnswer:
    """一个部门及其别名、上级和下属，无需密钥 · One department and its tree."""
    return department_tree(context.services, department_id)
