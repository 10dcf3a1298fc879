"""`datong file`: what a file resource holds, and a file of it for whoever has the right."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

app = typer.Typer(help="文件类资源 / File resources", no_args_is_help=True)

Resource = Annotated[
    str, typer.Argument(help="信息资源 id 或代码 / resource id or code", metavar="RESOURCE")
]
Purpose = Annotated[
    str | None, typer.Option(help="授权的用途 / the purpose of the grant", metavar="P")
]


@app.command("list")
def list_all(
    resource: Resource, purpose: Purpose = None, as_account: As = None, as_json: Json = False
) -> None:
    """列出现有文件 / List the current files (获授权的应用、本部门报送员、审计员)."""
    from api.usecases.file_resources import all_files

    services = session.services()
    found = all_files(services, session.caller(services, as_account), resource, purpose)
    heads = (
        "文件号 id",
        "名称 name",
        "版本 version",
        "字节 size",
        "类型 type",
        "数据时间 data time",
    )
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            heads,
            (
                (f.file_id, f.name, f.version, f.size, f.media_type, f.as_json()["data_time"])
                for f in found
            ),
            empty="没有文件。 No files.",
        ),
    )


@app.command()
def get(
    resource: Resource,
    name: Annotated[
        str, typer.Argument(help="文件名或文件号 / name or id of the file", metavar="NAME")
    ],
    out: Annotated[Path, typer.Argument(help="存到何处 / where to write it", metavar="OUT")],
    purpose: Purpose = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """取一个文件 / Fetch a file; it is there when all of it is, and proven by its SHA-256."""
    from api.usecases.file_resources import save_file

    services = session.services()
    caller = session.caller(services, as_account)
    done = save_file(services, caller, resource, name, purpose, out)
    output.show_facts(done, as_json=as_json)
