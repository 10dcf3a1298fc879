"""The SQL text and the plain Python agree on every number and on any rubbish."""

from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standards.identifiers import (
    IdentifierKind,
    check_identifier,
    citizen,
    find_scheme,
    normalise,
    normalise_any,
    org_code,
    reg_no,
    uscc,
)
from standards.identifiers.check import failed_rule, region_unknown
from standards.identifiers.sql import (
    create_regions_sql,
    failure_sql,
    inner_org_code_fails_sql,
    legacy_reg_no_sql,
    normalised_any_sql,
    normalised_sql,
    region_unknown_sql,
    schemes_sql,
    valid_sql,
)

LATEST = date(2026, 11, 25)
REGIONS = ("110105", "990100", "420000", "130503")
SETTINGS = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

digits = st.text("0123456789")
days = st.integers(0, 120_000).map(lambda n: date(1790, 1, 1) + timedelta(days=n))


@st.composite
def citizen_numbers(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(REGIONS) | st.text("0123456789", min_size=6, max_size=6))
    born = draw(days.map(lambda day: day.strftime("%Y%m%d")) | st.just("19990229"))
    first17 = f"{region}{born:0>8}{draw(st.integers(0, 999)):03}"
    return first17 + citizen.check_character(first17)


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(REGIONS) | st.text("0123456789", min_size=6, max_size=6))
    head = draw(st.text(uscc.ALPHABET, min_size=2, max_size=2))
    inner = draw(st.text(uscc.ALPHABET, min_size=8, max_size=8))
    last = draw(st.sampled_from([org_code.check_character(inner), *"0A9"]))
    first17 = head + region + inner + last
    return first17 + uscc.check_character(first17)


@st.composite
def organisation_codes(draw: st.DrawFn) -> str:
    first8 = draw(st.text(org_code.ALPHABET, min_size=8, max_size=8))
    return first8 + draw(st.sampled_from(["", "-"])) + org_code.check_character(first8)


@st.composite
def registration_numbers(draw: st.DrawFn) -> str:
    first14 = draw(st.text("0123456789", min_size=14, max_size=14))
    thirteen = draw(st.text("0123456789", min_size=13, max_size=13))
    serial = draw(st.text("0123456789", min_size=1, max_size=13))
    old = f"企{draw(st.sampled_from(['独沪总', '合粤穗', 'x', '']))}字第{serial}号"
    return draw(st.sampled_from([first14 + reg_no.check_character(first14), thirteen, old]))


old_numbers = st.text("0123456789", min_size=15, max_size=15)
good = citizen_numbers() | credit_codes() | organisation_codes() | registration_numbers()


@st.composite
def damaged(draw: st.DrawFn) -> str:
    number = draw(good | old_numbers)
    at = draw(st.integers(0, len(number)))
    put = draw(
        st.sampled_from(["", "x", "X", "0", "_", "-", "I", "Ａ", "９", "é", "𠮷", "\n", " "])
    )
    return number[:at] + put + number[at + draw(st.integers(0, 2)) :]


def _delivered_otherwise(number: str) -> str:
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    return f"\t　{number.lower().translate(wide)} \r\n"


rubbish = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
odd = st.sampled_from(
    ["", " ", "　", "'", '"', "0x1F", "1e17", "-" * 18, "+1" * 9, "_" * 18, "9" * 5000, "😀" * 18]
)
raw = good | old_numbers | damaged() | good.map(_delivered_otherwise) | rubbish | odd
batches = st.lists(raw, min_size=1, max_size=80)


def _ask(engine: duckdb.DuckDBPyConnection, sql: str, numbers: list[str]) -> list[object]:
    """The fragment, over a column `n` of the numbers."""
    query = f"SELECT {sql} FROM (SELECT unnest(?::VARCHAR[]) AS n)"
    return [row[0] for row in engine.execute(query, [numbers]).fetchall()]


@pytest.mark.parametrize("kind", IdentifierKind)
@SETTINGS
@given(numbers=batches)
def test_the_normal_form_is_the_same(
    engine: duckdb.DuckDBPyConnection, kind: IdentifierKind, numbers: list[str]
) -> None:
    answered = _ask(engine, normalised_sql(kind, "n"), numbers)
    assert answered == [normalise(kind, number) for number in numbers]


@pytest.mark.parametrize("latest", [None, LATEST])
@pytest.mark.parametrize("kind", IdentifierKind)
@SETTINGS
@given(numbers=batches)
def test_the_failed_rule_is_the_same(
    engine: duckdb.DuckDBPyConnection,
    kind: IdentifierKind,
    latest: date | None,
    numbers: list[str],
) -> None:
    normal = [normalise(kind, number) for number in numbers] + numbers
    rules = [failed_rule(kind, number, latest) for number in normal]
    assert _ask(engine, failure_sql(kind, "n", latest), normal) == rules
    valid = [rule is None for rule in rules]
    assert _ask(engine, valid_sql(kind, "n", latest), normal) == valid


KINDS = [
    (IdentifierKind.USCC, IdentifierKind.REG_NO, IdentifierKind.ORG_CODE),
    (IdentifierKind.CITIZEN, IdentifierKind.USCC),
    (IdentifierKind.REG_NO, IdentifierKind.CITIZEN),
]


@pytest.mark.parametrize("kinds", KINDS)
@SETTINGS
@given(numbers=batches)
def test_the_scheme_of_a_number_is_the_same(
    engine: duckdb.DuckDBPyConnection, kinds: tuple[IdentifierKind, ...], numbers: list[str]
) -> None:
    normal = [normalise_any(kinds, number) for number in numbers]
    assert _ask(engine, normalised_any_sql(kinds, "n"), numbers) == normal
    schemes = [find_scheme(number, kinds) for number in numbers]
    assert _ask(engine, schemes_sql("n", kinds), normal) == schemes


@pytest.mark.parametrize("kind", IdentifierKind)
@SETTINGS
@given(numbers=batches)
def test_the_warnings_are_the_same(
    engine: duckdb.DuckDBPyConnection, kind: IdentifierKind, numbers: list[str]
) -> None:
    engine.execute(create_regions_sql("known_regions", REGIONS))
    normal = [normalise(kind, number) for number in numbers]
    unknown = [region_unknown(kind, number, REGIONS) for number in normal]
    assert _ask(engine, region_unknown_sql(kind, "n", "known_regions"), normal) == unknown
    codes = [number for number in normal if uscc.failed_rule(number) is None]
    inner = [uscc.inner_org_code_fails(code) for code in codes]
    assert _ask(engine, inner_org_code_fails_sql("n"), codes) == inner
    legacy = [reg_no.is_legacy(number) for number in normal]
    assert _ask(engine, legacy_reg_no_sql("n"), normal) == legacy


@pytest.mark.parametrize("kind", IdentifierKind)
def test_null_stays_null_and_is_never_valid(
    engine: duckdb.DuckDBPyConnection, kind: IdentifierKind
) -> None:
    engine.execute(create_regions_sql("known_regions", REGIONS))
    fragments = [
        normalised_sql(kind, "n"),
        failure_sql(kind, "n"),
        schemes_sql("n", [kind]),
        valid_sql(kind, "n"),
        region_unknown_sql(kind, "n", "known_regions"),
    ]
    query = f"SELECT {', '.join(fragments)} FROM (SELECT NULL::VARCHAR AS n)"
    [row] = engine.execute(query).fetchall()
    assert row == (None, None, None, False, False)


@SETTINGS
@given(number=good)
def test_every_number_made_with_its_check_digit_is_valid_under_some_kind(number: str) -> None:
    verdicts = [check_identifier(kind, number) for kind in IdentifierKind]
    rules = {verdict.rule for verdict in verdicts}
    assert None in rules or rules & {"identifier.citizen.birth", "identifier.reg_no.shape"}
