"""What leaves the engine: the view's Parquet, its differences, serving rows, hashed rows."""

from collections.abc import Sequence

import pyarrow as pa

from lake.curated import bucket_sql
from lake.engine import quote_name, quote_values
from lake.views.compile import DIFFERING, Column, mask_type
from lake.views.serving_header import DERIVED
from lake.views.sources import ViewPlan
from lake.views.values import TEXT, text_sql

_DIFFERING = "_differing"
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
    """Columns of the view's table: name → (expression over compile.view_rows_sql, DuckDB type).

    Beside an attribute stand `<id>__source` (winner code: index of the source, -1 derived) and
    `<id>__mask` (bit per source that says something); `<resource>__delivery` is the number of the
    delivery that a source's row came with. The codes are explained by the table of deliveries.
    `_differing` is what the table of differences says of the subject (compile.view_rows_sql).
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
    found[_DIFFERING] = (DIFFERING, "VARCHAR")
    return found


def view_table_sql(plan: ViewPlan, columns: Sequence[Column], rows: str) -> str:
    """The view's rows as they are published, from a query of `compile.view_rows_sql`."""
    selected = ", ".join(
        f"{expression} AS {quote_name(name)}"
        for name, (expression, _) in view_columns(plan, columns).items()
    )
    return f"SELECT {selected}\nFROM ({rows})"


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


def differences_table_sql(rows: str) -> str:
    """The differences of published rows, long: subject_id, attribute, source, value as text.

    DuckDB has one output for a COPY. That each row says its own differences lets it go straight
    from the join into Parquet; to keep all rows in a table first took twice the memory.
    """
    cells = f"unnest(json_extract({_DIFFERING}, '$[*]')) AS cell"
    return (
        "SELECT subject_id, cell->>0 AS attribute, cell->>1 AS source, cell->>2 AS value\n"
        f"FROM (SELECT subject_id, {cells} FROM {rows} WHERE {_DIFFERING} IS NOT NULL)"
    )


def payload_sql(plan: ViewPlan, columns: Sequence[Column], rows: str, differences: str) -> str:
    """The serving rows of published rows and differences: number, and JSON [own id, scheme place,
    values, winners, masks, deliveries, differences as [place, source, text] or null]."""
    schemes = quote_values(scheme.scheme for scheme in plan.schemes)
    names = [column.attribute.id for column in columns]
    values = ", ".join(text_sql(column.type, quote_name(column.attribute.id)) for column in columns)
    winners = ", ".join(quote_name(f"{name}__source") for name in names)
    masks = ", ".join(quote_name(f"{name}__mask") for name in names)
    deliveries = ", ".join(quote_name(f"{s.resource_id}__delivery") for s in plan.sources)
    place = f"list_position({_attribute_names(columns)}, attribute) - 1"
    source = f"list_position({_source_names(plan)}, source) - 1"
    return (
        "WITH said AS (SELECT subject_id, "
        f"json_group_array(json_array({place}, {source}, value)) AS items\n"
        f"FROM {differences} GROUP BY subject_id)\n"
        "SELECT subject_number AS number, CAST(json_array(subject_id, "
        f"list_position({schemes}, subject_scheme) - 1, [{values}], [{winners}], [{masks}], "
        f"[{deliveries}], items) AS VARCHAR) AS payload\n"
        # A tree is written three times as fast in the order of its keys.
        f"FROM {rows} LEFT JOIN said USING (subject_id) ORDER BY number"
    )


def _attribute_names(columns: Sequence[Column]) -> str:
    return quote_values(column.attribute.id for column in columns)


def _source_names(plan: ViewPlan) -> str:
    return f"CAST({quote_values(source.resource_id for source in plan.sources)} AS VARCHAR[])"


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
