"""Count the rows of a delivery that change nothing: alike in every item to what is current."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from lake.curated import LoadedDelivery, current_sql, relation_sql
from lake.engine import quote_name, quote_values
from standards.records import Record


def count_unchanged(
    con: duckdb.DuckDBPyConnection,
    record: Record,
    good: Sequence[Path],
    files: Sequence[str],
    deliveries: Sequence[LoadedDelivery],
) -> int:
    """Return how many good rows equal the current row of their key (without a key: some row)."""
    if not files or not deliveries:
        return 0
    items = ", ".join(quote_name(item.id) for item in record.items)
    relation = relation_sql(files, record)
    columns = [item.id for item in record.items]
    current = current_sql(record, deliveries, relation, columns=columns)
    new = f"SELECT {items} FROM read_parquet({quote_values(map(str, good))})"
    if not record.key_items:
        sql = f"SELECT count(*) FROM ({new} INTERSECT ALL SELECT {items} FROM ({current}))"
    else:
        keys = ", ".join(quote_name(item.id) for item in record.key_items)
        same = " AND ".join(
            f"n.{quote_name(item.id)} IS NOT DISTINCT FROM c.{quote_name(item.id)}"
            for item in record.items
            if not item.key
        )
        where = f" WHERE {same}" if same else ""
        sql = f"SELECT count(*) FROM ({new}) AS n JOIN ({current}) AS c USING ({keys}){where}"
    [(count,)] = con.execute(sql).fetchall()
    return int(count)
