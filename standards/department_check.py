"""Checks the description of a department."""

from collections.abc import Mapping

from standards.code_lists import CodeLists
from standards.faults import error, not_in_list, warning
from standards.identifiers import IdentifierKind, check_identifier
from standards.schema_check import check_schema
from standards.violations import Violation


def check_department(
    document: Mapping[str, object], code_lists: CodeLists
) -> tuple[Violation, ...]:
    """All violations; an unknown division and a code not given by 机构编制 are warnings."""
    return (
        *check_schema("department", document),
        *_check_code(document),
        *_check_duty(document, code_lists),
        *_check_division(document, code_lists),
        *_check_parent(document),
    )


def _check_code(document: Mapping[str, object]) -> list[Violation]:
    code = document.get("code")
    if not isinstance(code, str):
        return []
    verdict = check_identifier(IdentifierKind.USCC, code)
    if not verdict.valid or verdict.normalised != code:
        zh, en = "通过 GB 32100-2015 校验的信用代码", "a credit code that passes GB 32100-2015"
        return [error("code", code, "department.code.check", zh, en)]
    if not code.startswith("1"):
        zh, en = "政务部门的代码通常以 1 开头", "a department's code, which usually begins with 1"
        return [warning("code", code, "department.code.category", zh, en)]
    return []


def _check_duty(document: Mapping[str, object], code_lists: CodeLists) -> list[Violation]:
    duty = document.get("duty")
    duties = code_lists.require("duty")
    if not isinstance(duty, str) or duties.find(duty) is not None:
        return []
    what = "职能代码 / duty"
    return [not_in_list("duty", duty, "department.duty.unknown", duties.codes, what)]


def _check_division(document: Mapping[str, object], code_lists: CodeLists) -> list[Violation]:
    division = document.get("division_code")
    if not isinstance(division, str) or code_lists.require("division").find(division) is not None:
        return []
    zh, en = "代码表 division 中的行政区划代码", "a division code of the code list division"
    return [warning("division_code", division, "department.division_code.unknown", zh, en)]


def _check_parent(document: Mapping[str, object]) -> list[Violation]:
    parent = document.get("parent")
    if parent is None or parent != document.get("department_id"):
        return []
    zh, en = "另一个部门：部门不能是自己的上级", "another department, as none is its own parent"
    return [error("parent", parent, "department.parent.self", zh, en)]
