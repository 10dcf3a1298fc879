"""Options that every command shares, and the headings under which help lists the commands."""

from typing import Annotated

import typer

Json = Annotated[
    bool, typer.Option("--json", help="只输出一个 JSON 文档 / print exactly one JSON document")
]
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACCOUNT",
        help="以哪个账号执行（嵌入式目录库；否则用 DATONG_KEY）"
        " / the account that acts (embedded catalogue; else DATONG_KEY)",
    ),
]

START = "开始 / Start"
CATALOGUE = "目录 / Catalogue"
DATA = "数据 / Data"
SHARING = "共享 / Sharing"
CHECKS = "检查 / Checks"
