"""`datong account`: persons and applications that may act, and their keys."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, session
from api.cli.options import As, Json

if TYPE_CHECKING:
    from api.answers import AccountAnswer

app = typer.Typer(help="账号与密钥 / Accounts and keys", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="账号名 / name of the account")],
    department: Annotated[str, typer.Option(help="所属部门 / its department")],
    kind: Annotated[str, typer.Option(help="person | application")],
    role: Annotated[
        list[str],
        typer.Option(
            help="角色，可重复 / role, repeatable:"
            " steward clerk reviewer authority admin auditor operator consumer"
        ),
    ],
    responsible: Annotated[
        str | None,
        typer.Option(help="负责人，应用缺省为添加者 / who answers for it, or who adds it"),
    ] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """新建账号 / Add an account (管理员 administrator).

    密钥只显示这一次。一个账号最多兼任管理员、审计员、运维员之一。

    The key is shown this once. One account is at most one of admin, auditor and operator.
    """
    from api.usecases.accounts import NewAccount, add_account

    services = session.services()
    caller = session.caller(services, as_account)
    wanted = NewAccount(name, department, kind, responsible, tuple(role))
    added = add_account(services, caller, wanted)
    _show_with_key(added, as_json=as_json)


@app.command("issue-key")
def issue_key(
    name: Annotated[str, typer.Argument(help="账号名 / name of the account")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """为账号换发密钥 / Issue a further key of an account (管理员 administrator).

    密钥只显示这一次；旧密钥到期或吊销之前仍然有效，便于应用切换。

    The key is shown this once. Older ones hold until they run out or are revoked.
    """
    from api.usecases.accounts import issue_key as issue

    services = session.services()
    issued = issue(services, session.caller(services, as_account), name)
    _show_with_key(issued, as_json=as_json)


def _show_with_key(account: "AccountAnswer", *, as_json: bool) -> None:
    output.show(
        account.as_json(),
        as_json=as_json,
        human=lambda: output.facts(
            [
                ("账号 account", account.account),
                ("角色 roles", account.roles),
                ("密钥 key (只显示一次 shown once)", account.key),
            ]
        ),
    )


@app.command("revoke-key")
def revoke_key(
    name: Annotated[str, typer.Argument(help="账号名 / name of the account")],
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """吊销账号的密钥 / Revoke the key of an account (管理员 administrator)."""
    from api.usecases.accounts import revoke_key as revoke

    services = session.services()
    revoke(services, session.caller(services, as_account), name)
    output.show(
        {"account": name, "revoked": True},
        as_json=as_json,
        human=lambda: output.say(f"已吊销 / revoked: {name}"),
    )


@app.command("list")
def list_all(
    department: Annotated[str | None, typer.Option(help="部门 / department")] = None,
    as_account: As = None,
    as_json: Json = False,
) -> None:
    """列出账号 / List the accounts (管理员、审计员 administrator, auditor).

    只说是否有有效密钥，不显示密钥。

    It says whether an account has a key in force, and shows no key.
    """
    from api.usecases.accounts import list_accounts

    services = session.services()
    found = list_accounts(services, session.caller(services, as_account), department)
    output.show(
        [each.as_json() for each in found],
        as_json=as_json,
        human=lambda: output.table(
            ("账号 account", "部门 department", "类别 kind", "角色 roles", "有效密钥 live key"),
            (
                (a.account, a.department_id, a.kind, a.roles, "是 yes" if a.live_key else "否 no")
                for a in found
            ),
            empty="没有账号。 No accounts.",
        ),
    )
