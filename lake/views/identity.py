"""SQL that says whom each row of a source is about, and links the numbers of one subject.

A view with one scheme needs no links: the number is the subject. With several (legal entities)
the first scheme leads, and a row without a leading number is joined to one by these rules:

1. A number is linked to a leading number directly where one row carries both, and an organisation
   code to every credit code that holds it in positions 9 to 17 (GB 32100-2015).
2. A row belongs to the leading number when its numbers, those linked to exactly one, name
   together exactly one.
3. A number without any direct link is linked by the rows that rule 2 placed and that carry it;
   rows left over are tried once more with these links, in the same way.
4. A row still left stands under its own number of the best scheme it has. But where no rule so far
   links that number, and the rows of exactly one subject of a better scheme that stands by this
   rule carry it, the row joins that subject.
"""

from collections.abc import Sequence

from lake.curated import POSITION, current_sql, relation_sql, superseded_sql
from lake.engine import quote_name, quote_values
from lake.views.sources import SubjectItem, ViewPlan, ViewSource
from standards.identifiers import IdentifierKind
from standards.identifiers.sql import normalised_sql, valid_sql
from standards.views import Scheme

# Tables of a build, in the memory of its connection.
CARRIED, ASSIGNED, ALIASES = "view_carried", "view_assigned", "view_aliases"
LINK_TABLES = ("view_headless", "view_direct", "view_placed", "view_indirect", "view_rest")


def superseded_table(source: ViewSource) -> str:
    """Name the table of a source's rows that newer ones replace."""
    return f"view_superseded_{source.number}"


def superseded_rows_sql(source: ViewSource) -> str:
    """Fill that table with the rows that newer ones of their key replace."""
    table = source.table
    query = f"SELECT CAST(0 AS BIGINT) AS {POSITION} WHERE false"
    if table.record.key_items:
        relation = relation_sql(table.files, table.record)
        query = superseded_sql(table.record, table.deliveries, relation)
    return f"CREATE OR REPLACE TABLE {superseded_table(source)} AS {query}"


def outdated_rows_sql(plan: ViewPlan, source: ViewSource) -> str:
    """Add to that table the current rows that newer ones of their subject replace."""
    rows = f"SELECT number, {POSITION} FROM ({subject_sql(plan, source)}) WHERE number IS NOT NULL"
    return (
        f"INSERT INTO {superseded_table(source)}\nWITH narrow AS ({rows})\n"
        f"SELECT o.{POSITION} FROM narrow AS o\n"
        f"JOIN (SELECT number, max({POSITION}) AS newest FROM narrow\n"
        f"GROUP BY number HAVING count(*) > 1) AS n\n"
        f"ON n.number = o.number AND o.{POSITION} < n.newest"
    )


def altered_sql(plan: ViewPlan, source: ViewSource) -> str:
    """Count the current rows whose subject is not the number as it was delivered."""
    rows = subject_sql(plan, source)
    return f"SELECT count(*) FROM ({rows}) WHERE number IS DISTINCT FROM raw"


def item_column(item_id: str) -> str:
    """The name of an item's column in what this module selects; no item is called so itself."""
    return quote_name(f"item:{item_id}")


def identified_sql(
    plan: ViewPlan, source: ViewSource, where: str | None = None, *, plain: bool = False
) -> str:
    """Select a source's current rows with the numbers `n0`, `n1`, … they carry per scheme.

    Beside them: the first subject item as delivered (`raw`), `_position`, and the items under
    `item_column`. `where` filters rows by the columns of the curated table (alias `r`).
    In a view of one scheme the numbers of a table with one subject item are in normal form, but not
    yet known to be valid: the view asks that once per subject (`valid_subject_sql`). `plain` says
    that all of them were delivered in normal form (`altered_sql`), so nothing is to be done.
    """
    items = sorted(
        {subject.item.id for subject in source.subjects}
        | {item.id for item in source.items.values()}
    )
    record = source.table.record
    rows = current_sql(
        record,
        source.table.deliveries,
        relation_sql(source.table.files, record),
        columns=items,
        superseded=superseded_table(source),
        where=where,
        positions=True,
    )
    named = ", ".join(f"{quote_name(item)} AS {item_column(item)}" for item in items)
    raws = ", ".join(
        f"CAST({quote_name(s.item.id)} AS VARCHAR) AS raw{j}" for j, s in enumerate(source.subjects)
    )
    forms = ", ".join(
        f"{_normal_sql(scheme, f'raw{j}', plain=plain)} AS form{j}_{q}"
        for j, subject in enumerate(source.subjects)
        for q, scheme in enumerate(subject.schemes)
    )
    numbers = ", ".join(
        f"{_number_sql(plan, source.subjects, scheme.scheme)} AS n{p}"
        for p, scheme in enumerate(plan.schemes)
    )
    return (
        f"SELECT *, raw0 AS raw, {numbers}\nFROM (SELECT *, {forms}\n"
        f"FROM (SELECT {named}, {raws}, {POSITION}\nFROM ({rows})))"
    )


def _normal_sql(scheme: Scheme, raw: str, *, plain: bool) -> str:
    return raw if plain else normalised_sql(IdentifierKind(scheme.identifier), raw)


def _number_sql(plan: ViewPlan, subjects: Sequence[SubjectItem], scheme: str) -> str:
    """The number of one scheme in a row: from the first subject item that holds one."""
    if len(plan.schemes) == len(subjects) == 1:
        return "form0_0"
    found = [
        _form_sql(subject, j, q)
        for j, subject in enumerate(subjects)
        for q, each in enumerate(subject.schemes)
        if each.scheme == scheme
    ]
    return f"coalesce({', '.join(found)})" if found else "CAST(NULL AS VARCHAR)"


def _form_sql(subject: SubjectItem, j: int, q: int) -> str:
    # Checked here whatever the record says: older rows may have come in before it said so.
    kinds = [IdentifierKind(scheme.identifier) for scheme in subject.schemes]
    valid = [f"coalesce({valid_sql(kind, f'form{j}_{k}')}, false)" for k, kind in enumerate(kinds)]
    earlier = "".join(f" AND NOT {check}" for check in valid[:q])
    return f"CASE WHEN {valid[q]}{earlier} THEN form{j}_{q} END"


def valid_subject_sql(plan: ViewPlan) -> str:
    """Whether `number` is valid under the only scheme of a view; true where rows were asked."""
    if len(plan.schemes) > 1:
        return "true"
    return valid_sql(IdentifierKind(plan.schemes[0].identifier), "number")


def subject_sql(
    plan: ViewPlan, source: ViewSource, where: str | None = None, *, plain: bool = False
) -> str:
    """`identified_sql` with the subject's `number` and the place `p` of its scheme added."""
    rows = identified_sql(plan, source, where, plain=plain)
    if len(plan.schemes) == 1:
        return f"SELECT *, n0 AS number, CAST(0 AS TINYINT) AS p FROM ({rows})"
    return (
        "SELECT r.*, coalesce(r.n0, a.subject) AS number, "
        "CASE WHEN r.n0 IS NULL THEN a.p ELSE CAST(0 AS TINYINT) END AS p\n"
        f"FROM ({rows}) AS r\n"
        f"LEFT JOIN {ASSIGNED} AS a ON a.combination = "
        f"CASE WHEN r.n0 IS NULL THEN {_combination_sql(plan, 'r.')} END"
    )


def _combination_sql(plan: ViewPlan, prefix: str = "") -> str:
    lesser = [f"coalesce({prefix}n{p}, '')" for p in range(1, len(plan.schemes))]
    return " || chr(31) || ".join(lesser)


def linking_sql(plan: ViewPlan) -> list[str]:
    """The statements that fill ASSIGNED (headless combination → subject) and ALIASES."""
    return [
        f"CREATE OR REPLACE TABLE {CARRIED} AS {_carried_sql(plan)}",
        f"CREATE OR REPLACE TABLE view_headless AS {_headless_sql(plan)}",
        f"CREATE OR REPLACE TABLE view_direct AS {_direct_sql(plan)}",
        f"CREATE OR REPLACE TABLE view_placed AS {_placed_sql('view_direct')}",
        f"CREATE OR REPLACE TABLE view_indirect AS {_INDIRECT}",
        f"INSERT INTO view_placed {_placed_sql('view_indirect')}",
        f"CREATE OR REPLACE TABLE view_rest AS {_REST}",
        f"CREATE OR REPLACE TABLE {ASSIGNED} AS {_ASSIGNED_ROWS}",
        f"CREATE OR REPLACE TABLE {ALIASES} AS {_aliases_sql(plan)}",
    ]


def _carried_sql(plan: ViewPlan) -> str:
    """Every combination of numbers that rows of any source carry."""
    names = ", ".join(f"n{p}" for p in range(len(plan.schemes)))
    rows = "\nUNION ALL ".join(
        f"SELECT DISTINCT {names} FROM ({identified_sql(plan, source)})" for source in plan.sources
    )
    return f"SELECT DISTINCT {names}, {_combination_sql(plan)} AS combination\nFROM ({rows})"


def _headless_sql(plan: ViewPlan) -> str:
    """The combinations without a leading number, one row per number they hold."""
    return "\nUNION ALL ".join(
        f"SELECT combination, CAST({p} AS TINYINT) AS p, n{p} AS number\n"
        f"FROM {CARRIED} WHERE n0 IS NULL AND n{p} IS NOT NULL"
        for p in range(1, len(plan.schemes))
    )


def _links_sql(plan: ViewPlan) -> str:
    """Rule 1: which number is linked to which leading number."""
    links = [
        f"SELECT CAST({p} AS TINYINT) AS p, n{p} AS number, n0 AS head\n"
        f"FROM {CARRIED} WHERE n0 IS NOT NULL AND n{p} IS NOT NULL"
        for p in range(1, len(plan.schemes))
    ]
    place = _inner_org_code_place(plan)
    if place is not None:
        links.append(
            f"SELECT CAST({place} AS TINYINT) AS p, substr(n0, 9, 9) AS number, n0 AS head\n"
            f"FROM {CARRIED} WHERE n0 IS NOT NULL"
        )
    return "\nUNION ".join(links)


def _inner_org_code_place(plan: ViewPlan) -> int | None:
    """The place of organisation codes where the leading numbers hold them, else None."""
    kinds = [scheme.identifier for scheme in plan.schemes]
    if kinds[0] != IdentifierKind.USCC or IdentifierKind.ORG_CODE not in kinds:
        return None
    return kinds.index(IdentifierKind.ORG_CODE)


def _direct_sql(plan: ViewPlan) -> str:
    return (
        "SELECT p, number, min(head) AS head, count(*) AS heads\n"
        f"FROM ({_links_sql(plan)}) SEMI JOIN view_headless USING (p, number)\nGROUP BY p, number"
    )


def _placed_sql(links: str) -> str:
    """Rules 2 and 3: combinations whose linked numbers name exactly one leading number."""
    already = "" if links == "view_direct" else " ANTI JOIN view_placed AS done USING (combination)"
    return (
        "SELECT h.combination, min(l.head) AS head\n"
        f"FROM view_headless AS h JOIN {links} AS l ON l.p = h.p AND l.number = h.number "
        f"AND l.heads = 1{already}\n"
        "GROUP BY h.combination HAVING count(DISTINCT l.head) = 1"
    )


_INDIRECT = """
SELECT h.p, h.number, min(placed.head) AS head, count(DISTINCT placed.head) AS heads
FROM view_headless AS h
JOIN view_placed AS placed USING (combination)
ANTI JOIN view_direct AS d ON d.p = h.p AND d.number = h.number
GROUP BY h.p, h.number"""

_REST = """
SELECT h.combination, h.p, h.number, min(h.p) OVER (PARTITION BY h.combination) AS best
FROM view_headless AS h
ANTI JOIN view_placed AS placed USING (combination)"""

_ASSIGNED_ROWS = """
WITH own AS (SELECT combination, number AS subject, p FROM view_rest WHERE p = best),
carriers AS (
    SELECT DISTINCT r.p, r.number, own.subject, own.p AS subject_p
    FROM view_rest AS r JOIN own USING (combination)
    WHERE r.p > r.best
),
joined AS (
    SELECT own.combination, min(c.subject) AS subject, min(c.subject_p) AS p
    FROM own JOIN carriers AS c ON c.p = own.p AND c.number = own.subject
    ANTI JOIN view_direct AS d ON d.p = own.p AND d.number = own.subject
    ANTI JOIN view_indirect AS i ON i.p = own.p AND i.number = own.subject
    GROUP BY own.combination HAVING count(*) = 1
)
SELECT combination, head AS subject, CAST(0 AS TINYINT) AS p FROM view_placed
UNION ALL
SELECT combination, coalesce(joined.subject, own.subject), coalesce(joined.p, own.p)
FROM own LEFT JOIN joined USING (combination)"""


def _aliases_sql(plan: ViewPlan) -> str:
    """The other numbers by which a subject is found: those that lead to it and to no other.

    A number under which a subject stands alone is that subject's, whoever else carries it.
    """
    schemes = quote_values(scheme.scheme for scheme in plan.schemes)
    return (
        f"SELECT ({schemes})[p + 1] || ':' || number AS key, min(subject) AS subject\n"
        f"FROM ({_links_sql(plan)}\n"
        "UNION SELECT h.p, h.number, a.subject\n"
        f"FROM view_headless AS h JOIN {ASSIGNED} AS a USING (combination)) "
        "AS known(p, number, subject)\n"
        f"ANTI JOIN {ASSIGNED} AS own ON own.p = known.p AND own.subject = known.number\n"
        "GROUP BY p, number HAVING count(*) = 1"
    )


def group_where_sql(buckets: range) -> str:
    """Rows of a group of buckets, by the bucket column of a curated table (alias `r`)."""
    return f"r._bucket BETWEEN {buckets.start} AND {buckets.stop - 1}"


def is_bucketed_by_subject(source: ViewSource) -> bool:
    """Whether a curated table's bucket is the subject's for rows whose number is as delivered."""
    keys = source.table.record.key_items
    subjects = source.subjects
    return len(keys) == 1 and len(subjects) == 1 and keys[0].id == subjects[0].item.id
