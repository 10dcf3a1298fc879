"""What accompanies publication: notices, the negative list, the binding rate."""

from datetime import date

from api.answers.base import Answer, Moment


class NoticeAnswer(Answer):
    """`account` null: it is for everybody of the department."""

    notice_id: str
    account: str | None
    department_id: str
    kind: str
    resource_id: str
    zh: str
    en: str
    created_at: Moment
    read_at: Moment | None
    read_by: str | None


class NegativeListEntry(Answer):
    """A resource that is not shared, the law that says so, and when that is looked at again."""

    resource_id: str
    resource_code: str | None
    name: str
    department_id: str
    provider_name: str
    version: int
    basis: str
    basis_name: str | None
    clause: str
    approved_at: Moment
    confirmed_at: Moment | None
    review_by: date
    overdue: bool


class BindingRateAnswer(Answer):
    """`rate` (资源挂接率): published and bound to something not empty, of what is published and
    shared; null where nothing is. `department_id` null: all departments."""

    department_id: str | None
    published: int
    bound: int
    filled: int
    rate: float | None


class BindingRatesAnswer(Answer):
    total: BindingRateAnswer
    departments: list[BindingRateAnswer]


class DuePublicationsAnswer(Answer):
    """How many publications were due and done, and which were given back to the review."""

    published: list[str]
    returned: list[str]
