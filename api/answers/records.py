"""Records of the catalogue."""

from datetime import date
from typing import Any

from api.answers.base import Answer, Moment
from api.answers.likeness import SimilarAnswer


class RecordStateAnswer(Answer):
    """Where a record stands. `similar` is what other departments provide that is like it, looked
    for when it is written or submitted for registration, else null; `similar_complete` false: the
    index was not ready, so there may be more."""

    resource_id: str
    resource_code: str | None
    version: int
    state: str
    revision: int
    similar: list[SimilarAnswer] | None = None
    similar_complete: bool | None = None


class RecordSummary(Answer):
    """One line of the catalogue."""

    resource_id: str
    resource_code: str | None
    name: str
    kind: str
    department_id: str
    version: int
    state: str
    provider_name: str | None = None
    share_type: int | None = None
    published_at: Moment | None = None
    publish_date: str | None = None


class BindingAnswer(Answer):
    """What a record is bound to (挂接); `ended_at` is null while it holds."""

    number: int
    kind: str
    target: str
    bound_by: str
    bound_at: Moment
    ended_at: Moment | None


class SecrecyReviewAnswer(Answer):
    """A sign-off (保密审查) of the content with this hash."""

    version: int
    sha256: str
    signed_by: str
    signed_at: Moment
    opinion: str
    impact_note: str | None


class RecordProcess(Answer):
    """Where a record stands in its life, for those who may see drafts."""

    revision: int
    publish_at: Moment | None
    bindings: list[BindingAnswer]
    secrecy_reviews: list[SecrecyReviewAnswer]


class RecordAnswer(Answer):
    """A record with its document, as published or, for those who may see it, as being edited.

    `publish_date` is 发布日期 of the 1272 guide: the day of `published_at` in China. `next_due` is
    the day by whose end the next update is promised, of tables and files that are published.
    """

    resource_id: str
    resource_code: str | None
    department_id: str
    version: int
    state: str
    published_at: Moment | None = None
    publish_date: str | None = None
    next_due: date | None = None
    process: RecordProcess | None = None
    document: dict[str, Any]


class DifferenceOfVersions(Answer):
    """One place that differs; `tightened`: it shares less than before."""

    path: str
    change: str
    before: Any
    after: Any
    zh: str
    en: str
    tightened: bool


class RecordStep(Answer):
    """One line of the history of a record."""

    revision: int
    at: Moment
    action: str
    from_state: str | None
    to_state: str
    version: int
    account: str
    opinion: str | None


class WaitingAnswer(Answer):
    """A record that waits for the caller; `reason` is why it was returned."""

    resource_id: str
    resource_code: str | None
    name: str
    kind: str
    department_id: str
    provider_name: str
    version: int
    state: str
    revision: int
    task: str
    submitted_by: str | None
    since: Moment
    share_type: int
    tightened: bool
    reason: str | None


class Refusal(Answer):
    code: str
    zh: str
    en: str


class ActionResult(Answer):
    """What became of one record of many; `error` where nothing did."""

    resource: str
    done: bool
    record: RecordStateAnswer | None = None
    error: Refusal | None = None


class ActionsAnswer(Answer):
    """Every record on its own: one that is refused holds up no other."""

    done: int
    failed: int
    results: list[ActionResult]


class CheckAnswer(Answer):
    """The verdict on a record; nothing is kept."""

    valid: bool
    violations: list[dict[str, Any]]
