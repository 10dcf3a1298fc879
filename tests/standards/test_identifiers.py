"""The vectors of the standards, and what is said of a number that fails."""

import re

import pytest

from standards.identifiers import (
    REASONS,
    IdentifierKind,
    check_identifier,
    citizen,
    find_scheme,
    normalise_any,
    org_code,
    reg_no,
    uscc,
)
from standards.identifiers.check import RULES

CITIZEN, USCC, ORG_CODE, REG_NO = IdentifierKind
CODES = (
    "91420000757013137P",
    "91310115591693856A",
    "91350100M000100Y43",
    "91110000802100433B",
    "12100000400000624D",
    "91110000600037341L",
)


@pytest.mark.parametrize("code", CODES)
def test_the_credit_codes_of_the_vectors_are_valid_in_both_their_checks(code: str) -> None:
    verdict = check_identifier(USCC, code)
    assert verdict.valid
    assert verdict.warnings == ()
    assert check_identifier(ORG_CODE, code[8:17]).valid


@pytest.mark.parametrize("first", "ANY")
def test_credit_codes_of_the_later_registrars_are_valid(first: str) -> None:
    first17 = f"{first}2110105MF1234567"
    assert check_identifier(USCC, first17 + uscc.check_character(first17)).valid


def test_check_characters_of_the_vectors() -> None:
    assert citizen.check_character("11010519491231002") == "X"
    assert citizen.check_character("44052418800101001") == "4"
    assert reg_no.check_character("11010800000001") == "6"
    assert org_code.check_character("75701313") == "7"


@pytest.mark.parametrize(
    ("old", "new"),
    [("130503670401001", "130503196704010016"), ("610104620927690", "610104196209276908")],
)
def test_an_old_citizen_number_is_brought_to_18(old: str, new: str) -> None:
    verdict = check_identifier(CITIZEN, old)
    assert verdict.valid
    assert verdict.normalised == new


@pytest.mark.parametrize(
    ("kind", "text", "rule"),
    [
        (CITIZEN, "110105194912310021", "identifier.citizen.check"),
        (CITIZEN, "11010519490229002X", "identifier.citizen.birth"),
        (CITIZEN, "11010518491231002X", "identifier.citizen.birth"),
        (CITIZEN, "11010519491231002", "identifier.citizen.shape"),
        (CITIZEN, "", "identifier.citizen.shape"),
        (USCC, "91420000757013137Q", "identifier.uscc.check"),
        (USCC, "9142000075701313IP", "identifier.uscc.shape"),
        (ORG_CODE, "757013138", "identifier.org_code.check"),
        (ORG_CODE, "75701313", "identifier.org_code.shape"),
        (REG_NO, "110108000000017", "identifier.reg_no.check"),
        (REG_NO, "11010800000001", "identifier.reg_no.shape"),
        (REG_NO, "企字第号", "identifier.reg_no.shape"),
    ],
)
def test_a_wrong_number_names_its_rule_and_a_reason_without_the_number(
    kind: IdentifierKind, text: str, rule: str
) -> None:
    verdict = check_identifier(kind, text)
    assert not verdict.valid
    assert verdict.rule == rule
    assert verdict.reason == REASONS[rule]
    assert text == "" or text not in verdict.reason


@pytest.mark.parametrize("text", ["企独沪总字第000001号", "企合粤穗总字第123", "1101082000001"])
def test_old_forms_of_registration_numbers_are_valid_and_marked(text: str) -> None:
    verdict = check_identifier(REG_NO, text)
    assert verdict.valid
    assert verdict.warnings == ("identifier.reg_no.legacy",)


@pytest.mark.parametrize(
    "text", ["11010519491231002x", " 11010519491231002X　", "１１０１０５１９４９１２３１００２ｘ"]
)
def test_spaces_width_and_small_letters_are_normalised(text: str) -> None:
    verdict = check_identifier(CITIZEN, text)
    assert verdict.valid
    assert verdict.normalised == "11010519491231002X"
    assert verdict.input == text


def test_the_printed_organisation_code_loses_its_hyphen() -> None:
    assert check_identifier(ORG_CODE, "75701313-7").normalised == "757013137"


def test_an_unknown_region_warns_and_never_rejects() -> None:
    known = check_identifier(CITIZEN, "11010519491231002X", {"110105"})
    unknown = check_identifier(CITIZEN, "11010519491231002X", {"440524"})
    assert known.warnings == ()
    assert unknown.valid
    assert unknown.warnings == ("identifier.citizen.region",)


def test_a_wrong_inner_code_warns_and_never_rejects() -> None:
    first17 = "91420000757013138"
    verdict = check_identifier(USCC, first17 + uscc.check_character(first17))
    assert verdict.valid
    assert verdict.warnings == ("identifier.uscc.org_code",)


def test_the_first_kind_that_fits_is_the_scheme() -> None:
    kinds = (USCC, REG_NO, ORG_CODE)
    assert find_scheme("110108000000016", kinds) is REG_NO
    assert find_scheme(CODES[0].lower(), kinds) is USCC
    assert find_scheme("757013137", kinds) is ORG_CODE
    assert find_scheme("nothing", kinds) is None


def test_15_digits_that_may_be_a_registration_number_are_not_upgraded() -> None:
    assert normalise_any((CITIZEN, USCC), "130503670401001") == "130503196704010016"
    assert normalise_any((CITIZEN, REG_NO), "130503670401001") == "130503670401001"


def test_every_rule_has_a_reason_in_both_languages() -> None:
    assert set(RULES) == set(IdentifierKind)
    assert {rule for rules in RULES.values() for rule in rules} <= set(REASONS)
    for reason in REASONS.values():
        chinese, english = reason.split(" / ")
        assert re.search("[一-龥]", chinese)
        assert not re.search("[一-龥]", english.replace("企…字第…号", ""))
