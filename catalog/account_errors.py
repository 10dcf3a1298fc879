"""What is refused about accounts and their keys; no sentence ever holds a key."""

from __future__ import annotations

from catalog.errors import CatalogError


class AccountNotFound(CatalogError):
    account: str

    ZH = "没有账户 {account}；请先添加账户或核对名称"
    EN = "there is no account {account}; add it first or check the name"


class PlatformAccount(CatalogError):
    """An account under which the platform itself delivers."""

    account: str

    ZH = "账户 {account} 由平台自用，不能以它办理；请使用本部门报送员的账户"
    EN = "the account {account} is the platform's own, nobody acts by it; use that of a clerk"


class AccountTaken(CatalogError):
    account: str

    ZH = "账户名 {account} 已被其他信息占用；请换一个名称"
    EN = "the account name {account} belongs to an account with other facts; choose another one"


class InvalidAccount(CatalogError):
    account: str
    field: str
    value: str
    expected: str
    expected_zh: str

    ZH = "账户 {account} 的 {field} 不能是 {value}；应为{expected_zh}"
    EN = "{field} of account {account} can not be {value}; give {expected}"


class RolesApart(CatalogError):
    """One account would be two of the three administrators."""

    account: str
    roles: tuple[str, ...]

    ZH = "账户 {account} 不能同时担任 {roles}；请分设账户"
    EN = "account {account} can not be {roles} at once; use an account for each"


class KeyRefused(CatalogError):
    """A key that opens nothing; the three subclasses say why."""


class UnknownKey(KeyRefused):
    ZH = "密钥无效；请核对密钥，或向平台申请新的密钥"
    EN = "the key is not known; check it, or ask the platform for a new one"


class RevokedKey(KeyRefused):
    account: str

    ZH = "账户 {account} 的密钥已被吊销；请向平台申请新的密钥"
    EN = "the key of account {account} is revoked; ask the platform for a new one"


class ExpiredKey(KeyRefused):
    account: str
    expired_at: str

    ZH = "账户 {account} 的密钥已于 {expired_at} 过期；请向平台申请新的密钥"
    EN = "the key of account {account} expired at {expired_at}; ask the platform for a new one"
