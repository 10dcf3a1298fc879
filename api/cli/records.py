"""`datong record`: metadata records, from the first check to publication and revision."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import likeness, output, session
from api.cli.options import As, Json
from api.settings import load_settings

if TYPE_CHECKING:
    from api.answers.records import ActionsAnswer
    from api.bootstrap import Services
    from api.usecases.access import Caller

app = typer.Typer(help="元数据记录 / Metadata records", no_args_is_help=True)
_VALID = "记录有效。 The record is valid."

Resource = Annotated[
    str,
    typer.Argument(help="信息资源 id 或代码 / resource id or resource code", metavar="RESOURCE"),
]
RecordFile = Annotated[
    Path, typer.Argument(help="元数据记录 / metadata record (YAML, JSON or .xlsx)")
]

Opinion = Annotated[
    str | None, typer.Option(help="审核意见或原因 / opinion of the reviewer, or reason")
]
PublishAt = Annotated[
    str | None, typer.Option(help="同意，但到时才发布 / agree, but publish at this time")
]
Kind = Annotated[
    str | None, typer.Option(help="挂接为 table 库表 | file 文件 | interface 接口 / bind as")
]
Target = Annotated[
    str | None,
    typer.Option(help="挂接到何处，缺省按记录 / what to bind to; else as the record says"),
]
Impact = Annotated[
    str | None, typer.Option(help="个人信息影响说明 / what it means for personal information")
]


@app.command()
def check(file: RecordFile, as_json: Json = False) -> None:
    """检查元数据记录 / Check a metadata record, or all records of a workbook.

    不写入任何内容；有错误时退出码为 1。

    Writes nothing; exits 1 where a record is invalid.
    """
    if session.is_workbook(file):
        from api.usecases.workbooks import check_workbook

        checked = check_workbook(load_settings(), file).as_json()
    else:
        from api.usecases.records import check_record

        document, places = session.placed_document_of(file)
        checked = check_record(load_settings(), document, places)
    output.show(checked, as_json=as_json, human=lambda: _print_check(checked))
    raise typer.Exit(0 if checked["valid"] else 1)


@app.command()
def add(file: RecordFile, as_account: As = None, as_json: Json = False) -> None:
    """存入记录草稿或修订稿 / Keep a record as a draft or revision (目录管理员 steward).

    工作簿可含多条记录：全部存入，或全部不存。

    A workbook may hold many records: all of them are kept, or none.
    """
    from api.usecases.records import add_record

    services = session.services()
    caller = session.caller(services, as_account)
    if session.is_workbook(file):
        _add_workbook(services, caller, file, as_json=as_json)
        return
    document, places = session.placed_document_of(file)
    added = add_record(services, caller, document, places)
    likeness.show_registered(added, as_json=as_json)


@app.command()
def do(
    action: Annotated[str, typer.Argument(help="动作，如 submit_register、agree / an action")],
    resources: Annotated[
        list[str] | None,
        typer.Argument(help="资源 id 或代码，可多个 / resources, one or many", metavar="RESOURCE…"),
    ] = None,
    opinion: Opinion = None,
    publish_at: PublishAt = None,
    kind: Kind = None,
    target: Target = None,
    impact: Impact = None,
    all_of: Annotated[
        str | None,
        typer.Option(help="文件中每行一个资源，- 为标准输入 / resources of a file, - for stdin"),
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help="待我办理的全部 / all that waits for me")
    ] = False,
    task: Annotated[
        str | None, typer.Option(help="只办待办中的这一类 / only this task of the queue")
    ] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """执行一个流程动作 / Take a step in the life of a record, or of many.

    submit_register 提交登记, submit_publish 提交发布, sign_secrecy 签署保密审查, agree 同意,
    reject 驳回, cancel_schedule 取消定时发布, revise 变更, discard 放弃变更,
    request_withdraw 申请下架, republish 重新发布, deregister 注销, delete 删除, bind 挂接,
    unbind 解除挂接, confirm 复核不予共享。
    审核须写明意见，下架、注销等须写明原因；提交人不能自己审核。
    办理多条时，一条不成不影响其他；有不成的，退出码为 1。

    A review needs an opinion, a withdrawal a reason; who submits does not approve. Of many, one
    that is refused holds up no other; exits 1 where one was.
    """
    from api.moments import read_moment
    from api.usecases.record_steps import Asked, take_step, take_steps

    services = session.services()
    caller = session.caller(services, as_account)
    at = None if publish_at is None else read_moment("--publish-at", publish_at)
    asked = Asked(action, opinion, at, kind, target, impact)
    if resources and len(resources) == 1 and all_of is None and not queue:
        done = take_step(services, caller, resources[0], asked)
        likeness.show_registered(done, as_json=as_json)
        return
    meant = _meant(services, caller, action, resources or [], all_of, task if queue else "")
    results = take_steps(services, caller, meant, asked)
    output.show(results.as_json(), as_json=as_json, human=lambda: _print_results(results))
    raise typer.Exit(1 if results.failed else 0)


def _meant(
    services: "Services",
    caller: "Caller",
    action: str,
    named: list[str],
    all_of: str | None,
    task: str | None,
) -> list[str]:
    """The records to act on: those named, of a file, or in the queue (`task` is no blank then)."""
    from api.errors import BadRequest
    from api.usecases.record_steps import waiting_to_be_done

    from_queue = task != ""
    if sum((bool(named), all_of is not None, from_queue)) != 1:
        zh = "请只用一种方式指明记录：列出资源、--all-of 文件 或 --queue"
        en = "name the records in one way: as arguments, by --all-of FILE, or by --queue"
        raise BadRequest("RESOURCE", zh, en)
    if from_queue:
        return waiting_to_be_done(services, caller, action, task)
    if all_of is None:
        return named
    text = sys.stdin.read() if all_of == "-" else session.text_of(Path(all_of))
    return [line.strip() for line in text.splitlines() if line.strip()]


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
    catalogue: Annotated[
        str | None,
        typer.Option(
            help="own 部门自有资源目录 | shared 平台共享目录 / a department's own catalogue, "
            "or the shared one"
        ),
    ] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出记录 / List the records."""
    from api.usecases.records import RecordFilter, list_records

    services = session.services()
    caller = session.caller(services, as_account)
    wanted = RecordFilter(state=state, department=department, q=q, catalogue=catalogue)
    found = list_records(services, caller, wanted)
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
    changes = [each.as_json() for each in record_diff(services, caller, resource, before, after)]
    output.show(changes, as_json=as_json, human=lambda: _print_changes(changes))


def _add_workbook(services: "Services", caller: "Caller", file: Path, *, as_json: bool) -> None:
    from api.usecases.workbooks import add_workbook

    added = add_workbook(services, caller, file).records
    if len(added) == 1:  # one record is answered as one, whatever it came in
        output.show_facts(added[0], as_json=as_json)
        return
    rows = [each.as_json() for each in added]
    output.show({"records": rows}, as_json=as_json, human=lambda: _print_rows(rows))


def _print_check(checked: dict[str, Any]) -> None:
    if checked["valid"]:
        count = len(checked.get("records", (None,)))
        output.say(f"{count} 条记录有效。 {count} valid." if count > 1 else _VALID)
    for line in output.violation_lines(checked["violations"]):
        output.say(line)


def _print_record(found: dict[str, Any]) -> None:
    document = found.pop("document")
    process = found.pop("process") or {}
    output.facts([*found.items(), ("publish_at", process.get("publish_at"))])
    for bound in process.get("bindings", []):
        if bound["ended_at"] is None:
            output.say(f"挂接 bound: {bound['kind']} {bound['target']}")
    items = document.get("items") or []
    output.facts((name, value) for name, value in document.items() if name != "items")
    columns = ("id", "name", "data_type", "length", "key", "code_list", "identifier", "element")
    output.table(columns, ([item.get(column) for column in columns] for item in items))


def _print_results(results: "ActionsAnswer") -> None:
    for each in results.results:
        if each.record is not None:
            output.say(f"{each.resource}: {each.record.state}")
        elif each.error is not None:
            output.say(f"{each.resource}: {each.error.zh}\n    {each.error.en}")
    output.say(
        f"办成 {results.done}，未成 {results.failed}。 {results.done} done, "
        f"{results.failed} refused."
    )


def _print_changes(changes: list[dict[str, Any]]) -> None:
    for change in changes:
        output.say(change["zh"])
    if not changes:
        output.say("没有差异。 Nothing differs.")


def _print_rows(rows: list[dict[str, Any]]) -> None:
    heads = list(dict.fromkeys(name for row in rows for name in row))
    output.table(heads, ([row.get(head) for head in heads] for row in rows), empty="无 / nothing")
