"""Checks a metadata record: by its schema, then by the rules that JSON Schema cannot say."""

from collections.abc import Mapping

from standards.code_lists import CodeLists
from standards.department_check import check_department
from standards.documents import as_mapping, as_sequence
from standards.faults import error, warning
from standards.identifiers import IdentifierKind, check_identifier
from standards.item_rules import check_items
from standards.manifest_check import check_manifest
from standards.records import ResourceKind, kind_of
from standards.schema_check import check_schema
from standards.view_check import check_view
from standards.violations import Violation

__all__ = ["check_department", "check_manifest", "check_record", "check_view"]

_GOVERNMENT = "1"  # 机构编制, first character of a credit code (GB 32100-2015)


def check_record(document: Mapping[str, object], code_lists: CodeLists) -> tuple[Violation, ...]:
    """All violations of a metadata record as written; it is valid where none is an error.

    Rules: 发改高技〔2017〕1272号 with its conditions, GB 32100-2015 for the provider's code.
    """
    return (
        *check_schema("record", document),
        *_check_provider(document),
        *_check_timeliness(document),
        *_check_openness(document),
        *_check_ignored_columns(document),
        *_check_delivery(document),
        *check_items(document, code_lists),
    )


def _check_provider(document: Mapping[str, object]) -> list[Violation]:
    code = document.get("provider_code")
    if not isinstance(code, str):
        return []
    verdict = check_identifier(IdentifierKind.USCC, code)
    if not verdict.valid or verdict.normalised != code:
        zh, en = "通过 GB 32100-2015 校验的信用代码", "a credit code that passes GB 32100-2015"
        return [error("provider_code", code, "record.provider_code.check", zh, en)]
    if not code.startswith(_GOVERNMENT):
        zh, en = "政务部门的代码通常以 1 开头", "a department's code, which usually begins with 1"
        return [warning("provider_code", code, "record.provider_code.category", zh, en)]
    return []


def _check_timeliness(document: Mapping[str, object]) -> list[Violation]:
    if document.get("update_cycle") != "realtime" or _is_interface(document):
        return []
    zh = "daily 等周期：文件交付做不到实时，实时请用接口"
    en = "daily or another cycle: files cannot be delivered in real time, an interface can"
    return [warning("update_cycle", "realtime", "record.update_cycle.realtime", zh, en)]


def _is_interface(document: Mapping[str, object]) -> bool:
    try:
        return kind_of(document) is ResourceKind.INTERFACE
    except ValueError:
        return True  # an unknown kind is the schema's to report; nothing can be told from it


def _check_openness(document: Mapping[str, object]) -> list[Violation]:
    if document.get("open") is not True or document.get("share_type") != 3:
        return []
    zh, en = "false：不予共享的资源通常也不开放", "false: what is not shared is usually not open"
    return [warning("open", True, "record.open.not_shared", zh, en)]


def _check_ignored_columns(document: Mapping[str, object]) -> list[Violation]:
    heads = {
        head
        for item in map(as_mapping, as_sequence(document.get("items")))
        for head in (item.get("id"), item.get("name"), *as_sequence(item.get("aliases")))
        if isinstance(head, str)
    }
    zh, en = "不是信息项的表头：信息项不能忽略", "a head of no item: an item cannot be ignored"
    return [
        error(f"ignored_columns/{place}", column, "record.ignored_columns.item", zh, en)
        for place, column in enumerate(as_sequence(document.get("ignored_columns")))
        if isinstance(column, str) and column in heads
    ]


def _check_delivery(document: Mapping[str, object]) -> list[Violation]:
    mode = as_mapping(document.get("delivery")).get("default_mode")
    items = map(as_mapping, as_sequence(document.get("items")))
    if mode != "incremental" or any(item.get("key") is True for item in items):
        return []
    zh, en = "full：没有主键的资源不能增量", "full: a resource without a key takes no increments"
    return [error("delivery/default_mode", mode, "record.delivery.default_mode.key", zh, en)]
