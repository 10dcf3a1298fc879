"""`datong deliver` and `datong delivery`: files in, and what became of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import DATA, As, Json
from api.cli.progress import progress

if TYPE_CHECKING:
    from api.answers import DeliveryAnswer

app = typer.Typer(help="报送批次 / Deliveries", no_args_is_help=True)

_INTERRUPTED = (
    "已中断。文件若已保存，后台进程会接着入库：datong job list 查看，datong job cancel 取消。",
    "Interrupted. If the file is kept already, a worker goes on with it: see datong job list, and "
    "datong job cancel to end it.",
)

DeliveryId = Annotated[str, typer.Argument(help="批次号 / delivery id", metavar="ID")]


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=DATA)(deliver)


def deliver(
    file: Annotated[
        Path, typer.Argument(help="数据文件 / CSV, .xlsx or Parquet", exists=True, dir_okay=False)
    ],
    resource: Annotated[str, typer.Option(help="信息资源 id 或代码 / resource id or code")],
    mode: Annotated[str, typer.Option(help="full 全量 | incremental 增量")],
    data_time: Annotated[
        str,
        typer.Option(help="数据时间 / what moment the content describes: 2024-01-31[T12:00:00]"),
    ],
    rows: Annotated[
        int | None, typer.Option(min=0, help="应有行数 / control total of rows")
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="文件的 SHA-256 / of the file")] = None,
    no_wait: Annotated[
        bool,
        typer.Option(
            "--no-wait", help="文件保存后即返回，由后台进程入库 / leave the loading to a worker"
        ),
    ] = False,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """报送一个数据文件 / Deliver a file (报送员 clerk).

    整批退回时退出码为 1；个别问题行进入问题数据，退出码仍为 0。

    Exits 1 where the file is refused whole; single bad rows go to quarantine and exit 0.
    """
    from api.usecases.deliveries import DeliveryWanted, deliver_file

    services = session.services()
    caller = session.caller(services, as_account)
    wanted = DeliveryWanted(
        resource=resource,
        mode=mode,
        data_time=data_time,
        file_name=file.name,
        rows=rows,
        sha256=sha256,
    )
    try:
        with file.open("rb") as stream, progress(file.name, quiet=as_json) as report:
            outcome = deliver_file(
                services, caller, wanted, stream, progress=report, wait=not no_wait
            )
    except KeyboardInterrupt:
        for sentence in _INTERRUPTED:
            output.warn(sentence)
        raise
    done = outcome.answer
    output.show(done.as_json(), as_json=as_json, human=lambda: _print_delivery(done))
    raise typer.Exit(1 if done.refused else 0)


@app.command()
def show(delivery: DeliveryId, as_account: As = None, as_json: Json = False) -> None:
    """显示一个报送批次的结果 / Show what became of a delivery."""
    from api.usecases.deliveries import show_delivery

    services = session.services()
    found = show_delivery(services, session.caller(services, as_account), delivery)
    output.show(found.as_json(), as_json=as_json, human=lambda: _print_delivery(found))


@app.command()
def violations(delivery: DeliveryId, as_account: As = None, as_json: Json = False) -> None:
    """逐条列出问题数据 / List what is wrong in a delivery: row, item, rule, value."""
    from api.usecases.deliveries import delivery_violations

    services = session.services()
    found = delivery_violations(services, session.caller(services, as_account), delivery)
    if as_json:
        output.print_lines(found)
        return
    output.table(
        ("行 row", "主键 key", "数据项 item", "规则 rule", "级别 severity", "值 value", "说明"),
        (
            (v["row"], v["key"], v["item"], v["rule"], v["severity"], v["value"], v["zh"])
            for v in found
        ),
        empty="没有问题数据。 Nothing is wrong.",
    )


def _print_delivery(done: "DeliveryAnswer") -> None:
    told = done.as_json()
    reason, job = told.pop("reason"), told.pop("job")
    output.facts(told.items())
    if reason is not None:
        output.say(f"整批退回 refused whole ({reason['code']}):")
        output.say(f"    {reason['zh']}")
        output.say(f"    {reason['en']}")
    elif job is not None:
        output.say(f"尚未办结 not done yet: datong delivery show {done.delivery_id}")
        output.say(f"任务 job ({job['state']}): datong job show {job['job_id']}")
    elif done.rules:
        output.say(f"逐条查看 see each: datong delivery violations {done.delivery_id}")
