"""`datong element`: the register of data elements, proposed and reviewed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, session
from api.cli.options import As, Json

if TYPE_CHECKING:
    from api.answers.registers import ElementStateAnswer

app = typer.Typer(help="数据元 / Data elements", no_args_is_help=True)

Element = Annotated[
    str, typer.Argument(help="数据元标识，如 person.name / element id", metavar="ELEMENT")
]


@app.command()
def propose(
    file: Annotated[Path, typer.Argument(help="数据元文档 / data element (YAML or JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """提议新数据元或其变更 / Propose a data element or a change of one (目录管理员 steward).

    应答列出可能重复的已有数据元，请先看看能否直接采用。

    The answer lists elements that may be the same; see first whether one of them will do.
    """
    from api.usecases.elements import propose_element

    services = session.services()
    caller = session.caller(services, as_account)
    _show_state(propose_element(services, caller, session.document_of(file)), as_json=as_json)


@app.command()
def do(
    action: Annotated[str, typer.Argument(help="agree | reject | retire")],
    element: Element,
    opinion: Annotated[str | None, typer.Option(help="审核意见 / opinion of the reviewer")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """审核或停用数据元 / Decide on a data element, or retire it (主管部门 authority).

    agree 同意, reject 驳回, retire 停用；须写明意见；提议人不能自己审核。

    An opinion is needed; who proposes does not decide.
    """
    from api.usecases.elements import act_on_element

    services = session.services()
    caller = session.caller(services, as_account)
    done = act_on_element(services, caller, element, action, opinion)
    _show_state(done, as_json=as_json)


def _show_state(done: "ElementStateAnswer", *, as_json: bool) -> None:
    def human() -> None:
        document = done.as_json()
        similar = document.pop("similar")
        output.facts(document.items())
        if similar:
            output.say("可能重复的数据元 / elements that may be the same:")
            _table(similar, ("element_id", "name", "reason"))

    output.show(done.as_json(), as_json=as_json, human=human)


@app.command()
def show(element: Element, as_account: As = None, as_json: Json = False) -> None:
    """显示一个数据元 / Show a data element.

    已采用的版本；有权者可见审核中的版本。

    As adopted, or as under review to those who may see that.
    """
    from api.usecases.elements import show_element

    services = session.services()
    found = show_element(services, session.caller(services, as_account), element)
    output.show_facts(found, as_json=as_json)


@app.command("list")
def list_all(
    state: Annotated[
        str | None,
        typer.Option(help="状态，缺省为已采用 / state: proposed adopted changing rejected retired"),
    ] = None,
    q: Annotated[str | None, typer.Option(help="名称、定义中的文字 / text in it")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出数据元 / List the data elements."""
    from api.usecases.elements import list_elements

    services = session.services()
    caller = session.caller(services, as_account)
    found = [each.as_json() for each in list_elements(services, caller, state, q)]
    columns = ("element_id", "name", "data_type", "length", "code_list", "standard", "state")
    output.show(found, as_json=as_json, human=lambda: _table(found, columns))


@app.command()
def history(element: Element, as_account: As = None, as_json: Json = False) -> None:
    """显示数据元的审核历史 / Show who proposed and decided what of a data element, and when."""
    from api.usecases.elements import element_history

    services = session.services()
    steps = element_history(services, session.caller(services, as_account), element)
    columns = ("revision", "at", "action", "from_state", "to_state", "version", "account")
    output.show(steps, as_json=as_json, human=lambda: _table(steps, (*columns, "opinion")))


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    cells = ([row.get(column) for column in columns] for row in rows)
    output.table(columns, cells, empty="没有数据元。 No data elements.")
