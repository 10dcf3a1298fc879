"""Steps in the life of records: one, many at once, what waits for the caller, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from api.answers import RecordStateAnswer
from api.answers.publishing import DuePublicationsAnswer
from api.answers.records import ActionResult, ActionsAnswer, Refusal, WaitingAnswer
from api.errors import NotOneOf
from api.problems import code_of
from api.usecases.access import OK, Caller, Trail, masked, watched, write_line
from api.usecases.likeness import with_similar
from api.usecases.record_sight import check_open
from api.usecases.rights import UseCase
from catalog import records
from catalog.errors import CatalogError
from catalog.lake_errors import AuditNotWritten
from catalog.life_cycle import Action, State
from catalog.publishing import due, queue
from catalog.publishing.queue import Task
from catalog.records import Details

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.publishing.queue import Waiting
    from catalog.records import RecordState

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done: an action by its name, with its reason and what it is told beside."""

    action: str
    opinion: str | None = None
    publish_at: datetime | None = None
    kind: str | None = None
    target: str | None = None
    impact: str | None = None
    expected_revision: int | None = None

    @property
    def details(self) -> Details:
        return Details(self.publish_at, self.kind, self.target, self.impact)


def act_on_record(
    services: Services, caller: Caller, resource: str, action: str, opinion: str | None
) -> RecordStateAnswer:
    """Do one action of the transition table; the errors of `catalog.records.act`."""
    return take_step(services, caller, resource, Asked(action, opinion))


def take_step(services: Services, caller: Caller, resource: str, asked: Asked) -> RecordStateAnswer:
    """As `act_on_record`, with all that an action can be told."""
    with watched(services, caller, UseCase.RECORD_DO, resource=resource) as trail:
        trail.detail["action"] = asked.action
        action = _action(asked.action)
        with services.database.transaction() as conn:
            # first of all: in which state a record is, is not for everyone to know
            found = check_open(conn, caller, resource, action)
            done = records.act(
                conn,
                resource,
                action,
                caller.require(),
                asked.opinion,
                services.clock,
                details=asked.details,
                expected_revision=asked.expected_revision,
                ids=services.ids,
            )
    if action is Action.SUBMIT_REGISTER:
        return with_similar(services, state_answer(done), found.document, found.department_id)
    return state_answer(done)


def take_steps(
    services: Services, caller: Caller, resources: Iterable[str], asked: Asked
) -> ActionsAnswer:
    """The same step for many records, each in a transaction and with an audit line of its own.

    A record that is refused holds up no other; a caller without the right is refused as a whole.
    """
    _action(asked.action)
    results = [_one(services, caller, each, asked) for each in dict.fromkeys(resources)]
    done = sum(result.done for result in results)
    return ActionsAnswer(done=done, failed=len(results) - done, results=results)


def _one(services: Services, caller: Caller, resource: str, asked: Asked) -> ActionResult:
    try:
        done = take_step(services, caller, resource, asked)
    except AuditNotWritten:
        raise
    except CatalogError as error:
        refusal = Refusal(code=code_of(error), zh=error.zh, en=error.en)
        return ActionResult(resource=str(masked(resource)), done=False, error=refusal)
    return ActionResult(resource=resource, done=True, record=done)


def waiting_for(
    services: Services, caller: Caller, task: str | None, after: str | None, limit: int
) -> tuple[list[WaitingAnswer], str | None]:
    """A page of what waits for the caller, and the key after which the next one begins."""
    wanted = _task(task)
    with watched(services, caller, UseCase.RECORD_QUEUE), services.database.reading() as conn:
        page = queue.queue(conn, caller.require(), task=wanted, limit=limit, cursor=after)
    return [_waiting(each) for each in page.rows], page.next_cursor


def waiting_to_be_done(
    services: Services, caller: Caller, action: str, task: str | None = None
) -> list[str]:
    """All records in the caller's queue for which this action is the step they wait for."""
    wanted, step = _task(task), _action(action)
    with watched(services, caller, UseCase.RECORD_QUEUE), services.database.reading() as conn:
        found = _whole_queue(conn, caller, wanted)
        return [each.resource_id for each in found if queue.can_do(each, step)]


def _whole_queue(conn: sa.Connection, caller: Caller, task: Task | None) -> Iterator[Waiting]:
    cursor: str | None = None
    while True:
        page = queue.queue(conn, caller.require(), task=task, limit=_PAGE, cursor=cursor)
        yield from page.rows
        cursor = page.next_cursor
        if cursor is None:
            return


def publish_due(services: Services, caller: Caller) -> DuePublicationsAnswer:
    """Publish at once whatever is due, as housekeeping does every few seconds."""
    with watched(services, caller, UseCase.RECORD_PUBLISH_DUE) as trail:
        done = _publish_due(services)
        trail.rows = len(done)
    return DuePublicationsAnswer(
        published=[each.resource_id for each in done if each.state is State.PUBLISHED],
        returned=[each.resource_id for each in done if each.state is not State.PUBLISHED],
    )


def publish_when_due(services: Services) -> int:
    """What housekeeping does; one audit line for each record, in the platform's own name."""
    done = _publish_due(services)
    nobody = Caller(services.ids.new(), "worker")
    for each in done:
        detail = {"state": each.state.value}
        trail = Trail(UseCase.RECORD_PUBLISH_DUE, each.resource_id, detail=detail)
        write_line(services, nobody, trail, OK)
    return len(done)


def _publish_due(services: Services) -> list[RecordState]:
    done: list[RecordState] = []
    while True:
        with services.database.reading() as conn:
            found = due.due_records(conn, services.clock.now())
        settled = [each for each in _settle(services, found) if each is not None]
        if not settled:
            return done
        done += settled


def _settle(services: Services, due_now: Iterable[str]) -> Iterator[RecordState | None]:
    """What became of each; None where somebody else was faster."""
    for resource_id in due_now:
        with services.database.transaction() as conn:
            lists = services.code_lists
            done = due.publish_due(
                conn, resource_id, services.clock, code_lists=lists, ids=services.ids
            )
        yield done


def _action(name: str) -> Action:
    if name not in set(Action):
        raise NotOneOf("action", tuple(Action))
    return Action(name)


def _task(name: str | None) -> Task | None:
    if name is not None and name not in set(Task):
        raise NotOneOf("task", tuple(Task))
    return None if name is None else Task(name)


def state_answer(done: RecordState) -> RecordStateAnswer:
    """Where a record stands now."""
    return RecordStateAnswer(
        resource_id=done.resource_id,
        resource_code=done.resource_code,
        version=done.version,
        state=done.state.value,
        revision=done.revision,
    )


def _waiting(found: Waiting) -> WaitingAnswer:
    return WaitingAnswer(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        name=found.name,
        kind=found.kind.value,
        department_id=found.department_id,
        provider_name=found.provider_name,
        version=found.version,
        state=found.state.value,
        revision=found.revision,
        task=found.task.value,
        submitted_by=found.submitted_by,
        since=found.since,
        share_type=found.share_type,
        tightened=found.tightened,
        reason=found.reason,
    )
