"""What can go wrong with stored bytes and tables, each with its sentence and its next step."""

from __future__ import annotations

from catalog.errors import KnownError


class LakeError(KnownError):
    """What the lake refuses or cannot do."""


class StoreUnavailable(LakeError):
    """The object store did not carry out a call; `reason` is its own short word for why."""

    subject: str
    reason: str

    ZH = "对象存储未能处理“{subject}”（{reason}），请检查存储服务或磁盘空间后重试"
    EN = (
        'the object store failed on "{subject}" ({reason}); '
        "check the service or the disk, then try again"
    )


class ObjectNotFound(LakeError):
    """No object has this key."""

    bucket: str
    key: str

    ZH = "存储桶 {bucket} 中没有对象“{key}”，请核对名称，或运行 datong fsck 检查缺失"
    EN = 'bucket {bucket} holds no object "{key}"; check the name, or run datong fsck'


class BucketNotFound(LakeError):
    """No bucket has this name."""

    bucket: str

    ZH = "没有存储桶 {bucket}，请先为该部门开通（datong department provision）"
    EN = "there is no bucket {bucket}; provision the department first"


class UnsafeKey(LakeError):
    """A bucket, key or id that could leave its place or that a store cannot hold."""

    name: str

    ZH = "存储名称 {name!r} 不安全或过长，请使用不含“..”、空段和控制字符的相对名称"
    EN = (
        "the storage name {name!r} is unsafe or too long; "
        'use a relative name without "..", empty parts or control characters'
    )


class LengthMismatch(LakeError):
    """A stream did not hold the promised number of bytes; nothing was stored."""

    expected: int
    found: int

    ZH = "应收到 {expected} 字节，实际为 {found} 字节（或更多），未予保存，请重新发送"
    EN = "expected {expected} bytes and met {found} (or more); nothing was stored, send it again"


class InvalidLocation(LakeError):
    """A URL that names no place of buckets."""

    url: str
    keys_missing: bool = False

    ZH = (
        "存储位置“{url}”不可用：应为 file:///绝对路径（不含通配符）或 s3://主机:端口，"
        "后者须同时提供访问密钥"
    )
    EN = (
        'the storage location "{url}" cannot be used: give file:///absolute/folder without '
        "wildcards, or s3://host:port together with its access and secret key"
    )


class NoKeyService(LakeError):
    """The S3 service is none on which keys of departments can be made."""

    endpoint: str

    ZH = (
        "对象存储 {endpoint} 既不是 MinIO 也不是 SeaweedFS，无法自动签发部门密钥；"
        "请按 docs/decisions/0022-department-keys.md 中的策略在该服务上手工签发"
    )
    EN = (
        "the object store {endpoint} is neither MinIO nor SeaweedFS, so no key of a department "
        "can be made there; make one by hand with the policy of "
        "docs/decisions/0022-department-keys.md"
    )


class KeyServiceRefused(LakeError):
    """The service makes keys, but not for the platform's own key; `reason` is its short word."""

    endpoint: str
    reason: str

    ZH = (
        "对象存储 {endpoint} 拒绝签发或撤销密钥（{reason}）：DATONG_S3_ACCESS_KEY 须为管理员密钥，"
        "SeaweedFS 还须以 -s3.iam.readOnly=false 启动；请更正后重试"
    )
    EN = (
        "the object store {endpoint} refuses to make or end keys ({reason}): "
        "DATONG_S3_ACCESS_KEY must be an administrator's key there, and SeaweedFS must run with "
        "-s3.iam.readOnly=false; correct it and try again"
    )


class ExtensionMissing(LakeError):
    """The wheel of a DuckDB extension is not installed in the version of DuckDB."""

    name: str
    version: str

    ZH = "缺少 DuckDB 扩展 {name}，请安装 duckdb-extension-{name}=={version}"
    EN = "the DuckDB extension {name} is missing; install duckdb-extension-{name}=={version}"


class TableNotFound(LakeError):
    """No Iceberg table has this name."""

    table: str

    ZH = "湖中没有数据表 {table}，请先入库该资源的数据"
    EN = "the lake has no table {table}; load a delivery of its resource first"


class SnapshotNotFound(LakeError):
    """A table has no such snapshot (any more)."""

    table: str
    snapshot_id: int

    ZH = "数据表 {table} 没有快照 {snapshot_id}（可能已过期清理），请使用当前快照"
    EN = "table {table} has no snapshot {snapshot_id} (it may have expired); use the current one"


class CommitConflict(LakeError):
    """Another writer changed the table meanwhile; nothing of this commit is in it."""

    table: str

    ZH = "数据表 {table} 已被其他写入者更新，本次提交未生效，请取得写入租约后重试"
    EN = (
        "table {table} was changed by another writer and this commit did not happen; "
        "take the lease of the table and try again"
    )


class IncompatibleSchema(LakeError):
    """A table cannot take on the wanted columns without a new generation."""

    table: str
    reason: str

    ZH = "数据表 {table} 的结构无法按兼容方式变更（{reason}），请发布新一代数据表"
    EN = "table {table} cannot evolve so ({reason}); open a new generation of the resource"
