"""Which role may do what: the one table that the command line and HTTP both obey."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from api.errors import RoleNotAllowed


class UseCase(StrEnum):
    """What can be asked of the application; the value is the `action` of its audit line."""

    IDENTIFY = "identify"
    DEPARTMENT_ADD = "department.add"
    DEPARTMENT_LIST = "department.list"
    DEPARTMENT_PROVISION = "department.provision"
    ACCOUNT_ADD = "account.add"
    ACCOUNT_ISSUE_KEY = "account.issue_key"
    ACCOUNT_REVOKE_KEY = "account.revoke_key"
    RECORD_ADD = "record.add"
    RECORD_DO = "record.do"
    RECORD_READ = "record.read"
    RECORD_READ_DRAFT = "record.read_draft"
    DELIVER = "delivery.deliver"
    DELIVERY_SHOW = "delivery.show"
    DELIVERY_VIOLATIONS = "delivery.violations"
    JOB_LIST = "job.list"
    JOB_SHOW = "job.show"
    JOB_CANCEL = "job.cancel"
    VIEW_BUILD = "view.build"
    VIEW_SHOW = "view.show"
    GRANT_ADD = "grant.add"
    GRANT_REVOKE = "grant.revoke"
    GRANT_LIST = "grant.list"
    LOOKUP = "lookup"
    AUDIT_LIST = "audit.list"


PUBLIC: frozenset[UseCase] = frozenset(
    {UseCase.IDENTIFY, UseCase.DEPARTMENT_LIST, UseCase.RECORD_READ}
)
"""The public catalogue: needs no identity and shows published records only."""

RIGHTS: Mapping[UseCase, frozenset[str]] = MappingProxyType(
    {
        use_case: frozenset(roles.split())
        for use_case, roles in {
            UseCase.DEPARTMENT_ADD: "admin",
            UseCase.DEPARTMENT_PROVISION: "admin",
            UseCase.ACCOUNT_ADD: "admin",
            UseCase.ACCOUNT_ISSUE_KEY: "admin",
            UseCase.ACCOUNT_REVOKE_KEY: "admin",
            UseCase.RECORD_ADD: "steward",
            # which of these may do which action is said by the record's transition table
            UseCase.RECORD_DO: "steward reviewer authority",
            UseCase.RECORD_READ_DRAFT: "steward reviewer clerk authority auditor",
            UseCase.DELIVER: "clerk",
            UseCase.DELIVERY_SHOW: "clerk auditor",
            UseCase.DELIVERY_VIOLATIONS: "clerk auditor",
            # whose jobs each of them may see and cancel is said in usecases/jobs.py
            UseCase.JOB_LIST: "operator clerk authority auditor",
            UseCase.JOB_SHOW: "operator clerk authority auditor",
            UseCase.JOB_CANCEL: "operator clerk authority",
            UseCase.VIEW_BUILD: "operator authority",
            UseCase.VIEW_SHOW: "operator authority auditor",
            UseCase.GRANT_ADD: "authority",
            UseCase.GRANT_REVOKE: "authority",
            UseCase.GRANT_LIST: "authority auditor consumer",
            UseCase.LOOKUP: "consumer",
            UseCase.AUDIT_LIST: "auditor",
        }.items()
    }
)

EVERY_DEPARTMENT: frozenset[str] = frozenset({"authority", "auditor"})
"""Roles that see what lies with other departments; everyone else sees their own."""


def permit(use_case: UseCase, roles: Iterable[str]) -> None:
    """Raise RoleNotAllowed unless one of the roles may do it."""
    if use_case in PUBLIC:
        return
    allowed = RIGHTS[use_case]
    if not allowed.intersection(roles):
        raise RoleNotAllowed(use_case.value, tuple(sorted(allowed)))


def sees_every_department(use_case: UseCase, roles: Iterable[str]) -> bool:
    """Whether a role that may do this is one of those; another role held beside it never helps."""
    return not (EVERY_DEPARTMENT & RIGHTS[use_case]).isdisjoint(roles)
