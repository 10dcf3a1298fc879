"""Accounts of persons and applications, and their keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.answers import AccountAnswer
from api.answers.registers import AccountLine
from api.errors import NotOneOf
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from catalog import accounts, departments
from catalog.accounts import Account, AccountKind
from catalog.roles import Role

if TYPE_CHECKING:
    from api.bootstrap import Services


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as wanted; `responsible` answers for an application, else who adds it does."""

    name: str
    department: str
    kind: str
    responsible: str | None
    roles: tuple[str, ...]


def add_account(services: Services, caller: Caller, wanted: NewAccount) -> AccountAnswer:
    """Add an account; the key is in this answer and nowhere else. The same again has no key."""
    with watched(services, caller, UseCase.ACCOUNT_ADD) as trail:
        trail.detail["account"] = wanted.name
        _check_words(wanted)
        with services.database.transaction() as conn:
            account, key = accounts.add_account(
                conn,
                wanted.name,
                wanted.department,
                wanted.kind,
                _responsible(wanted, caller),
                wanted.roles,
                services.clock,
            )
    return _answer(account, key)


def list_accounts(
    services: Services, caller: Caller, department: str | None = None
) -> list[AccountLine]:
    """All accounts by name, or those of a department given by id, code or name."""
    with watched(services, caller, UseCase.ACCOUNT_LIST), services.database.reading() as conn:
        department_id = (
            None
            if department is None
            else departments.require_named(conn, department).department_id
        )
        live = accounts.with_live_key(conn, services.clock.now())
        return [
            AccountLine(
                account=each.name,
                department_id=each.department_id,
                kind=each.kind,
                responsible=each.responsible,
                roles=tuple(sorted(each.roles)),
                live_key=each.name in live,
            )
            for each in accounts.list_accounts(conn, department_id)
        ]


def _answer(account: Account, key: str | None) -> AccountAnswer:
    return AccountAnswer(
        account=account.name,
        department_id=account.department_id,
        kind=account.kind,
        roles=tuple(sorted(account.roles)),
        key=key,
    )


def _check_words(wanted: NewAccount) -> None:
    if wanted.kind not in set(AccountKind):
        raise NotOneOf("kind", tuple(AccountKind))
    if not set(wanted.roles) <= set(Role):
        raise NotOneOf("role", tuple(Role))


def _responsible(wanted: NewAccount, caller: Caller) -> str | None:
    if wanted.responsible is None and wanted.kind == AccountKind.APPLICATION:
        return caller.require().name
    return wanted.responsible


def issue_key(services: Services, caller: Caller, name: str) -> AccountAnswer:
    """A further key of an account, in this answer and nowhere else; AccountNotFound.

    Older ones hold until they run out or are revoked, so that an application can change over.
    """
    with watched(services, caller, UseCase.ACCOUNT_ISSUE_KEY) as trail:
        trail.detail["account"] = name
        with services.database.transaction() as conn:
            key = accounts.issue_key(conn, name, services.clock)
            account = accounts.require_account(conn, name)
    return _answer(account, key)


def revoke_key(services: Services, caller: Caller, name: str) -> None:
    """Revoke every key of an account, at once; AccountNotFound."""
    with watched(services, caller, UseCase.ACCOUNT_REVOKE_KEY) as trail:
        trail.detail["account"] = name
        with services.database.transaction() as conn:
            accounts.revoke_key(conn, name, services.clock)
