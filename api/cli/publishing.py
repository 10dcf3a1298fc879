"""`datong record queue|bindings|publish-due`, `datong notice`, `datong negative`."""

from typing import Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json
from api.cli.records import app as record_app

notices = typer.Typer(help="通知 / Notices", no_args_is_help=True)
negative = typer.Typer(help="负面清单 / The negative list", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, max=1000, help="最多条数 / at most")]
Department = Annotated[str | None, typer.Option(help="部门 / department")]


@record_app.command()
def queue(
    task: Annotated[
        str | None,
        typer.Option(
            help="correct 退回待改 | review_registration 登记审核 | sign_secrecy 保密审查 | "
            "review_publication 发布审核 | review_withdrawal 下架审核 / one kind of task"
        ),
    ] = None,
    limit: Limit = 100,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """待我办理的记录 / The records that wait for me, by my roles."""
    from api.usecases.record_steps import waiting_for

    services = session.services()
    caller = session.caller(services, as_account)
    found, following = waiting_for(services, caller, task, None, limit)
    if as_json:
        output.print_json([each.as_json() for each in found])
        return
    output.table(
        (
            "id",
            "名称 name",
            "提供方 provider",
            "待办 task",
            "提交人",
            "收紧 tightened",
            "原因 reason",
        ),
        (
            (
                each.resource_id,
                each.name,
                each.provider_name,
                each.task,
                each.submitted_by,
                "是 yes" if each.tightened else "",
                each.reason,
            )
            for each in found
        ),
        empty="没有待办。 Nothing waits for you.",
    )
    if following is not None:
        output.say("还有更多，请加大 --limit。 There are more; raise --limit.")


@record_app.command()
def bindings(
    resource: Annotated[
        str | None, typer.Argument(help="资源，缺省为挂接率 / a resource; else the binding rate")
    ] = None,
    department: Department = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """资源挂接率，或一条记录的挂接 / The binding rate, or what one record is bound to."""
    services = session.services()
    caller = session.caller(services, as_account)
    if resource is not None:
        from api.usecases.records import record_bindings

        bound = [each.as_json() for each in record_bindings(services, caller, resource)]
        heads = ("number", "kind", "target", "bound_by", "bound_at", "ended_at")
        output.show(
            bound,
            as_json=as_json,
            human=lambda: output.table(
                heads, ([each[head] for head in heads] for each in bound), empty="无 / nothing"
            ),
        )
        return
    from api.usecases.record_lists import show_binding_rates

    rates = show_binding_rates(services, caller, department)
    output.show(
        rates.as_json(),
        as_json=as_json,
        human=lambda: output.table(
            ("部门 department", "已发布 published", "已挂接 bound", "非空 filled", "挂接率 rate"),
            (
                (
                    each.department_id or "合计 all",
                    each.published,
                    each.bound,
                    each.filled,
                    "" if each.rate is None else f"{each.rate:.1%}",
                )
                for each in (*rates.departments, rates.total)
            ),
        ),
    )


@record_app.command("publish-due")
def publish_due(as_account: As = None, as_json: Json = False) -> None:
    """立即发布已到时的记录 / Publish at once what is due; a worker does so by itself."""
    from api.usecases.record_steps import publish_due as publish

    services = session.services()
    done = publish(services, session.caller(services, as_account))
    output.show_facts(done, as_json=as_json)


@notices.command("list")
def list_notices(
    unread: Annotated[bool, typer.Option("--unread", help="只看未读 / unread ones only")] = False,
    limit: Limit = 100,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """给我和本部门的通知，最新在前 / What I and my department were told, newest first."""
    from api.usecases.notices import list_notices as find

    services = session.services()
    caller = session.caller(services, as_account)
    found, _ = find(services, caller, unread_only=unread, before=None, limit=limit)
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            ("通知 notice", "时间 at", "内容", "text", "已读 read by"),
            ((n.notice_id, n.created_at, n.zh, n.en, n.read_by) for n in found),
            empty="没有通知。 No notices.",
        ),
    )


@notices.command()
def read(
    notice: Annotated[str, typer.Argument(help="通知号 / notice id", metavar="ID")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """标为已读 / Mark a notice as read."""
    from api.usecases.notices import read_notice

    services = session.services()
    found = read_notice(services, session.caller(services, as_account), notice)
    output.show_facts(found, as_json=as_json)


@negative.command("list")
def list_negative(
    department: Department = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="只看逾期未复核的 / only those overdue for review")
    ] = False,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """不予共享的资源及其依据 / What is not shared, and which law says so."""
    from api.usecases.negative_list import whole_negative_list

    services = session.services()
    session.caller(services, as_account)
    found = whole_negative_list(services, department=department, overdue_only=overdue)
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            (
                "id",
                "名称 name",
                "提供方",
                "依据 basis",
                "条款 clause",
                "复核期限 review by",
                "逾期",
            ),
            (
                (
                    each.resource_id,
                    each.name,
                    each.provider_name,
                    each.basis_name or each.basis,
                    each.clause,
                    each.review_by,
                    "是 overdue" if each.overdue else "",
                )
                for each in found
            ),
            empty="负面清单为空。 The negative list is empty.",
        ),
    )


@negative.command()
def confirm(
    resource: Annotated[str, typer.Argument(help="资源 / resource", metavar="RESOURCE")],
    opinion: Annotated[str | None, typer.Option(help="复核意见 / opinion of the review")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """复核：仍不予共享，再定期限 / Review an entry: it stands for another period (主管部门)."""
    from api.usecases.record_steps import act_on_record

    services = session.services()
    caller = session.caller(services, as_account)
    done = act_on_record(services, caller, resource, "confirm", opinion)
    output.show_facts(done, as_json=as_json)
