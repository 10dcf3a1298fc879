"""`datong quality` and `datong statistics`: how good the records are, and how many."""

from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import CATALOGUE, As, Json

app = typer.Typer(help="目录质量 / Quality of records", no_args_is_help=True)


@app.command()
def show(
    resource: Annotated[
        str, typer.Argument(help="资源 id 或代码 / resource id or code", metavar="RESOURCE")
    ],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """一条记录的评分及理由 / The score of a published record, and why."""
    from api.usecases.quality import score_of_record

    services = session.services()
    session.caller(services, as_account)
    found = score_of_record(services, resource)

    def human() -> None:
        output.say(f"{found.resource_id}：{found.score} / 100")
        output.table(
            ("项目 criterion", "权重", "达到", "说明 why"),
            ((j["name_zh"], j["weight"], f"{j['met']:.0%}", j["zh"]) for j in found.judgements),
        )

    output.show(found.as_json(), as_json=as_json, human=human)


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Option(help="部门 / department")] = None,
    below: Annotated[
        int | None, typer.Option(help="低于此分 / scores below", min=0, max=101)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多条数 / at most")] = 50,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出评分，最低在前 / List scores, the lowest first."""
    from api.usecases.quality import score_page

    services = session.services()
    session.caller(services, as_account)
    found, _ = score_page(services, department=department, below=below, after=None, limit=limit)
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            ("资源 resource", "部门 department", "评分 score", "最该改进 mend first"),
            ((s.resource_id, s.department_id, s.score, _worst(s.judgements)) for s in found),
            empty="没有评分。 There are no scores.",
        ),
    )


@app.command()
def refresh(as_account: As = None, as_json: Json = False) -> None:
    """重新评分到期的记录 / Score the records that are due (the worker does so by itself)."""
    from api.usecases.quality import refresh_scores

    services = session.services()
    scored = refresh_scores(services, session.caller(services, as_account))
    output.show(
        {"scored": scored},
        as_json=as_json,
        human=lambda: output.say(f"已评分 {scored} 条。 Scored {scored} records."),
    )


def _worst(judgements: tuple[dict[str, object], ...]) -> str:
    lost = [
        (float(str(j["weight"])) * (1 - float(str(j["met"]))), str(j["zh"])) for j in judgements
    ]
    return max(lost)[1] if lost and max(lost)[0] > 0 else ""


def statistics(
    since: Annotated[
        str | None, typer.Option(help="起始月份，如 2026-01 / from this month on")
    ] = None,
    department: Annotated[str | None, typer.Option(help="部门 / department")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """目录统计：种类、部门、共享类型、状态、月份 / The catalogue in numbers."""
    from api.usecases.quality import catalogue_statistics

    services = session.services()
    session.caller(services, as_account)
    found = catalogue_statistics(services, since=since, department=department)

    def human() -> None:
        for facet, counts in found.counts.items():
            output.table(
                (facet, "名称 name", "条数 records"), ((c.value, c.name, c.records) for c in counts)
            )
        output.table(
            ("月份 month", "事项", "种类 kind", "部门 department", "条数 records"),
            ((m.month, m.happening, m.kind, m.department_id, m.records) for m in found.months),
            empty="没有登记或发布。 Nothing was registered or published.",
        )

    output.show(found.as_json(), as_json=as_json, human=human)


def add_to(parent: typer.Typer) -> None:
    """Put both commands under the catalogue."""
    parent.add_typer(app, name="quality", rich_help_panel=CATALOGUE)
    parent.command("statistics", rich_help_panel=CATALOGUE)(statistics)
