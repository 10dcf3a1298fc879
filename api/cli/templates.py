"""`datong template`: workbooks to fill in, for records and for deliveries."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import Json
from api.settings import load_settings

app = typer.Typer(help="填报模板（.xlsx）/ Workbooks to fill in", no_args_is_help=True)

Out = Annotated[
    Path, typer.Argument(help="要写的工作簿 / the workbook to write", metavar="OUT.xlsx")
]
Force = Annotated[
    bool, typer.Option("--force", help="覆盖已有的文件 / replace a file that is there")
]


@app.command()
def record(out: Out, force: Force = False, as_json: Json = False) -> None:
    """编目模板：填好后可 record check、record add / To describe resources in, many at once."""
    from api.usecases.workbooks import write_record_template

    written = write_record_template(load_settings(), out, force=force)
    output.show_facts(written, as_json=as_json)


@app.command()
def delivery(
    resource: Annotated[
        str,
        typer.Argument(
            help="信息资源 id 或代码 / resource id or resource code", metavar="RESOURCE"
        ),
    ],
    out: Out,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """报送模板：已发布资源的各列，填好后可 deliver / To fill in a delivery of a resource."""
    from api.usecases.workbooks import write_delivery_template

    written = write_delivery_template(session.services(), resource, out, force=force)
    output.show_facts(written, as_json=as_json)
