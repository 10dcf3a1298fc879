"""`datong draft`: foreign catalogues as drafts, completed and claimed by the departments."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

if TYPE_CHECKING:
    from api.answers.drafts import DraftAnswer, DraftImportAnswer

app = typer.Typer(
    help="待补草稿：从其他目录导入，由部门补全 / Drafts from other catalogues, to be completed",
    no_args_is_help=True,
)

DraftId = Annotated[str, typer.Argument(help="草稿号 / draft id", metavar="ID")]
_SHOWN = 20


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="其他平台的目录（JSON）/ a catalogue (JSON)")],
    mapping: Annotated[
        str, typer.Option(help="映射：随附的名称，或 YAML 文件 / a shipped mapping, or a YAML file")
    ],
    source: Annotated[
        str | None,
        typer.Option(help="来源名，缺省同映射 / name of the source"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看结果，不写入 / look only, keep nothing")
    ] = False,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """把其他平台的目录导入为草稿 / Import another catalogue as drafts (主管部门 authority, admin).

    缺标题或部门的记录只列出，不成草稿；写法不在规范表中的值不猜测，列为待定项。

    A record without title or department is listed instead; a spelling that no table knows is left
    to be decided, never guessed.
    """
    from api.usecases.drafts import import_catalogue

    services = session.services()
    caller = session.caller(services, as_account)
    done = import_catalogue(services, caller, file, mapping, source, keep=not dry_run)
    output.show(done.as_json(), as_json=as_json, human=lambda: show_import(done))


@app.command("list")
def list_(
    source: Annotated[str | None, typer.Option(help="来源 / source")] = None,
    department_name: Annotated[
        str | None, typer.Option(help="原目录中的部门名 / the department as found")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="open 待补 | claimed 已认领 | dropped 已舍弃")
    ] = None,
    after: Annotated[str | None, typer.Option(help="从此草稿号之后 / after this draft id")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多条数 / at most")] = 100,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出草稿 / List the drafts, by source and position."""
    from api.usecases.drafts import DraftFilter, list_drafts

    services = session.services()
    caller = session.caller(services, as_account)
    wanted = DraftFilter(source=source, department_name=department_name, state=state)
    found, following = list_drafts(services, caller, wanted, after, limit)
    if as_json:
        output.print_lines(each.as_json() for each in found)
        return
    output.table(
        ("草稿 draft", "名称 name", "部门 department", "待定 to decide", "同名 same title", "状态"),
        (
            (d.draft_id, d.name, d.department_name, d.decisions, d.duplicate_of, d.state)
            for d in found
        ),
        empty="没有草稿。 There are no drafts.",
    )
    if following is not None:
        output.say(f"还有更多 / more: --after {following}")


@app.command()
def show(draft: DraftId, as_account: As = None, as_json: Json = False) -> None:
    """显示一份草稿和待定项 / Show a draft and what is left to decide."""
    from api.usecases.drafts import show_draft

    services = session.services()
    found = show_draft(services, session.caller(services, as_account), draft)
    output.show(found.as_json(), as_json=as_json, human=lambda: _show_draft(found))


@app.command()
def template(draft: DraftId, as_account: As = None, as_json: Json = False) -> None:
    """输出待补全的 YAML / Print the YAML to complete, with the decisions as comments."""
    from api.usecases.drafts import draft_template

    services = session.services()
    text = draft_template(services, session.caller(services, as_account), draft)
    output.show(
        {"draft_id": draft, "yaml": text},
        as_json=as_json,
        human=lambda: output.say(text.rstrip("\n")),
    )


@app.command()
def claim(
    draft: DraftId,
    file: Annotated[Path, typer.Argument(help="补全的记录 / the completed record (YAML, JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """认领：补全的草稿成为本部门的记录 / Make a record of a completed draft (目录管理员 steward).

    与 record add 同样检查；草稿随即办结。

    Checked as by record add; the draft is settled with it.
    """
    from api.usecases.drafts import claim_draft

    services = session.services()
    caller = session.caller(services, as_account)
    claimed = claim_draft(services, caller, draft, session.document_of(file))
    output.show_facts(claimed, as_json=as_json)


@app.command()
def drop(
    draft: DraftId,
    reason: Annotated[str, typer.Option(help="舍弃的原因 / why no record is made of it")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """舍弃一份草稿 / Drop a draft of which no record shall be made."""
    from api.usecases.drafts import drop_draft

    services = session.services()
    dropped = drop_draft(services, session.caller(services, as_account), draft, reason)
    output.show(dropped.as_json(), as_json=as_json, human=lambda: _show_draft(dropped))


def show_import(done: "DraftImportAnswer") -> None:
    output.facts(
        [
            ("来源 source", done.source),
            ("记录 records", done.records),
            ("草稿 drafts", done.drafts),
            ("新增 added", done.added),
            ("更新 changed", done.changed),
            ("未变 unchanged", done.unchanged),
            ("已办结 settled", done.settled),
            ("未成草稿 listed", len(done.listed)),
            ("同名或相同 repeated", len(done.duplicates)),
        ]
    )
    _show_counts("待定项 to be decided", done.decisions)
    for field, counts in done.unknown.items():
        _show_counts(f"未知写法 unknown spellings · {field}", counts)
    _show_counts("映射未提到的键 keys not mapped", done.unmapped)


def _show_counts(title: str, counts: Mapping[str, int]) -> None:
    if counts:
        shown = list(counts.items())[:_SHOWN]
        more = [] if len(counts) <= _SHOWN else [(f"… {len(counts) - _SHOWN}", "")]
        output.table((title, "个数 count"), [*shown, *more])


def _show_draft(found: "DraftAnswer") -> None:
    document = found.as_json()
    decisions = document.pop("decisions")
    inner = {**document.pop("document"), **document.pop("found")}
    output.facts(document.items())
    output.facts(inner.items())
    for each in decisions:
        output.say(f"[待定 decide] {each['path']}: {each['zh']} / {each['en']}")
