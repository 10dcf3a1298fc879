"""`datong init`: makes the home folder, its databases, and the first administrator."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import START, Json


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=START)(init)


def init(
    platform: Annotated[
        Path | None,
        typer.Option(help="平台自身的部门文档 / the platform's own department document (YAML)"),
    ] = None,
    as_json: Json = False,
) -> None:
    """初始化 DATONG_HOME / Prepare DATONG_HOME.

    建立数据库、基础库视图和管理员账号；管理员密钥只显示这一次。再次运行不作改动。

    Makes the databases, the base views and the administrator, whose key is shown this once.
    Again on a prepared home it changes nothing.
    """
    from api.usecases.setup import initialise

    document = None if platform is None else session.document_of(platform)
    done = initialise(session.services(), document)
    output.show(done.as_json(), as_json=as_json, human=lambda: output.facts(done.as_facts()))
