"""How the columns of an Iceberg table may change without a new generation of its resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import types
from pyiceberg.exceptions import ResolveError, ValidationError
from pyiceberg.io.pyarrow import schema_to_pyarrow

from lake.errors import IncompatibleSchema

if TYPE_CHECKING:
    from pyiceberg.table import Table


def evolve(table: Table, schema: pa.Schema) -> None:
    """Let a table take on new columns and wider types; nothing is committed if there are none.

    Columns that the schema lacks stay, and narrower ones are held by what is there.
    IncompatibleSchema for any other change.
    """
    name = ".".join(table.name())
    # PyIceberg lets a new scale of a decimal and bytes for text pass: judge before it acts.
    held = schema_to_pyarrow(table.schema(), include_field_ids=False)
    for field in schema:
        if field.name not in held.names:
            continue
        kept = held.field(field.name).type
        if not (_holds(kept, field.type) or _holds(field.type, kept)):
            raise IncompatibleSchema(name, f"{field.name}: {kept} ≠ {field.type}")
    try:
        with table.update_schema() as update:
            update.union_by_name(schema)
    except (ResolveError, ValidationError) as error:
        raise IncompatibleSchema(name, str(error)) from error


def _holds(kept: pa.DataType, wanted: pa.DataType) -> bool:
    """Tell whether a column of type `kept` holds every value of type `wanted` as it is."""
    if types.is_decimal(kept) and types.is_decimal(wanted):
        return bool(kept.scale == wanted.scale and kept.precision >= wanted.precision)
    families = (
        {pa.string(), pa.large_string()},
        {pa.binary(), pa.large_binary()},
        {pa.int32(), pa.int64()},
        {pa.float32(), pa.float64()},
    )
    return kept == wanted or any(kept in family and wanted in family for family in families)
