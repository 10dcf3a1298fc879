"""The default views carry the elements of both base databases and stand on known names."""

import pickle

import pytest

from standards.documents import load_document
from standards.elements import load_elements
from standards.identifiers import IdentifierKind
from standards.record_check import check_record, check_view
from standards.records import ResourceKind, read_record
from standards.views import (
    REGISTRAR,
    VIEW_IDS,
    UnknownView,
    default_view,
    default_view_text,
    view_record,
)
from tests.standards.makers import PROVIDER, code_lists

BASIC_PERSON = {
    "id_number", "name", "former_name", "english_name", "sex", "ethnicity", "birth_date",
    "birth_place", "native_place", "nationality", "hukou_division", "hukou_address",
    "person_status",
}  # fmt: skip


@pytest.mark.parametrize("view_id", VIEW_IDS)
def test_a_default_definition_has_no_violation(view_id: str) -> None:
    assert check_view(load_document(default_view_text(view_id)), code_lists()) == ()


@pytest.mark.parametrize("view_id", VIEW_IDS)
def test_the_record_of_a_view_has_no_violation_and_feeds_no_view(view_id: str) -> None:
    document = view_record(default_view(view_id), PROVIDER, "某市大数据局")
    assert check_record(document, code_lists()) == ()
    assert read_record(document).kind is ResourceKind.INTERFACE


def test_every_element_is_in_a_view_except_those_that_are_no_single_column() -> None:
    used = {a.element for view_id in VIEW_IDS for a in default_view(view_id).attributes}
    assert set(load_elements()) - used == {"person.photo_ref", "entity.licences"}


def test_the_basic_person_view_is_the_items_of_the_population_base() -> None:
    basic = {a.id for a in default_view("person").attributes if a.basic}
    assert basic == BASIC_PERSON


def test_an_attribute_takes_what_it_does_not_say_from_its_element() -> None:
    attributes = {a.id: a for a in default_view("person").attributes}
    assert attributes["sex"].code_list == "sex"
    assert attributes["sex"].name == "性别"
    assert attributes["marital_status"].authority[0] == "civil_affairs"


def test_the_registrar_of_an_entity_follows_the_first_character_of_its_code() -> None:
    view = default_view("legal_entity")
    assert view.registrars["9"] == "market_regulation"
    assert view.registrars["1"] == "institutional_establishment"
    assert view.registrars["5"] == "civil_affairs"
    assert set(view.registrars) == set("123456789ANY")
    assert next(a for a in view.attributes if a.id == "name").authority[0] == REGISTRAR


def test_schemes_come_in_the_order_of_precedence() -> None:
    [citizen] = default_view("person").schemes
    assert citizen.identifier is IdentifierKind.CITIZEN
    entity = [scheme.scheme for scheme in default_view("legal_entity").schemes]
    assert entity == ["uscc", "reg_no", "org_code"]


def test_the_view_says_whether_an_entity_is_a_legal_person() -> None:
    [attribute] = [a for a in default_view("legal_entity").attributes if a.id == "is_legal_person"]
    assert (attribute.element, attribute.data_type) == ("entity.is_legal_person", "L")
    assert (attribute.basic, attribute.level) == (True, 1)


def test_elements_and_view_agree_on_authority() -> None:
    for view_id in VIEW_IDS:
        for attribute in default_view(view_id).attributes:
            assert attribute.authority == load_elements()[attribute.element].authority


def test_an_unknown_view_says_which_there_are() -> None:
    with pytest.raises(UnknownView, match="legal_entity") as caught:
        default_view("vehicle")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("person.ethnicity", "person.etnicity", "view.element.unknown"),
        ("[public_security, health]", "[police]", "view.attributes.authority.unknown"),
        ("{id: sex,", "{id: name,", "view.attributes.id.unique"),
        ("{id: sex,", "{id: sex, code_list: sexes,", "view.attributes.code_list.unknown"),
        ("name: 自然人基础信息", "registrars: {'1': x}\nname: a", "view.registrars.unknown"),
        ("view_id: person", "view_id: vehicle", "view.view_id.value"),
        ("record: person", "records: person", "view.unknown_key"),
        ("[public_security]", "[registrar]", "view.attributes.authority.unknown"),
    ],
)
def test_a_wrong_definition_names_the_rule(old: str, new: str, rule: str) -> None:
    text = default_view_text("person")
    assert old in text
    found = check_view(load_document(text.replace(old, new)), code_lists())
    assert rule in {violation.rule for violation in found}
