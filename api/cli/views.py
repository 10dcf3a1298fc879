"""`datong view`: builds the base views and shows their versions."""

from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json
from api.cli.progress import progress

app = typer.Typer(help="基础库视图 / Base views", no_args_is_help=True)


@app.command()
def build(
    view: Annotated[str, typer.Argument(help="person 自然人 | legal_entity 法人")],
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="交给后台进程生成 / leave it to a worker")
    ] = False,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """由已入库的数据生成视图 / Build a view from what is loaded (运维员 operator).

    已有一次生成在进行时，本次排在其后。

    While a build of the view is going on, this one comes after it.
    """
    from api.usecases.views import build_view, queue_view

    services = session.services()
    caller = session.caller(services, as_account)
    if no_wait:
        output.show_facts(queue_view(services, caller, view), as_json=as_json)
        return
    with progress(view, quiet=as_json) as report:
        built = build_view(services, caller, view, progress=report)
    output.show_facts(built, as_json=as_json)


@app.command()
def show(
    view: Annotated[
        str | None, typer.Argument(help="视图，缺省为全部 / view; all if omitted")
    ] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """显示视图的定义与当前版本 / Show definition and current version of the views."""
    from api.usecases.views import show_views

    services = session.services()
    found = show_views(services, session.caller(services, as_account), view)
    output.show(
        found,
        as_json=as_json,
        human=lambda: output.table(
            ("视图 view", "定义 definition", "版本 version", "行数 rows", "截至 known at"),
            (
                (v["view_id"], v["definition_version"], v["view_version"], v["rows"], v["known_at"])
                for v in found
            ),
        ),
    )
