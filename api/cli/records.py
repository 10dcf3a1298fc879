"""`datong record`: metadata records, from the first check to publication and revision."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.options import As, Json
from api.settings import load_settings

app = typer.Typer(help="元数据记录 / Metadata records", no_args_is_help=True)

Resource = Annotated[
    str,
    typer.Argument(help="信息资源 id 或代码 / resource id or resource code", metavar="RESOURCE"),
]


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="元数据记录 / metadata record (YAML or JSON)")],
    as_json: Json = False,
) -> None:
    """检查一份元数据记录 / Check a metadata record.

    不写入任何内容；有错误时退出码为 1。

    Writes nothing; exits 1 where the record is invalid.
    """
    from api.usecases.records import check_record

    checked = check_record(load_settings(), session.document_of(file))
    output.show(checked, as_json=as_json, human=lambda: _print_check(checked))
    raise typer.Exit(0 if checked["valid"] else 1)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="元数据记录 / metadata record (YAML or JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """存入记录草稿或修订稿 / Keep a record as a draft or revision (目录管理员 steward)."""
    from api.usecases.records import add_record

    services = session.services()
    caller = session.caller(services, as_account)
    added = add_record(services, caller, session.document_of(file))
    output.show_facts(added, as_json=as_json)


@app.command()
def do(
    action: Annotated[str, typer.Argument(help="动作，如 submit_register、agree / an action")],
    resource: Resource,
    opinion: Annotated[str | None, typer.Option(help="审核意见 / opinion of the reviewer")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """执行一个流程动作 / Take a step in the life of a record.

    submit_register 提交登记, submit_publish 提交发布, agree 同意, reject 驳回, revise 变更,
    discard 放弃变更, request_withdraw 申请下架, republish 重新发布, deregister 注销, delete 删除。
    审核须写明意见；提交人不能自己审核。

    A review needs an opinion; who submits does not approve.
    """
    from api.usecases.records import act_on_record

    services = session.services()
    caller = session.caller(services, as_account)
    done = act_on_record(services, caller, resource, action, opinion)
    output.show_facts(done, as_json=as_json)


@app.command()
def show(resource: Resource, as_account: As = None, as_json: Json = False) -> None:
    """显示一条记录 / Show a record.

    已发布的版本；有权者可见编辑中的版本。

    As published, or as being edited to those who may see that.
    """
    from api.usecases.records import show_record

    services = session.services()
    found = show_record(services, session.caller(services, as_account), resource)
    output.show(found.as_json(), as_json=as_json, human=lambda: _print_record(found.as_json()))


@app.command("list")
def list_all(
    state: Annotated[str | None, typer.Option(help="状态 / state")] = None,
    department: Annotated[str | None, typer.Option(help="部门 / department")] = None,
    q: Annotated[str | None, typer.Option(help="名称中的文字 / text in the name")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出记录 / List the records."""
    from api.usecases.records import RecordFilter, list_records

    services = session.services()
    caller = session.caller(services, as_account)
    found = list_records(services, caller, RecordFilter(state=state, department=department, q=q))
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            ("id", "名称 name", "代码 code", "部门 department", "版本 version", "状态 state"),
            (
                (r.resource_id, r.name, r.resource_code, r.department_id, r.version, r.state)
                for r in found
            ),
            empty="没有记录。 No records.",
        ),
    )


@app.command()
def history(resource: Resource, as_account: As = None, as_json: Json = False) -> None:
    """显示记录的流程历史 / Show what happened to a record: who, when, what, with opinions."""
    from api.usecases.records import record_history

    services = session.services()
    steps = record_history(services, session.caller(services, as_account), resource)
    output.show(steps, as_json=as_json, human=lambda: _print_rows(steps))


@app.command()
def diff(
    resource: Resource,
    before: Annotated[int | None, typer.Argument(help="旧版本号 / older version")] = None,
    after: Annotated[int | None, typer.Argument(help="新版本号 / newer version")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """比较两个版本 / Compare two versions; without numbers the last two."""
    from api.usecases.records import record_diff

    services = session.services()
    caller = session.caller(services, as_account)
    changes = record_diff(services, caller, resource, before, after)
    output.show(changes, as_json=as_json, human=lambda: _print_rows(changes))


def _print_check(checked: dict[str, Any]) -> None:
    if checked["valid"]:
        output.say("记录有效。 The record is valid.")
    for line in output.violation_lines(checked["violations"]):
        output.say(line)


def _print_record(found: dict[str, Any]) -> None:
    document = found.pop("document")
    output.facts(found.items())
    items = document.get("items") or []
    output.facts((name, value) for name, value in document.items() if name != "items")
    columns = ("id", "name", "data_type", "length", "key", "code_list", "identifier", "element")
    output.table(columns, ([item.get(column) for column in columns] for item in items))


def _print_rows(rows: list[dict[str, Any]]) -> None:
    heads = list(dict.fromkeys(name for row in rows for name in row))
    output.table(heads, ([row.get(head) for head in heads] for row in rows), empty="无 / nothing")
