"""`datong identifier`: checks numbers by the rules of their standards, nothing else."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from api.cli import output
from api.cli.options import Json

app = typer.Typer(help="号码校验 / Identity numbers", no_args_is_help=True)


@app.command()
def check(
    kind: Annotated[str, typer.Option(help="citizen | uscc | org_code | reg_no")],
    as_json: Json = False,
) -> None:
    """逐行校验标准输入中的号码 / Check the numbers on standard input, one a line."""
    from api.usecases.identifiers import check_numbers, kind_of

    wanted = kind_of(kind)
    for verdict in check_numbers(wanted, _lines()):
        if as_json:
            output.say(output.as_text(verdict))
        else:
            mark = "✓" if verdict["valid"] else f"✗ {verdict['rule']}: {verdict['reason']}"
            output.say(f"{verdict['input']}  {mark}")


def _lines() -> Iterator[str]:
    for place, line in enumerate(sys.stdin):
        # a file saved on Windows may begin with a byte order mark, which is no part of a number
        yield (line.removeprefix("\ufeff") if place == 0 else line).rstrip("\r\n")
