"""Run one benchmark or all: `python -m benchmarks NAME [ROWS]`, one JSON line each."""

import sys
from collections.abc import Callable

from benchmarks import deliver_csv, lookup_http

BENCHMARKS: dict[str, Callable[[int], None]] = {
    "deliver_csv": deliver_csv.run,
    "lookup_http": lookup_http.run,
}
DEFAULT_ROWS = 1_000_000


def main(name: str = "all", rows: str = "") -> None:
    """Run what is named, with so many rows."""
    scale = int(rows) if rows else DEFAULT_ROWS
    if name != "all" and name not in BENCHMARKS:
        known = ", ".join(BENCHMARKS)
        sys.exit(f"没有基准 {name}，可选：{known} / there is no benchmark {name}; known: {known}")
    for each in BENCHMARKS if name == "all" else [name]:
        BENCHMARKS[each](scale)


if __name__ == "__main__":
    main(*sys.argv[1:])
