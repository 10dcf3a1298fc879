"""The catalogues of thirteen open-data portals, imported as drafts: what is known, what is left."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.usecases import drafts
from examples.office import PLATFORM, Office
from examples.screen import Screen
from standards.portal_mappings import shipped_mappings

if TYPE_CHECKING:
    from api.answers.drafts import DraftImportAnswer

FOLDER: Final = Path("catalog-cn") / "portals"
SHOWN: Final = 12  # of the spellings that no table knows
_PATHS: Final = {
    "provider_code": "提供方代码",
    "classification": "信息资源分类",
    "share_type": "共享类型",
    "items": "信息项",
    "update_cycle": "更新周期",
    "open": "是否开放",
    "open_type": "开放类型",
    "open_condition": "开放条件",
    "abstract": "摘要",
    "format": "格式",
    "format/type": "格式类型",
    "format/note": "格式说明",
    "category_gb21063_4": "行业分类",
}


def portal_files(data: Path) -> list[Path]:
    """The file of each portal that has a mapping; a portal without a file is left out."""
    files = (data / FOLDER / f"{name}.json" for name in shipped_mappings())
    return [file for file in files if file.is_file()]


def import_portals(office: Office, screen: Screen, files: Sequence[Path]) -> dict[str, Any]:
    """Import all of them, show what came of it, and give the counts for `summary.json`."""
    screen.heading(
        "十三个开放平台的目录，导入为待补草稿",
        "the catalogues of thirteen portals, imported as drafts to be completed",
        command="datong draft import FILE --mapping PORTAL",
    )
    authority = office.as_account(f"{PLATFORM}-authority")
    done = []
    with screen.progress("导入 imports", len(files)) as advance:
        for file in files:
            advance(file.stem, done=0)
            done.append(drafts.import_catalogue(office.services, authority, file, file.stem))
            advance(file.stem)
    counts = counts_of(done)
    _show(screen, done, counts)
    return counts


def counts_of(done: Sequence["DraftImportAnswer"]) -> dict[str, Any]:
    """What `summary.json` says of all imports together, and of each portal."""
    listed = [each for answer in done for each in answer.listed]
    repeats = [each for answer in done for each in answer.duplicates]
    return {
        "records": sum(answer.records for answer in done),
        "drafts": sum(answer.drafts for answer in done),
        "listed": len(listed),
        "listed_for": dict(Counter(each.reason for each in listed)),
        "kept": {
            name: sum(getattr(answer, name) for answer in done)
            for name in ("added", "changed", "unchanged", "settled")
        },
        "decisions": _summed(answer.decisions for answer in done),
        "unknown_spellings": {
            field: _summed(answer.unknown.get(field, {}) for answer in done)
            for field in sorted({field for answer in done for field in answer.unknown})
        },
        "unmapped_keys": _summed(answer.unmapped for answer in done),
        "duplicates": {
            "found": len(repeats),
            "repeated_titles_as_written": sum(each.as_written for each in repeats),
            **Counter(each.likeness for each in repeats),
        },
        "portals": {answer.source: _of_portal(answer) for answer in done},
    }


def _of_portal(answer: "DraftImportAnswer") -> dict[str, int]:
    return {
        "records": answer.records,
        "drafts": answer.drafts,
        "listed": len(answer.listed),
        "duplicates": len(answer.duplicates),
        "decisions": sum(answer.decisions.values()),
    }


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total.most_common())


def _show(screen: Screen, done: Sequence["DraftImportAnswer"], counts: Mapping[str, Any]) -> None:
    heads = (
        "来源\nportal",
        "记录\nrecords",
        "草稿\ndrafts",
        "无部门，只列出\nlisted",
        "同名或相同\nrepeated",
        "每条待定\nto decide each",
    )
    rows = [
        (
            answer.source,
            answer.records,
            answer.drafts,
            len(answer.listed),
            len(answer.duplicates),
            f"{sum(answer.decisions.values()) / max(1, answer.drafts):.1f}",
        )
        for answer in done
    ]
    screen.table(heads, rows, numbers=(1, 2, 3, 4, 5))
    decisions = counts["decisions"].items()
    screen.table(
        ("待定项\nto be decided", "", "草稿\ndrafts"),
        [(_PATHS.get(path, ""), path, count) for path, count in decisions],
        numbers=(2,),
    )
    for field, spellings in counts["unknown_spellings"].items():
        shown = "、".join(f"{text} {count}" for text, count in list(spellings.items())[:SHOWN])
        more = f" … {len(spellings) - SHOWN}" if len(spellings) > SHOWN else ""
        screen.say(f"   未知写法 unknown spellings · {field}: {shown}{more}")
    repeats = counts["duplicates"]
    screen.say(
        f"   重复 repeats: {repeats['found']}（完全相同 identical {repeats.get('identical', 0)}，"
        f"标题逐字相同 same title as written {repeats['repeated_titles_as_written']}）"
    )
    screen.say(f"   {counts['drafts']:,} + {counts['listed']:,} = {counts['records']:,} 条 records")
