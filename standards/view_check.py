"""Checks a view definition: its elements, code lists and departments must be known ones."""

from collections import Counter
from collections.abc import Mapping

from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence
from standards.elements import load_elements
from standards.faults import error, not_in_list
from standards.schema_check import check_schema
from standards.views import REGISTRAR, RESOURCE_PREFIX
from standards.violations import Violation


def check_view(document: Mapping[str, object], code_lists: CodeLists) -> tuple[Violation, ...]:
    """All violations of a view definition."""
    attributes = [as_mapping(value) for value in as_sequence(document.get("attributes"))]
    schemes = [
        as_mapping(value)
        for value in as_sequence(as_mapping(document.get("subject")).get("schemes"))
    ]
    return (
        *check_schema("view", document),
        *_check_elements("subject/schemes", schemes),
        *_check_elements("attributes", attributes),
        *_check_unique("subject/schemes", "scheme", schemes),
        *_check_unique("attributes", "id", attributes),
        *_check_code_lists(attributes, code_lists),
        *_check_registrars(document, code_lists),
        *_check_authorities(document, attributes, code_lists),
    )


def _check_elements(path: str, parts: list[Mapping[str, object]]) -> list[Violation]:
    known = load_elements()
    return [
        not_in_list(
            f"{path}/{place}/element", element, "view.element.unknown", known, "数据元 / element"
        )
        for place, part in enumerate(parts)
        if isinstance(element := part.get("element"), str) and element not in known
    ]


def _check_unique(path: str, key: str, parts: list[Mapping[str, object]]) -> list[Violation]:
    counted = Counter(str(part.get(key)) for part in parts)
    rule = f"view.{path.replace('/', '.')}.{key}.unique"
    zh, en = "不重复的名称", "a name that stands once"
    return [
        error(f"{path}/{place}/{key}", part.get(key), rule, zh, en)
        for place, part in enumerate(parts)
        if counted[str(part.get(key))] > 1
    ]


def _check_code_lists(
    attributes: list[Mapping[str, object]], code_lists: CodeLists
) -> list[Violation]:
    rule, what = "view.attributes.code_list.unknown", "代码表 / code list"
    return [
        not_in_list(f"attributes/{place}/code_list", list_id, rule, code_lists, what)
        for place, attribute in enumerate(attributes)
        if isinstance(list_id := attribute.get("code_list"), str) and list_id not in code_lists
    ]


def _check_registrars(document: Mapping[str, object], code_lists: CodeLists) -> list[Violation]:
    duties = code_lists.require("duty")
    rule, what = "view.registrars.unknown", "职能代码 / duty"
    return [
        not_in_list(f"registrars/{first}", duty, rule, duties.codes, what)
        for first, duty in as_mapping(document.get("registrars")).items()
        if isinstance(duty, str) and duties.find(duty) is None
    ]


def _check_authorities(
    document: Mapping[str, object],
    attributes: list[Mapping[str, object]],
    code_lists: CodeLists,
) -> list[Violation]:
    known = set(code_lists.require("duty").codes)
    if document.get("registrars"):
        known.add(REGISTRAR)
    rule, what = "view.attributes.authority.unknown", "职能代码 / duty"
    return [
        not_in_list(f"attributes/{place}/authority/{rank}", word, rule, known, what)
        for place, attribute in enumerate(attributes)
        for rank, word in enumerate(as_sequence(attribute.get("authority")))
        if isinstance(word, str) and word not in known and not word.startswith(RESOURCE_PREFIX)
    ]
