"""What leaves the engine: the view's Parquet, its differences, serving rows, hashed rows."""

from collections.abc import Sequence

import pyarrow as pa

from lake.curated import bucket_sql
from lake.engine import quote_name, quote_values
from lake.views.compile import DIFFERENCES, ROWS, Column, mask_type
from lake.views.serving_header import DERIVED
from lake.views.sources import ViewPlan
from lake.views.values import TEXT, text_sql

_ARROW = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BLOB": pa.binary(),
}


def view_columns(plan: ViewPlan, columns: Sequence[Column]) -> dict[str, tuple[str, str]]:
    """Columns of the view's table: name → (expression over ROWS, DuckDB type).

    Beside an attribute stand `<id>__source` (winner code: index of the source, -1 derived) and
    `<id>__mask` (bit per source that says something); `<resource>__delivery` is the number of the
    delivery that a source's row came with. The codes are explained by the table of deliveries.
    """
    schemes = quote_values(scheme.scheme for scheme in plan.schemes)
    found = {
        "subject_id": ("subject_id", "VARCHAR"),
        "subject_scheme": (f"({schemes})[p + 1]", "VARCHAR"),
        "subject_number": ("number", "VARCHAR"),
        "_bucket": (bucket_sql("number"), "INTEGER"),
    }
    for column in columns:
        name = column.attribute.id
        found[name] = (column.chosen, column.type)
        found[f"{name}__source"] = (column.winner, "INTEGER")
        found[f"{name}__mask"] = (column.mask, mask_type(plan))
    for source in plan.sources:
        found[f"{source.resource_id}__delivery"] = (f"d{source.number}", "INTEGER")
    return found


def view_table_sql(plan: ViewPlan, columns: Sequence[Column]) -> str:
    """The view's rows as they are published."""
    selected = ", ".join(
        f"{expression} AS {quote_name(name)}"
        for name, (expression, _) in view_columns(plan, columns).items()
    )
    return f"SELECT {selected} FROM {ROWS}"


def view_schema(plan: ViewPlan, columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of the view's table."""
    return pa.schema(
        [(name, _arrow_type(kind)) for name, (_, kind) in view_columns(plan, columns).items()]
    )


def _arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("DECIMAL("):
        precision, scale = kind[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _ARROW[kind]


# In this order, as in lake.content_hash: backslashes that the other two bring in stay single.
_ESCAPES = (("'\\'", "'\\\\'"), ("chr(9)", "'\\t'"), ("chr(10)", "'\\n'"))

DIFFERENCE_SCHEMA = pa.schema(
    [
        ("subject_id", pa.string()),
        ("attribute", pa.string()),
        ("source", pa.string()),
        ("value", pa.string()),
    ]
)

DELIVERY_SCHEMA = pa.schema(
    [
        ("delivery", pa.int32()),
        ("source", pa.int32()),
        ("resource_id", pa.string()),
        ("delivery_id", pa.string()),
        ("mode", pa.string()),
        ("data_time", pa.string()),
    ]
)


def differences_table_sql(plan: ViewPlan, columns: Sequence[Column]) -> str:
    """The differences as they are published: subject_id, attribute, source, value as text."""
    attributes = quote_values(column.attribute.id for column in columns)
    sources = quote_values(source.resource_id for source in plan.sources)
    return (
        f"SELECT subject_id, ({attributes})[place + 1] AS attribute, "
        f"CAST({sources} AS VARCHAR[])[source + 1] AS source, value FROM {DIFFERENCES}"
    )


def payload_sql(plan: ViewPlan, columns: Sequence[Column]) -> str:
    """The serving rows: number, and JSON [own id, scheme place, values, winners, masks, deliveries,
    differences as [place, source, text] or null]."""
    values = ", ".join(text_sql(column.type, column.chosen) for column in columns)
    winners = ", ".join(column.winner for column in columns)
    masks = ", ".join(column.mask for column in columns)
    deliveries = ", ".join(f"d{source.number}" for source in plan.sources)
    return (
        "WITH said AS "
        "(SELECT number, json_group_array(json_array(place, source, value)) AS items\n"
        f"FROM {DIFFERENCES} GROUP BY number)\n"
        f"SELECT number, CAST(json_array(subject_id, p, [{values}], [{winners}], [{masks}], "
        f"[{deliveries}], items) AS VARCHAR) AS payload\n"
        # A tree is written three times as fast in the order of its keys.
        f"FROM {ROWS} LEFT JOIN said USING (number) ORDER BY number"
    )


def hashed_lines_sql(plan: ViewPlan, columns: Sequence[Column], relation: str) -> str:
    """The lines that are hashed (see lake.content_hash), over the published table, by number.

    Own id, then per attribute value, winning resource and its delivery: nothing of codes,
    numbering or load times, so that equal content has equal hashes.
    """
    fields = ["subject_id"]
    origins = _origins_sql(plan)
    for column in columns:
        fields += [_hashed_text_sql(column), f"({origins})[{_origin_place_sql(plan, column)}]"]
    # A chain of || copies the line once per field; concat_ws writes it once.
    return (
        "SELECT line FROM (SELECT subject_number, "
        f"concat(concat_ws(chr(9), {', '.join(fields)}), chr(10)) AS line\n"
        f"FROM {relation}) ORDER BY subject_number"
    )


def _hashed_text_sql(column: Column) -> str:
    text = text_sql(column.type, quote_name(column.attribute.id))
    if column.type == TEXT:
        special = " OR ".join(f"contains({text}, {mark})" for mark, _ in _ESCAPES)
        escaped = text
        for mark, replacement in _ESCAPES:
            escaped = f"replace({escaped}, {mark}, {replacement})"
        text = f"CASE WHEN {special} THEN {escaped} ELSE {text} END"
    return f"coalesce({text}, '\\N')"


def _origins_sql(plan: ViewPlan) -> str:
    """List of what stands for a value's origin: nothing, derived, then each delivery."""
    known = [f"{d.resource_id}\t{d.delivery_id}" for d in plan.deliveries]
    return quote_values(["\\N\t\\N", "derived\t\\N", *known])


def _origin_place_sql(plan: ViewPlan, column: Column) -> str:
    cases = " ".join(
        f"WHEN {k} THEN {quote_name(f'{plan.sources[k].resource_id}__delivery')} + 3"
        for k in column.holders
    )
    winner = quote_name(f"{column.attribute.id}__source")
    return f"CASE {winner} WHEN {DERIVED} THEN 2 {cases} ELSE 1 END"
