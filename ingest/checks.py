"""Say for each item of a record what its cells must be: the one place where a check is added.

A check is a boolean SQL expression over three columns of its item: the text as delivered (`r_`),
the text to judge (`t_`: trimmed, with declared nulls as NULL) and the value to load (`v_`). It is
true where the cell is wrong. Sentences for the rule codes are in ingest/sentences.py; docs and
tests find both through RULES there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.source import TextSource
from lake.engine import quote_value, quote_values
from standards.code_lists import CodeLists
from standards.identifiers import IdentifierKind
from standards.identifiers.sql import failure_sql, normalised_any_sql, region_unknown_sql
from standards.records import Item
from standards.violations import Severity

_DOUBLE = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
# ISO 8601 with four digits: what every reader of the tables can hold, and no "infinity".
_DAYS = "BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
_MOMENTS = "BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
_TRUE = ("1", "true", "TRUE", "True", "是", "Y", "y", "T", "t")
_FALSE = ("0", "false", "FALSE", "False", "否", "N", "n", "F", "f")
# NUL, U+FFFD, private use and a byte order mark inside a cell: the traces of a wrong conversion.
_MOJIBAKE = "[\\x{0000}\\x{FFFD}\\x{E000}-\\x{F8FF}\\x{FEFF}]"
REGIONS = "region_code"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule on one item: `wrong` is true where a cell breaks it.

    `rule_sql`, where given, tells the finer rule code of a cell that is wrong. `suspect`, where
    given, is asked of every row instead of `wrong`: true wherever that is, and cheaper, or shared
    with another check of the item.
    """

    item: str
    rule: str
    severity: Severity
    wrong: str
    rule_sql: str | None = None
    suspect: str | None = None


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """How an item's text becomes its value, and what is checked on the way.

    `failures` are columns computed from the value before the checks ask for them: DuckDB shares
    equal terms between columns but not inside CASE, where a check digit would be computed anew.
    """

    item: Item
    text_sql: str
    value_sql: str
    failures: Mapping[str, str]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The columns that the expressions of one item speak of, quoted."""

    raw: str
    text: str
    value: str

    def failure(self, kind: IdentifierKind) -> str:
        """Name the column that says why the value is no number of this kind, NULL if it is."""
        return self.value.replace('"v_', f'"f_{kind}_', 1)


def enum_name(list_id: str) -> str:
    """Return the name of the DuckDB enumeration that holds the codes of a list."""
    return f"code_{list_id}"


def plan_item(
    item: Item,
    names: Names,
    *,
    code_lists: CodeLists,
    null_values: tuple[str, ...],
    source: TextSource,
) -> ItemPlan:
    """Compile one item of a record into the expressions that read and check its cells."""
    value = _value_sql(item, names, code_lists)
    checks = [*_presence(item, names), *_type_checks(item, names, value)]
    checks += [*_text_checks(item, names, source), *_code_checks(item, names, code_lists)]
    checks += [*_identifier_checks(item, names), *_range_checks(item, names)]
    if source.typed_cells:
        checks += _cell_checks(item)
    return ItemPlan(
        item=item,
        text_sql=_text_sql(item, names, null_values, source),
        value_sql=value,
        failures={names.failure(kind): failure_sql(kind, names.value) for kind in item.identifiers},
        checks=tuple(checks),
    )


def _text_sql(item: Item, names: Names, null_values: tuple[str, ...], source: TextSource) -> str:
    text = f"trim({names.raw}, ' \t\u3000\u00a0')" if source.blanks else names.raw
    nulls = (*null_values, *item.null_values)
    if source.blanks or source.empties:
        nulls = ("", *nulls)
    if not nulls:
        return text
    if len(nulls) == 1:
        return f"nullif({text}, {quote_value(nulls[0])})"
    return f"CASE WHEN {text} IN ({', '.join(map(quote_value, nulls))}) THEN NULL ELSE {text} END"


def _value_sql(item: Item, names: Names, code_lists: CodeLists) -> str:
    """Return the value of the text: NULL where it cannot be had."""
    text = names.text
    if item.identifiers:
        return normalised_any_sql(item.identifiers, text)
    if item.code_list is not None:
        return _code_sql(item.code_list, text, code_lists)
    match item.data_type:
        case "N" | "Y" | "I" | "B" | "F":
            return f"try_cast({text} AS {number_type(item)})"
        case "D":
            basic = f"CASE WHEN length({text}) = 8 THEN try_strptime({text}, '%Y%m%d') END"
            return f"coalesce(try_cast({text} AS DATE), CAST({basic} AS DATE))"
        case "T":
            return f"try_cast({text} AS TIMESTAMP)"
        case "L":
            return (
                f"CASE WHEN {text} IN ({', '.join(map(quote_value, _TRUE))}) THEN true "
                f"WHEN {text} IN ({', '.join(map(quote_value, _FALSE))}) THEN false END"
            )
        case "G":
            # Base64 in groups of four: a text that is none would stop the whole query.
            return f"CASE WHEN {_is_base64(text)} THEN from_base64({text}) END"
        case _:
            return text


def number_type(item: Item) -> str:
    """Return the DuckDB type of a numeric item (domain code N, Y, I, B, F)."""
    if item.data_type == "I":
        return "BIGINT"
    if item.data_type in {"B", "F"}:
        return "DOUBLE"
    if item.data_type == "Y":
        return "DECIMAL(18, 2)"
    return f"DECIMAL({item.length or 38}, {item.scale or 0})"


def _code_sql(list_id: str, text: str, code_lists: CodeLists) -> str:
    code = f"CAST(try_cast({text} AS {enum_name(list_id)}) AS VARCHAR)"
    aliases = code_lists.require(list_id).aliases
    if not aliases:
        return code
    keys, values = quote_values(aliases), quote_values(aliases.values())
    return f"coalesce({code}, map_extract_value(MAP({keys}, {values}), {text}))"


def _presence(item: Item, names: Names) -> Iterator[Check]:
    if item.key:
        yield Check(item.id, "key.missing", Severity.ERROR, f"{names.text} IS NULL")
    elif not item.nullable:
        yield Check(item.id, "null.required", Severity.ERROR, f"{names.text} IS NULL")


def _type_checks(item: Item, names: Names, value_sql: str) -> Iterator[Check]:
    if item.identifiers or item.code_list is not None:
        return
    text, value = names.text, names.value
    lost = f"{text} IS NOT NULL AND {value} IS NULL"
    match item.data_type:
        case "N" | "Y":
            scale = 2 if item.data_type == "Y" else item.scale or 0
            decimals = rf"(\.[0-9]{{1,{scale}}}0*)?" if scale else r"(\.0+)?"
            shape = _shape(text, rf"[+-]?[0-9]+{decimals}")
            yield Check(item.id, "type.number", Severity.ERROR, f"{lost} OR {shape}")
        case "I":
            shape = _shape(text, "[+-]?[0-9]+")
            yield Check(item.id, "type.integer", Severity.ERROR, f"{lost} OR {shape}")
        case "B" | "F":
            shape = _shape(text, _DOUBLE)
            wrong = f"{lost} OR {shape} OR isinf({value})"
            yield Check(item.id, "type.number", Severity.ERROR, wrong)
        case "D":
            # Casting back catches what the cast forgives: 2023/1/5, a time behind the date.
            back = f"CAST({value} AS VARCHAR)"
            other = f"({back} <> {text} AND replace({back}, '-', '') <> {text})"
            # Written plainly, the day that was read is the day that was meant.
            plain = f"regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
            odd = f"CASE WHEN {plain} THEN false ELSE {other} END"
            wrong = f"{lost} OR {odd} OR NOT ({value} {_DAYS})"
            yield Check(item.id, "type.date", Severity.ERROR, wrong)
        case "T":
            shape = _shape(text, _MOMENT)
            wrong = f"{lost} OR {shape} OR NOT ({value} {_MOMENTS})"
            yield Check(item.id, "type.datetime", Severity.ERROR, wrong)
        case "L":
            yield Check(item.id, "type.boolean", Severity.ERROR, lost)
        case "G":
            yield Check(item.id, "type.binary", Severity.ERROR, lost)


def _text_checks(item: Item, names: Names, source: TextSource) -> Iterator[Check]:
    text = names.text
    is_text = item.data_type in {"C", "M"}
    if is_text and item.length is not None and not item.identifiers and item.code_list is None:
        yield Check(item.id, "length.max", Severity.ERROR, f"length({text}) > {item.length}")
    if item.pattern is not None:
        wrong = f"NOT regexp_full_match({text}, {quote_value(item.pattern)})"
        yield Check(item.id, "pattern", Severity.ERROR, wrong)
    if source.spoiled and is_text:
        wrong = f"regexp_matches({text}, {quote_value(_MOJIBAKE)})"
        yield Check(item.id, "text.mojibake", Severity.ERROR, wrong)
    if is_text and source.blanks and not item.identifiers:
        # A clerk's stray spaces are taken off, and said.
        wrong = f"{text} <> {names.raw}"
        yield Check(item.id, "text.trimmed", Severity.WARNING, wrong)


def _code_checks(item: Item, names: Names, code_lists: CodeLists) -> Iterator[Check]:
    if item.code_list is None:
        return
    # A text that is no code is an alias or unknown: one look tells that it is either.
    cast = f"try_cast({names.text} AS {enum_name(item.code_list)})"
    no_code = f"{names.text} IS NOT NULL AND {cast} IS NULL"
    wrong = f"{names.text} IS NOT NULL AND {names.value} IS NULL"
    yield Check(item.id, "code.unknown", Severity.ERROR, wrong, suspect=no_code)
    if code_lists.require(item.code_list).aliases:
        alias = f"{names.value} <> {names.text}"
        yield Check(item.id, "code.alias", Severity.WARNING, alias, suspect=no_code)


def _identifier_checks(item: Item, names: Names) -> Iterator[Check]:
    if not item.identifiers:
        return
    failures = {kind: names.failure(kind) for kind in item.identifiers}
    failed = " AND ".join(f"{failure} IS NOT NULL" for failure in failures.values())
    wrong = f"{names.text} IS NOT NULL AND {failed}"
    first = item.identifiers[0]
    yield Check(item.id, f"identifier.{first}", Severity.ERROR, wrong, failures[first])
    as_delivered = f"{names.value} <> {names.raw}"
    yield Check(item.id, "identifier.normalised", Severity.WARNING, as_delivered)
    placed = " ".join(
        f"WHEN {failure} IS NULL THEN {region_unknown_sql(kind, names.value, REGIONS)}"
        for kind, failure in failures.items()
        if kind is not IdentifierKind.ORG_CODE
    )
    if placed:
        unknown = f"CASE {placed} ELSE false END"
        yield Check(item.id, "identifier.region_unknown", Severity.WARNING, unknown)


def _range_checks(item: Item, names: Names) -> Iterator[Check]:
    for bound, sign, rule in ((item.minimum, "<", "minimum"), (item.maximum, ">", "maximum")):
        if bound is None:
            continue
        limit = f"DATE {quote_value(str(bound))}" if item.data_type == "D" else str(bound)
        if item.data_type == "T":
            limit = f"TIMESTAMP {quote_value(str(bound))}"
        yield Check(item.id, f"range.{rule}", Severity.ERROR, f"{names.value} {sign} {limit}")


def _cell_checks(item: Item) -> list[Check]:
    marks = {"cell.not_text": f"|{item.id}|", "cell.error": f"|!{item.id}|"}
    return [
        Check(item.id, rule, Severity.ERROR, f"contains(_cells, {quote_value(mark)})")
        for rule, mark in marks.items()
    ]


def _shape(text: str, pattern: str) -> str:
    return f"NOT regexp_full_match({text}, {quote_value(pattern)})"


def _is_base64(text: str) -> str:
    return (
        f"length({text}) % 4 = 0 AND "
        f"regexp_full_match({text}, {quote_value('[A-Za-z0-9+/]*={0,2}')})"
    )
