"""Checks a proposed data element: by its schema, then by the rules that JSON Schema cannot say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from standards.code_lists import CodeLists
from standards.documents import as_sequence
from standards.faults import error, not_in_list, warning
from standards.record_rules import check_writable
from standards.schema_check import check_schema
from standards.violations import Violation

REGISTRAR = "registrar"  # whoever registers the entity, by the first sign of its credit code
MOST_DIGITS = 38  # decimal128
_TEXT = frozenset("CM")
_MEASURED = frozenset("CNY")  # types whose values are checked by their length


def check_element(document: Mapping[str, object], code_lists: CodeLists) -> tuple[Violation, ...]:
    """All violations; a text or decimal element without a length is a warning."""
    unwritable = check_writable(document)
    if unwritable:
        return tuple(replace(each, rule="element.unwritable") for each in unwritable)
    return (
        *check_schema("element", document),
        *_check_code_list(document, code_lists),
        *_check_is_text(document),
        *_check_digits(document),
        *_check_authority(document, code_lists),
        *_check_synonyms(document),
    )


def _check_code_list(document: Mapping[str, object], code_lists: CodeLists) -> Iterator[Violation]:
    list_id = document.get("code_list")
    if isinstance(list_id, str) and list_id not in code_lists:
        what = "代码表 / code list"
        yield not_in_list("code_list", list_id, "element.code_list.unknown", code_lists, what)


def _check_is_text(document: Mapping[str, object]) -> Iterator[Violation]:
    data_type = document.get("data_type")
    for key in ("code_list", "identifier"):
        if isinstance(data_type, str) and key in document and data_type not in _TEXT:
            zh = "C：代码和号码是文字，即使全是数字"
            en = "C: codes and identity numbers are text, even when all digits"
            yield error("data_type", data_type, f"element.{key}.type", zh, en)


def _check_digits(document: Mapping[str, object]) -> Iterator[Violation]:
    data_type = str(document.get("data_type"))
    length, scale = document.get("length"), document.get("scale")
    if data_type in _MEASURED and length is None and "code_list" not in document:
        zh, en = "长度，以便检查数据", "the length, to have values checked"
        yield warning("length", None, "element.length.missing", zh, en)
    if data_type not in ("N", "Y") or not isinstance(length, int):
        return
    if length > MOST_DIGITS:
        zh, en = f"至多 {MOST_DIGITS} 位", f"at most {MOST_DIGITS} digits"
        yield error("length", length, "element.length.digits", zh, en)
    if isinstance(scale, int) and scale > length:
        zh, en = f"不大于总位数 {length}", f"at most the length, {length}"
        yield error("scale", scale, "element.scale.length", zh, en)


def _check_authority(document: Mapping[str, object], code_lists: CodeLists) -> Iterator[Violation]:
    duties = (*code_lists.require("duty").codes, REGISTRAR)
    for place, duty in enumerate(as_sequence(document.get("authority"))):
        if isinstance(duty, str) and duty not in duties:
            path, what = f"authority/{place}", "职能代码 / duty"
            yield not_in_list(path, duty, "element.authority.unknown", duties, what)


def _check_synonyms(document: Mapping[str, object]) -> Iterator[Violation]:
    for place, synonym in enumerate(as_sequence(document.get("synonyms"))):
        if synonym is not None and synonym == document.get("name"):
            zh, en = "名称之外的叫法", "another name than the element's own"
            yield error(f"synonyms/{place}", synonym, "element.synonyms.name", zh, en)
