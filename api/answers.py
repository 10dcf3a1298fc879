"""The answers of the application, in the shapes that HTTP sends and `--json` prints."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from catalog.clock import CHINA_TIME


def in_china(moment: datetime) -> str:
    """A moment as every answer writes it: ISO 8601 in China time, with its offset."""
    return moment.astimezone(CHINA_TIME).isoformat()


Moment = Annotated[datetime, PlainSerializer(in_china, return_type=str)]
"""Kept in UTC, shown in China time with its offset."""


class Answer(BaseModel):
    """An answer is a value: frozen, and of exactly the fields it declares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)


class DepartmentAnswer(Answer):
    department_id: str
    code: str
    name: str
    duty: str | None = None
    division_code: str | None = None
    parent: str | None = None


class ProvisionAnswer(Answer):
    """Where a department puts its files and gets its receipts; the secret is here and nowhere else.

    `prefixes` lists the places by what may be done there; a local folder has no keys.
    """

    department_id: str
    bucket: str
    endpoint: str
    region: str | None = None
    access_key: str | None = Field(default=None, repr=False)
    secret_key: str | None = Field(default=None, repr=False)
    prefixes: dict[str, tuple[str, ...]]


class RevocationAnswer(Answer):
    """`revoked` counts the holders of keys that were ended."""

    department_id: str
    bucket: str
    revoked: int


class AccountAnswer(Answer):
    """An account; a new one has its key here and never again."""

    account: str
    department_id: str
    kind: str
    roles: tuple[str, ...]
    key: str | None = Field(default=None, repr=False)


class RecordStateAnswer(Answer):
    resource_id: str
    resource_code: str | None
    version: int
    state: str
    revision: int


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


class RecordAnswer(Answer):
    """A record with its document, as published or, for those who may see it, as being edited.

    `publish_date` is 发布日期 of the 1272 guide: the day of `published_at` in China.
    """

    resource_id: str
    resource_code: str | None
    department_id: str
    version: int
    state: str
    published_at: Moment | None = None
    publish_date: str | None = None
    document: dict[str, Any]


class Reason(Answer):
    """Why a file was refused whole: a stable code, the sentence, and where in the file."""

    code: str
    zh: str
    en: str
    place: Any = None


class JobAnswer(Answer):
    """A piece of work in the queue; `subject` is the delivery or the view it is about.

    `stage` says what is being done and `done` how much of it, 0 to 1, where that can be told;
    `error` is why the last attempt failed, and `not_before` when the next one is due.
    """

    job_id: str
    kind: str
    subject: str
    department_id: str
    account: str
    state: str
    attempts: int
    stage: str | None
    done: float | None
    error: dict[str, Any] | None
    cancel_asked: bool
    not_before: Moment | None
    queued_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class JobOfDelivery(Answer):
    """Where the work on a delivery stands that has no verdict yet."""

    job_id: str
    state: str
    attempts: int
    stage: str | None
    done: float | None
    error: dict[str, Any] | None


class DeliveryAnswer(Answer):
    """What became of one delivered file; counts are rows, `refused` is 1 for a file refused.

    `job` is null once the verdict is there.
    """

    delivery_id: str
    resource_id: str | None
    mode: str
    data_time: Moment
    file_name: str
    format: str | None
    encoding: str | None
    sha256: str
    size: int
    state: str
    rows_in: int
    accepted: int
    quarantined: int
    refused: int
    unchanged: int
    rules: dict[str, int]
    reason: Reason | None
    notes: tuple[Any, ...] = ()
    received_at: Moment
    loaded_at: Moment | None
    job: JobOfDelivery | None = None


class ViewVersionAnswer(Answer):
    view_id: str
    view_version: int
    definition_version: int
    rows: int
    content_hash: str
    seconds: float
    built_at: Moment
    known_at: Moment
    inputs: dict[str, Any] = {}


class GrantAnswer(Answer):
    """A grant; the period as a grant document writes it: `valid_to` is a day still inside."""

    grant_id: str
    application: str
    resource: str
    items: tuple[str, ...]
    purpose: str
    valid_from: str
    valid_to: str
    state: str


class DifferenceAnswer(Answer):
    """What another source says where it differs from the chosen value."""

    source: str
    value: Any
    delivery: str
    data_time: Moment


class CellAnswer(Answer):
    """One value of a subject: where it comes from, and what the other sources say of it."""

    value: Any
    source: str | None
    delivery: str | None
    data_time: Moment | None
    rule: str | None
    agree: tuple[str, ...] = ()
    differ: tuple[DifferenceAnswer, ...] = ()


class LookupAnswer(Answer):
    """The granted cells of one subject; `found` is false where the view has no such subject."""

    request_id: str
    found: bool
    view_version: int
    known_at: Moment
    cells: dict[str, CellAnswer]
