"""`datong record contract`, `datong draft harvest`: the catalogue to and from other catalogues."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli import drafts, output, session
from api.cli.options import As, Json
from api.cli.records import Resource


class Profile(StrEnum):
    """In which form a foreign catalogue is written."""

    DCAT = "dcat"
    DATA_JSON = "data.json"


def add_to(record: typer.Typer, draft: typer.Typer) -> None:
    record.command()(contract)
    draft.command()(harvest)


def contract(resource: Resource, as_json: Json = False) -> None:
    """输出一条已发布记录的数据契约 / Print the data contract of a published record (ODCS 3.0.2)."""
    from api.usecases.profiles import record_contract

    services = session.services()
    url = services.settings.url or "http://127.0.0.1:8000"
    text = record_contract(services, url, resource)
    output.show(
        {"resource_id": resource, "yaml": text},
        as_json=as_json,
        human=lambda: output.say(text.rstrip("\n")),
    )


def harvest(
    file: Annotated[
        Path, typer.Argument(help="外部目录文件 / a catalogue (JSON-LD, Turtle, RDF/XML, JSON)")
    ],
    format: Annotated[Profile, typer.Option(help="dcat 或 data.json / dcat or data.json")],
    source: Annotated[str, typer.Option(help="来源名 / name of the source")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看结果，不写入 / look only, keep nothing")
    ] = False,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """把 DCAT-AP 或 data.json 目录导入为草稿 / Import such a catalogue as drafts (authority).

    不联网：@context 在别处的 JSON-LD 不读取。缺标题或发布者的数据集只列出。

    Asks no network. A data set without title or publisher is listed instead.
    """
    from api.usecases.harvest import harvest_catalogue

    services = session.services()
    caller = session.caller(services, as_account)
    done = harvest_catalogue(services, caller, file, format.value, source, keep=not dry_run)
    output.show(done.as_json(), as_json=as_json, human=lambda: drafts.show_import(done))
