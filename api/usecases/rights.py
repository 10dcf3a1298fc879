"""Which role may do what: the one table that the command line and HTTP both obey."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from api.errors import RoleNotAllowed


class UseCase(StrEnum):
    """What can be asked of the application; the value is the `action` of its audit line."""

    IDENTIFY = "identify"
    DEPARTMENT_ADD = "department.add"
    DEPARTMENT_CHANGE = "department.change"
    DEPARTMENT_LIST = "department.list"
    DEPARTMENT_PROVISION = "department.provision"
    ACCOUNT_ADD = "account.add"
    ACCOUNT_ISSUE_KEY = "account.issue_key"
    ACCOUNT_REVOKE_KEY = "account.revoke_key"
    ACCOUNT_LIST = "account.list"
    ELEMENT_PROPOSE = "element.propose"
    ELEMENT_DO = "element.do"
    ELEMENT_READ = "element.read"
    ELEMENT_READ_PROPOSED = "element.read_proposed"
    SYSTEM_ADD = "system.add"
    SYSTEM_READ = "system.read"
    SYSTEM_READ_INNER = "system.read_inner"
    RECORD_ADD = "record.add"
    RECORD_DO = "record.do"
    RECORD_READ = "record.read"
    RECORD_READ_DRAFT = "record.read_draft"
    RECORD_QUEUE = "record.queue"
    RECORD_PUBLISH_DUE = "record.publish_due"
    BINDING_RATES = "record.bindings"
    NOTICE_LIST = "notice.list"
    NOTICE_READ = "notice.read"
    RECORD_IMPORT = "record.import"
    DRAFT_IMPORT = "draft.import"
    DRAFT_READ = "draft.read"
    DRAFT_CLAIM = "draft.claim"
    DRAFT_DROP = "draft.drop"
    DELIVER = "delivery.deliver"
    DELIVERY_SHOW = "delivery.show"
    DELIVERY_VIOLATIONS = "delivery.violations"
    JOB_LIST = "job.list"
    JOB_SHOW = "job.show"
    JOB_CANCEL = "job.cancel"
    VIEW_BUILD = "view.build"
    VIEW_SHOW = "view.show"
    FILE_LIST = "file.list"
    FILE_GET = "file.get"
    GRANT_ADD = "grant.add"
    GRANT_REVOKE = "grant.revoke"
    GRANT_LIST = "grant.list"
    QUALITY_REFRESH = "quality.refresh"
    SEARCH_REBUILD = "search.rebuild"
    DEMAND_ADD = "demand.add"
    DEMAND_READ = "demand.read"
    LOOKUP = "lookup"
    AUDIT_LIST = "audit.list"


PUBLIC: frozenset[UseCase] = frozenset(
    {
        UseCase.IDENTIFY,
        UseCase.DEPARTMENT_LIST,
        UseCase.RECORD_READ,
        UseCase.ELEMENT_READ,
        UseCase.SYSTEM_READ,
    }
)
"""The public catalogue: needs no identity and shows only what is published, or adopted."""

_EVERYBODY = "steward clerk reviewer authority admin auditor operator consumer"

RIGHTS: Mapping[UseCase, frozenset[str]] = MappingProxyType(
    {
        use_case: frozenset(roles.split())
        for use_case, roles in {
            UseCase.DEPARTMENT_ADD: "admin",
            UseCase.DEPARTMENT_CHANGE: "admin",
            UseCase.DEPARTMENT_PROVISION: "admin",
            UseCase.ACCOUNT_ADD: "admin",
            UseCase.ACCOUNT_ISSUE_KEY: "admin",
            UseCase.ACCOUNT_REVOKE_KEY: "admin",
            UseCase.ACCOUNT_LIST: "admin auditor",
            UseCase.ELEMENT_PROPOSE: "steward",
            UseCase.ELEMENT_DO: "authority",
            UseCase.ELEMENT_READ_PROPOSED: "steward reviewer authority auditor",
            # for whose systems each of them may is said in catalog/systems.py
            UseCase.SYSTEM_ADD: "steward admin authority",
            UseCase.SYSTEM_READ_INNER: "steward reviewer authority admin auditor",
            UseCase.RECORD_ADD: "steward",
            # which of these may do which action is said by the record's transition table
            UseCase.RECORD_DO: "steward reviewer authority",
            UseCase.RECORD_READ_DRAFT: "steward reviewer clerk authority auditor",
            UseCase.RECORD_QUEUE: "steward reviewer authority",
            UseCase.RECORD_PUBLISH_DUE: "operator authority",
            UseCase.BINDING_RATES: "steward reviewer clerk authority operator auditor",
            # everybody may be told something; whose notices they are is asked when they are read
            UseCase.NOTICE_LIST: _EVERYBODY,
            UseCase.NOTICE_READ: _EVERYBODY,
            UseCase.RECORD_IMPORT: "authority",
            UseCase.DRAFT_IMPORT: "authority admin",
            UseCase.DRAFT_READ: "steward reviewer authority admin auditor",
            UseCase.DRAFT_CLAIM: "steward",
            UseCase.DRAFT_DROP: "steward authority",
            UseCase.DELIVER: "clerk",
            UseCase.DELIVERY_SHOW: "clerk auditor",
            UseCase.DELIVERY_VIOLATIONS: "clerk auditor",
            # whose jobs each of them may see and cancel is said in usecases/jobs.py
            UseCase.JOB_LIST: "operator clerk authority auditor",
            UseCase.JOB_SHOW: "operator clerk authority auditor",
            UseCase.JOB_CANCEL: "operator clerk authority",
            UseCase.VIEW_BUILD: "operator authority",
            UseCase.VIEW_SHOW: "operator authority auditor",
            # whose files each of them may see is said in usecases/file_resources.py
            UseCase.FILE_LIST: "clerk consumer auditor",
            UseCase.FILE_GET: "clerk consumer",
            UseCase.GRANT_ADD: "authority",
            UseCase.GRANT_REVOKE: "authority",
            UseCase.GRANT_LIST: "authority auditor consumer",
            UseCase.QUALITY_REFRESH: "operator",
            UseCase.SEARCH_REBUILD: "operator",
            UseCase.DEMAND_ADD: "steward clerk reviewer authority consumer",
            # the authority and the auditor read all, everybody else those of the own department
            UseCase.DEMAND_READ: "steward clerk reviewer authority auditor consumer",
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
