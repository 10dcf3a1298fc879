"""The governed lookup: an identity, a right, the granted cells, and the audit line before all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from api.answers import CellAnswer, LookupAnswer
from api.errors import BadRequest, MalformedNumber
from api.usecases.access import Caller, Trail, watched
from api.usecases.rights import UseCase
from api.usecases.views import record_of
from catalog import rights
from catalog.audit import subject_hash
from standards.identifiers import check_identifier

if TYPE_CHECKING:
    from api.bootstrap import Services
    from lake.views.serving import ServedVersion, Subject
    from lake.views.serving_header import ServingHeader

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Question:
    """Which subject of which view, for what purpose; `items` None asks for all granted ones."""

    view_id: str
    scheme: str
    number: str = field(repr=False)
    purpose: str
    items: tuple[str, ...] | None = None


def lookup(services: Services, caller: Caller, question: Question) -> LookupAnswer:
    """Answer with the granted items of one subject, or `found` false.

    Raises a grant's refusal (NoGrant, GrantExpired, GrantRevoked, OtherPurpose, ItemNotGranted),
    SchemeNotInView, MalformedNumber or ViewNotServed. Whatever the end, an audit line tells it.
    """
    resource = record_of(question.view_id)
    with watched(services, caller, UseCase.LOOKUP, resource=resource) as trail:
        check_names(question)
        trail.purpose = question.purpose
        trail.items = question.items or ()
        trail.items = granted = _granted_items(services, caller, question, resource)
        reader = services.reader(question.view_id)
        number = normalised(services.salt, question, reader.current(), trail)
        header, subject = reader.answer(question.scheme, number, granted)
        trail.rows = 0 if subject is None else 1
        return _answer(caller, header, subject, granted)


def check_names(question: Question) -> None:
    """Raise BadRequest unless scheme, purpose and items are names."""
    # What is a name is never a number, so that a problem may repeat it.
    for place, names in (
        ("scheme", (question.scheme,)),
        ("purpose", (question.purpose,)),
        ("items", question.items or ()),
    ):
        if not all(_NAME.fullmatch(name) for name in names):
            raise BadRequest(place, "应为小写字母开头的名称", "should be a lower-case name")


def _granted_items(
    services: Services, caller: Caller, question: Question, resource: str
) -> tuple[str, ...]:
    with services.database.reading() as conn:
        grant = rights.find_right(
            conn,
            account=caller.require().name,
            resource_id=resource,
            purpose=question.purpose,
            now=services.clock.now(),
            items=question.items or (),
        )
    return rights.granted_items(grant, question.items)


def normalised(salt: str, question: Question, version: ServedVersion, trail: Trail) -> str:
    """The normal form of the number; the trail gets its hash. SchemeNotInView, MalformedNumber."""
    verdict = check_identifier(version.kind_of(question.scheme), question.number)
    trail.subject_hash = subject_hash(salt, question.scheme, verdict.normalised)
    if not verdict.valid:
        zh, _, en = (verdict.reason or "").partition(" / ")
        raise MalformedNumber(question.scheme, verdict.rule or "", why_zh=zh, why_en=en)
    return verdict.normalised


def _answer(
    caller: Caller, header: ServingHeader, subject: Subject | None, granted: tuple[str, ...]
) -> LookupAnswer:
    said = {} if subject is None else subject.cells
    cells = {
        name: CellAnswer.model_validate(said[name].as_json()) for name in granted if name in said
    }
    return LookupAnswer(
        request_id=caller.request_id,
        found=subject is not None,
        view_version=header.version,
        known_at=datetime.fromisoformat(header.known_at),
        cells=cells,
    )
