"""The SQL of a view: one row per subject from one row per subject and source.

The rows of all sources, one per subject each, are joined as they are read. Nested levels each add
what the next one needs, so that no expression is repeated: values side by side → winner code and
mask → chosen value → derived value and differences.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lake.curated import duckdb_type
from lake.engine import quote_value, quote_values
from lake.views.derived import derived_sql
from lake.views.identity import valid_subject_sql
from lake.views.serving_header import DERIVED
from lake.views.sources import Ranking, ViewPlan
from lake.views.values import TEXT, attribute_type, text_sql, value_sql
from standards.identifiers import IdentifierKind
from standards.views import ViewAttribute

DIFFERING = "differing"
SALT_VARIABLE = "datong_view_salt"
SUBJECT_ID_DIGITS = 24


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


def view_rows_sql(plan: ViewPlan, columns: Sequence[Column], inputs: Mapping[int, str]) -> str:
    """One row per subject: `number`, `p`, `subject_id`, delivery numbers `d0`…

    and per attribute chosen value `c0`…, winner code `w0`…, mask `m0`…. DIFFERING is what sources
    say that is not chosen, in JSON: `[[attribute, resource, text], …]`, or NULL.
    `inputs` has the query of each source's rows, one a subject, in the order in which to join them.
    """
    joined = _joined_sql(plan, columns, inputs)
    judged = ", ".join(
        f"{_winner_sql(plan, column)} AS {column.winner}, "
        f"{_mask_sql(plan, column)} AS {column.mask}"
        for column in columns
    )
    chosen = ", ".join(f"{_chosen_sql(column)} AS {column.chosen}" for column in columns)
    return (
        f"SELECT number, p, {_subject_id_sql(plan)} AS subject_id{_deliveries_sql(plan)}"
        f"{''.join(f', {part}' for part in _final_columns(plan, columns))}, "
        f"{_differing_sql(plan, columns)} AS {DIFFERING}\n"
        f"FROM (SELECT *, {chosen}\nFROM (SELECT *, {judged}\nFROM ({joined})))"
    )


def _joined_sql(plan: ViewPlan, columns: Sequence[Column], inputs: Mapping[int, str]) -> str:
    """All sources' values side by side: `d<source>`, `v<source>_<place>`, `x<source>_<place>`."""
    tables = [_named_sql(columns, source, rows) for source, rows in inputs.items()]
    p = "CAST(0 AS TINYINT)"
    if len(plan.schemes) > 1 and tables:
        p = f"coalesce({', '.join(f'p{source}' for source in inputs)})"
    joined = _paired(tables or ["SELECT '' AS number WHERE false"])
    return (
        f"SELECT *, {_registrar_sql(plan)} AS registrar\n"
        f"FROM (SELECT *, {p} AS p, {valid_subject_sql(plan)} AS is_valid\nFROM ({joined}))\n"
        "WHERE is_valid"
    )


def _named_sql(columns: Sequence[Column], source: int, rows: str) -> str:
    names = [f"d AS d{source}", f"p AS p{source}"]
    for column in columns:
        if source in column.holders:
            names.append(f"v{column.place} AS v{source}_{column.place}")
        if source in column.foreign:
            names.append(f"x{column.place} AS x{source}_{column.place}")
    return f"SELECT number, {', '.join(names)} FROM ({rows})"


def _paired(tables: Sequence[str]) -> str:
    """Join all tables by number, neighbours first, then the pairs.

    An outer join cuts a batch of rows in two, those that match and the rest. One after another they
    leave small batches, which cost more than the pairs that are kept in between.
    """
    while len(tables) > 1:
        pairs = [tables[place : place + 2] for place in range(0, len(tables), 2)]
        tables = [pair[0] if len(pair) == 1 else _both(pair[0], pair[1]) for pair in pairs]
    return tables[0]


def _both(left: str, right: str) -> str:
    return f"SELECT * FROM ({left}) FULL JOIN ({right}) USING (number)"


def _registrar_sql(plan: ViewPlan) -> str:
    """The duty that registers a subject (see serving_header.registering_character), or NULL."""
    cases = []
    for place, scheme in enumerate(plan.schemes):
        if scheme.identifier == IdentifierKind.REG_NO:
            cases.append(f"WHEN p = {place} THEN '9'")
        elif scheme.identifier == IdentifierKind.USCC:
            cases.append(f"WHEN p = {place} THEN substr(number, 1, 1)")
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


def _differing_sql(plan: ViewPlan, columns: Sequence[Column]) -> str:
    cells = [_difference_sql(plan, column, k) for column in columns for k in column.differing]
    if not cells:
        return "CAST(NULL AS VARCHAR)"
    return f"nullif('[' || concat_ws(',', {', '.join(cells)}) || ']', '[]')"


def _difference_sql(plan: ViewPlan, column: Column, source: int) -> str:
    """What a source says where it is not the chosen value, as one cell of DIFFERING, else NULL."""
    value = f"v{source}_{column.place}"
    names = [column.attribute.id, plan.sources[source].resource_id]

    def cell(text: str) -> str:
        said = ", ".join([*map(quote_value, names), text])
        return f"CAST(json_array({said}) AS VARCHAR)"

    differs = f"CASE WHEN {value} <> {column.chosen} THEN {cell(text_sql(column.type, value))}"
    if source not in column.foreign:
        return f"{differs} END"
    foreign = f"x{source}_{column.place}"
    return f"{differs} WHEN {foreign} IS NOT NULL THEN {cell(foreign)} END"


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
