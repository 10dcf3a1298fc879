"""`datong record draft`: a record proposed from a sample file."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output
from api.cli.options import Json
from api.settings import load_settings


def add_to(app: typer.Typer) -> None:
    """Make the command one of `datong record`."""
    app.command("draft")(draft)


def draft(
    file: Annotated[
        Path, typer.Argument(help="样本：CSV、Excel 或 Parquet / a sample: CSV, Excel or Parquet")
    ],
    as_json: Json = False,
) -> None:
    """由样本文件拟出元数据记录 / Propose a record from a sample file.

    按内容认出类型、代码表、号码、数据元和主键，写成 YAML；TODO 处由部门填写。
    只看文件的前一部分，不输出任何数据。

    Recognises types, code lists, identity numbers, data elements and the key by content and writes
    YAML; what says TODO is for the department to fill in. Looks at the beginning of the file, and
    repeats none of its data.
    """
    from api.usecases.drafting import draft_record

    drafted = draft_record(load_settings(), file)
    output.show(
        drafted.as_json(),
        as_json=as_json,
        human=lambda: output.say(drafted.yaml.removesuffix("\n")),
    )
