"""`datong job`: what is waiting or being worked on, and how to end it."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

if TYPE_CHECKING:
    from api.answers import JobAnswer

app = typer.Typer(help="任务 / Jobs", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="任务号 / job id", metavar="ID")]


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None,
        typer.Option(help="queued 排队 | running 进行 | done 完成 | failed 失败 | cancelled 取消"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多条数 / at most")] = 100,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出任务，最新在前 / List jobs, newest first."""
    from api.usecases.jobs import list_jobs

    services = session.services()
    caller = session.caller(services, as_account)
    found = list_jobs(services, caller, states=state or (), limit=limit)
    if as_json:
        output.print_lines(job.as_json() for job in found)
        return
    output.table(
        ("任务 job", "类别 kind", "对象 subject", "状态 state", "次数", "进度 stage", "部门"),
        (
            (j.job_id, j.kind, j.subject, j.state, j.attempts, _stage(j), j.department_id)
            for j in found
        ),
        empty="没有任务。 There are no jobs.",
    )


@app.command()
def show(job: JobId, as_account: As = None, as_json: Json = False) -> None:
    """显示一个任务 / Show where a job stands."""
    from api.usecases.jobs import show_job

    services = session.services()
    found = show_job(services, session.caller(services, as_account), job)
    output.show_facts(found, as_json=as_json)


@app.command()
def cancel(job: JobId, as_account: As = None, as_json: Json = False) -> None:
    """取消一个任务 / Cancel a job.

    排队的立即取消，进行中的在提交之前停下；该批次记为退回，原始文件保留。

    One that waits ends at once, one that is going on stops before its commit; its delivery is
    refused, its bytes stay.
    """
    from api.usecases.jobs import cancel_job

    services = session.services()
    found = cancel_job(services, session.caller(services, as_account), job)
    output.show_facts(found, as_json=as_json)


def _stage(job: "JobAnswer") -> str:
    if job.stage is None:
        return ""
    return job.stage if job.done is None else f"{job.stage} {job.done:.0%}"
