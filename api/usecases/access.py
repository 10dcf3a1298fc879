"""Who calls, what they may do, and the audit line that is written before they get their answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.errors import NamesNeedEmbedded, NoIdentity
from api.problems import code_of
from api.usecases.rights import PUBLIC, UseCase, permit
from catalog import accounts
from catalog.account_errors import PlatformAccount
from catalog.audit import AuditLine
from standards.identifiers.hide import without_numbers

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.accounts import Account

OK = "ok"
# the result of a call whose caller ended it with Ctrl-C; what it began may be finished by a worker
INTERRUPTED = "interrupted"
# An id or a code of a resource, unless it has so many digits together that it may name somebody.
_RESOURCE = re.compile(r"(?!.*[0-9]{13})(?:[a-z][a-z0-9-]{1,47}|[0-9]+/[0-9]+)")


@dataclass(frozen=True, slots=True)
class Credential:
    """How a caller says who it is: by the key of its account, or (embedded only) by name."""

    key: str | None = field(default=None, repr=False)
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in which request, and from where; `account` is None for the public."""

    request_id: str
    address: str
    account: Account | None = None

    @property
    def roles(self) -> frozenset[str]:
        return frozenset() if self.account is None else frozenset(self.account.roles)

    def require(self) -> Account:
        """The account, or NoIdentity."""
        if self.account is None:
            raise NoIdentity
        return self.account


@dataclass(slots=True)
class Trail:
    """What the audit line of one call will say; filled in while the call goes on."""

    action: UseCase
    resource: str | None = None
    items: tuple[str, ...] = ()
    purpose: str | None = None
    subject_hash: str | None = None
    rows: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def identify(
    services: Services, credential: Credential, *, request_id: str, address: str
) -> Caller:
    """Find the account of a credential; without one the caller is the public.

    Raises UnknownKey, RevokedKey, ExpiredKey, AccountNotFound, PlatformAccount or
    NamesNeedEmbedded; a refused key leaves an audit line.
    """
    nobody = Caller(request_id, address)
    if credential.key is None and credential.name is None:
        return nobody
    try:
        account = _account(services, credential)
    except Exception as error:  # whatever keeps a caller out leaves a line, and goes on its way
        write_line(services, nobody, Trail(UseCase.IDENTIFY), code_of(error))
        raise
    return Caller(request_id, address, account)


def _account(services: Services, credential: Credential) -> Account:
    with services.database.reading() as conn:
        if credential.key is not None:
            return accounts.authenticate(conn, credential.key, services.clock.now())
        if not services.settings.embedded:
            raise NamesNeedEmbedded
        name = credential.name or ""
        if accounts.is_reserved(name):
            raise PlatformAccount(name)
        return accounts.require_account(conn, name)


@contextmanager
def watched(
    services: Services, caller: Caller, action: UseCase, *, resource: str | None = None
) -> Iterator[Trail]:
    """Check the right to do something, let it be done, and write the audit line of either end.

    The line is durable when the block is left, so it stands before the answer goes out; where it
    cannot be written, the call fails.
    """
    trail = Trail(action, resource=resource)
    try:
        if action not in PUBLIC:
            caller.require()
        permit(action, caller.roles)
        yield trail
    except KeyboardInterrupt:
        write_line(services, caller, trail, INTERRUPTED)
        raise
    except Exception as error:  # every end of a call has its line; the error goes on its way
        write_line(services, caller, trail, code_of(error))
        raise
    write_line(services, caller, trail, OK)


def write_line(services: Services, caller: Caller, trail: Trail, result: str) -> None:
    """Write one audit line and return when it is durable."""
    services.audit.write(line_of(services, caller, trail, result))


def line_of(services: Services, caller: Caller, trail: Trail, result: str) -> AuditLine:
    """The audit line that tells how a call ended, now."""
    account = caller.account
    return AuditLine(
        at=services.clock.now(),
        request_id=caller.request_id,
        account=None if account is None else account.name,
        department=None if account is None else account.department_id,
        action=trail.action.value,
        resource=_resource_named(trail.resource),
        items=trail.items,
        purpose=trail.purpose,
        subject_hash=trail.subject_hash,
        rows=trail.rows,
        result=result,
        address=caller.address,
        detail={name: masked(value) for name, value in trail.detail.items()},
    )


def _resource_named(resource: str | None) -> str | None:
    """A resource id or code as it is; of any other text a caller wrote, no number is kept."""
    if resource is None or _RESOURCE.fullmatch(resource):
        return resource
    return without_numbers(resource)[:200]


def masked(value: Any) -> Any:
    """A value as audit lines and errors repeat it: of a text not too much, and no number."""
    return without_numbers(value)[:200] if isinstance(value, str) else value
