"""`datong record import`: a catalogue that exists already, many complete records at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

if TYPE_CHECKING:
    from api.answers.drafts import RecordImportAnswer

_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Make the command one of `datong record`."""
    app.command("import")(import_)


def import_(
    file: Annotated[
        Path, typer.Argument(help="JSON 行，每行一条完整记录 / JSON lines, a record each")
    ],
    publish: Annotated[
        bool, typer.Option("--publish", help="直接发布，保留所带代码 / publish, codes kept")
    ] = False,
    opinion: Annotated[
        str | None, typer.Option(help="导入说明，记入流程历史 / why, kept in the history")
    ] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """批量导入完整的记录 / Import many complete records (主管部门 authority).

    缺省存为各部门的草稿；--publish 用于迁移已有目录。再次导入同一内容不改变任何东西；
    有错的行逐行列出，其余照常导入，此时退出码为 1。

    Kept as their departments' drafts, or published to migrate a catalogue. The same content again
    changes nothing; lines with faults are listed, the others are imported; then it exits 1.
    """
    from api.usecases.bulk_import import import_records

    services = session.services()
    caller = session.caller(services, as_account)
    done = import_records(services, caller, file, publish=publish, opinion=opinion)
    output.show(done.as_json(), as_json=as_json, human=lambda: _show(done))
    raise typer.Exit(1 if done.refused else 0)


def _show(done: "RecordImportAnswer") -> None:
    output.facts(
        [
            ("行 lines", done.lines),
            ("新增 added", done.added),
            ("更新 changed", done.changed),
            ("未变 unchanged", done.unchanged),
            ("退回 refused", done.refused),
        ]
    )
    for each in done.errors[:_SHOWN]:
        output.say(f"第 {each.line} 行 line {each.line} · {each.resource_id or '—'}")
        for line in output.violation_lines(each.violations):
            output.say(line)
    left_out = done.refused - min(len(done.errors), _SHOWN)
    if left_out:
        output.say(f"另有 {left_out} 行，见 --json / and {left_out} more lines; see --json")
