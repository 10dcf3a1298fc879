"""`datong record similar`, and what is shown of it when a record is added or submitted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

if TYPE_CHECKING:
    from api.answers import RecordStateAnswer
    from api.answers.likeness import SimilarAnswer, SimilarRecordsAnswer


def add_to(app: typer.Typer) -> None:
    """Make the command one of `datong record`."""
    app.command("similar")(similar)


def similar(
    record: Annotated[
        str,
        typer.Argument(
            help="资源 id 或代码，或记录文件 / a resource, or the file of a record",
            metavar="RESOURCE|FILE",
        ),
    ],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """其他部门是否已提供同样的数据 / What other departments provide already (一数一源).

    先比数据元，再比名称和信息项；同一或上级区域的为“已有部门提供”，其余为“别处有类似描述”。

    By data elements first, then by title and items. The same or a containing territory makes it
    provided already; all else is described elsewhere.
    """
    services = session.services()
    caller = session.caller(services, as_account)
    path = Path(record)
    if path.is_file():
        from api.usecases.likeness import similar_to_document

        found = similar_to_document(services, caller, session.document_of(path))
    else:
        from api.usecases.likeness import similar_to_record

        found = similar_to_record(services, caller, record)
    output.show(found.as_json(), as_json=as_json, human=lambda: _print(found))


def show_registered(done: RecordStateAnswer, *, as_json: bool) -> None:
    """Print where a record stands, and what is like it."""

    def human() -> None:
        facts = done.as_json()
        found = facts.pop("similar")
        del facts["similar_complete"]
        output.facts(facts.items())
        if found is not None:
            _print_lines(done.similar or ())

    output.show(done.as_json(), as_json=as_json, human=human)


def _print(found: SimilarRecordsAnswer) -> None:
    _print_lines(found.similar)
    if not found.complete:
        output.say("检索索引未就绪，可能不全。 The search index is not ready; there may be more.")
    elif not found.similar:
        output.say("未发现其他部门提供同样的数据。 No other department provides the like.")


def _print_lines(similar: Sequence[SimilarAnswer]) -> None:
    for each in similar:
        output.say(f"[{each.verdict}] {each.resource_id}\n    {each.zh}\n    {each.en}")
