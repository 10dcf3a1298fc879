"""`datong system`: the register of information systems that records name as their source."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

app = typer.Typer(help="信息系统 / Information systems", no_args_is_help=True)

System = Annotated[str, typer.Argument(help="系统标识或名称 / system id or name", metavar="SYSTEM")]


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="信息系统文档 / information system (YAML or JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """登记信息系统或其变更 / Register an information system, or what changed of it.

    目录管理员登记本部门的系统，管理员和主管部门可登记各部门的；每次变更都留存一版。

    A steward registers for the own department, administrator and authority for all; every
    change is kept as a version.
    """
    from api.usecases.systems import add_system

    services = session.services()
    caller = session.caller(services, as_account)
    output.show_facts(add_system(services, caller, session.document_of(file)), as_json=as_json)


@app.command("list")
def list_all(
    department: Annotated[str | None, typer.Option(help="部门 / department")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出信息系统 / List the information systems."""
    from api.usecases.systems import list_systems

    services = session.services()
    session.caller(services, as_account)
    found = list_systems(services, department)
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            ("id", "名称 name", "部门 department", "状态 status", "上线 online since"),
            ((s.system_id, s.name, s.department_id, s.status, s.online_since) for s in found),
            empty="尚无信息系统。 No information systems yet.",
        ),
    )


@app.command()
def show(system: System, as_account: As = None, as_json: Json = False) -> None:
    """显示一个信息系统 / Show an information system.

    地址和等级保护级别只给有权者看。

    Its address and protection level are shown to those who may see them.
    """
    from api.usecases.systems import show_system

    services = session.services()
    found = show_system(services, session.caller(services, as_account), system)
    output.show_facts(found, as_json=as_json)


@app.command()
def history(system: System, as_account: As = None, as_json: Json = False) -> None:
    """显示信息系统的历次登记 / Show every registration of an information system."""
    from api.usecases.systems import system_history

    services = session.services()
    found = system_history(services, session.caller(services, as_account), system)
    rows = [each.as_json() for each in found]
    output.show(
        rows,
        as_json=as_json,
        human=lambda: output.table(
            ("版本 version", "时间 time", "账号 account", "内容 document"),
            ([row[n] for n in ("version", "written_at", "author", "document")] for row in rows),
        ),
    )
