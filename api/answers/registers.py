"""Data elements, information systems, a department with its tree, and who may act."""

from __future__ import annotations

from api.answers.base import Answer, Moment


class ElementAnswer(Answer):
    """A data element: what an item may say that it holds; `origin` is shipped or proposed."""

    element_id: str
    version: int
    state: str
    origin: str
    name: str
    definition: str | None = None
    data_type: str
    length: int | None = None
    scale: int | None = None
    code_list: str | None = None
    identifier: str | None = None
    standard: str | None = None
    basic: bool
    level: int
    authority: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()


class SimilarElement(Answer):
    """An element that may be the same thing; `reason` is name (same name or synonym) or near."""

    element_id: str
    name: str
    reason: str


class ElementStateAnswer(Answer):
    """Where an element stands after a proposal or a decision."""

    element_id: str
    version: int
    state: str
    revision: int
    similar: tuple[SimilarElement, ...] = ()


class ElementReviewAnswer(ElementAnswer):
    """The version under review, who proposed it, and what it may double."""

    department_id: str | None = None
    similar: tuple[SimilarElement, ...] = ()


class SystemAnswer(Answer):
    """An information system, as everybody may know it."""

    system_id: str
    name: str
    department_id: str
    description: str
    status: str
    online_since: str | None = None


class SystemInnerAnswer(SystemAnswer):
    """With its address and protection level, which are for those who answer for it."""

    version: int
    protection_level: int | None = None
    url: str | None = None


class SystemVersionAnswer(Answer):
    """A registration of a system as it was kept."""

    version: int
    written_at: Moment
    author: str
    document: dict[str, object]


class DepartmentTreeAnswer(Answer):
    """A department with its other names and those that stand right below it."""

    department_id: str
    code: str
    name: str
    aliases: tuple[str, ...] = ()
    duty: str | None = None
    division_code: str | None = None
    parent: str | None = None
    subordinates: tuple[str, ...] = ()


class DepartmentChangeAnswer(DepartmentTreeAnswer):
    """`changed` names the facts that are new; none where the document is the registered one."""

    changed: tuple[str, ...] = ()


class AccountLine(Answer):
    """An account in a list; of its keys only whether one is in force."""

    account: str
    department_id: str
    kind: str
    responsible: str | None = None
    roles: tuple[str, ...]
    live_key: bool
