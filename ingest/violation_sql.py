"""Compose the long table of violations from the masks of the flagged rows."""

from ingest.check_sql import CheckPlan, PlacedCheck, names_of
from ingest.duplicates import DUPLICATES
from ingest.flagged import FLAGGED
from lake.engine import quote_value

VIOLATIONS = "violations"


def violations_sql(plan: CheckPlan) -> str:
    """Return SQL for one row a violation: row, line, key, item, rule, severity, value."""
    key = _key_sql(plan)
    parts = [_of_check(placed, key) for placed in plan.checks]
    parts.append(
        f"SELECT _row AS row, _line AS line, {key} AS key, NULL::VARCHAR AS item, "
        f"_fault AS rule, 'error' AS severity, _raw AS value "
        f"FROM {FLAGGED} WHERE _fault IS NOT NULL"
    )
    if plan.record.key_items:
        parts.append(
            f"SELECT f._row AS row, f._line AS line, {key} AS key, "
            f"{quote_value(plan.record.key_items[0].id)} AS item, d.rule, 'error' AS severity, "
            f"{key} AS value FROM {FLAGGED} AS f JOIN {DUPLICATES} AS d ON d._row = f._row"
        )
    return " UNION ALL ".join(parts)


def _of_check(placed: PlacedCheck, key: str) -> str:
    # A row whose cells could not be told apart has one fault, not one for each empty cell.
    check = placed.check
    rule = quote_value(check.rule)
    if check.rule_sql is not None:
        rule = f"coalesce({check.rule_sql}, {rule})"
    value = names_of(check.item).raw
    return (
        f"SELECT _row AS row, _line AS line, {key} AS key, {quote_value(check.item)} AS item, "
        f"{rule} AS rule, {quote_value(check.severity)} AS severity, {value} AS value "
        f"FROM {FLAGGED} WHERE {placed.is_set} AND _fault IS NULL"
    )


def _key_sql(plan: CheckPlan) -> str:
    texts = [names_of(item.id).text for item in plan.record.key_items]
    return f"nullif(concat_ws('|', {', '.join(texts)}), '')" if texts else "NULL::VARCHAR"
