"""Governed lookups, many at a time: rights are checked once, and all audit lines are one commit.

Each call has the checks, the audit line and the answer of `usecases.lookup.lookup`; it may neither
be told of, nor fail with, another one beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

import sqlalchemy as sa

from api.problems import code_of
from api.usecases.access import OK, Caller, Trail, line_of
from api.usecases.lookup import Question, check_names, normalised
from api.usecases.rights import UseCase, permit
from api.usecases.views import record_of
from catalog import rights
from catalog.account_errors import UnknownKey
from catalog.accounts import key_hash
from catalog.lake_errors import AuditNotWritten
from catalog.rights_cache import Wanted
from lake.views.serving import ServedVersion, VersionRemoved

_BOOLEAN = ("false", "true")
_NOBODYS: Wanted = ("", "")

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.audit import AuditLine
    from catalog.confirmed_audit import ReadyLines
    from catalog.rights_cache import HeldRights


@dataclass(frozen=True, slots=True)
class Call:
    """One lookup as it came: who sent it by which key, and the question."""

    request_id: str
    address: str
    key: str | None = field(repr=False)
    question: Question


@dataclass(frozen=True, slots=True)
class Outcome:
    """`text` is the JSON that answers a call; with an `error` it is refused instead."""

    text: str
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """Calls that are worked out and not told yet: their outcomes and audit lines."""

    calls: Sequence[Call]
    outcomes: list[Outcome]
    lines: ReadyLines
    revision: int


def work_ahead(services: Services, calls: Sequence[Call]) -> Worked | None:
    """Work calls out from remembered rights, if all of them are remembered.

    Waits for nothing but the serving files. Nothing of it may be told before `finish`.
    """
    wanted = _wanted(calls)
    remembered = services.rights.remembered(set(wanted.values()))
    if remembered is None:
        return None
    batch = _Batch(services, wanted, remembered.held)
    outcomes = [batch.outcome(call) for call in calls]
    lines = services.confirmed_audit.ready(batch.lines)
    return Worked(calls, outcomes, lines, remembered.revision)


def finish(services: Services, worked: Worked) -> list[Outcome]:
    """The outcomes, once their lines are durable under rights that hold now; else begin anew."""
    try:
        if services.confirmed_audit.write(worked.revision, worked.lines):
            return worked.outcomes
    except AuditNotWritten as error:
        return [Outcome("", _not_written(call, error)) for call in worked.calls]
    return answer_calls(services, worked.calls)


def answer_calls(services: Services, calls: Sequence[Call]) -> list[Outcome]:
    """The outcome of each call, in their order, when all their audit lines are durable.

    Their rights are read from the database now, after every one of them came. Where the lines
    cannot be written, every call is refused with AuditNotWritten.
    """
    wanted = _wanted(calls)
    batch = _Batch(services, wanted, {})
    try:
        batch.held = services.rights.read(set(wanted.values())).held
    except sa.exc.SQLAlchemyError as error:
        batch.unreadable = error
    outcomes = [batch.outcome(call) for call in calls]
    try:
        services.audit.write_many(batch.lines)
    except AuditNotWritten as error:
        return [Outcome("", _not_written(call, error)) for call in calls]
    return outcomes


def _wanted(calls: Sequence[Call]) -> dict[str, Wanted]:
    """By request, the rights that a call needs; those without a well-formed key are missing."""
    return {
        call.request_id: (key, record_of(call.question.view_id))
        for call in calls
        if call.key is not None and (key := key_hash(call.key)) is not None
    }


def _not_written(call: Call, cause: AuditNotWritten) -> AuditNotWritten:
    error = AuditNotWritten(call.request_id)
    error.__cause__ = cause.__cause__
    return error


class _Batch:
    """What the calls of one batch share: their rights, and the versions they are answered from."""

    def __init__(
        self, services: Services, wanted: Mapping[str, Wanted], held: Mapping[Wanted, HeldRights]
    ) -> None:
        self.held = held
        self.unreadable: Exception | None = None
        self.lines: list[AuditLine] = []
        self._services = services
        self._wanted = wanted
        self._versions: dict[str, ServedVersion] = {}

    def outcome(self, call: Call) -> Outcome:
        """Answer or refuse one call and add its audit line, which is not written yet."""
        caller, trail = Caller(call.request_id, call.address), Trail(UseCase.IDENTIFY)
        try:
            held = None if call.key is None else self._rights(call)
            if held is not None:
                account = held.key.account_at(self._services.clock.now())
                caller = Caller(call.request_id, call.address, account)
            trail = Trail(UseCase.LOOKUP, resource=record_of(call.question.view_id))
            outcome = Outcome(self._answer(caller, held, call.question, trail))
            result = OK
        except Exception as error:  # noqa: BLE001 - the edge of one call among several
            outcome, result = Outcome("", error), code_of(error)
        self.lines.append(line_of(self._services, caller, trail, result))
        return outcome

    def _rights(self, call: Call) -> HeldRights:
        if self.unreadable is not None:
            raise self.unreadable
        held = self.held.get(self._wanted.get(call.request_id, _NOBODYS))
        if held is None:
            raise UnknownKey
        return held

    def _answer(
        self, caller: Caller, held: HeldRights | None, question: Question, trail: Trail
    ) -> str:
        account = caller.require()
        permit(UseCase.LOOKUP, caller.roles)
        check_names(question)
        trail.purpose = question.purpose
        trail.items = question.items or ()
        grant = rights.choose_right(
            held.grants if held is not None else (),
            account=account.name,
            resource_id=record_of(question.view_id),
            purpose=question.purpose,
            now=self._services.clock.now(),
            items=question.items or (),
        )
        trail.items = rights.granted_items(grant, question.items)
        return self._looked_up(caller, question, trail)

    def _looked_up(self, caller: Caller, question: Question, trail: Trail) -> str:
        """The answer as JSON, the very text that LookupAnswer would be written as."""
        reader = self._services.reader(question.view_id)

        def ask(version: ServedVersion) -> str:
            number = normalised(self._services.salt, question, version, trail)
            found = reader.find(version, question.scheme, number)
            trail.rows = 0 if found is None else 1
            cells = "{}" if found is None else version.cells.text(*found, trail.items)
            return (
                f'{{"request_id":{quoted(caller.request_id)},"found":{_BOOLEAN[found is not None]},'
                f'"view_version":{version.header.version},"known_at":{quoted(version.known_at)},'
                f'"cells":{cells}}}'
            )

        version = self._versions.get(question.view_id)
        if version is None:
            version = self._versions[question.view_id] = reader.current()
        try:
            return ask(version)
        except VersionRemoved:
            del self._versions[question.view_id]
            return reader.with_current(ask)
