"""`datong lookup`: asks a view about one subject, as an application would."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, session
from api.cli.options import SHARING, As, Json

if TYPE_CHECKING:
    from api.answers import LookupAnswer


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=SHARING)(lookup)


def lookup(
    view: Annotated[str, typer.Argument(help="person 自然人 | legal_entity 法人")],
    scheme: Annotated[str, typer.Option(help="号码种类 / citizen | uscc | org_code | reg_no")],
    number: Annotated[
        str, typer.Option(help="号码；- 表示从标准输入读取 / the number, - for stdin")
    ],
    purpose: Annotated[str, typer.Option(help="用途代码，须与授权一致 / must equal the grant's")],
    items: Annotated[
        str | None,
        typer.Option(help="数据项，逗号分隔；缺省为全部已授权项 / items, else all granted"),
    ] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """查询一个自然人或法人 / Look up a person or a legal entity.

    返回已授权的数据项及每项的来源；须以应用账号执行。

    Answers the granted items, each with its source; takes the account of an application.
    """
    from api.errors import BadRequest
    from api.usecases.lookup import Question
    from api.usecases.lookup import lookup as ask

    wanted = None if items is None else tuple(i.strip() for i in items.split(",") if i.strip())
    if wanted == ():
        raise BadRequest("items", "应为数据项，或不写", "should be items, or left out")
    services = session.services()
    caller = session.caller(services, as_account)
    question = Question(
        view_id=view,
        scheme=scheme,
        number=sys.stdin.readline().strip() if number == "-" else number,
        purpose=purpose,
        items=wanted,
    )
    answer = ask(services, caller, question)
    output.show(answer.as_json(), as_json=as_json, human=lambda: _print_answer(answer))


def _print_answer(answer: "LookupAnswer") -> None:
    if not answer.found:
        output.say("视图中没有这个主体。 The view has no such subject.")
    else:
        cells = answer.as_json()["cells"].items()
        output.table(
            (
                "数据项 item",
                "值 value",
                "来源 source",
                "数据时间 data time",
                "一致 agree",
                "不一致 differ",
            ),
            (
                (name, c["value"], c["source"], c["data_time"], c["agree"], _said(c["differ"]))
                for name, c in cells
            ),
        )
    output.say(f"request {answer.request_id} · view version {answer.view_version}")


def _said(differ: list[dict[str, Any]]) -> list[str]:
    return [f"{each['source']}: {each['value']}" for each in differ]
