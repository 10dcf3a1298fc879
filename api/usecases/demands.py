"""Demands: filed by whoever needs data that is not in the catalogue, read by the authority."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.answers.search import DemandAnswer
from api.usecases.access import Caller, masked, watched
from api.usecases.rights import UseCase, sees_every_department
from catalog import demands
from catalog.demand_errors import DemandNotFound
from catalog.demands import Demand, NewDemand

if TYPE_CHECKING:
    from api.bootstrap import Services


def submit_demand(services: Services, caller: Caller, new: NewDemand) -> DemandAnswer:
    """Keep a demand. InvalidDemand, NumberInDemand."""
    with (
        watched(services, caller, UseCase.DEMAND_ADD) as trail,
        services.database.transaction() as conn,
    ):
        kept = demands.submit(conn, new, caller.require(), services.ids, services.clock)
        trail.detail["demand"] = kept.demand_id
    return _answer(kept)


def demands_page(
    services: Services, caller: Caller, before: str | None, limit: int
) -> tuple[list[DemandAnswer], str | None]:
    """Demands, newest first, and the id before which the next page begins.

    The authority and the auditor see all of them, everybody else those of the own department.
    """
    with (
        watched(services, caller, UseCase.DEMAND_READ),
        services.database.reading() as conn,
    ):
        found = demands.list_demands(
            conn, department=_only_of(caller), before=before, limit=limit + 1
        )
    page = [_answer(each) for each in found[:limit]]
    return page, page[-1].demand_id if len(found) > limit else None


def show_demand(services: Services, caller: Caller, demand_id: str) -> DemandAnswer:
    """One demand. DemandNotFound, also for one of another department."""
    with (
        watched(services, caller, UseCase.DEMAND_READ) as trail,
        services.database.reading() as conn,
    ):
        trail.detail["demand"] = demand_id
        found = demands.require(conn, demand_id)
        only = _only_of(caller)
        if only is not None and found.department_id != only:
            raise DemandNotFound(masked(demand_id))
    return _answer(found)


def _only_of(caller: Caller) -> str | None:
    if sees_every_department(UseCase.DEMAND_READ, caller.roles):
        return None
    return caller.require().department_id


def _answer(demand: Demand) -> DemandAnswer:
    return DemandAnswer(
        demand_id=demand.demand_id,
        state=demand.state.value,
        state_zh=demand.state.zh,
        title=demand.title,
        description=demand.description,
        items=demand.items,
        query=demand.query,
        account=demand.account,
        department_id=demand.department_id,
        submitted_at=demand.submitted_at,
    )
