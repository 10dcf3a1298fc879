"""The base of every known error: facts in, one Chinese and one English sentence out; picklable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, dataclass_transform

from standards.violations import Violation, errors_of

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass_transform(eq_default=False)
class KnownError(Exception):
    """A refusal that a person can act on: its sentence names thing, value and next step.

    A subclass lists its facts as annotated fields and its sentences as the templates `ZH` and
    `EN`, in which the facts stand in braces; every subclass becomes a dataclass by itself.
    `code` is the stable short name of the error, the class name in kebab case.
    """

    ZH: ClassVar[str] = ""
    EN: ClassVar[str] = ""
    code: ClassVar[str] = "known-error"

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        cls.code = _WORD.sub("-", cls.__name__).lower()
        dataclass(eq=False, repr=False)(cls)

    @property
    def facts(self) -> dict[str, Any]:
        """The facts by name, as they were given."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    @property
    def zh(self) -> str:
        return self.ZH.format_map(_Words(self.facts, "、", "zh"))

    @property
    def en(self) -> str:
        return self.EN.format_map(_Words(self.facts, ", ", "en"))

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.facts!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.facts)


def _rebuild(error: type[KnownError], facts: dict[str, Any]) -> KnownError:
    return error(**facts)


class _Words(dict[str, str]):
    """Facts as words of one language: lists joined, values with a name of their own named."""

    def __init__(self, facts: Mapping[str, Any], comma: str, language: str) -> None:
        super().__init__({name: _word(value, comma, language) for name, value in facts.items()})


def _word(value: Any, comma: str, language: str) -> str:
    if isinstance(value, tuple | list | set | frozenset):
        return comma.join(_word(each, comma, language) for each in value) or "—"
    name = getattr(value, "zh", None) if language == "zh" else None
    if isinstance(name, str) and isinstance(value, str):
        return f"{name}（{value!s}）"
    return "—" if value is None else str(value)


class CatalogError(KnownError):
    """What the catalogue refuses."""


class DepartmentNotFound(CatalogError):
    department: str

    ZH = "没有部门 {department}；请核对部门标识或统一社会信用代码"
    EN = "there is no department {department}; check its id or unified social credit code"


class DepartmentTaken(CatalogError):
    """The id or the code belongs to a department with other facts."""

    department: str
    field: str
    value: str

    ZH = (
        "部门 {department} 的 {field}（{value}）与已登记的内容不一致；"
        "要变更已登记的部门请用 datong department change，否则请核对，或使用新的部门标识"
    )
    EN = (
        "{field} {value} of department {department} is registered with other facts; to change a "
        "registered department use datong department change, else check it, or choose another id"
    )


class InvalidDocument(CatalogError):
    """A document that breaks rules; `violations` are those of its check, warnings included.

    `document` is the id that it gives itself, or None where it gives none.
    """

    document: str | None
    violations: tuple[Violation, ...]

    @property
    def faults(self) -> tuple[Violation, ...]:
        """The violations that make it invalid."""
        return errors_of(self.violations)

    @property
    def zh(self) -> str:
        [first, *others] = self.faults
        more = f"（另有 {len(others)} 处）" if others else ""
        return f"{self.document or '文档'} 有误：{first.zh}{more}；请改正后重试"

    @property
    def en(self) -> str:
        [first, *others] = self.faults
        more = f" (and {len(others)} more)" if others else ""
        name = self.document or "the document"
        return f"{name} has errors: {first.en}{more}; correct it and try again"


class InvalidDepartment(InvalidDocument):
    """A department file with errors."""


class InvalidRecord(InvalidDocument):
    """A metadata record with errors."""


class RecordNotFound(CatalogError):
    resource: str

    ZH = "没有元数据记录 {resource}；请核对资源标识或信息资源代码"
    EN = "there is no metadata record {resource}; check the resource id or code"


class ResourceTaken(CatalogError):
    """The resource id belongs to another department, to a view, or to a record that has ended."""

    resource: str

    # whose it is and how far its record has come is not for everyone to know
    ZH = "资源标识 {resource} 已被占用，不再另用；请换一个标识"
    EN = "the resource id {resource} is taken and never used again; choose another one"


class RecordNotPublished(CatalogError):
    resource: str
    state: str

    ZH = "资源 {resource} 尚未发布或已下架（当前：{state}）；请先完成发布"
    EN = "resource {resource} is not published (state {state}); publish it first"


class RecordNotEditable(CatalogError):
    resource: str
    state: str
    possible: tuple[str, ...]

    ZH = "元数据记录 {resource} 当前为{state}，不能修改内容；现在可以：{possible}"
    EN = (
        "the record {resource} is in state {state} and its content can not be changed; "
        "possible now: {possible}"
    )


class FrozenByRegistration(CatalogError):
    """What the issued resource code stands for may not change any more."""

    resource: str
    resource_code: str
    field: str

    ZH = "资源 {resource} 的信息资源代码 {resource_code} 已发放，{field} 不能再改；请另立一条记录"
    EN = (
        "the code {resource_code} of {resource} is issued, so {field} can not change any more; "
        "write a new record instead"
    )


class VersionNotFound(CatalogError):
    resource: str
    version: int

    ZH = "元数据记录 {resource} 没有第 {version} 版；请查看其历史"
    EN = "the record {resource} has no version {version}; see its history"


class StaleRevision(CatalogError):
    """Someone else changed the record since it was read."""

    resource: str
    expected: int
    found: int

    ZH = "{resource} 已被他人更改（预期修订 {expected}，现为 {found}）；请重新读取后再操作"
    EN = (
        "{resource} was changed by someone else (expected revision {expected}, found {found}); "
        "read it again"
    )


class NotInState(CatalogError):
    """The action does not exist in the record's present state."""

    resource: str
    state: str
    action: str
    possible: tuple[str, ...]

    ZH = "{resource} 当前为{state}，不能{action}；现在可以：{possible}"
    EN = "{resource} is in state {state}, which has no {action}; possible now: {possible}"


class NotPermitted(CatalogError):
    account: str
    action: str
    resource: str
    role: str

    ZH = (
        "账户 {account} 不能对 {resource} 执行“{action}”：需要角色 {role}，"
        "目录管理员和部门审核员只能办理本部门的资源；请由有权人员办理"
    )
    EN = (
        "account {account} may not do {action} on {resource}: it takes the role {role}, "
        "and stewards and reviewers act for their own department only"
    )


class OwnSubmission(CatalogError):
    account: str
    resource: str
    action: str

    ZH = "{resource} 由账户 {account} 提交，提交人不能自己审核（{action}）；请由另一账户审核"
    EN = "{account} submitted {resource} and may not decide it ({action}); another account must"


class OpinionMissing(CatalogError):
    resource: str
    action: str

    ZH = "对 {resource} {action}时须写明审核意见；请补充意见"
    EN = "to {action} {resource} a review opinion is needed; add one"
