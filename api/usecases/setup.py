"""What `datong init` does: databases, own department, registers, base views, administrator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic import Field

from api.answers import Answer
from api.errors import FolderNotWritable
from api.usecases.views import RECORDS
from catalog import departments, elements, platform, view_definitions
from catalog.database import migrate, open_database
from catalog.view_records import install_view_record
from standards.views import default_view, default_view_text, view_record

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.departments import Department

ADMINISTRATOR = "admin"

# Stands in until a deployment names its own: region 990000 was never assigned, so the code is
# nobody's; its check characters are right.
PLATFORM: Mapping[str, Any] = {
    "department_id": "datong",
    "code": "11990000MB0000019F",
    "name": "政务数据共享平台",
    "division_code": "990000",
}


class Initialised(Answer):
    """What there is now; the key of a new administrator is here and never again."""

    home: str
    department_id: str
    account: str
    key: str | None = Field(repr=False)
    created: bool

    def as_facts(self) -> Iterable[tuple[str, Any]]:
        yield "目录 home", self.home
        yield "平台部门 platform department", self.department_id
        yield "管理员 administrator", self.account
        yield "密钥 key (只显示一次 shown once)", self.key
        if not self.created:
            yield "已初始化 already initialised", "未作改动 nothing changed"


def initialise(services: Services, platform_document: Mapping[str, Any] | None) -> Initialised:
    """Prepare a home. Again on a prepared one, it migrates and otherwise changes nothing.

    Raises InvalidDepartment for a platform document with errors, FolderNotWritable.
    """
    settings = services.settings
    for folder in (settings.home, settings.code_lists, settings.logs, settings.scratch):
        _make(folder)
    database = open_database(settings.database_url)
    try:
        migrate(database)
        with database.transaction() as conn:
            installed = platform.install(
                conn,
                platform_document or PLATFORM,
                ADMINISTRATOR,
                None,
                services.clock,
                code_lists=services.code_lists,
            )
            elements.install_shipped(conn, services.clock)
            departments.refresh_all_names(conn)
            _install_views(conn, services, installed.department)
    finally:
        database.dispose()
    return Initialised(
        home=str(settings.home),
        department_id=installed.department.department_id,
        account=installed.administrator.name,
        key=installed.key,
        created=installed.key is not None,
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderNotWritable(str(folder), reason=error.strerror or "") from error


def _install_views(conn: sa.Connection, services: Services, department: Department) -> None:
    for view_id in RECORDS:
        view_definitions.install_default(conn, view_id, default_view_text(view_id), services.clock)
        document = view_record(default_view(view_id), department.code, department.name)
        install_view_record(conn, document, services.clock, code_lists=services.code_lists)
