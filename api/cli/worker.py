"""`datong worker`: does the work that others have queued, until it is told to end."""

from importlib import import_module
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import START


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=START)(worker)


def worker(
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="同时处理的任务数 / jobs at a time")
    ] = 1,
    standby: Annotated[
        bool,
        typer.Option(help="仅在没有其他后台进程时工作 / work only while no other worker is there"),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(help="本机有后台进程在运行则退出码为 0 / exit 0 if one of this host is there"),
    ] = False,
    share: Annotated[
        int,
        typer.Option(min=1, hidden=True, help="与几个进程分用内存 / processes that share memory"),
    ] = 1,
    parent: Annotated[
        int | None, typer.Option(hidden=True, help="随之结束的进程号 / process to end with")
    ] = None,
) -> None:
    """处理排队的任务 / Work on what is queued: deliveries and view builds.

    直到收到 Ctrl-C 或 SIGTERM；进行中的任务退回队列，由其他后台进程或下次启动接着处理。

    Until Ctrl-C or SIGTERM; a job that is going on returns to the queue for another worker, or for
    the next start.
    """
    from api.logs import log_file

    services = session.services()
    if check:
        from api.usecases.work import check_worker

        output.say(check_worker(services))
        return
    settings = services.settings
    services.close()
    if parent is None:
        output.say(
            f"大同后台进程 Datong worker ({concurrency}) · 日志 log: {log_file(settings.logs)}"
        )
    # named, not imported: the command line does not know how a worker works, as it does not know
    # the application that uvicorn serves
    import_module("api.worker.process").run(
        settings, concurrency=concurrency, standby=standby, share=share, parent=parent
    )
