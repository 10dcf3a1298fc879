"""The type of an attribute, and how a source's item becomes a value of that type."""

from dataclasses import dataclass

from lake.content_hash import canonical_text_sql
from lake.curated import LARGEST_PRECISION
from lake.engine import quote_value
from standards.views import ViewAttribute

BLANKS = " \t\n\r\u3000\u00a0"  # what is trimmed from text before it is compared
TEXT = "VARCHAR"

_TYPES = {
    "C": TEXT,
    "M": TEXT,
    "Y": "DECIMAL(18,2)",
    "D": "DATE",
    "T": "TIMESTAMP",
    "L": "BOOLEAN",
    "I": "BIGINT",
    "B": "DOUBLE",
    "F": "DOUBLE",
    "G": "BLOB",
}
_DATE_SHAPE = r"\d{4}-\d{2}-\d{2}"
_TEXT_SHAPES = {
    "TIMESTAMP": _DATE_SHAPE + r"([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?",
    "BIGINT": r"[+-]?\d{1,18}",
    "BOOLEAN": r"true|false",
    "DOUBLE": r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?",
}


@dataclass(frozen=True, slots=True)
class ValueSql:
    """A source's value in the attribute's type and, where the types differ, the text of a value
    that has no such form: it never wins, but it is kept as a difference."""

    value: str
    foreign: str | None = None


def attribute_type(attribute: ViewAttribute) -> str:
    """The DuckDB type of an attribute: what its definition says, whatever the sources' items are,
    so that the view's table keeps its shape when sources come and go."""
    if attribute.data_type != "N":
        return _TYPES[attribute.data_type]
    precision = min(attribute.length or LARGEST_PRECISION, LARGEST_PRECISION)
    return f"DECIMAL({precision},{min(attribute.scale or 0, precision)})"


def value_sql(
    expression: str, source_type: str, target_type: str, *, coded: bool = False
) -> ValueSql:
    """Write a value of a source in the type of its attribute. Blank text is no value.

    `coded` says that a text is one of few: the engine trims each of them once, not in every row.
    """
    if source_type == TEXT:
        text = _trimmed_sql(expression)
        if target_type == TEXT:
            return ValueSql(text if coded else _rarely_trimmed_sql(expression))
        value = _from_text_sql(text, target_type)
        return ValueSql(value, f"CASE WHEN {value} IS NULL THEN {text} END")
    if source_type == target_type:
        return ValueSql(expression)
    canonical = canonical_text_sql(source_type, expression)
    if target_type == TEXT:
        return ValueSql(canonical)
    # Only a cast that can be undone says the same: 10:30 is not a date, 0.125 no two decimals.
    cast = f"try_cast({expression} AS {target_type})"
    value = f"CASE WHEN try_cast({cast} AS {source_type}) = {expression} THEN {cast} END"
    return ValueSql(value, f"CASE WHEN ({value}) IS NULL THEN {canonical} END")


def text_sql(duckdb_type_name: str, expression: str) -> str:
    """Write a value of an attribute as the canonical text that is served and compared."""
    return canonical_text_sql(duckdb_type_name, expression)


def _from_text_sql(text: str, target_type: str) -> str:
    if target_type == "DATE":
        compact = rf"CASE WHEN regexp_full_match({text}, '\d{{8}}') "
        compact += f"THEN CAST(try_strptime({text}, '%Y%m%d') AS DATE)"
        return (
            f"({compact} WHEN regexp_full_match({text}, {quote_value(_DATE_SHAPE)}) "
            f"THEN try_cast({text} AS DATE) END)"
        )
    shape = _TEXT_SHAPES.get(target_type)
    if shape is None and target_type.startswith("DECIMAL"):
        precision, scale = _digits(target_type)
        fraction = rf"(\.\d{{1,{scale}}})?" if scale else ""
        shape = rf"[+-]?\d{{1,{max(precision - scale, 1)}}}{fraction}"
    if shape is None:
        return f"try_cast({text} AS {target_type})"
    matches = f"regexp_full_match({text}, {quote_value(shape)})"
    return f"(CASE WHEN {matches} THEN try_cast({text} AS {target_type}) END)"


def _digits(decimal: str) -> tuple[int, int]:
    precision, scale = decimal.removeprefix("DECIMAL(").removesuffix(")").split(",")
    return int(precision), int(scale)


def _trimmed_sql(text: str) -> str:
    return f"nullif(trim({text}, {quote_value(BLANKS)}), '')"


def _rarely_trimmed_sql(text: str) -> str:
    """The same, where few texts have blanks around: to look at both ends costs a sixth of it.

    Texts are ordered by code point, so a range says what one begins with; that costs least.
    """
    wide = [
        f"({text} >= {quote_value(blank)} AND {text} < {quote_value(chr(ord(blank) + 1))})"
        for blank in BLANKS
        if blank > "!"
    ]
    ends = [f"ends_with({text}, {quote_value(blank)})" for blank in BLANKS]
    odd = " OR ".join([f"{text} < '!'", *wide, *ends])
    return f"CASE WHEN {odd} THEN {_trimmed_sql(text)} ELSE {text} END"
