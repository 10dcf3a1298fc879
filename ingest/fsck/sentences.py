"""The sentences of what a check finds: the name of each kind, and what an operator does next."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.fsck.findings import Group, Kind, Words

NAMES: Mapping[Kind, Words] = {
    Kind.RAW: ("原始文件", "raw file"),
    Kind.MANIFEST: ("原始文件的清单", "manifest of a raw file"),
    Kind.QUARANTINE: ("问题数据文件", "quarantine file"),
    Kind.RECEIPT: ("回执或质量报告", "receipt or quality report"),
    Kind.CURATED_DATA: ("标准库数据文件", "curated data file"),
    Kind.CURATED_ROWS: ("标准库中该批次的行", "rows of a delivery in the curated table"),
    Kind.TABLE: ("Iceberg 数据表", "Iceberg table"),
    Kind.METADATA: ("Iceberg 元数据文件", "Iceberg metadata file"),
    Kind.SNAPSHOT: ("Iceberg 快照", "Iceberg snapshot"),
    Kind.VIEW_DATA: ("基础库数据文件", "data file of a view"),
    Kind.VIEW_ROWS: ("基础库视图的行数", "row count of a view"),
    Kind.VIEW_BUILD: ("基础库视图的生成", "build of a view"),
    Kind.SERVING: ("查询文件", "serving file"),
    Kind.POINTER: ("查询版本指针", "pointer to the served version"),
    Kind.STAGING: ("暂存的上传", "staged upload"),
    Kind.UPLOAD: ("没有结束的上传", "upload that never ended"),
    Kind.DELIVERY: ("报送批次", "delivery"),
    Kind.JOB: ("任务", "job"),
    Kind.OBJECT: ("对象", "object"),
}

_STATES: Mapping[Group, Words] = {
    Group.ORPHANS: ("没有归属", "belongs to nothing that is recorded"),
    Group.MISSING: ("缺失", "is missing"),
    Group.CHANGED: ("与登记不一致", "is not what is recorded"),
    Group.UNFINISHED: ("没有完成", "is not finished"),
    Group.REPAIRED: ("已修复", "was put right"),
}

_RESTORE: Words = (
    "从备份恢复这个对象，再运行 datong fsck",
    "restore this object from a backup, then run datong fsck again",
)
_LOOK: Words = (
    "平台不会删除它；确认不再需要后由运维人工处理（登记库若从旧备份恢复过，先恢复较新的登记库）",
    "it is never removed by itself; see what it is and remove it by hand, unless the catalogue "
    "came back from an older backup: then restore a newer one",
)
_WAIT: Words = (
    "满一天且没有写入者时，再次运行 datong fsck 会删除它",
    "once it is a day old and nobody writes there, datong fsck removes it",
)
_BUILD: Words = (
    "运行 datong view build 重新生成该视图",
    "build the view again: datong view build",
)
_RUN: Words = ("运行 datong fsck（不加 --dry-run）", "run datong fsck without --dry-run")

NEXT: Mapping[tuple[Group, Kind], Words] = {
    (Group.ORPHANS, Kind.RAW): _LOOK,
    (Group.ORPHANS, Kind.QUARANTINE): _LOOK,
    (Group.ORPHANS, Kind.RECEIPT): _LOOK,
    (Group.ORPHANS, Kind.OBJECT): _LOOK,
    (Group.ORPHANS, Kind.TABLE): _LOOK,
    (Group.ORPHANS, Kind.SNAPSHOT): _LOOK,
    (Group.ORPHANS, Kind.CURATED_ROWS): _LOOK,
    (Group.ORPHANS, Kind.CURATED_DATA): _WAIT,
    (Group.ORPHANS, Kind.METADATA): _WAIT,
    (Group.ORPHANS, Kind.VIEW_DATA): _WAIT,
    (Group.ORPHANS, Kind.SERVING): _WAIT,
    (Group.ORPHANS, Kind.STAGING): _RUN,
    (Group.ORPHANS, Kind.UPLOAD): _RUN,
    (Group.MISSING, Kind.RAW): (
        "从备份恢复这个对象；没有备份时请部门重新报送同一文件",
        "restore this object from a backup; without one ask the department for the same file",
    ),
    (Group.CHANGED, Kind.RAW): _RESTORE,
    (Group.MISSING, Kind.MANIFEST): _RUN,
    (Group.CHANGED, Kind.MANIFEST): (
        "与登记库核对；以登记库为准时删除这个清单，datong fsck 会重写",
        "compare it with the register; if that is right remove the manifest, and datong fsck "
        "writes it anew",
    ),
    (Group.MISSING, Kind.QUARANTINE): _RESTORE,
    (Group.CHANGED, Kind.QUARANTINE): _RESTORE,
    (Group.MISSING, Kind.RECEIPT): _RUN,
    (Group.CHANGED, Kind.RECEIPT): _RUN,
    (Group.MISSING, Kind.CURATED_DATA): _RESTORE,
    (Group.CHANGED, Kind.CURATED_DATA): _RESTORE,
    (Group.CHANGED, Kind.CURATED_ROWS): (
        "从同一时刻的备份恢复登记库、表目录和湖",
        "restore catalogue, table catalogue and lake from backups of one moment",
    ),
    (Group.MISSING, Kind.TABLE): (
        "从备份恢复表目录（tables.db 或模式 datong_tables）",
        "restore the table catalogue (tables.db, or the schema datong_tables) from a backup",
    ),
    (Group.CHANGED, Kind.TABLE): (
        "从同一时刻的备份恢复登记库和表目录",
        "restore catalogue and table catalogue from backups of one moment",
    ),
    (Group.MISSING, Kind.METADATA): _RESTORE,
    (Group.CHANGED, Kind.METADATA): _RESTORE,
    (Group.MISSING, Kind.VIEW_DATA): _BUILD,
    (Group.CHANGED, Kind.VIEW_DATA): _BUILD,
    (Group.CHANGED, Kind.VIEW_ROWS): _BUILD,
    (Group.UNFINISHED, Kind.VIEW_BUILD): _BUILD,
    (Group.MISSING, Kind.SERVING): _BUILD,
    (Group.CHANGED, Kind.SERVING): _BUILD,
    (Group.CHANGED, Kind.POINTER): _RUN,
    (Group.UNFINISHED, Kind.DELIVERY): (
        "启动 datong worker，或运行 datong fsck（不加 --dry-run）",
        "start datong worker, or run datong fsck without --dry-run",
    ),
    (Group.UNFINISHED, Kind.JOB): _RUN,
}


def said(group: Group, kind: Kind, *, place: str, detail: Words) -> tuple[str, str, str | None]:
    """Both sentences of a finding, and the next step in both languages where there is one."""
    (name, name_en), (state, state_en) = NAMES[kind], _STATES[group]
    zh, en = detail
    where, where_en = (f" {place} ", f" {place}") if place else ("", "")
    sentence = f"{name}{where}{state}{'：' if zh else ''}{zh}"
    sentence_en = f"{name_en}{where_en} {state_en}{': ' if en else ''}{en}"
    if group is Group.REPAIRED:
        return sentence, sentence_en, None
    return sentence, sentence_en, " · ".join(NEXT[group, kind])
