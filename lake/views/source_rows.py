"""SQL that reads the rows of one source, one per subject, as the join of all sources takes them."""

from collections.abc import Sequence

from lake.curated import POSITION, duckdb_type, rank_sql
from lake.views.compile import Column
from lake.views.identity import item_column, subject_sql
from lake.views.sources import ViewPlan, ViewSource
from lake.views.values import value_sql


def source_rows_sql(
    plan: ViewPlan,
    columns: Sequence[Column],
    source: ViewSource,
    *,
    where: str | None = None,
    which: str = "number IS NOT NULL",
    plain: bool = False,
) -> str:
    """A source's rows: `number`, `p`, delivery number `d`, and values `v<place>`, `x<place>`.

    `where` filters by the columns of the curated table (alias `r`), `which` by `number` and `raw`,
    the number as it was delivered; `plain` as in `identity.identified_sql`.
    """
    values = "".join(f", {value}" for value in _values(plan, columns, source))
    # Deliveries are numbered in the order of their ranks, so a list leads from one to the other.
    numbers = [d.number for d in plan.deliveries if d.resource_id == source.resource_id]
    delivery = f"(CAST({numbers} AS INTEGER[]))[{rank_sql(POSITION)} + 1]"
    return (
        f"SELECT number, p, {delivery} AS d{values}\n"
        f"FROM ({subject_sql(plan, source, where, plain=plain)})\nWHERE {which}"
    )


def _values(plan: ViewPlan, columns: Sequence[Column], source: ViewSource) -> list[str]:
    found = []
    for column in columns:
        if source.number not in column.holders:
            continue
        scheme = plan.scheme_of(column.attribute)
        if scheme is not None:
            found.append(f"n{plan.schemes.index(scheme)} AS v{column.place}")
            continue
        item = source.items[column.attribute.id]
        coded = item.code_list is not None
        value = value_sql(item_column(item.id), duckdb_type(item), column.type, coded=coded)
        found.append(f"{value.value} AS v{column.place}")
        if value.foreign is not None:
            found.append(f"{value.foreign} AS x{column.place}")
    return found
