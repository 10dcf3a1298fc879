"""The part of the problem table that needs the classes of lake and ingest."""

from collections.abc import Mapping

from api.problems import Problem
from ingest.deliver import IdempotencyConflict
from ingest.raw import BytesLost, RawChanged
from lake import errors as lake_errors
from lake.inventory import UnreadableFile
from lake.views import errors as view_errors

LAKE: Mapping[type[Exception], Problem] = {
    IdempotencyConflict: Problem(
        "idempotency-key-reused",
        409,
        "幂等键已用于其他内容",
        "Idempotency key reused",
        ("delivery_id",),
    ),
    BytesLost: Problem("bytes-lost", 500, "原始文件缺失", "Bytes lost"),
    RawChanged: Problem("raw-changed", 500, "原始文件已改变", "Raw file changed"),
    lake_errors.StoreUnavailable: Problem(
        "store-unavailable", 503, "对象存储不可用", "Object store unavailable"
    ),
    lake_errors.ObjectNotFound: Problem("object-not-found", 500, "对象缺失", "Object missing"),
    lake_errors.BucketNotFound: Problem("bucket-not-found", 500, "存储桶缺失", "Bucket missing"),
    lake_errors.UnsafeKey: Problem("unsafe-name", 422, "名称不安全", "Unsafe name"),
    lake_errors.LengthMismatch: Problem("length-mismatch", 422, "长度不符", "Length mismatch"),
    lake_errors.InvalidLocation: Problem("bad-location", 500, "存储位置有误", "Bad location"),
    lake_errors.NoKeyService: Problem("no-key-service", 501, "无法签发密钥", "No key service"),
    lake_errors.KeyServiceRefused: Problem(
        "key-service-refused", 502, "拒绝签发密钥", "Key service refused"
    ),
    lake_errors.ExtensionMissing: Problem(
        "extension-missing", 500, "缺少扩展", "Extension missing"
    ),
    lake_errors.TableNotFound: Problem("table-not-found", 500, "数据表缺失", "Table missing"),
    lake_errors.SnapshotNotFound: Problem(
        "snapshot-not-found", 500, "快照缺失", "Snapshot missing"
    ),
    UnreadableFile: Problem("unreadable-file", 500, "文件无法读取", "File unreadable"),
    lake_errors.CommitConflict: Problem("commit-conflict", 409, "提交冲突", "Commit conflict"),
    lake_errors.IncompatibleSchema: Problem("bad-schema", 409, "结构不兼容", "Bad schema"),
    view_errors.TooManySources: Problem("too-many-sources", 409, "来源过多", "Too many sources"),
    view_errors.SchemeNotInView: Problem(
        "scheme-not-in-view", 422, "不按此号码查询", "Scheme not in view", ("known",)
    ),
    view_errors.ViewNotServed: Problem("view-not-served", 503, "视图尚未生成", "View not served"),
    view_errors.ServingFilesMissing: Problem("no-serving-files", 500, "缺少文件", "Files missing"),
    view_errors.VersionIsServed: Problem("version-is-served", 409, "版本在用", "Version is served"),
    view_errors.CorruptServingRow: Problem("corrupt-files", 500, "文件损坏", "Files corrupt"),
}
