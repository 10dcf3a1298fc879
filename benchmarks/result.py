"""The JSON line that every benchmark prints, and how runs are timed in processes of their own."""

import json
import resource
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured: medians in seconds, memory in MB; null where there is no baseline."""

    bench: str
    scale: int
    ours_s: float
    bare_s: float | None
    ratio: float | None
    runs: int
    peak_rss_mb: float
    result_hash_ours: str | None
    result_hash_bare: str | None
    more: dict[str, Any] = field(default_factory=dict)

    def print(self) -> None:
        """Print the line, with what is particular to this benchmark at its end."""
        line = asdict(self)
        more = line.pop("more")
        print(json.dumps({**line, **more}, ensure_ascii=False), flush=True)


def runs_for(rows: int) -> int:
    """How many alternated runs a scale asks for: fewer where one takes long."""
    if rows >= 30_000_000:
        return 1
    return 3 if rows >= 5_000_000 else 5


def in_a_process(module: str, *words: str) -> dict[str, Any]:
    """Run `python -m module words…` and read the JSON it prints last."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def peak_rss_mb() -> float:
    """The largest memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def median(values: list[float]) -> float:
    """The middle of the runs, to the millisecond."""
    return round(statistics.median(values), 3)
