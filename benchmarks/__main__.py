"""Run one benchmark, or all comparisons: `python -m benchmarks NAME [ROWS]`, a JSON line each."""

import sys
from collections.abc import Callable

from benchmarks import (
    catalogue_import,
    deliver_csv,
    kill_storm,
    lookup_http,
    search,
    view_build_same,
)

BENCHMARKS: dict[str, Callable[[int], None]] = {
    "catalogue_import": catalogue_import.run,
    "deliver_csv": deliver_csv.run,
    "lookup_http": lookup_http.run,
    "search": search.run,
    "view_build_same": view_build_same.run,
    "kill_storm": kill_storm.run,
}
COMPARISONS = ("deliver_csv", "lookup_http", "view_build_same")  # what "all" runs
DEFAULT_ROWS = 1_000_000
QUICK = {
    "catalogue_import": 100_000,  # records
    "search": 110_000,  # records
    "view_build_same": 100_000,  # persons, of six sources each: measured with 1,000,000
    "kill_storm": 20_000,  # rows of each file
}


def main(name: str = "all", rows: str = "") -> None:
    """Run what is named, with so many rows."""
    if name != "all" and name not in BENCHMARKS:
        known = ", ".join(BENCHMARKS)
        sys.exit(f"没有基准 {name}，可选：{known} / there is no benchmark {name}; known: {known}")
    for each in COMPARISONS if name == "all" else [name]:
        BENCHMARKS[each](int(rows) if rows else QUICK.get(each, DEFAULT_ROWS))


if __name__ == "__main__":
    main(*sys.argv[1:])
