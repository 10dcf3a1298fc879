"""The command `datong`: collects the commands, and turns every error into one sentence."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import typer

from api.cli import (
    accounts,
    audit,
    deliveries,
    departments,
    drafting,
    drafts,
    elements,
    files,
    grants,
    health,
    identifiers,
    jobs,
    likeness,
    lookups,
    output,
    profiles,
    publishing,
    quality,
    record_import,
    records,
    search,
    serve,
    setup,
    systems,
    templates,
    views,
    worker,
    wrong_use,
)
from api.cli.options import CATALOGUE, CHECKS, DATA, SHARING

# an argument outside its list or its form is a wrong use, as a missing option is
WRONG_USE = frozenset({"not-one-of", "bad-time", "bad-request"})

app = typer.Typer(
    name="datong",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="大同：以元数据目录为中心的政务信息资源共享数据湖。"
    "\n\nDatong: a metadata-catalogue-centred lake for sharing government information resources.",
)
setup.add_to(app)
serve.add_to(app)
worker.add_to(app)
app.add_typer(departments.app, name="department", rich_help_panel=CATALOGUE)
app.add_typer(accounts.app, name="account", rich_help_panel=CATALOGUE)
app.add_typer(elements.app, name="element", rich_help_panel=CATALOGUE)
app.add_typer(systems.app, name="system", rich_help_panel=CATALOGUE)
app.add_typer(records.app, name="record", rich_help_panel=CATALOGUE)
app.add_typer(publishing.notices, name="notice", rich_help_panel=CATALOGUE)
app.add_typer(publishing.negative, name="negative", rich_help_panel=CATALOGUE)
record_import.add_to(records.app)
drafting.add_to(records.app)
likeness.add_to(records.app)
profiles.add_to(records.app, drafts.app)
app.add_typer(drafts.app, name="draft", rich_help_panel=CATALOGUE)
app.add_typer(templates.app, name="template", rich_help_panel=CATALOGUE)
quality.add_to(app)
search.add_to(app)
deliveries.add_to(app)
app.add_typer(deliveries.app, name="delivery", rich_help_panel=DATA)
app.add_typer(jobs.app, name="job", rich_help_panel=DATA)
app.add_typer(views.app, name="view", rich_help_panel=DATA)
app.add_typer(files.app, name="file", rich_help_panel=SHARING)
app.add_typer(grants.app, name="grant", rich_help_panel=SHARING)
lookups.add_to(app)
app.add_typer(audit.app, name="audit", rich_help_panel=SHARING)
app.add_typer(identifiers.app, name="identifier", rich_help_panel=CHECKS)
health.add_to(app)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 1 a known error, 2 a wrong use of the command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        code = app(given, prog_name="datong", standalone_mode=False)
    except wrong_use.WrongUse as error:
        if wrong_use.is_call_for_help(error):
            wrong_use.show_help(error)
        else:
            _say(wrong_use.CODE, *wrong_use.sentences_of(error), as_json=as_json)
        sys.exit(2)
    except typer.Abort:
        sys.stderr.write("已中断。\nInterrupted.\n")
        sys.exit(1)
    except BrokenPipeError:  # who reads us has seen enough, as `head` does
        _say_no_more()
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the edge of a command: everything ends here
        sys.exit(2 if _report(error, as_json=as_json) in WRONG_USE else 1)
    sys.exit(code if isinstance(code, int) else 0)


def _say_no_more() -> None:
    """Let the interpreter flush what is left into nothing, instead of into a closed pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _report(error: Exception, *, as_json: bool) -> str:
    """One sentence on standard error, and the code of the error.

    An error that nobody foresaw goes to the log as well.
    """
    from api.problems import as_known, problem_of, sentences_of

    problem = problem_of(error)
    if problem is None:
        code, zh, en = "unexpected", *_log_unexpected(error)
    else:
        code, (zh, en) = problem.slug, sentences_of(error)
        if as_known(error) is not error:  # why the database is away is said in the log alone
            _log_unexpected(error)
    violations = [each.as_json() for each in getattr(error, "violations", ())]
    _say(code, zh, en, violations, as_json=as_json)
    return code


def _say(
    code: str,
    zh: str,
    en: str,
    violations: Sequence[Mapping[str, Any]] = (),
    *,
    as_json: bool,
) -> None:
    if as_json:
        document: dict[str, Any] = {"code": code, "zh": zh, "en": en}
        if violations:
            document["violations"] = violations
        sys.stderr.write(json.dumps({"error": document}, ensure_ascii=False) + "\n")
        return
    sys.stderr.write(f"{zh}\n{en}\n" if zh != en else f"{zh}\n")
    for line in output.violation_lines(violations):
        sys.stderr.write(line + "\n")


def _log_unexpected(error: Exception) -> tuple[str, str]:
    import structlog

    from api.errors import FolderNotWritable
    from api.logs import configure_logs, frames_of, log_file
    from api.settings import load_settings

    folder = load_settings().logs
    try:
        configure_logs(folder)
    except FolderNotWritable as unwritable:
        name = type(error).__name__
        return (
            f"发生未预期的错误（{name}），也无法记入日志：{unwritable.zh}",
            f"something unexpected happened ({name}), and no log takes it: {unwritable.en}",
        )
    structlog.get_logger().error(
        "unexpected", error=type(error).__name__, says=str(error), frames=frames_of(error)
    )
    path = log_file(folder)
    return (
        f"发生未预期的错误（{type(error).__name__}），详情见日志 {path}。",
        f"Something unexpected happened ({type(error).__name__}); details are in {path}.",
    )
