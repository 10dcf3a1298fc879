"""`datong department`: registers the departments that provide and use data."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

app = typer.Typer(help="部门 / Departments", no_args_is_help=True)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="部门文档 / department document (YAML or JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """登记一个部门 / Register a department (管理员 administrator)."""
    from api.usecases.departments import add_department

    services = session.services()
    caller = session.caller(services, as_account)
    added = add_department(services, caller, session.document_of(file))
    output.show(
        added.as_json(),
        as_json=as_json,
        human=lambda: output.say(f"已登记 / registered: {added.department_id} {added.name}"),
    )


@app.command("list")
def list_all(as_account: As = None, as_json: Json = False) -> None:
    """列出部门 / List the departments."""
    from api.usecases.departments import list_departments

    services = session.services()
    session.caller(services, as_account)
    found = list_departments(services)
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            ("id", "名称 name", "代码 code", "职能 duty", "区划 division"),
            ((d.department_id, d.name, d.code, d.duty, d.division_code) for d in found),
            empty="尚无部门。 No departments yet.",
        ),
    )
