"""`datong grant`: which application may read which items, for what purpose and how long."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

app = typer.Typer(help="授权 / Grants", no_args_is_help=True)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="授权文档 / grant document (YAML or JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """授权一个应用 / Grant items of a resource to an application (主管部门 authority).

    文档的字段 / its fields: application, resource, items, purpose, valid_from, valid_to.
    """
    from api.usecases.grants import add_grant

    services = session.services()
    caller = session.caller(services, as_account)
    grant_id = add_grant(services, caller, session.document_of(file))
    output.show(
        {"grant_id": grant_id},
        as_json=as_json,
        human=lambda: output.say(f"已授权 / granted: {grant_id}"),
    )


@app.command()
def revoke(
    grant: Annotated[str, typer.Argument(help="授权号 / grant id", metavar="ID")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """撤销授权，立即生效 / Revoke a grant at once (主管部门 authority)."""
    from api.usecases.grants import revoke_grant

    services = session.services()
    revoke_grant(services, session.caller(services, as_account), grant)
    output.show(
        {"grant_id": grant, "revoked": True},
        as_json=as_json,
        human=lambda: output.say(f"已撤销 / revoked: {grant}"),
    )


@app.command("list")
def list_all(as_account: As = None, as_json: Json = False) -> None:
    """列出授权 / List the grants; an application sees its own."""
    from api.usecases.grants import list_grants

    services = session.services()
    found = list_grants(services, session.caller(services, as_account))
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            (
                "id",
                "应用 application",
                "资源 resource",
                "用途 purpose",
                "期限 period",
                "状态 state",
            ),
            (
                (
                    g.grant_id,
                    g.application,
                    g.resource,
                    g.purpose,
                    f"{g.valid_from} – {g.valid_to}",
                    g.state,
                )
                for g in found
            ),
            empty="没有授权。 No grants.",
        ),
    )
