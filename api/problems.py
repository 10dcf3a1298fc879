"""One table from error class to problem: its stable type, its status, and its title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

from api import errors as api_errors
from catalog import (
    account_errors,
    demand_errors,
    draft_errors,
    file_errors,
    grant_errors,
    job_errors,
    lake_errors,
    publish_errors,
    register_errors,
)
from catalog import errors as catalog_errors
from catalog.errors import KnownError
from catalog.profiles import errors as profile_errors
from catalog.search import errors as search_errors
from catalog.storable import UnusableValue
from catalog.workbooks import errors as workbook_errors
from standards.code_lists import CodeListError, UnknownCodeList
from standards.documents import DocumentError
from standards.identifiers.hide import without_numbers
from standards.records import ItemNotFound

E = TypeVar("E", bound=BaseException)


@dataclass(frozen=True, slots=True)
class Problem:
    """`slug` never changes; `members` are the facts of the error that an answer may carry."""

    slug: str
    status: int
    zh: str
    en: str
    members: tuple[str, ...] = ()

    @property
    def type_uri(self) -> str:
        return f"/problems/{self.slug}"


_CALLERS: Mapping[type[Exception], Problem] = {
    api_errors.NoIdentity: Problem("no-identity", 401, "缺少身份", "No identity"),
    api_errors.NamesNeedEmbedded: Problem("names-need-embedded", 401, "须用密钥", "Key needed"),
    account_errors.UnknownKey: Problem("unknown-key", 401, "密钥无效", "Unknown key"),
    account_errors.RevokedKey: Problem("revoked-key", 401, "密钥已吊销", "Key revoked"),
    account_errors.ExpiredKey: Problem("expired-key", 401, "密钥已过期", "Key expired"),
    api_errors.RoleNotAllowed: Problem(
        "role-not-allowed", 403, "角色无此权限", "Role not allowed", ("roles",)
    ),
    account_errors.AccountNotFound: Problem("account-not-found", 404, "没有此账号", "No account"),
    account_errors.PlatformAccount: Problem(
        "platform-account", 401, "平台自用账户", "The platform's own account"
    ),
    account_errors.AccountTaken: Problem("account-taken", 409, "账号名已占用", "Account taken"),
    account_errors.InvalidAccount: Problem("invalid-account", 422, "账号有误", "Invalid account"),
    account_errors.RolesApart: Problem("roles-apart", 422, "角色不得兼任", "Roles kept apart"),
}

_RIGHTS: Mapping[type[Exception], Problem] = {
    grant_errors.NoGrant: Problem("no-grant", 403, "没有授权", "No grant"),
    grant_errors.OtherPurpose: Problem("other-purpose", 403, "用途不符", "Other purpose"),
    grant_errors.GrantExpired: Problem("grant-expired", 403, "授权已到期", "Grant expired"),
    grant_errors.GrantNotYetValid: Problem(
        "grant-not-yet-valid", 403, "授权尚未生效", "Grant not yet valid"
    ),
    grant_errors.GrantRevoked: Problem("grant-revoked", 403, "授权已撤销", "Grant revoked"),
    grant_errors.ItemNotGranted: Problem(
        "item-not-granted", 403, "数据项未授权", "Item not granted", ("item",)
    ),
    grant_errors.GrantNotFound: Problem("grant-not-found", 404, "没有此授权", "No such grant"),
    grant_errors.InvalidGrant: Problem("invalid-grant", 422, "授权文件有误", "Invalid grant"),
    grant_errors.NotAnApplication: Problem("not-an-application", 422, "不是应用", "No application"),
    grant_errors.UnknownPurpose: Problem("unknown-purpose", 422, "没有此用途", "Unknown purpose"),
    grant_errors.UnknownItem: Problem("unknown-item", 422, "没有此数据项", "Unknown item"),
    grant_errors.NotShareable: Problem("not-shareable", 422, "不予共享", "Not shareable"),
}

_RECORDS: Mapping[type[Exception], Problem] = {
    catalog_errors.DepartmentNotFound: Problem(
        "department-not-found", 404, "没有此部门", "No such department"
    ),
    catalog_errors.DepartmentTaken: Problem("department-taken", 409, "部门已占用", "Taken"),
    catalog_errors.InvalidDocument: Problem(
        "invalid-document", 422, "文档有误", "Invalid document"
    ),
    catalog_errors.RecordNotFound: Problem(
        "resource-not-found", 404, "没有此信息资源", "No such resource"
    ),
    catalog_errors.ResourceTaken: Problem(
        "resource-taken", 409, "资源标识已占用", "Resource taken"
    ),
    catalog_errors.RecordNotPublished: Problem(
        "resource-not-published", 409, "资源未发布", "Resource not published"
    ),
    catalog_errors.RecordNotEditable: Problem("not-editable", 409, "不能修改", "Not editable"),
    catalog_errors.FrozenByRegistration: Problem(
        "frozen-by-registration", 409, "登记后不可更改", "Frozen by registration"
    ),
    catalog_errors.VersionNotFound: Problem("version-not-found", 404, "没有此版本", "No version"),
    catalog_errors.StaleRevision: Problem("stale-revision", 409, "修订已过时", "Stale revision"),
    catalog_errors.NotInState: Problem("not-in-state", 409, "当前状态不允许", "Not in this state"),
    catalog_errors.NotPermitted: Problem("not-permitted", 403, "无权办理", "Not permitted"),
    catalog_errors.OwnSubmission: Problem("own-submission", 403, "不得自审", "Own submission"),
    catalog_errors.OpinionMissing: Problem("opinion-missing", 422, "缺少意见", "Opinion missing"),
    publish_errors.ReasonMissing: Problem("reason-missing", 422, "缺少原因", "Reason missing"),
    publish_errors.SecrecyUnsigned: Problem(
        "secrecy-unsigned", 409, "未经保密审查", "Secrecy review not signed"
    ),
    publish_errors.OwnSecrecyReview: Problem(
        "own-secrecy-review", 403, "不得自做保密审查", "Own secrecy review"
    ),
    publish_errors.BasisMissing: Problem("basis-missing", 409, "缺少依据", "Basis missing"),
    publish_errors.PublishTimeMissing: Problem(
        "publish-time-missing", 422, "缺少发布时间", "Time missing"
    ),
    publish_errors.PublishTimePast: Problem("publish-time-past", 422, "时间已过", "Time past"),
    publish_errors.UnfitBinding: Problem("unfit-binding", 422, "挂接不符", "Unfit binding"),
    publish_errors.NotBound: Problem("not-bound", 409, "没有此挂接", "Not bound"),
    publish_errors.NotOnNegativeList: Problem(
        "not-on-negative-list", 409, "不在负面清单", "Not on the negative list"
    ),
    publish_errors.NoticeNotFound: Problem("notice-not-found", 404, "没有此通知", "No notice"),
    draft_errors.DraftNotFound: Problem("draft-not-found", 404, "没有此草稿", "No such draft"),
    draft_errors.DraftNotOpen: Problem("draft-not-open", 409, "草稿已办结", "Draft settled"),
    draft_errors.InvalidSource: Problem("invalid-source", 422, "来源名有误", "Invalid source"),
    draft_errors.NotACatalogue: Problem("not-a-catalogue", 422, "不是目录文件", "No catalogue"),
    draft_errors.BadMapping: Problem("bad-mapping", 422, "映射有误", "Bad mapping"),
    profile_errors.NotThisFormat: Problem("not-this-format", 422, "格式不符", "Not this format"),
    profile_errors.RemoteContext: Problem("remote-context", 422, "上下文在别处", "Remote context"),
    profile_errors.UnknownAction: Problem("unknown-action", 404, "没有此动作", "Unknown action"),
    profile_errors.WrongParameter: Problem("wrong-parameter", 409, "参数有误", "Wrong parameter"),
    profile_errors.PartNotFound: Problem("part-not-found", 404, "没有此部分", "No such part"),
    search_errors.QueryTooLong: Problem("query-too-long", 422, "检索词过长", "Query too long"),
    search_errors.RebuildGoingOn: Problem("rebuild-going-on", 409, "正在重建", "Being rebuilt"),
    demand_errors.InvalidDemand: Problem("invalid-demand", 422, "需求有误", "Invalid demand"),
    demand_errors.NumberInDemand: Problem("number-in-demand", 422, "含有号码", "Number in demand"),
    demand_errors.DemandNotFound: Problem("demand-not-found", 404, "没有此需求", "No such demand"),
    ItemNotFound: Problem("item-not-found", 404, "没有此数据项", "No such item"),
}

_REGISTERS: Mapping[type[Exception], Problem] = {
    register_errors.ElementNotFound: Problem(
        "element-not-found", 404, "没有此数据元", "No such element"
    ),
    register_errors.ElementShipped: Problem(
        "element-shipped", 409, "随平台发布的数据元", "Shipped element"
    ),
    register_errors.SystemNotFound: Problem(
        "system-not-found", 404, "没有此信息系统", "No such system"
    ),
    register_errors.SystemNameShared: Problem(
        "system-name-shared", 409, "系统重名", "Several of this name", ("systems",)
    ),
    register_errors.SystemNameTaken: Problem("system-name-taken", 409, "系统名称已占用", "Taken"),
    register_errors.DepartmentNameShared: Problem(
        "department-name-shared", 409, "可指多个部门", "Several departments", ("departments",)
    ),
    register_errors.DepartmentCodeFixed: Problem(
        "department-code-fixed", 409, "代码不能再改", "Code fixed"
    ),
    register_errors.DepartmentCycle: Problem(
        "department-cycle", 409, "上下级成环", "Its own superior"
    ),
}

_FILES: Mapping[type[Exception], Problem] = {
    file_errors.NotAFileResource: Problem(
        "not-a-file-resource", 409, "不是文件类资源", "No file resource"
    ),
    file_errors.FileNotFound: Problem("file-not-found", 404, "没有此文件", "No such file"),
}

_REQUESTS: Mapping[type[Exception], Problem] = {
    api_errors.BadSetting: Problem("bad-setting", 500, "环境变量有误", "Bad setting"),
    api_errors.DatabaseUnavailable: Problem(
        "database-unavailable", 503, "数据库不可用", "Database unavailable"
    ),
    UnusableValue: Problem("unusable-value", 422, "值无法使用", "Unusable value", ("field",)),
    api_errors.NotInitialised: Problem("not-initialised", 503, "尚未初始化", "Not initialised"),
    api_errors.BadRequest: Problem("bad-request", 422, "请求有误", "Bad request", ("place",)),
    api_errors.BadTime: Problem("bad-time", 422, "时间有误", "Bad time", ("place",)),
    api_errors.NotOneOf: Problem("not-one-of", 422, "没有此取值", "Not one of", ("place", "known")),
    api_errors.MalformedNumber: Problem(
        "malformed-number", 422, "号码有误", "Malformed number", ("scheme", "rule")
    ),
    api_errors.ViewNotFound: Problem("view-not-found", 404, "没有此视图", "No such view"),
    api_errors.AddressNotFree: Problem("address-not-free", 500, "地址不可用", "Not free"),
    api_errors.FolderNotWritable: Problem(
        "folder-not-writable", 500, "目录不可写", "Folder not writable"
    ),
    api_errors.FileNotReadable: Problem(
        "file-not-readable", 422, "文件无法读取", "Unreadable file"
    ),
    api_errors.SampleRefused: Problem("sample-refused", 422, "样本无法使用", "Sample refused"),
    workbook_errors.WorkbookUnreadable: Problem(
        "workbook-unreadable", 422, "工作簿无法打开", "Unreadable workbook"
    ),
    workbook_errors.WorkbookTooLarge: Problem(
        "workbook-too-large", 422, "工作簿过大", "Workbook too large"
    ),
    workbook_errors.FileThere: Problem("file-there", 409, "文件已存在", "File is there"),
    workbook_errors.FileNotWritable: Problem(
        "file-not-writable", 422, "文件不可写", "File not writable"
    ),
    workbook_errors.NothingToFillIn: Problem(
        "nothing-to-fill-in", 422, "没有信息项", "Nothing to fill in"
    ),
    DocumentError: Problem("unreadable-document", 422, "文档无法读取", "Unreadable document"),
    CodeListError: Problem("bad-code-list", 500, "代码表有误", "Bad code list"),
    UnknownCodeList: Problem("unknown-code-list", 422, "没有此代码表", "Unknown code list"),
}

_DELIVERIES: Mapping[type[Exception], Problem] = {
    api_errors.DeliveryNotVisible: Problem(
        "delivery-not-found", 404, "没有此报送批次", "No such delivery"
    ),
    api_errors.DeliveryRefused: Problem(
        "delivery-refused", 422, "整批退回", "Delivery refused", ("delivery_id",)
    ),
    api_errors.JobNotVisible: Problem("job-not-found", 404, "没有此任务", "No such job"),
    api_errors.JobFailed: Problem("job-failed", 500, "任务未完成", "Job failed", ("job_id",)),
    api_errors.JobCancelled: Problem("job-cancelled", 409, "任务已取消", "Cancelled", ("job_id",)),
    api_errors.BuildersDied: Problem("builders-died", 500, "生成中断", "Builders died"),
    api_errors.NoWorkerSeen: Problem("no-worker", 503, "没有后台进程", "No worker"),
    job_errors.JobNotFound: Problem("job-not-found", 404, "没有此任务", "No such job"),
    job_errors.JobLost: Problem("job-lost", 409, "任务已转移", "Job lost"),
    job_errors.JobNotCancellable: Problem(
        "job-not-cancellable", 409, "任务不能取消", "Too late to cancel", ("job_id", "state")
    ),
    lake_errors.AlreadyDelivered: Problem(
        "already-delivered", 409, "已报送", "Already delivered", ("delivery_id",)
    ),
    lake_errors.DeliveryNotFound: Problem(
        "delivery-not-found", 404, "没有此报送批次", "No such delivery"
    ),
    lake_errors.DeliveryNotOpen: Problem("delivery-not-open", 409, "批次已办结", "Not open"),
    lake_errors.CuratedTableNotFound: Problem("no-curated-table", 404, "没有标准库表", "No table"),
    lake_errors.StaleFence: Problem("stale-writer", 409, "写入权已转移", "Stale writer"),
    lake_errors.LeaseHeld: Problem("being-written", 409, "正在写入", "Being written"),
    lake_errors.LeaseLost: Problem("lease-lost", 409, "租约已失效", "Lease lost"),
    lake_errors.AuditNotWritten: Problem("audit-not-written", 503, "审计未写入", "No audit"),
    lake_errors.ViewDefinitionNotFound: Problem("no-definition", 503, "没有定义", "No definition"),
    lake_errors.ViewDefinitionMismatch: Problem("other-view", 422, "定义不符", "Other view"),
    lake_errors.NotInstalled: Problem("not-initialised", 503, "尚未初始化", "Not initialised"),
    lake_errors.StaleViewVersion: Problem("stale-view-version", 409, "版本已过时", "Stale version"),
}


@cache
def _table() -> Mapping[type[Exception], Problem]:
    # the lake is imported only where an error has to be told: commands that need none start fast
    from api.lake_problems import LAKE

    tables = (_CALLERS, _RIGHTS, _RECORDS, _REGISTERS, _FILES, _REQUESTS, _DELIVERIES, LAKE)
    return {error: problem for table in tables for error, problem in table.items()}


def as_known(error: E) -> E | api_errors.DatabaseUnavailable:
    """DatabaseUnavailable for what a database or its pool says that does not answer, else itself.

    A statement that is wrong is no such thing, although SQLite's driver calls it the same.
    """
    if isinstance(error, sa.exc.TimeoutError):
        return api_errors.DatabaseUnavailable("pool")
    if not isinstance(error, sa.exc.DBAPIError):
        return error
    reason = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    lost = isinstance(error, sa.exc.OperationalError) or error.connection_invalidated
    if not lost or reason == "SQLITE_ERROR":
        return error
    return api_errors.DatabaseUnavailable(reason or type(error.orig).__name__)


def driver_line(error: sa.exc.DBAPIError) -> str:
    """The first line of what the driver says: it holds neither a password nor a row."""
    first = str(error.orig or "").strip().splitlines()[:1]
    return without_numbers(" ".join(first)) or type(error.orig or error).__name__


def problem_of(error: Exception) -> Problem | None:
    """The problem of an error, by its class or the nearest one above it; None if unforeseen."""
    error = as_known(error)
    for table in (_CALLERS, _RIGHTS, _RECORDS, _REGISTERS, _FILES, _REQUESTS, _DELIVERIES):
        if type(error) in table:
            return table[type(error)]
    found: Mapping[type, Problem] = _table()
    return next((found[above] for above in type(error).__mro__ if above in found), None)


def code_of(error: Exception) -> str:
    """The stable short name of an error, as audit lines carry it."""
    problem = problem_of(error)
    return "unexpected" if problem is None else problem.slug


def sentences_of(error: BaseException) -> tuple[str, str]:
    """The sentence in Chinese and in English; an error that has one text says it in both."""
    error = as_known(error)
    if isinstance(error, DocumentError):
        return f"第 {error.line} 行：{error.zh}", f"line {error.line}: {error.en}"
    zh, en = getattr(error, "zh", None), getattr(error, "en", None)
    if isinstance(zh, str) and isinstance(en, str):
        return zh, en
    first, _, second = str(error).partition(" / ")
    return first, second or first


def extension_of(error: Exception) -> dict[str, Any]:
    """The facts of an error that its answer carries as members of their own."""
    problem = problem_of(error)
    members = () if problem is None else problem.members
    facts = {name: getattr(error, name) for name in members}
    if isinstance(error, catalog_errors.InvalidDocument):
        facts["violations"] = [each.as_json() for each in error.violations]
    return facts


def known_bases() -> tuple[type[Exception], ...]:
    """Classes such that every error of the table, or that `as_known` knows, is one or below."""
    known = (KnownError, DocumentError, CodeListError, UnknownCodeList, ItemNotFound)
    return (*known, sa.exc.DBAPIError, sa.exc.TimeoutError)
