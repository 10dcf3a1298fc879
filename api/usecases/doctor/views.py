"""Checks of the base views: built, served on this machine, and how new their sources are."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from api.bootstrap import Services
from api.usecases.doctor.checks import Check, Severity, fine, listed, wrong
from api.usecases.views import RECORDS
from catalog import view_versions
from catalog.deliveries import DeliveryState
from catalog.tables import deliveries
from catalog.view_versions import ViewVersion


def check_views(services: Services) -> Iterator[Check]:
    """One check a view."""
    for view_id in RECORDS:
        with services.database.reading() as conn:
            recorded = view_versions.current(conn, view_id)
            newer = [] if recorded is None else _newer(conn, recorded)
        yield _check_view(services, view_id, recorded, newer)


def _check_view(
    services: Services, view_id: str, recorded: ViewVersion | None, newer: list[str]
) -> Check:
    name = f"view_{view_id}"
    build = f"datong view build {view_id}"
    if recorded is None:
        said = f"视图 {view_id} 还没有生成过", f"the view {view_id} was never built"
        following = f"有数据入库后运行 {build}", f"once data is loaded, run {build}"
        return wrong(name, Severity.NOTE, said, following)
    served = _served(services, view_id)
    if served != recorded.version:
        said = (
            f"视图 {view_id} 登记的是第 {recorded.version} 版，本机查询的是第 {served or '—'} 版",
            f"version {recorded.version} of {view_id} is recorded, this machine serves "
            f"{served or 'none'}",
        )
        following = (
            f"运行 datong fsck；本机没有该版文件时运行 {build}",
            f"run datong fsck; where its files are not on this machine, run {build}",
        )
        return wrong(name, Severity.ERROR, said, following)
    if newer:
        said = (
            f"视图 {view_id} 生成之后又有入库：{listed(newer)}",
            f"deliveries came after the build of {view_id}: {listed(newer)}",
        )
        following = f"需要时运行 {build}", f"run {build} when they are wanted"
        return wrong(name, Severity.NOTE, said, following)
    said = (
        f"视图 {view_id} 第 {recorded.version} 版在用，共 {recorded.rows} 行",
        f"version {recorded.version} of {view_id} is served, {recorded.rows} rows",
    )
    return fine(name, said)


def _served(services: Services, view_id: str) -> int | None:
    from lake.views.serving_files import POINTER, served_version, version_folder
    from lake.views.serving_header import HEADER_FILE

    folder = services.serving_folder(view_id)
    try:
        served = served_version(folder)
    except ValueError:
        return None
    if served is None or not (version_folder(folder, served) / HEADER_FILE).is_file():
        return None
    return served if (folder / POINTER).is_file() else None


def _newer(conn: sa.Connection, recorded: ViewVersion) -> list[str]:
    """The sources of a build that have rows which came after it."""
    query = (
        sa.select(deliveries.c.resource_id)
        .where(deliveries.c.state == DeliveryState.LOADED, deliveries.c.accepted > 0)
        .where(deliveries.c.loaded_at > recorded.known_at)
        .where(deliveries.c.resource_id.in_(list(recorded.inputs)))
    )
    return sorted({str(each) for each in conn.scalars(query.distinct())})
