"""The errors of the application layer: what this layer itself refuses."""

from __future__ import annotations

from catalog.errors import KnownError


class ApiError(KnownError):
    """What the application refuses."""


class BadSetting(ApiError):
    name: str
    expected: str

    ZH = "环境变量 {name} 的值无法识别，应为 {expected}"
    EN = "the environment variable {name} cannot be read; it should be {expected}"


class NotInitialised(ApiError):
    """There is no catalogue yet under this home."""

    home: str

    ZH = "{home} 尚未初始化；请先运行 datong init"
    EN = "{home} is not initialised; run datong init first"


class DatabaseUnavailable(ApiError):
    """The database did not answer, or not in time; `reason` is the driver's own word for why."""

    reason: str

    ZH = "数据库暂时不可用（{reason}）；请稍后重试，仍不行时请检查数据库服务和网络"
    EN = (
        "the database can not be used now ({reason}); try again later, "
        "then check the server and the network"
    )


class DatabaseAway(DatabaseUnavailable):
    """A database without which nothing is served did not answer when serving was to begin."""

    place: str

    ZH = (
        "未能启动：数据库 {place} 没有应答（{reason}）；"
        "请检查该数据库服务和网络，或运行 datong doctor，恢复后再次启动"
    )
    EN = (
        "not started: the database {place} does not answer ({reason}); check its server and the "
        "network, or run datong doctor, then start again"
    )


class NoIdentity(ApiError):
    """The call needs an account and names none."""

    ZH = (
        "此操作需要身份：命令行用 --as 账号 或环境变量 DATONG_KEY，"
        "HTTP 用 Authorization: Bearer 密钥"
    )
    EN = (
        "this needs an identity: --as ACCOUNT or DATONG_KEY on the command line, "
        "Authorization: Bearer KEY over HTTP"
    )


class NamesNeedEmbedded(ApiError):
    """`--as` was given although the catalogue is shared by several machines."""

    ZH = "--as 只用于嵌入式（SQLite）目录库；请改用环境变量 DATONG_KEY"
    EN = "--as works on the embedded (SQLite) catalogue only; set DATONG_KEY instead"


class RoleNotAllowed(ApiError):
    """The account is known, but none of its roles may do this."""

    use_case: str
    roles: tuple[str, ...]

    ZH = "该账号无权执行 {use_case}，需要以下角色之一：{roles}"
    EN = "this account may not do {use_case}; it takes one of these roles: {roles}"


class DeliveryNotVisible(ApiError):
    """No delivery of that id among those that the caller may read: none, or another's."""

    delivery_id: str

    ZH = "在您可查看的报送批次中没有 {delivery_id}；请核对批次号"
    EN = "there is no delivery {delivery_id} among those that you may read; check the id"


class JobNotVisible(ApiError):
    """No job of that id among those that the caller may see: none, or another's."""

    job_id: str

    ZH = "在您可查看的任务中没有 {job_id}；请核对任务号"
    EN = "there is no job {job_id} among those that you may see; check the id"


class JobFailed(ApiError):
    """A job that nobody will try again; why is said in both languages by what failed."""

    job_id: str
    why_zh: str
    why_en: str

    ZH = "任务 {job_id} 未能完成：{why_zh}"
    EN = "job {job_id} failed: {why_en}"


class JobCancelled(ApiError):
    job_id: str

    ZH = "任务 {job_id} 已按要求取消；需要时请重新发起"
    EN = "job {job_id} was cancelled on request; ask for it again if it is wanted"


class BuildersDied(ApiError):
    """A build that ended its process each time; memory is the likeliest reason."""

    view: str
    deaths: int

    ZH = "视图 {view} 的生成已使后台进程中断 {deaths} 次；请检查内存和日志后重新发起"
    EN = "building view {view} ended its worker {deaths} times; look at memory and log, then retry"


class NoWorkerSeen(ApiError):
    """No worker of this host has said for a while that it is there."""

    host: str
    seconds: int

    ZH = "{host} 上最近 {seconds} 秒没有后台进程；请启动 datong worker，或查看其日志"
    EN = "no worker of {host} was seen in the last {seconds} s; start datong worker or see its log"


class SampleRefused(ApiError):
    """A file of which no record can be drafted; who read it says why, in both languages."""

    reason_zh: str
    reason_en: str

    ZH = "不能由此文件拟出记录：{reason_zh}"
    EN = "no record can be drafted from this file: {reason_en}"


class DeliveryRefused(ApiError):
    """A file that was refused whole; the reason is said in both languages by who refused it."""

    delivery_id: str
    reason_zh: str
    reason_en: str

    ZH = "报送批次 {delivery_id} 整批退回：{reason_zh}"
    EN = "delivery {delivery_id} was refused whole: {reason_en}"


class BadRequest(ApiError):
    """A request whose form is wrong; names the place and what is expected, never the value."""

    place: str
    expected_zh: str
    expected_en: str

    ZH = "{place}：{expected_zh}"
    EN = "{place}: {expected_en}"


class BadTime(ApiError):
    """A moment that is neither a date nor a date with a time."""

    place: str

    ZH = "{place}：应为 2024-01-31 或 2024-01-31T12:00:00（可带时区，缺省为北京时间）"
    EN = "{place}: should be 2024-01-31 or 2024-01-31T12:00:00 (with an offset, else China time)"


class NotOneOf(ApiError):
    """A word that is not among those that are known there."""

    place: str
    known: tuple[str, ...]

    ZH = "{place} 应为以下之一：{known}"
    EN = "{place} should be one of: {known}"


class MalformedNumber(ApiError):
    """The number fails the check of its scheme; the sentence never repeats it."""

    scheme: str
    rule: str
    why_zh: str
    why_en: str

    ZH = "号码不符合 {scheme} 的规则：{why_zh}；请核对后重试"
    EN = "the number breaks the rules of {scheme}: {why_en}; check it and ask again"


class ViewNotFound(ApiError):
    view: str
    known: tuple[str, ...]

    ZH = "没有视图 {view}；现有：{known}"
    EN = "there is no view {view}; there are: {known}"


class AddressNotFree(ApiError):
    """Nothing can listen there: the port is taken, or the address is not of this machine."""

    host: str
    port: int
    reason: str

    ZH = "无法在 {host}:{port} 上监听（{reason}）；请换一个端口（--port 0 为任一空闲端口）"
    EN = "cannot listen on {host}:{port} ({reason}); choose another port (--port 0 = any free one)"


class FolderNotWritable(ApiError):
    """A folder of the home can not be made or written to."""

    folder: str
    reason: str

    ZH = "目录 {folder} 不可写（{reason}）；请检查 DATONG_HOME 及其属主和权限，或运行 datong doctor"
    EN = (
        "the folder {folder} can not be written ({reason}); check DATONG_HOME, who owns it and "
        "its rights, or run datong doctor"
    )


class FileNotReadable(ApiError):
    path: str

    ZH = "无法读取文件 {path}；请检查路径、权限和编码（UTF-8）"
    EN = "the file {path} cannot be read; check path, permissions and encoding (UTF-8)"
