"""What the registers of deliveries, tables, leases and views, and the audit store, refuse."""

from __future__ import annotations

from catalog.errors import CatalogError


class AlreadyDelivered(CatalogError):
    """A live delivery holds the same retry key or the same idempotency key of this account."""

    delivery_id: str

    ZH = "这份数据已经报送过，批次号 {delivery_id}；无需重复报送，可查看该批次的结果"
    EN = "this was delivered already as {delivery_id}; see the result of that delivery"


class DeliveryNotFound(CatalogError):
    delivery_id: str

    ZH = "没有报送批次 {delivery_id}；请核对批次号"
    EN = "there is no delivery {delivery_id}; check the id"


class DeliveryNotOpen(CatalogError):
    """Another attempt took over, or the delivery is finished: this one may not record anything."""

    delivery_id: str
    state: str
    attempt: int

    ZH = (
        "报送批次 {delivery_id} 当前为 {state}（第 {attempt} 次处理），不能再记录结果；请查看该批次"
    )
    EN = (
        "delivery {delivery_id} is {state} in attempt {attempt}, its result can not be recorded "
        "again; look at the delivery"
    )


class CuratedTableNotFound(CatalogError):
    resource: str
    generation: int

    ZH = "资源 {resource} 第 {generation} 代没有登记标准库表；请先登记"
    EN = "no curated table of {resource}, generation {generation}, is registered; register it first"


class StaleFence(CatalogError):
    """A writer whose lease went to another one tries to record what it wrote."""

    name: str
    fence: int
    newest: int

    ZH = "{name} 的写入权已转移（本次 {fence}，最新 {newest}）；请放弃本次写入并重试"
    EN = "{name} has a newer writer (fence {fence}, newest {newest}); give up this write and retry"


class LeaseHeld(CatalogError):
    name: str
    holder: str
    expires_at: str

    ZH = "{name} 正由 {holder} 写入，租约到 {expires_at}；请稍后重试"
    EN = "{name} is being written by {holder} until {expires_at}; try again later"


class LeaseLost(CatalogError):
    name: str
    holder: str

    ZH = "{holder} 已失去 {name} 的租约；请放弃本次写入并重试"
    EN = "{holder} lost the lease of {name}; give up this write and retry"


class StaleViewVersion(CatalogError):
    view_id: str
    version: int
    next_version: int

    ZH = "视图 {view_id} 的版本应为 {next_version}，不是 {version}；请重新生成"
    EN = "the next version of view {view_id} is {next_version}, not {version}; build it again"


class AuditNotWritten(CatalogError):
    """The line of a call could not be committed, so the call may not be answered."""

    request_id: str

    ZH = "请求 {request_id} 的审计记录未能写入，本次请求不予返回；请检查审计库后重试"
    EN = "the audit line of request {request_id} was not written; check the audit store and retry"


class ViewDefinitionNotFound(CatalogError):
    view_id: str

    ZH = "没有视图 {view_id} 的定义；请先运行 datong init"
    EN = "there is no definition of view {view_id}; run datong init first"


class ViewDefinitionMismatch(CatalogError):
    view_id: str
    found: str

    ZH = "视图定义的 view_id 为 {found}，不是 {view_id}；请核对文件"
    EN = "the definition is of view {found}, not {view_id}; check the file"


class NotInstalled(CatalogError):
    """A fact of the platform that `install` writes is missing."""

    fact: str

    ZH = "平台尚未初始化（缺少 {fact}）；请先运行 datong init"
    EN = "the platform is not set up ({fact} is missing); run datong init first"
