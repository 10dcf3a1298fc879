"""`datong audit`: who read or changed what, when, and with what right."""

from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

app = typer.Typer(help="审计 / Audit", no_args_is_help=True)


@app.command("list")
def list_lines(
    since: Annotated[
        str | None, typer.Option(help="从何时起 / from when on: 2026-01-31[T12:00:00]")
    ] = None,
    account: Annotated[str | None, typer.Option(help="只看此账号 / of this account")] = None,
    action: Annotated[str | None, typer.Option(help="只看此动作 / of this action")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="最多几行 / at most so many")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出审计记录 / List the audit lines (审计员 auditor); with --json one document a line."""
    from api.moments import read_moment, shown
    from api.usecases.audit import AuditFilter, audit_lines

    services = session.services()
    start = None if since is None else read_moment("since", since)
    wanted = AuditFilter(start, account, action, limit)
    lines = audit_lines(services, session.caller(services, as_account), wanted)
    if as_json:
        output.print_lines(lines)
        return
    output.table(
        ("时间 at", "账号 account", "动作 action", "资源 resource", "用途 purpose", "结果 result"),
        (
            (shown(x["at"]), x["account"], x["action"], x["resource"], x["purpose"], x["result"])
            for x in lines
        ),
        empty="没有记录。 No lines.",
    )
