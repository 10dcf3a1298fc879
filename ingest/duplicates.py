"""Find keys that occur more than once in a delivery, and set their rows apart.

Nobody can say which of two rows with one key is right, so all of them are quarantined; where the
rows are alike in every item the first is kept and its copies are quarantined.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from lake.engine import quote_name, quote_value, quote_values
from standards.records import Record

DUPLICATES = "duplicate_rows"


def find_duplicates(con: duckdb.DuckDBPyConnection, record: Record, good: Sequence[Path]) -> int:
    """Fill the table of rows to set apart (_row, rule) and return how many they are."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {DUPLICATES} (_row BIGINT, rule VARCHAR)")
    if not record.key_items:
        return 0
    rows = f"read_parquet({quote_values(map(str, good))})"
    keys = ", ".join(quote_name(item.id) for item in record.key_items)
    # 64-bit hashes are cheap to count; only where two agree are keys themselves compared.
    [(spare,)] = con.execute(
        f"SELECT count(*) - count(DISTINCT hash({keys})) FROM {rows}"
    ).fetchall()
    if spare:
        con.execute(f"INSERT INTO {DUPLICATES} {_duplicates_sql(record, rows, keys)}")
    [(count,)] = con.execute(f"SELECT count(*) FROM {DUPLICATES}").fetchall()
    return int(count)


def set_apart(con: duckdb.DuckDBPyConnection, good: Sequence[Path], target: Path) -> Path:
    """Write the good rows without the duplicates, in the same order."""
    con.execute(
        f"COPY (SELECT * FROM read_parquet({quote_values(map(str, good))}) "
        f"WHERE _row NOT IN (SELECT _row FROM {DUPLICATES})) "
        f"TO {quote_value(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )
    for path in good:
        path.unlink()
    return target


def _duplicates_sql(record: Record, rows: str, keys: str) -> str:
    items = ", ".join(quote_name(item.id) for item in record.items)
    return (
        f"WITH _shared AS (SELECT hash({keys}) AS _hash FROM {rows} "
        f"GROUP BY _hash HAVING count(*) > 1), "
        f"_suspects AS (SELECT {items}, _row FROM {rows} "
        f"WHERE hash({keys}) IN (SELECT _hash FROM _shared)), "
        f"_repeated AS (SELECT {keys}, count(DISTINCT row({items})) AS _kinds, "
        f"min(_row) AS _first FROM _suspects GROUP BY {keys} HAVING count(*) > 1) "
        f"SELECT _row, CASE WHEN _kinds = 1 THEN 'key.repeated' ELSE 'key.duplicate' END AS rule "
        f"FROM _suspects JOIN _repeated USING ({keys}) WHERE _kinds > 1 OR _row <> _first"
    )
