"""One hash of what rows say, the same in every engine and file layout.

SHA-256 over the UTF-8 text of the rows in order. A row is its values joined by TAB and ended by
LF. NULL is `\\N`; in a text, backslash, TAB and LF are written `\\\\`, `\\t` and `\\n`, so no
text looks like NULL or like two values. Other values, by type:

- DECIMAL: all digits of its scale, no exponent (`1.50`); integers likewise (`-7`)
- DATE `2026-01-31`, TIMESTAMP `2026-01-31T08:00:00.000000` (always six digits)
- BOOLEAN `true`, `false`; BLOB lower-case hexadecimal
- DOUBLE: the fewest digits that read back the same (`0.1`, `1e+16`), `nan`, `inf`, `-inf`;
  zero has no sign

Rows are ordered by the given columns, NULL first, text by code point, ties by their own text.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from lake.engine import quote_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb
    import pyarrow as pa

_BATCH_ROWS = 20_000
_PLAIN_CAST = re.compile(
    r"BOOLEAN|DATE|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\([0-9]+, ?[0-9]+\)"
)


def canonical_text_sql(duckdb_type: str, expression: str) -> str:
    """Write a value as its canonical text, not yet escaped; NULL stays NULL."""
    kind = duckdb_type.upper()
    if kind == "VARCHAR":
        return expression
    if kind == "TIMESTAMP":
        return f"strftime({expression}, '%Y-%m-%dT%H:%M:%S.%f')"
    if kind == "BLOB":
        return f"lower(hex({expression}))"
    if kind in {"DOUBLE", "FLOAT"}:
        # Neither zero nor NaN shows a sign; adding zero turns the negative zero into the other.
        number = f"CAST({expression} + 0 AS VARCHAR)"
        return f"CASE WHEN isnan({expression}) THEN 'nan' ELSE {number} END"
    if _PLAIN_CAST.fullmatch(kind):
        return f"CAST({expression} AS VARCHAR)"
    raise ValueError(f"no canonical text is defined for type {duckdb_type}")


def row_text_sql(columns: Mapping[str, str]) -> str:
    """Write the columns (name to DuckDB type) of a row as its line of the hashed text."""
    fields = [_field_sql(kind, quote_name(name)) for name, kind in columns.items()]
    return " || chr(9) || ".join(fields) + " || chr(10)"


def content_hash(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    columns: Mapping[str, str],
    order_by: Sequence[str],
) -> str:
    """Hash the rows of a query: hexadecimal SHA-256 over `columns`, ordered by `order_by`.

    `columns` maps names to DuckDB types in the order that counts. Batches are hashed as they
    come, so memory does not grow with the rows beyond what the engine needs to sort.
    """
    order = ", ".join(f"{quote_name(name)} NULLS FIRST" for name in order_by)
    query = (
        f"SELECT {row_text_sql(columns)} AS _line FROM ({sql}) "
        f"ORDER BY {order}{', ' if order else ''}_line"
    )
    digest = hashlib.sha256()
    for batch in connection.execute(query).to_arrow_reader(_BATCH_ROWS):
        digest.update(joined_text(batch.column(0)))
    return digest.hexdigest()


def plain_content_hash(
    rows: Iterable[Mapping[str, object]], columns: Sequence[str], order_by: Sequence[str]
) -> str:
    """Hash rows in plain Python: slow, and the definition the other is tested against."""
    digest = hashlib.sha256()
    lines = [(_order_of(row, order_by), _plain_line(row, columns)) for row in rows]
    for _, line in sorted(lines):
        digest.update(line.encode())
    return digest.hexdigest()


def plain_canonical_text(value: object) -> str | None:
    """Write a value as its canonical text in plain Python."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value + 0.0)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int):
        return str(value)
    raise ValueError(f"no canonical text is defined for a value of {type(value).__name__}")


def _field_sql(kind: str, expression: str) -> str:
    text = canonical_text_sql(kind, expression)
    if kind.upper() == "VARCHAR":
        # The order matters: backslashes that the other two bring in stay single.
        for written, escaped in (("'\\'", "'\\\\'"), ("chr(9)", "'\\t'"), ("chr(10)", "'\\n'")):
            text = f"replace({text}, {written}, {escaped})"
    return f"coalesce({text}, '\\N')"


def joined_text(lines: pa.Array) -> memoryview:
    """Give the bytes of all lines of a batch as they lie in memory, one after the other."""
    if lines.null_count:
        raise ValueError("a line of the hashed text is NULL")
    width = 8 if str(lines.type) == "large_string" else 4
    offsets = memoryview(lines.buffers()[1]).cast("q" if width == 8 else "i")
    start, end = offsets[lines.offset], offsets[lines.offset + len(lines)]
    data = lines.buffers()[2]
    return memoryview(b"" if data is None else data)[start:end]


def _order_of(row: Mapping[str, object], order_by: Sequence[str]) -> tuple[object, ...]:
    return tuple((row[name] is not None, row[name]) for name in order_by)


def _plain_line(row: Mapping[str, object], columns: Sequence[str]) -> str:
    return "\t".join(_plain_field(row[name]) for name in columns) + "\n"


def _plain_field(value: object) -> str:
    text = plain_canonical_text(value)
    if text is None:
        return "\\N"
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
