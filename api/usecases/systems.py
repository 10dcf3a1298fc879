"""Information systems: registered by who answers for them, listed for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.answers.registers import SystemAnswer, SystemInnerAnswer, SystemVersionAnswer
from api.usecases.access import Caller, watched
from api.usecases.rights import RIGHTS, UseCase
from catalog import departments, systems

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.systems import System


def add_system(
    services: Services, caller: Caller, document: Mapping[str, Any]
) -> SystemInnerAnswer:
    """Register a system or what changed of it; raises what `catalog.systems.add` raises."""
    with watched(services, caller, UseCase.SYSTEM_ADD) as trail:
        trail.detail["system"] = str(document.get("system_id"))
        with services.database.transaction() as conn:
            added = systems.add(conn, document, caller.require(), services.clock)
    return _inner(added)


def list_systems(services: Services, department: str | None = None) -> list[SystemAnswer]:
    """All systems by id, or those of a department given by id, code or name."""
    with services.database.reading() as conn:
        department_id = (
            None
            if department is None
            else departments.require_named(conn, department).department_id
        )
        return [_answer(each) for each in systems.list_all(conn, department_id)]


def systems_page(
    services: Services, after: str | None, limit: int
) -> tuple[list[SystemAnswer], str | None]:
    """A page of the systems, and the key after which the next one begins."""
    with services.database.reading() as conn:
        found = systems.page(conn, limit=limit + 1, cursor=after)
    answers = [_answer(each) for each in found[:limit]]
    return answers, answers[-1].system_id if len(found) > limit else None


def show_system(services: Services, caller: Caller, system: str) -> SystemAnswer:
    """A system by id or exact name; with address and protection level for who may see them.

    Raises SystemNotFound, SystemNameShared.
    """
    if RIGHTS[UseCase.SYSTEM_READ_INNER].isdisjoint(caller.roles):
        with services.database.reading() as conn:
            return _answer(systems.require(conn, system))
    with (
        watched(services, caller, UseCase.SYSTEM_READ_INNER) as trail,
        services.database.reading() as conn,
    ):
        found = systems.require(conn, system)
        trail.detail["system"] = found.system_id
        return _inner(found)


def system_history(services: Services, caller: Caller, system: str) -> list[SystemVersionAnswer]:
    """Every registration of a system, oldest first; SystemNotFound, SystemNameShared."""
    with (
        watched(services, caller, UseCase.SYSTEM_READ_INNER) as trail,
        services.database.reading() as conn,
    ):
        found = systems.require(conn, system)
        trail.detail["system"] = found.system_id
        return [
            SystemVersionAnswer(
                version=each.version,
                written_at=each.written_at,
                author=each.author,
                document=dict(each.document),
            )
            for each in systems.history(conn, found.system_id)
        ]


def _answer(found: System) -> SystemAnswer:
    return SystemAnswer(**_facts(found))


def _inner(found: System) -> SystemInnerAnswer:
    return SystemInnerAnswer(
        **_facts(found),
        version=found.version,
        protection_level=found.document.get("protection_level"),
        url=found.document.get("url"),
    )


def _facts(found: System) -> dict[str, Any]:
    return {
        "system_id": found.system_id,
        "name": found.name,
        "department_id": found.department_id,
        "description": found.document["description"],
        "status": found.status.value,
        "online_since": found.document.get("online_since"),
    }
