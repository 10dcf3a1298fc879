"""Searching the public catalogue, and the index that it is searched by.

Nothing of what somebody types is kept or logged: it may be a person's number by mistake.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.answers import RecordSummary, in_china
from api.answers.search import (
    FacetValue,
    IndexRebuilt,
    IndexState,
    NearbySearch,
    NextStep,
    SearchAnswer,
    SearchHit,
    SuggestionsAnswer,
)
from api.errors import BadRequest
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from api.usecases.search_filters import LISTS, resolved
from catalog.life_cycle import State
from catalog.search import source
from catalog.search.errors import RebuildGoingOn
from catalog.search.facets import Facet
from catalog.search.finding import FacetCount, Found, Hit, Query

if TYPE_CHECKING:
    from api.bootstrap import Services

DEMANDS = "/v1/demands"
MOST_OFFSET = 1_000_000
_POSITION = re.compile(r"o([0-9]{1,7})")
_PATIENCE, _PAUSE = 10.0, 0.05  # seconds that a command waits for the process that writes


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for; `position` is where a page before this one ended."""

    text: str = ""
    filters: Mapping[Facet, Sequence[str]] = field(default_factory=dict)
    limit: int = 20
    position: str | None = None


def search(services: Services, asked: Asked, request_id: str) -> tuple[SearchAnswer, str | None]:
    """A page of what is found, and the position at which the next one begins.

    Raises QueryTooLong, and what `search_filters.resolved` raises.
    """
    found, following = _found(services, asked)
    answer = SearchAnswer(
        request_id=request_id,
        total=found.total,
        items=tuple(_hit(hit) for hit in found.hits),
        next_cursor=None,
        facets={
            facet.value: tuple(_value(services, facet, each) for each in counts)
            for facet, counts in found.facets.items()
        },
        apart=found.apart,
        did_you_mean=() if found.total else _nearby(services, asked),
        next_step=None if found.total or not found.complete else _demand_it(),
        index=IndexState(complete=found.complete),
    )
    return answer, following


def summaries_found(
    services: Services, text: str, position: str | None, limit: int
) -> tuple[list[RecordSummary], str | None]:
    """The records that a text finds, as lists of the catalogue show them."""
    found, following = _found(services, Asked(text=text, limit=limit, position=position))
    return [_summary(hit) for hit in found.hits], following


def suggestions(services: Services, text: str, request_id: str) -> SuggestionsAnswer:
    """What a text being typed may become. QueryTooLong."""
    from catalog.search.nearby import suggest

    found = suggest(services.search, text)
    return SuggestionsAnswer(
        request_id=request_id,
        titles=found.titles,
        departments=tuple(_value(services, Facet.DEPARTMENT, each) for each in found.departments),
    )


def catch_up(services: Services) -> bool:
    """Bring the index up with what is published now; whether it is, after some patience.

    Another process of this machine may be the one that writes it: then it is waited for.
    """
    with services.database.reading() as conn:
        newest = source.newest_change(conn)
    follower = services.search_follower()
    try:
        for _ in range(int(_PATIENCE / _PAUSE)):
            if follower.catch_up() or _has_come_to(services, newest):
                return True
            time.sleep(_PAUSE)
    finally:
        follower.close()
    return False


def rebuild(
    services: Services, caller: Caller, progress: Callable[[int], None] = lambda done: None
) -> IndexRebuilt:
    """Make the index anew, while searches go on, and put it in use. RebuildGoingOn."""
    from catalog.search.follower import make_aside
    from catalog.search.place import Lock

    with watched(services, caller, UseCase.SEARCH_REBUILD) as trail:
        place = services.search.place
        lock = Lock(place.rebuild_lock)
        if not lock.take():
            raise RebuildGoingOn(str(place.home))
        try:
            database, catalogue = services.database, services.catalogue_mark
            trail.rows = make_aside(database, place, services.clock, catalogue, progress)
            return IndexRebuilt(records=trail.rows, in_use=_put_in_use(services))
        finally:
            lock.release()


def _put_in_use(services: Services) -> bool:
    """Wait for whoever writes to take the new index, or take it ourselves where nobody does."""
    follower = services.search_follower()
    try:
        for _ in range(int(_PATIENCE / _PAUSE)):
            follower.catch_up()
            if not services.search.place.aside_state.exists():
                return True
            time.sleep(_PAUSE)
    finally:
        follower.close()
    return False


def _has_come_to(services: Services, newest: int) -> bool:
    snapshot = services.search.newest()
    return (
        snapshot is not None and snapshot.state.complete and snapshot.state.mark.sequence >= newest
    )


def _found(services: Services, asked: Asked) -> tuple[Found, str | None]:
    offset = _offset(asked.position)
    query = Query(asked.text, resolved(services, asked.filters), asked.limit, offset)
    found = services.search.find(query)
    end = offset + len(found.hits)
    return found, f"o{end}" if found.hits and end < min(found.total, MOST_OFFSET) else None


def _offset(position: str | None) -> int:
    if position is None:
        return 0
    read = _POSITION.fullmatch(position)
    if read is None:
        raise BadRequest("cursor", "应为上一页返回的值", "should be what a page gave out")
    return int(read[1])


def _nearby(services: Services, asked: Asked) -> tuple[NearbySearch, ...]:
    from catalog.search.nearby import nearby

    found = nearby(services.search, asked.text, asked.filters)
    return tuple(NearbySearch(q=each.text, why=each.why.value, total=each.total) for each in found)


def _demand_it() -> NextStep:
    return NextStep(
        zh="没有找到所需数据？可登记数据需求，由主管部门协调："
        f"POST {DEMANDS}，或 datong demand add",
        en="nothing found? File a demand, which the authority follows up: "
        f"POST {DEMANDS}, or datong demand add",
        href=DEMANDS,
    )


def _hit(hit: Hit) -> SearchHit:
    shown = hit.summary
    return SearchHit.model_construct(
        **{name: value for name, value in shown.items() if name != "published_at"},
        **_published(shown),
        score=round(hit.score, 3),
    )


def _summary(hit: Hit) -> RecordSummary:
    names = ("resource_id", "resource_code", "name", "kind", "department_id", "version")
    facts = {name: hit.summary[name] for name in (*names, "provider_name", "share_type")}
    return RecordSummary(**facts, state=State.PUBLISHED.value, **_published(hit.summary))


def _published(summary: Mapping[str, Any]) -> dict[str, Any]:
    text = summary["published_at"]
    at = None if text is None else datetime.fromisoformat(text)
    return {"published_at": at, "publish_date": None if at is None else in_china(at)[:10]}


def _value(services: Services, facet: Facet, counted: FacetCount) -> FacetValue:
    return FacetValue.model_construct(
        value=counted.value, label=_label(services, facet, counted), count=counted.count
    )


def _label(services: Services, facet: Facet, counted: FacetCount) -> str:
    """A value as people call it: by the code list, else as the records call it."""
    code, _, kind = (
        counted.value.partition("/") if facet is Facet.FORMAT else (counted.value, "", "")
    )
    listed = services.code_lists.find(LISTS[facet]) if LISTS[facet] else None
    entry = None if listed is None else listed.find(code)
    if entry is None:
        return counted.name or counted.value
    return f"{entry.name} {kind}" if kind else entry.name
