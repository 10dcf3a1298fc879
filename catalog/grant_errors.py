"""What is refused about grants: each reason its own class, for the caller must know which it is."""

from __future__ import annotations

from catalog.errors import CatalogError


class RightRefused(CatalogError):
    """A call that no grant allows; the subclasses say why."""


class NoGrant(RightRefused):
    account: str
    resource: str

    ZH = "账户 {account} 没有资源 {resource} 的授权；请先申请共享"
    EN = "account {account} has no grant for {resource}; request one first"


class OtherPurpose(RightRefused):
    account: str
    resource: str
    purpose: str
    granted: tuple[str, ...]

    ZH = "账户 {account} 对 {resource} 的授权用途为 {granted}，不是 {purpose}；请按授权用途调用"
    EN = "the grants of {account} for {resource} are for {granted}, not {purpose}"


class GrantExpired(RightRefused):
    grant_id: str
    resource: str
    valid_until: str

    ZH = "资源 {resource} 的授权 {grant_id} 已于 {valid_until} 到期；请重新申请"
    EN = "the grant {grant_id} for {resource} ended at {valid_until}; request a new one"


class GrantNotYetValid(RightRefused):
    grant_id: str
    resource: str
    valid_from: str

    ZH = "资源 {resource} 的授权 {grant_id} 自 {valid_from} 起生效；请届时再调用"
    EN = "the grant {grant_id} for {resource} begins at {valid_from}; call again then"


class GrantRevoked(RightRefused):
    grant_id: str
    resource: str
    revoked_at: str

    ZH = "资源 {resource} 的授权 {grant_id} 已于 {revoked_at} 撤销；如仍需要请重新申请"
    EN = "the grant {grant_id} for {resource} was revoked at {revoked_at}; request a new one"


class ItemNotGranted(RightRefused):
    grant_id: str
    resource: str
    item: str

    ZH = "信息项 {item} 不在资源 {resource} 的授权范围内（授权 {grant_id}）；请去掉该项或另行申请"
    EN = "the item {item} of {resource} is outside the grant {grant_id}; leave it out or request it"


class GrantNotFound(CatalogError):
    grant_id: str

    ZH = "没有授权 {grant_id}；请核对授权编号"
    EN = "there is no grant {grant_id}; check the id"


class InvalidGrant(CatalogError):
    """A field of the grant document can not be as it is."""

    field: str
    value: str
    expected: str
    expected_zh: str

    ZH = "授权文件的 {field} 不能是 {value}；应为{expected_zh}"
    EN = "{field} of the grant can not be {value}; give {expected}"


class NotAnApplication(CatalogError):
    account: str

    ZH = "账户 {account} 不是应用系统账户，不能作为被授权方；请使用 kind 为 application 的账户"
    EN = "account {account} is no application and can not be granted data; use an application's"


class UnknownPurpose(CatalogError):
    purpose: str
    known: tuple[str, ...]

    ZH = "用途 {purpose} 不在用途代码表中；可用：{known}"
    EN = "the purpose {purpose} is not in the code list; there are: {known}"


class UnknownItem(CatalogError):
    resource: str
    item: str

    ZH = "资源 {resource} 没有信息项 {item}；请查看其元数据记录"
    EN = "resource {resource} has no item {item}; see its record"


class NotShareable(CatalogError):
    """Share type 3 (不予共享): no grant is possible."""

    resource: str
    item: str | None

    ZH = "资源 {resource}（信息项：{item}）为不予共享类，不能授权；请去掉或改用其他资源"
    EN = "resource {resource} (item: {item}) is not to be shared and can not be granted"
