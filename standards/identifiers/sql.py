"""The checks of identity numbers as DuckDB SQL text: no fragment raises, whatever a cell holds.

How to use them fast: give the name of a column as `expr`, holding the normalised number (only the
`normalised` fragments take the raw one), and let each fragment be a column of its own projection.
A fragment repeats its terms; the engine computes equal terms once in a projection, but again and
again within CASE, AND, OR and WHERE, which is why the fragments themselves avoid those.
"""

from collections.abc import Sequence
from datetime import date

from standards.identifiers import citizen
from standards.identifiers.check import NATIONAL, RULES, upgrades
from standards.identifiers.check_digit_sql import (
    citizen_check_sql,
    citizen_upgraded_sql,
    org_code_check_sql,
    reg_no_check_sql,
    uscc_check_sql,
)
from standards.identifiers.kinds import IdentifierKind
from standards.identifiers.normalise import FORMS, OUTER_SPACES

_SHAPES = {
    IdentifierKind.CITIZEN: "[0-9]{17}[0-9X]",
    IdentifierKind.USCC: "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}",
    IdentifierKind.ORG_CODE: "[0-9A-Z]{8}[0-9X]",
    IdentifierKind.REG_NO: "[0-9]{15}",
}
_LEGACY_REG_NO = "[0-9]{13}|企[一-龥]{1,12}字第[0-9]{1,12}号?"
_REGION_START = {
    IdentifierKind.CITIZEN: 1,
    IdentifierKind.USCC: 3,
    IdentifierKind.REG_NO: 1,
}


def normalised_sql(kind: IdentifierKind, expr: str) -> str:
    """VARCHAR: the normal form of a raw number of this kind; NULL stays NULL."""
    return normalised_any_sql((kind,), expr)


def normalised_any_sql(kinds: Sequence[IdentifierKind], expr: str) -> str:
    """VARCHAR: the normal form of a raw number that may be of any of the kinds."""
    branches = [f"WHEN {_matches(expr, '[0-9A-Z]*')} THEN {expr}"]
    # Letters of other scripts are left alone, so upper() may only see ASCII: bytes = characters.
    capitals = (
        f"CASE WHEN strlen({expr}) = length({expr}) THEN upper({expr}) "
        f"ELSE translate({expr}, {_FROM}, {_TO}) END"
    )
    rare = f"trim({capitals}, {_SPACES})"
    if IdentifierKind.ORG_CODE in kinds:
        rare = f"regexp_replace({rare}, '^([0-9A-Z]{{8}})-([0-9X])$', '\\1\\2')"
    if upgrades(kinds):
        # First, as the old number is plain too; after the rare forms once more, from their result.
        old = "[0-9]{15}"
        branches.insert(0, f"WHEN {_matches(expr, old)} THEN {citizen_upgraded_sql(expr)}")
        branches.append(f"WHEN {_matches(rare, old)} THEN {citizen_upgraded_sql(rare)}")
        # Nearly every number is so already, and this alone settles it.
        branches.insert(0, f"WHEN {_matches(expr, '[0-9A-Z]{18}')} THEN {expr}")
    return f"CASE {' '.join(branches)} ELSE {rare} END"


def valid_sql(kind: IdentifierKind, expr: str, latest_birth: date | None = None) -> str:
    """BOOLEAN, never NULL: whether a normalised number is valid; NULL is not."""
    passed = [f"coalesce({test}, false)" for _, test in _tests(kind, expr, latest_birth)]
    every = f"least({', '.join(passed)})"
    if kind is IdentifierKind.REG_NO:
        return f"greatest({every}, coalesce({legacy_reg_no_sql(expr)}, false))"
    return every


def failure_sql(kind: IdentifierKind, expr: str, latest_birth: date | None = None) -> str:
    """VARCHAR: the code of the first rule that a normalised number breaks; NULL if none, or NULL.

    It picks from a list by the smallest number of a broken rule; past its end there is NULL.
    """
    tests = _tests(kind, expr, latest_birth)
    after = len(tests) + 1
    numbers = [
        f"{place} + {after - place} * coalesce({test}, false)::INTEGER"
        for place, (_, test) in enumerate(tests, start=1)
    ]
    first = f"least({', '.join(numbers)})"
    if kind is IdentifierKind.REG_NO:
        first = f"{first} + {after} * {legacy_reg_no_sql(expr)}::INTEGER"
    rules = ", ".join(f"'{rule}'" for rule, _ in tests)
    return f"[{rules}][{first} + 0 * strlen({expr})]"


def _tests(kind: IdentifierKind, expr: str, latest_birth: date | None) -> list[tuple[str, str]]:
    """What a number of this kind must pass, in the order in which failures are named."""
    tests = {"shape": _matches(expr, _SHAPES[kind]), "check": _CHECKS[kind](expr)}
    if kind is IdentifierKind.CITIZEN:
        tests["birth"] = _birth_sql(expr, latest_birth)
    return [(rule, tests[rule.rpartition(".")[2]]) for rule in RULES[kind]]


_CHECKS = {
    IdentifierKind.CITIZEN: citizen_check_sql,
    IdentifierKind.USCC: uscc_check_sql,
    IdentifierKind.ORG_CODE: org_code_check_sql,
    IdentifierKind.REG_NO: reg_no_check_sql,
}


def _birth_sql(expr: str, latest_birth: date | None) -> str:
    latest = latest_birth or date.max
    born = f"try_strptime(substr({expr}, 7, 8), '%Y%m%d')"
    return f"{born} BETWEEN DATE '{citizen.EARLIEST_BIRTH}' AND DATE '{latest}'"


def legacy_reg_no_sql(expr: str) -> str:
    """BOOLEAN: a registration number in one of the old forms (`identifier.reg_no.legacy`)."""
    return _matches(expr, _LEGACY_REG_NO)


def inner_org_code_fails_sql(expr: str) -> str:
    """BOOLEAN, to be asked of valid credit codes: the inner code is wrong
    (`identifier.uscc.org_code`)."""
    return f"NOT coalesce({org_code_check_sql(expr, start=9)}, false)"


def schemes_sql(expr: str, kinds: Sequence[IdentifierKind]) -> str:
    """VARCHAR: the first of the kinds under which a normalised number is valid, else NULL."""
    past = len(kinds) + 1
    numbers = [
        f"{past} - {past - place} * {valid_sql(kind, expr)}::INTEGER"
        for place, kind in enumerate(kinds, start=1)
    ]
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return f"[{names}][least({', '.join(numbers)}, {past})]"


def region_unknown_sql(kind: IdentifierKind, expr: str, regions_type: str) -> str:
    """BOOLEAN: a valid number names a division that is not in the ENUM type `regions_type`.

    Make the type once per connection with `create_regions_sql`; a cast needs no join in the plan
    and 0.06 s for a million rows and 7,500 codes. False for NULL, for organisation
    codes, which name no division, and for the whole country.
    """
    if kind is IdentifierKind.ORG_CODE:
        return "false"
    region = f"substr({expr}, {_REGION_START[kind]}, 6)"
    exempt = [f"{expr} IS NULL"]
    if kind is IdentifierKind.REG_NO:
        exempt.append(f"starts_with({expr}, '企')")
    return f"NOT greatest(try_cast({region} AS {regions_type}) IS NOT NULL, {', '.join(exempt)})"


def create_regions_sql(regions_type: str, regions: Sequence[str]) -> str:
    """The statement that makes the ENUM type of known divisions, the whole country included.

    Not a temporary one: cursors of the connection are to know it too.
    """
    codes = sorted({*regions, NATIONAL})
    values = ", ".join(_literal(code) for code in codes)
    return f"CREATE OR REPLACE TYPE {regions_type} AS ENUM ({values})"


def _matches(expr: str, pattern: str) -> str:
    return f"regexp_full_match({expr}, '{pattern}')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_FROM = _literal("".join(chr(code) for code in FORMS))
_TO = _literal("".join(FORMS.values()))
_SPACES = " || ".join(f"chr({ord(space)})" for space in OUTER_SPACES)
