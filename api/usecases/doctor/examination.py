"""Runs the checks in order: what one of them needs and another found broken is not looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa

from api.bootstrap import Services, open_services
from api.logs import frames_of
from api.problems import driver_line
from api.settings import Settings
from api.usecases.doctor import machine, stores, views, work
from api.usecases.doctor.checks import Check, Examination, Severity, Words, wrong
from catalog.clock import Clock
from catalog.errors import KnownError

Look = Callable[[Services], Iterable[Check]]

_LOG: Words = (
    "按上面的原因处理；仍不清楚时查看 DATONG_HOME/logs 和该服务自己的日志",
    "act on the reason given; if it is not clear, see DATONG_HOME/logs and the service's own log",
)
_SEE: Words = ("按上面的说明处理", "do what the sentence says")

# Each with its name, for where it fails in a way that nobody foresaw.
_MACHINE: tuple[tuple[str, Look], ...] = (
    ("python", machine.check_python),
    ("software", machine.check_software),
    ("home", machine.check_home),
    ("disk", machine.check_disk),
    ("settings", machine.check_settings),
)
_DATABASE: tuple[tuple[str, Look], ...] = (
    ("database", stores.check_database),
    ("schema", stores.check_schema),
)
_STORES: tuple[tuple[str, Look], ...] = (
    ("database_clock", stores.check_database_clock),
    ("audit", stores.check_audit),
    ("tables", stores.check_tables),
    ("store", stores.check_store),
)
_WORK: tuple[tuple[str, Look], ...] = (
    ("hosts", work.check_hosts),
    ("worker", work.check_worker),
    ("jobs", work.check_jobs),
    ("deliveries", work.check_deliveries),
    ("leases", work.check_leases),
    ("keys", work.check_keys),
    ("views", views.check_views),
)
_DROPPED: tuple[tuple[str, Look], ...] = (("dropped", work.check_dropped),)


def examine(load: Callable[[], Settings], *, clock: Clock | None = None) -> Examination:
    """Check everything that can be checked; a check that fails is a finding, never an error."""
    try:
        settings = load()
    except KnownError as error:
        return Examination((_known("settings", error),))
    services = open_services(settings, clock=clock)
    try:
        return Examination(tuple(_examine(services)))
    finally:
        services.close()


def _examine(services: Services) -> Iterator[Check]:
    found = list(_run(_MACHINE, services))
    yield from found
    if _failed(found, "home", "settings"):
        return
    for each in _DATABASE:
        found = list(_run([each], services))
        yield from found
        if _failed(found, each[0]):
            return
    found = list(_run(_STORES, services))
    yield from found
    yield from _run(_WORK, services)
    if not _failed(found, "store", "tables"):
        yield from _run(_DROPPED, services)


def _failed(checks: Iterable[Check], *names: str) -> bool:
    return any(check.name in names and not check.ok for check in checks)


def _run(looks: Iterable[tuple[str, Look]], services: Services) -> Iterator[Check]:
    for name, look in looks:
        try:
            yield from list(look(services))
        except KnownError as error:
            yield _known(name, error)
        except Exception as error:  # noqa: BLE001 (a check that fails is what is looked for)
            reason = _reason(error)
            said = f"检查 {name} 失败：{reason}", f"the check {name} failed: {reason}"
            yield wrong(name, Severity.ERROR, said, _LOG)


def _known(name: str, error: KnownError) -> Check:
    return wrong(name, Severity.ERROR, (error.zh, error.en), _SEE)


def _reason(error: Exception) -> str:
    """What the driver says, or the name of the error and where it was raised: no value is told."""
    if isinstance(error, sa.exc.DBAPIError):
        return driver_line(error)
    return f"{type(error).__name__}, {frames_of(error)[-1]}"
