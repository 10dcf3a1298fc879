"""`datong doctor` and `datong fsck`: what is wrong with the platform, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.options import CHECKS, Json
from api.cli.progress import progress

_GROUPS = {
    "missing": "缺失 missing",
    "changed": "不一致 changed",
    "unfinished": "没有完成 unfinished",
    "orphans": "没有归属 orphans",
    "repaired": "已修复 repaired",
}
_SIGNS = {"error": "✗", "warning": "!", "note": "·"}
_QUICK = (
    "只比较了大小，没有读取内容：改动过而大小不变的文件不会被发现",
    "only sizes were compared, no content was read: a change that keeps the size is not seen",
)
_CONTENT = (
    "已读取全部内容并核对 SHA-256",
    "all content was read and compared by SHA-256",
)


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=CHECKS)(doctor)
    app.command(rich_help_panel=CHECKS)(fsck)


def doctor(as_json: Json = False) -> None:
    """检查平台的运行环境 / Tell what is wrong with the platform and what to do.

    不修改任何内容；平台没有初始化或数据库停止时也能运行。有错误时退出码为 1。

    Changes nothing; works before `init` and while the database is down. Exits 1 on an error.
    """
    from api.settings import load_settings
    from api.usecases.doctor import examine

    found = examine(load_settings)
    document = {"ok": found.ok, "checks": [check.as_json() for check in found.worst_first()]}
    output.show(document, as_json=as_json, human=lambda: _show_checks(document))
    if not found.ok:
        raise typer.Exit(1)


def fsck(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看不改 / look only, change nothing")
    ] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="只比较大小，不读内容 / compare sizes, read no content"),
    ] = False,
    as_json: Json = False,
) -> None:
    """核对存储与登记，修复能安全修复的 / Check what is stored; mend what is safe to mend.

    可在平台运行时执行。每处问题说明位置和下一步；原始文件从不删除。仍有问题时退出码为 1。

    Runs beside workers and API. Names each thing, its place and the next step; never removes a
    raw file. Exits 1 while something is left. docs/operations.md says what to do.
    """
    from api.usecases.fsck import check_lake

    services = session.services()
    try:
        with progress("fsck", quiet=as_json) as report:
            found = check_lake(services, dry_run=dry_run, quick=quick, progress=report)
    finally:
        services.close()
    document = found.as_json()
    output.show(document, as_json=as_json, human=lambda: _show_findings(document, quick=quick))
    if not found.ok:
        raise typer.Exit(1)


def _show_checks(document: Mapping[str, Any]) -> None:
    for check in document["checks"]:
        sign = "✓" if check["ok"] else _SIGNS[check["severity"]]
        output.say(f"{sign} {check['zh']}")
        output.say(f"  {check['en']}")
        if not check["ok"]:
            output.say(f"  → {check['next_zh']}")
            output.say(f"  → {check['next_en']}")


def _show_findings(document: Mapping[str, Any], *, quick: bool) -> None:
    for group, heading in _GROUPS.items():
        findings: Sequence[Mapping[str, Any]] = document[group]
        if findings:
            output.say(f"{heading}: {len(findings)}")
        for each in findings:
            output.say(f"  {each['zh']}\n  {each['en']}")
            if each["next"]:
                output.say(f"    → {each['next']}")
    for sentence in _QUICK if quick else _CONTENT:
        output.say(sentence)
    output.say("没有问题 ok" if document["ok"] else "有问题需要处理 something is left to do")
