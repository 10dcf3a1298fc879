"""Records over HTTP for those who write, review and follow them; all but the check need a key."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.answers import RecordAnswer, RecordStateAnswer, RecordSummary
from api.answers.records import (
    ActionsAnswer,
    BindingAnswer,
    CheckAnswer,
    DifferenceOfVersions,
    RecordStep,
    WaitingAnswer,
)
from api.errors import BadRequest
from api.http.context import Keyed, Public
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import AUDIT_AWAY, READS_AWAY, documented
from api.usecases import record_lists, record_steps, records
from catalog.life_cycle import Action

router = APIRouter(prefix="/v1", tags=["records"])

_KEYS = (401, "no-identity, unknown-key, revoked-key, expired-key")
_ROLES = (403, "role-not-allowed, not-permitted")
_NONE = (404, "resource-not-found, version-not-found, department-not-found")
_FORM = "invalid-request, bad-request, not-one-of"
_READING = documented(_KEYS, _ROLES, _NONE, (422, _FORM), (500, "unexpected"), AUDIT_AWAY)
_ACTING = documented(
    _KEYS,
    (403, "role-not-allowed, not-permitted, own-submission, own-secrecy-review"),
    _NONE,
    (
        409,
        "not-in-state, stale-revision, secrecy-unsigned, basis-missing, not-bound, "
        "not-on-negative-list",
    ),
    (
        422,
        f"{_FORM}, opinion-missing, reason-missing, publish-time-missing, publish-time-past, "
        "unfit-binding",
    ),
    (500, "unexpected"),
    AUDIT_AWAY,
)
_SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "元数据记录，YAML 或 JSON · a metadata record as YAML or JSON",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}


class ActionBody(BaseModel):
    """One action of the record's transition table, and what it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str = Field(examples=[Action.AGREE.value], max_length=40)
    opinion: str | None = Field(default=None, max_length=4000, description="意见或原因 · why")
    publish_at: AwareDatetime | None = Field(default=None, description="定时发布 · publish then")
    kind: str | None = Field(default=None, max_length=16, description="挂接种类 · bind as")
    target: str | None = Field(default=None, max_length=1000, description="挂接到 · bind to")
    impact: str | None = Field(
        default=None, max_length=4000, description="个人信息影响说明 · for personal information"
    )
    expected_revision: int | None = Field(default=None, ge=0, le=2**31 - 1)

    def asked(self) -> record_steps.Asked:
        return record_steps.Asked(
            self.action,
            self.opinion,
            self.publish_at,
            self.kind,
            self.target,
            self.impact,
            self.expected_revision,
        )


class ActionsBody(ActionBody):
    """The same action for many records."""

    resources: list[Annotated[str, Field(max_length=80)]] = Field(min_length=1, max_length=500)


async def _body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body)]
Resource = Annotated[str, Path(max_length=80, description="资源标识 · resource id")]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.post(
    "/records/check",
    responses=documented(
        (413, "body-too-large"),
        (422, "unreadable-document, bad-request"),
        (500, "unexpected"),
        READS_AWAY,
    ),
    openapi_extra=_SENT,
)
def check(context: Public, body: Body) -> CheckAnswer:
    """检查一份记录，不保存，无需密钥 · Check a record; nothing is kept; needs no key."""
    return records.check_body(context.services, body)


@router.post(
    "/records",
    responses=documented(
        _KEYS,
        (403, "role-not-allowed, not-permitted"),
        (404, "department-not-found"),
        (409, "resource-taken, not-editable, frozen-by-registration, stale-revision"),
        (413, "body-too-large"),
        (422, "invalid-document, unreadable-document, bad-request"),
        (500, "unexpected"),
        AUDIT_AWAY,
    ),
    openapi_extra=_SENT,
)
def add(
    context: Keyed,
    body: Body,
    response: Response,
    if_match: Annotated[
        str | None,
        Header(max_length=20, description="读取时的修订号 · the revision that was read"),
    ] = None,
) -> RecordStateAnswer:
    """存入记录草稿或修订稿 · Keep a record as a draft or revision."""
    added = records.add_body(context.services, context.caller(), body, _revision(if_match))
    response.headers["ETag"] = _tag_of(added.revision)
    return added


def _tag_of(revision: int) -> str:
    return json.dumps(str(revision))


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    plain = if_match.strip('"')
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        zh, en = "应为读取时 ETag 中的修订号", "should be the revision of the ETag that was read"
        raise BadRequest("If-Match", zh, en)
    return int(plain)


@router.post("/records/actions", responses=_ACTING)
def act_on_many(context: Keyed, asked: ActionsBody) -> ActionsAnswer:
    """对多条记录执行同一动作，各自成败 · The same action for many, each with its own result."""
    return record_steps.take_steps(
        context.services, context.caller(), asked.resources, asked.asked()
    )


@router.get("/records", responses=_READING)
def list_records(
    context: Keyed,
    state: Annotated[str | None, Query(max_length=20, description="状态 · state")] = None,
    department: Annotated[str | None, Query(max_length=31, description="部门 · of whom")] = None,
    q: Annotated[str | None, Query(max_length=100, description="文字 · text in it")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RecordSummary]:
    """本部门（或可见的各部门）任何状态的记录 · Records in any state that the caller may see."""
    wanted = record_lists.RecordFilter(state=state, department=department, q=q)
    found, following = record_lists.records_page(
        context.services, context.caller(), wanted, key_of(cursor), limit
    )
    return _page(context, found, following)


@router.get("/records/queue", responses=_READING)
def queue(
    context: Keyed,
    task: Annotated[str | None, Query(max_length=30, description="待办种类 · the task")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WaitingAnswer]:
    """待我办理的记录 · The records that wait for the caller, by its roles."""
    found, following = record_steps.waiting_for(
        context.services, context.caller(), task, key_of(cursor), limit
    )
    return _page(context, found, following)


@router.get("/records/{resource_id}", responses=_READING)
def record(context: Keyed, resource_id: Resource, response: Response) -> RecordAnswer:
    """一条记录：有权者可见编辑中的版本 · A record, as being edited for those who may see that."""
    caller = context.caller()
    caller.require()
    found = records.show_record(context.services, caller, resource_id)
    if found.process is not None:
        response.headers["ETag"] = _tag_of(found.process.revision)
    return found


@router.get("/records/{resource_id}/history", responses=_READING)
def history(
    context: Keyed, resource_id: Resource, limit: Limit = 50, cursor: Cursor = None
) -> Page[RecordStep]:
    """记录的流程历史，最早在前 · What happened to a record, oldest first."""
    after = _number_of(cursor)
    found, following = records.history_page(
        context.services, context.caller(), resource_id, after, limit
    )
    return _page(context, found, None if following is None else str(following))


def _number_of(cursor: str | None) -> int:
    key = key_of(cursor) or "0"
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        raise BadRequest("cursor", "应为上一页返回的值", "should be what a page gave out")
    return int(key)


@router.get("/records/{resource_id}/diff", responses=_READING)
def diff(
    context: Keyed, resource_id: Resource, before: Version = None, after: Version = None
) -> Page[DifferenceOfVersions]:
    """两个版本的差异，缺省为最近两版 · What differs between two versions; else the last two."""
    found = records.record_diff(context.services, context.caller(), resource_id, before, after)
    return _page(context, found, None)


@router.get("/records/{resource_id}/bindings", responses=_READING)
def bindings(context: Keyed, resource_id: Resource) -> Page[BindingAnswer]:
    """记录的挂接 · What a record is and was bound to."""
    found = records.record_bindings(context.services, context.caller(), resource_id)
    return _page(context, found, None)


@router.post("/records/{resource_id}/actions", responses=_ACTING)
def act(context: Keyed, resource_id: Resource, asked: ActionBody) -> RecordStateAnswer:
    """执行一个流程动作 · Take a step in the life of a record."""
    return record_steps.take_step(context.services, context.caller(), resource_id, asked.asked())


def _page(context: Keyed, items: list[Any], following: str | None) -> Page[Any]:
    cursor = None if following is None else cursor_of(following)
    return Page(request_id=context.request_id, items=items, next_cursor=cursor)
