"""`datong search` and `datong demand`: find what is published, ask for what is not there."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import CATALOGUE, As, Json

if TYPE_CHECKING:
    from api.answers.search import DemandAnswer, SearchAnswer

index = typer.Typer(help="检索索引 / The search index", no_args_is_help=True)
demand = typer.Typer(help="数据需求 / Demands", no_args_is_help=True)

Many = list[str] | None


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=CATALOGUE)(search)
    app.add_typer(index, name="search-index", rich_help_panel=CATALOGUE)
    app.add_typer(demand, name="demand", rich_help_panel=CATALOGUE)


def search(
    text: Annotated[
        str, typer.Argument(help="检索词，可用拼音、首字母、繁体 / words", metavar="TEXT")
    ] = "",
    department: Annotated[Many, typer.Option(help="部门 id、名称或简称 / department")] = None,
    class_: Annotated[Many, typer.Option("--class", help="类或类加项 / 3 or 307")] = None,
    theme: Annotated[Many, typer.Option(help="主题代码 / theme")] = None,
    share_type: Annotated[Many, typer.Option(help="共享类型 1|2|3 或名称 / share type")] = None,
    format_: Annotated[Many, typer.Option("--format", help="格式 / 2 or 2/csv")] = None,
    update_cycle: Annotated[Many, typer.Option(help="更新周期 / update cycle")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多条数 / at most")] = 20,
    as_json: Json = False,
) -> None:
    """检索已发布的信息资源 / Search the published resources.

    汉字、拼音、首字母、繁体字、部门简称均可；没有结果时给出相近的检索词，并可登记数据需求。

    Chinese, pinyin, initials, traditional characters, short names of departments.
    """
    from api.usecases import search as use_case
    from catalog.search.facets import Facet

    services = session.services()
    if services.search.newest() is None and not as_json:
        output.warn("正在建立检索索引…… Making the search index…")
    if not use_case.catch_up(services):
        output.warn("索引尚未跟上最新发布。 The index is behind what was published last.")
    values = (department, class_, theme, share_type, format_, update_cycle)
    filters = {facet: given or () for facet, given in zip(Facet, values, strict=True)}
    asked = use_case.Asked(text, filters, limit)
    found, _following = use_case.search(services, asked, services.ids.new())
    output.show(found.as_json(), as_json=as_json, human=lambda: _print(found))


@index.command()
def rebuild(as_account: As = None, as_json: Json = False) -> None:
    """重建检索索引 / Make the search index anew (运维员 operator).

    期间检索照常进行，完成后一次切换。

    Searches go on meanwhile; the new one takes the place of the old one at once.
    """
    from api.usecases.search import rebuild as use_case

    services = session.services()
    output.show_facts(use_case(services, session.caller(services, as_account)), as_json=as_json)


@demand.command()
def add(
    title: Annotated[str, typer.Argument(help="需要什么数据 / what is needed", metavar="TITLE")],
    description: Annotated[str, typer.Option(help="用途和要求 / for what, and how")] = "",
    item: Annotated[Many, typer.Option(help="所需数据项，可多次 / an item, repeatable")] = None,
    query: Annotated[str | None, typer.Option(help="检索过的词 / what was searched for")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """登记数据需求 / File a demand for data that is not in the catalogue."""
    from api.usecases.demands import submit_demand
    from catalog.demands import NewDemand

    services = session.services()
    new = NewDemand(title, description, tuple(item or ()), query)
    kept = submit_demand(services, session.caller(services, as_account), new)
    output.show_facts(kept, as_json=as_json)


@demand.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多条数 / at most")] = 50,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出数据需求，最新在前 / List demands, newest first."""
    from api.usecases.demands import demands_page

    services = session.services()
    found, _ = demands_page(services, session.caller(services, as_account), None, limit)
    document = [each.as_json() for each in found]
    output.show(document, as_json=as_json, human=lambda: _print_demands(found))


@demand.command()
def show(
    demand_id: Annotated[str, typer.Argument(help="需求号 / demand id", metavar="ID")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """显示一条数据需求 / Show one demand."""
    from api.usecases.demands import show_demand

    services = session.services()
    found = show_demand(services, session.caller(services, as_account), demand_id)
    output.show_facts(found, as_json=as_json)


def _print(found: "SearchAnswer") -> None:
    output.say(f"共 {found.total} 条。 {found.total} found.")
    if found.apart:
        output.say(
            "没有连写的，以下是分开含有这些词的。 None holds the text in one; these do apart."
        )
    output.table(
        ("id", "名称 name", "提供部门 provider", "发布 published"),
        ((h.resource_id, h.name, h.provider_name, h.publish_date) for h in found.items),
    )
    for facet, values in found.facets.items():
        shown = "  ".join(f"{each.label} [{each.value}] {each.count}" for each in values[:8])
        if shown:
            output.say(f"{facet}: {shown}")
    for near in found.did_you_mean:
        output.say(f"您是不是要找 / did you mean: {near.q} ({near.total})")
    if found.next_step is not None:
        output.say(found.next_step.zh)
        output.say(found.next_step.en)


def _print_demands(found: "list[DemandAnswer]") -> None:
    output.table(
        ("需求 demand", "标题 title", "部门 department", "提交 submitted", "状态 state"),
        (
            (d.demand_id, d.title, d.department_id, d.submitted_at.isoformat(), d.state_zh)
            for d in found
        ),
        empty="没有数据需求。 There are no demands.",
    )
