"""The counts of a run over several files: per file and in total, as `summary.json` says them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from api.answers import DeliveryAnswer

COUNTED: Final = ("rows_in", "accepted", "quarantined", "refused", "unchanged")


def counts_of(answer: "DeliveryAnswer") -> dict[str, Any]:
    """What became of one file; `refused` is 1 for a file refused whole."""
    counted = {name: getattr(answer, name) or 0 for name in COUNTED}
    reason = None if answer.reason is None else answer.reason.code
    return {
        **counted,
        "state": answer.state,
        "delivery_id": answer.delivery_id,
        "encoding": answer.encoding,
        "rules": dict(answer.rules),
        "reason": reason,
    }


def total_of(files: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The sums over all files; `refused` counts files."""
    return {name: sum(counts[name] for counts in files.values()) for name in COUNTED}


def write_summary(
    home: Path, answers: Sequence["DeliveryAnswer"], **more: Mapping[str, Any]
) -> dict[str, Any]:
    """Write `summary.json` into the home and return what it says."""
    files = {answer.file_name: counts_of(answer) for answer in answers}
    summary = {"total": total_of(files), "files": files, **more}
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (home / "summary.json").write_text(text + "\n", encoding="utf-8")
    return summary
