"""The SQL of a view: one row per subject from one row per subject and source.

Every source becomes a table of one row per subject. These are joined to the spine of all
subjects, and nested levels each add what the next one needs, so that no expression is repeated:
values side by side → winner code and mask → chosen value → derived value and differences.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lake.curated import DELIVERY, ROW, duckdb_type
from lake.engine import quote_value, quote_values
from lake.views.derived import derived_sql
from lake.views.identity import item_column, subject_sql
from lake.views.serving_header import DERIVED
from lake.views.sources import Ranking, ViewPlan, ViewSource
from lake.views.values import TEXT, attribute_type, text_sql, value_sql
from standards.identifiers import IdentifierKind
from standards.views import ViewAttribute

ROWS = "view_rows"
DIFFERENCES = "view_differences"
SALT_VARIABLE = "datong_view_salt"
SUBJECT_ID_DIGITS = 24
_ROWS_OF_A_DELIVERY = 1 << 40  # above any row number: delivery and row make one number


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute as the SQL sees it: place in all names, type, and who holds it."""

    place: int
    attribute: ViewAttribute
    type: str
    holders: tuple[int, ...]
    foreign: tuple[int, ...]  # holders whose item has another type: some values may not convert

    @property
    def chosen(self) -> str:
        return f"c{self.place}"

    @property
    def winner(self) -> str:
        return f"w{self.place}"

    @property
    def mask(self) -> str:
        return f"m{self.place}"

    @property
    def differing(self) -> tuple[int, ...]:
        """The holders that can differ from the chosen value: all where there are several."""
        return self.holders if len(self.holders) > 1 else self.foreign


def columns_of(plan: ViewPlan) -> tuple[Column, ...]:
    """The attributes of a plan with their types and holders, in the order of the definition."""
    found = []
    for place, attribute in enumerate(plan.definition.attributes):
        holders = plan.holders(attribute.id)
        is_number = plan.scheme_of(attribute) is not None
        kind = TEXT if is_number else attribute_type(attribute)
        foreign = tuple(
            source.number
            for source in holders
            if not is_number
            and value_sql("x", duckdb_type(source.items[attribute.id]), kind).foreign
        )
        numbers = tuple(source.number for source in holders)
        found.append(Column(place, attribute, kind, numbers, foreign))
    return tuple(found)


def source_table(source: ViewSource) -> str:
    """Name the table of one row per subject of a source, within one group of buckets."""
    return f"view_source_{source.number}"


def source_rows_sql(
    plan: ViewPlan, columns: Sequence[Column], source: ViewSource, where: str | None = None
) -> str:
    """A source's current rows: `number`, `p`, delivery number `d`, `position`, `raw` and values."""
    values = []
    for column in columns:
        if source.number not in column.holders:
            continue
        scheme = plan.scheme_of(column.attribute)
        if scheme is not None:
            values.append(f"n{plan.schemes.index(scheme)} AS v{column.place}")
            continue
        item = source.items[column.attribute.id]
        value = value_sql(item_column(item.id), duckdb_type(item), column.type)
        values.append(f"{value.value} AS v{column.place}")
        if value.foreign is not None:
            values.append(f"{value.foreign} AS x{column.place}")
    ids = [d for d in plan.deliveries if d.resource_id == source.resource_id]
    numbered = (
        f"(SELECT unnest({quote_values(d.delivery_id for d in ids)}) AS delivery_id, "
        f"unnest({[d.number for d in ids]}) AS d)"
        if ids
        else "(SELECT '' AS delivery_id, 0 AS d WHERE false)"
    )
    return (
        f"SELECT number, p, raw, CAST(d AS INTEGER) AS d, "
        f"d * {_ROWS_OF_A_DELIVERY} + {ROW} AS position"
        f"{''.join(f', {value}' for value in values)}\n"
        f"FROM ({subject_sql(plan, source, where)})\n"
        f"JOIN {numbered} ON delivery_id = {DELIVERY}\nWHERE number IS NOT NULL"
    )


def newest_only_sql(source: ViewSource) -> str:
    """Delete from a source's table what a newer row of the same subject replaces."""
    table = source_table(source)
    return (
        f"DELETE FROM {table} USING (SELECT number, max(position) AS newest FROM {table} "
        f"GROUP BY number HAVING count(*) > 1) AS several\n"
        f"WHERE several.number = {table}.number AND {table}.position < several.newest"
    )


def view_rows_sql(plan: ViewPlan, columns: Sequence[Column]) -> str:
    """One row per subject: `number`, `p`, `subject_id`, delivery numbers `d0`…

    and per attribute chosen value `c0`…, winner code `w0`…, mask `m0`…, differing texts `e<k>_0`….
    """
    joined = _joined_sql(plan, columns)
    judged = ", ".join(
        f"{_winner_sql(plan, column)} AS {column.winner}, "
        f"{_mask_sql(plan, column)} AS {column.mask}"
        for column in columns
    )
    chosen = ", ".join(f"{_chosen_sql(column)} AS {column.chosen}" for column in columns)
    return (
        f"SELECT number, p, {_subject_id_sql(plan)} AS subject_id{_deliveries_sql(plan)}"
        f"{''.join(f', {part}' for part in _final_columns(plan, columns))}\n"
        f"FROM (SELECT *, {chosen}\nFROM (SELECT *, {judged}\nFROM ({joined})))"
    )


def _joined_sql(plan: ViewPlan, columns: Sequence[Column]) -> str:
    """All sources' values side by side: `d<source>`, `v<source>_<place>`, `x<source>_<place>`."""
    nobody = "SELECT '' AS number, CAST(0 AS TINYINT) AS p WHERE false"
    subjects = [f"SELECT number, p FROM {source_table(source)}" for source in plan.sources]
    spine = "\nUNION ".join([nobody, *subjects])
    selected = [f"s{s.number}.d AS d{s.number}" for s in plan.sources]
    for column in columns:
        selected += [f"s{k}.v{column.place} AS v{k}_{column.place}" for k in column.holders]
        selected += [f"s{k}.x{column.place} AS x{k}_{column.place}" for k in column.foreign]
    joins = "\n".join(
        f"LEFT JOIN {source_table(s)} AS s{s.number} ON s{s.number}.number = spine.number"
        for s in plan.sources
    )
    return (
        f"SELECT spine.number, spine.p, {_registrar_sql(plan)} AS registrar"
        f"{''.join(f', {each}' for each in selected)}\n"
        f"FROM ({spine}) AS spine\n{joins}"
    )


def _registrar_sql(plan: ViewPlan) -> str:
    """The duty that registers a subject (see serving_header.registering_character), or NULL."""
    cases = []
    for place, scheme in enumerate(plan.schemes):
        if scheme.identifier == IdentifierKind.REG_NO:
            cases.append(f"WHEN spine.p = {place} THEN '9'")
        elif scheme.identifier == IdentifierKind.USCC:
            cases.append(f"WHEN spine.p = {place} THEN substr(spine.number, 1, 1)")
    duties = " ".join(
        f"WHEN {quote_value(character)} THEN {quote_value(duty)}"
        for character, duty in plan.definition.registrars.items()
    )
    if not cases or not duties:
        return "CAST(NULL AS VARCHAR)"
    return f"CASE (CASE {' '.join(cases)} END) {duties} END"


def _winner_sql(plan: ViewPlan, column: Column) -> str:
    if not column.holders:
        return "CAST(NULL AS INTEGER)"
    rankings = plan.rankings[column.attribute.id]
    plain = _first_holder_sql(rankings[""], column.place)
    variants = "".join(
        f" WHEN {quote_value(duty)} THEN {_first_holder_sql(ranking, column.place)}"
        for duty, ranking in rankings.items()
        if duty and ranking.tiers != rankings[""].tiers
    )
    return f"CASE registrar{variants} ELSE {plain} END" if variants else plain


def _first_holder_sql(ranking: Ranking, place: int) -> str:
    """The first source of the ranking that holds a value; within a tier that of the newest data."""
    cases = []
    for tier in ranking.tiers:
        for k in tier:
            rivals = "".join(f" AND (v{j}_{place} IS NULL OR d{j} < d{k})" for j in tier if j != k)
            cases.append(f"WHEN v{k}_{place} IS NOT NULL{rivals} THEN {k}")
    return f"CAST(CASE {' '.join(cases)} END AS INTEGER)"


def _mask_sql(plan: ViewPlan, column: Column) -> str:
    kind = mask_type(plan)
    bits = [
        f"CASE WHEN {_says_sql(column, k)} THEN CAST({1 << k} AS {kind}) ELSE 0 END"
        for k in column.holders
    ]
    return f"CAST({' + '.join(bits) or '0'} AS {kind})"


def mask_type(plan: ViewPlan) -> str:
    """The smallest signed integer type of Iceberg in which every source has a bit."""
    return "INTEGER" if len(plan.sources) <= 31 else "BIGINT"


def _says_sql(column: Column, source: int) -> str:
    says = f"v{source}_{column.place} IS NOT NULL"
    foreign = f" OR x{source}_{column.place} IS NOT NULL" if source in column.foreign else ""
    return f"{says}{foreign}"


def _chosen_sql(column: Column) -> str:
    if not column.holders:
        return f"CAST(NULL AS {column.type})"
    if len(column.holders) == 1:
        return f"v{column.holders[0]}_{column.place}"
    cases = " ".join(f"WHEN {k} THEN v{k}_{column.place}" for k in column.holders)
    return f"CASE {column.winner} {cases} END"


def _final_columns(plan: ViewPlan, columns: Sequence[Column]) -> Iterator[str]:
    chosen = {column.attribute.element: column.chosen for column in columns if column.holders}
    for column in columns:
        name, winner = column.chosen, column.winner
        derived = derived_sql(plan, column.attribute.element, chosen)
        if derived is None:
            yield from (name, winner)
        else:
            value = f"CAST({derived} AS {column.type})"
            yield f"coalesce({name}, {value}) AS {name}"
            is_derived = f"{name} IS NULL AND {value} IS NOT NULL"
            yield f"CASE WHEN {is_derived} THEN {DERIVED} ELSE {winner} END AS {winner}"
        yield column.mask
        yield from (_difference_sql(column, k) for k in column.differing)


def _difference_sql(column: Column, source: int) -> str:
    """What another source says where it is not the chosen value, as canonical text, else NULL."""
    value = f"v{source}_{column.place}"
    differs = f"{column.winner} <> {source} AND {value} <> {column.chosen}"
    foreign = f" ELSE x{source}_{column.place}" if source in column.foreign else ""
    text = text_sql(column.type, value)
    return f"CASE WHEN {differs} THEN {text}{foreign} END AS e{source}_{column.place}"


def _deliveries_sql(plan: ViewPlan) -> str:
    return "".join(f", d{source.number}" for source in plan.sources)


def _subject_id_sql(plan: ViewPlan) -> str:
    """The own id: stable, and without the secret salt it leads back to no number."""
    schemes = quote_values(scheme.scheme for scheme in plan.schemes)
    salted = f"getvariable('{SALT_VARIABLE}') || '|' || ({schemes})[p + 1] || '|' || number"
    prefix = quote_value(subject_prefix(plan.definition.view_id))
    return f"{prefix} || substr(sha256({salted}), 1, {SUBJECT_ID_DIGITS})"


def subject_prefix(view_id: str) -> str:
    """What own ids of a view begin with: `p_` of person, `e_` of legal_entity, else its name."""
    return {"person": "p_", "legal_entity": "e_"}.get(view_id, f"{view_id}_")


def differences_sql(columns: Sequence[Column]) -> str:
    """The differences of the rows in ROWS, long: number, subject_id, place, source, value."""
    parts = [
        f"SELECT number, subject_id, {column.place} AS place, {k} AS source, "
        f"e{k}_{column.place} AS value FROM {ROWS} WHERE e{k}_{column.place} IS NOT NULL"
        for column in columns
        for k in column.differing
    ]
    empty = (
        "SELECT '' AS number, '' AS subject_id, 0 AS place, 0 AS source, '' AS value WHERE false"
    )
    return "\nUNION ALL ".join([empty, *parts])
