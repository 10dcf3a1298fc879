"""The view of `view_population` as an expert writes it for these six tables alone, in one DuckDB.

The same rows, provenance codes and differences as the product's, without what makes it general: no
number is checked or normalised, no text trimmed, no subject linked; keys are known to be the
numbers. Several ways were measured, the first of WAYS is the fastest (see docs/performance.md).
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.view_population import DEPARTMENTS, INCREMENT_TIME, definition
from lake.engine import quote_name, quote_value, quote_values
from lake.views.sources import SourceTable

PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
LARGEST_FIRST = (4, 2, 0, 1, 3, 5)
ATTRIBUTES = [attribute.id for attribute in definition().attributes]
HEX = "strpos('0123456789abcdef', substr(md5(number), {}, 1)) - 1"
BUCKET = f"(({HEX.format(1)}) % 4 * 16 + {HEX.format(2)})::INTEGER"
WAYS = ("paired_join", "full_join", "left_join_table", "union_all_table")


def build(
    con: duckdb.DuckDBPyConnection, sources: Sequence[SourceTable], salt: str, place: Path, way: str
) -> None:
    """Write rows.parquet, differences.parquet and deliveries.parquet into a folder."""
    for k, source in enumerate(sources):
        con.execute(f"CREATE OR REPLACE TEMP TABLE old{k} AS {_old_sql(source)}")
    inputs = [_current_sql(k, source) for k, source in enumerate(sources)]
    joins = {
        "paired_join": _paired_joins,
        "full_join": _full_joins,
        "left_join_table": _left_joins,
        "union_all_table": _union_all,
    }
    query = _published(_rows_sql(joins[way](inputs), salt))
    rows = place / "rows.parquet"
    if way.endswith("_table"):
        con.execute(f"CREATE OR REPLACE TEMP TABLE built AS {query}")
        _copy(con, "FROM built", rows)
        _copy(con, _differences("built"), place / "differences.parquet")
    else:
        _copy(con, query, rows)
        written = f"read_parquet({quote_value(str(rows))})"
        _copy(con, _differences(written), place / "differences.parquet")
    _copy(con, _deliveries(), place / "deliveries.parquet")


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"COPY ({query}) TO {quote_value(str(path))} {PARQUET}")


def numbers_of(k: int) -> tuple[int, int]:
    """The delivery numbers of a source's full delivery and its increment: by time, then id."""
    count = len(DEPARTMENTS)
    return count - 1 - k, 2 * count - 1 - k


def _scan(source: SourceTable) -> str:
    return f"read_parquet({quote_values(source.files)})"


def _position(source: SourceTable) -> str:
    newest = quote_value(source.deliveries[1].delivery_id)
    return f"(CASE WHEN _delivery = {newest} THEN 1::BIGINT << 40 ELSE 0 END + _row)"


def _old_sql(source: SourceTable) -> str:
    narrow = f"SELECT id_number, {_position(source)} AS position FROM {_scan(source)}"
    return (
        f"WITH narrow AS ({narrow}), newest AS (SELECT id_number, max(position) AS position "
        "FROM narrow GROUP BY id_number HAVING count(*) > 1)\n"
        "SELECT narrow.position FROM narrow JOIN newest USING (id_number) "
        "WHERE narrow.position < newest.position"
    )


def _current_sql(k: int, source: SourceTable) -> str:
    names = ", ".join(DEPARTMENTS[k].attributes)
    full, increment = numbers_of(k)
    newest = quote_value(source.deliveries[1].delivery_id)
    return (
        f"SELECT id_number AS number, id_number, {names}, "
        f"CASE WHEN _delivery = {newest} THEN {increment} ELSE {full} END AS d\n"
        f"FROM {_scan(source)} AS r ANTI JOIN old{k} ON old{k}.position = {_position(source)} "
        "WHERE _op <> 'delete'"
    )


def holders_of(attribute: str) -> list[int]:
    """The sources of an attribute, the most authoritative first."""
    [authority] = [a.authority for a in definition().attributes if a.id == attribute]
    holders = [k for k, d in enumerate(DEPARTMENTS) if attribute in ("id_number", *d.attributes)]

    def precedence(k: int) -> tuple[int, int]:
        duty = DEPARTMENTS[k].duty
        return (authority.index(duty) if duty in authority else len(authority), k)

    return sorted(holders, key=precedence)


def _side_by_side() -> str:
    deliveries = [f"s{k}.d AS d{k}" for k in range(len(DEPARTMENTS))]
    values = [f"s{k}.{a} AS {a}_{k}" for a in ATTRIBUTES for k in holders_of(a)]
    return ", ".join([*deliveries, *values])


def _paired_joins(inputs: Sequence[str]) -> str:
    """Neighbours by size first, then the pairs: fewer small batches between the joins."""
    tables = []
    for k in LARGEST_FIRST:
        values = ", ".join(f"{a} AS {a}_{k}" for a in ATTRIBUTES if k in holders_of(a))
        tables.append(f"SELECT number, d AS d{k}, {values} FROM ({inputs[k]})")
    while len(tables) > 1:
        pairs = [tables[place : place + 2] for place in range(0, len(tables), 2)]
        tables = [
            pair[0]
            if len(pair) == 1
            else "SELECT * FROM ({}) FULL JOIN ({}) USING (number)".format(*pair)
            for pair in pairs
        ]
    return tables[0]


def _full_joins(inputs: Sequence[str]) -> str:
    first, *others = (f"({inputs[k]}) AS s{k}" for k in LARGEST_FIRST)
    joins = "".join(f"\nFULL JOIN {other} USING (number)" for other in others)
    return f"SELECT number, {_side_by_side()}\nFROM {first}{joins}"


def _left_joins(inputs: Sequence[str]) -> str:
    spine = " UNION ".join(f"SELECT number FROM ({each})" for each in inputs)
    joins = "".join(f"\nLEFT JOIN ({e}) AS s{k} USING (number)" for k, e in enumerate(inputs))
    return f"SELECT number, {_side_by_side()}\nFROM ({spine}) AS spine{joins}"


def _union_all(inputs: Sequence[str]) -> str:
    rows = "\nUNION ALL BY NAME ".join(
        f"SELECT {k} AS k, * FROM ({each})" for k, each in enumerate(inputs)
    )
    deliveries = [f"max(d) FILTER (k = {k}) AS d{k}" for k in range(len(DEPARTMENTS))]
    values = [
        f"any_value({a}) FILTER (k = {k}) AS {a}_{k}" for a in ATTRIBUTES for k in holders_of(a)
    ]
    return f"SELECT number, {', '.join([*deliveries, *values])}\nFROM ({rows}) GROUP BY number"


def _rows_sql(joined: str, salt: str) -> str:
    """Winner and mask, then the chosen value, then what differs and what the number tells."""
    judged, chosen, final, cells = [], [], [], []
    for a in ATTRIBUTES:
        holders = holders_of(a)
        whens = " ".join(f"WHEN {a}_{k} IS NOT NULL THEN {k}" for k in holders)
        judged.append(f"(CASE {whens} END)::INTEGER AS {a}__source")
        bits = " + ".join(f"({a}_{k} IS NOT NULL)::INTEGER * {1 << k}" for k in holders)
        judged.append(f"({bits})::INTEGER AS {a}__mask")
        chosen.append(f"coalesce({', '.join(f'{a}_{k}' for k in holders)}) AS {a}")
        derived = _DERIVED.get(a)
        final.append(f"coalesce({a}, {derived}) AS {a}" if derived else a)
        source = f"coalesce({a}__source, CASE WHEN {derived} IS NOT NULL THEN -1 END)"
        final.append(f"{source} AS {a}__source" if derived else f"{a}__source")
        final.append(f"{a}__mask")
        if len(holders) > 1:
            cells += [
                f"CASE WHEN {a}_{k} <> {a} THEN json_array('{a}', "
                f"'{DEPARTMENTS[k].resource_id}', {a}_{k}::VARCHAR)::VARCHAR END"
                for k in sorted(holders)
            ]
    subject = f"'p_' || substr(sha256({quote_value(salt)} || '|citizen|' || number), 1, 24)"
    deliveries = ", ".join(f"d{k}" for k in range(len(DEPARTMENTS)))
    return (
        f"SELECT number, {subject} AS subject_id, {deliveries}, {', '.join(final)}, "
        f"nullif('[' || concat_ws(',', {', '.join(cells)}) || ']', '[]') AS _differing\n"
        f"FROM (SELECT *, {', '.join(chosen)}\n"
        f"FROM (SELECT *, {', '.join(judged)}\nFROM ({joined})))"
    )


_DERIVED = {
    "birth_date": "try_strptime(substr(number, 7, 8), '%Y%m%d')::DATE",
    "sex": "CASE substr(number, 17, 1)::INTEGER % 2 WHEN 1 THEN '1' ELSE '2' END",
}


def _published(rows: str) -> str:
    columns = ["subject_id", "'citizen' AS subject_scheme", "number AS subject_number"]
    columns.append(f"{BUCKET} AS _bucket")
    for a in ATTRIBUTES:
        columns += [a, f"{a}__source", f"{a}__mask"]
    columns += [
        f"d{k} AS {quote_name(f'{d.resource_id}__delivery')}" for k, d in enumerate(DEPARTMENTS)
    ]
    return f"SELECT {', '.join([*columns, '_differing'])} FROM ({rows})"


def _differences(relation: str) -> str:
    return (
        "SELECT subject_id, cell->>0 AS attribute, cell->>1 AS source, cell->>2 AS value "
        "FROM (SELECT subject_id, unnest(json_extract(_differing, '$[*]')) AS cell "
        f"FROM {relation} WHERE _differing IS NOT NULL)"
    )


def _deliveries() -> str:
    rows = []
    for k, department in enumerate(DEPARTMENTS):
        for number, mode in zip(numbers_of(k), ("full", "incremental"), strict=True):
            time = "2026-01-01T00:00:00+00:00" if mode == "full" else INCREMENT_TIME.isoformat()
            resource = department.resource_id
            rows.append(f"({number}, {k}, '{resource}', '{resource}-{mode}', '{mode}', '{time}')")
    names = "delivery, source, resource_id, delivery_id, mode, data_time"
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS known({names})"
