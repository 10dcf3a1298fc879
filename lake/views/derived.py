"""Values that no source holds and that follow from the subject's numbers or other values."""

from collections.abc import Callable, Mapping

from lake.engine import quote_value
from lake.views.sources import ViewPlan
from standards.identifiers import IdentifierKind

# GB/T 20091-2006: branches of enterprises, public institutions and associations (15, 53, 73);
# sole proprietorships and partnerships (17), which are no legal persons (Civil Code, art. 102).
NO_LEGAL_PERSON_TYPES = ("15", "17", "53", "73")
# A branch's name ends so (企业名称登记管理规定, 2020, art. 13).
BRANCH_NAMES = ("分公司", "分厂", "分店")


def derived_sql(plan: ViewPlan, element: str, chosen: Mapping[str, str]) -> str | None:
    """The expression that derives an element, or None; NULL where it cannot be told.

    It stands where `number` and `p` name the subject; `chosen` maps elements to the columns of
    their chosen values.
    """
    rule = _RULES.get(element)
    return None if rule is None else rule(plan, chosen)


def _birth_date(plan: ViewPlan, chosen: Mapping[str, str]) -> str | None:
    """Digits 7 to 14 of the citizen number (GB 11643-1999)."""
    digits = "substr(number, 7, 8)"
    return _for_kind(
        plan, IdentifierKind.CITIZEN, f"CAST(try_strptime({digits}, '%Y%m%d') AS DATE)"
    )


def _sex(plan: ViewPlan, chosen: Mapping[str, str]) -> str | None:
    """Digit 17 of the citizen number: odd male, even female (GB 11643-1999, GB/T 2261.1)."""
    digit = "try_cast(substr(number, 17, 1) AS INTEGER)"
    return _for_kind(
        plan, IdentifierKind.CITIZEN, f"CASE {digit} % 2 WHEN 1 THEN '1' WHEN 0 THEN '2' END"
    )


def _org_code(plan: ViewPlan, chosen: Mapping[str, str]) -> str | None:
    """Positions 9 to 17 of the credit code (GB 32100-2015)."""
    return _for_kind(plan, IdentifierKind.USCC, "substr(number, 9, 9)")


def _is_legal_person(plan: ViewPlan, chosen: Mapping[str, str]) -> str | None:
    """Entities with a credit code or registration number, save sole traders and branches.

    Sole traders: credit codes 92 (GB 32100-2015); registration numbers of 15 digits whose
    sequence begins with 6 to 9 (GS 15-2006). An organisation code alone does not tell.
    """
    exceptions = []
    if "entity.org_type" in chosen:
        types = ", ".join(quote_value(code) for code in NO_LEGAL_PERSON_TYPES)
        exceptions.append(f"coalesce({chosen['entity.org_type']} IN ({types}), false)")
    if "entity.name" in chosen:
        name = chosen["entity.name"]
        endings = (quote_value(ending) for ending in BRANCH_NAMES)
        exceptions += [f"coalesce(ends_with({name}, {ending}), false)" for ending in endings]
    general = " OR ".join(exceptions) or "false"
    by_credit_code = f"NOT (substr(number, 1, 2) = '92' OR {general})"
    trader = "(length(number) = 15 AND substr(number, 7, 1) BETWEEN '6' AND '9')"
    by_reg_no = f"NOT ({trader} OR {general})"
    cases = [
        f"WHEN p = {place} THEN {rule}"
        for kind, rule in (
            (IdentifierKind.USCC, by_credit_code),
            (IdentifierKind.REG_NO, by_reg_no),
        )
        if (place := _place(plan, kind)) is not None
    ]
    return f"CASE {' '.join(cases)} END" if cases else None


def _for_kind(plan: ViewPlan, kind: IdentifierKind, expression: str) -> str | None:
    place = _place(plan, kind)
    return None if place is None else f"CASE WHEN p = {place} THEN {expression} END"


def _place(plan: ViewPlan, kind: IdentifierKind) -> int | None:
    kinds = [scheme.identifier for scheme in plan.schemes]
    return kinds.index(kind) if kind in kinds else None


_RULES: Mapping[str, Callable[[ViewPlan, Mapping[str, str]], str | None]] = {
    "person.birth_date": _birth_date,
    "person.sex": _sex,
    "entity.org_code": _org_code,
    "entity.is_legal_person": _is_legal_person,
}
