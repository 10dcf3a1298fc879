"""`datong department`: registers the departments that provide and use data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

if TYPE_CHECKING:
    from api.answers import ProvisionAnswer

app = typer.Typer(help="部门 / Departments", no_args_is_help=True)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="部门文档 / department document (YAML or JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """登记一个部门 / Register a department (管理员 administrator)."""
    from api.usecases.departments import add_department

    services = session.services()
    caller = session.caller(services, as_account)
    added = add_department(services, caller, session.document_of(file))
    output.show(
        added.as_json(),
        as_json=as_json,
        human=lambda: output.say(f"已登记 / registered: {added.department_id} {added.name}"),
    )


@app.command()
def change(
    file: Annotated[Path, typer.Argument(help="部门文档 / department document (YAML or JSON)")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """变更已登记的部门 / Change a registered department (管理员 administrator).

    部门标识不变；已有元数据记录的部门不能改统一社会信用代码。

    Its id stays, and its code too once it has records.
    """
    from api.usecases.departments import change_department

    services = session.services()
    caller = session.caller(services, as_account)
    changed = change_department(services, caller, session.document_of(file))
    output.show_facts(changed, as_json=as_json)


@app.command()
def show(
    department: Annotated[
        str,
        typer.Argument(help="标识、代码、名称、别名或简称，如 卫健委 / id, code, name or alias"),
    ],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """显示一个部门及其上下级 / Show a department, its other names, and where it stands."""
    from api.usecases.departments import show_department

    services = session.services()
    session.caller(services, as_account)
    output.show_facts(show_department(services, department), as_json=as_json)


@app.command()
def provision(
    department: Annotated[str, typer.Argument(help="部门标识或代码 / department id or code")],
    revoke: Annotated[
        bool, typer.Option("--revoke", help="立即撤销其密钥 / end its key at once")
    ] = False,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """开通部门的存储桶和密钥 / Open a department's bucket and make its key (管理员 administrator).

    密钥只显示这一次；再次开通即换发新密钥，旧密钥立即失效。

    The key is shown this once; to provision again makes a new one and ends the old one at once.
    """
    from api.usecases import provisioning

    services = session.services()
    caller = session.caller(services, as_account)
    if revoke:
        ended = provisioning.revoke_department_keys(services, caller, department)
        output.show(
            ended.as_json(),
            as_json=as_json,
            human=lambda: output.say(f"已撤销 / revoked: {ended.bucket} ({ended.revoked})"),
        )
        return
    opened = provisioning.provision_department(services, caller, department)
    output.show(opened.as_json(), as_json=as_json, human=lambda: _show_opened(opened))


def _show_opened(opened: "ProvisionAnswer") -> None:
    output.facts(
        [
            ("存储桶 bucket", opened.bucket),
            ("地址 endpoint", opened.endpoint),
            ("区域 region", opened.region),
            ("可写 put", opened.prefixes["put"]),
            ("可列可读 list, get", opened.prefixes["get"]),
            ("访问密钥 access key", opened.access_key),
            ("私有密钥 secret key (只显示一次 shown once)", opened.secret_key),
        ]
    )
    if opened.access_key is None:
        output.say("本地文件夹无需密钥。 A local folder needs no key.")


@app.command("list")
def list_all(as_account: As = None, as_json: Json = False) -> None:
    """列出部门 / List the departments."""
    from api.usecases.departments import list_departments

    services = session.services()
    session.caller(services, as_account)
    found = list_departments(services)
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            ("id", "名称 name", "代码 code", "职能 duty", "区划 division"),
            ((d.department_id, d.name, d.code, d.duty, d.division_code) for d in found),
            empty="尚无部门。 No departments yet.",
        ),
    )
