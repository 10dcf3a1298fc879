"""The roles an account may hold, and who acts: an account name, its department, its roles."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    STEWARD = "steward"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    AUTHORITY = "authority"
    ADMIN = "admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    CONSUMER = "consumer"

    @property
    def zh(self) -> str:
        return ROLE_NAMES[self]


ROLE_NAMES: Mapping[Role, str] = {
    Role.STEWARD: "目录管理员",
    Role.CLERK: "报送员",
    Role.REVIEWER: "部门审核员",
    Role.AUTHORITY: "主管部门",
    Role.ADMIN: "系统管理员",
    Role.AUDITOR: "安全审计员",
    Role.OPERATOR: "运维员",
    Role.CONSUMER: "数据使用方",
}

# who did what came with the platform itself
INSTALLER = "datong"

# the three administrators (三员) watch each other, so one account is at most one of them
APART = frozenset({Role.ADMIN, Role.AUDITOR, Role.OPERATOR})


class Actor(Protocol):
    """Who acts; an Account is one."""

    @property
    def name(self) -> str: ...

    @property
    def department_id(self) -> str: ...

    @property
    def roles(self) -> frozenset[Role]: ...


class Deed(StrEnum):
    """What a role is needed for beside the actions of the life cycle; names of history events."""

    WRITE = "write"
    INSTALL = "installed"
    IMPORT = "imported"
    PUBLISH_DUE = "published_when_due"
    RETURN_DUE = "returned_when_due"
    GRANT = "grant"
    REVOKE_GRANT = "revoke_grant"
    REGISTER_SYSTEM = "register_system"
    SETTLE_DRAFT = "settle_draft"

    @property
    def zh(self) -> str:
        return DEED_NAMES[self]


DEED_NAMES: Mapping[Deed, str] = {
    Deed.WRITE: "编写",
    Deed.INSTALL: "安装",
    Deed.IMPORT: "导入",
    Deed.PUBLISH_DUE: "到时发布",
    Deed.RETURN_DUE: "到时退回",
    Deed.GRANT: "授权",
    Deed.REVOKE_GRANT: "撤销授权",
    Deed.REGISTER_SYSTEM: "登记信息系统",
    Deed.SETTLE_DRAFT: "认领或放弃草稿",
}
