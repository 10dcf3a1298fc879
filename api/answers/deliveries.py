"""Deliveries and the work on them."""

from typing import Any

from api.answers.base import Answer, Moment


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
    """What became of one delivered file; counts are rows, `refused` is 1 for a file refused,
    `files` is 1 for one that a file resource has now.

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
    files: int = 0
    rules: dict[str, int]
    reason: Reason | None
    notes: tuple[Any, ...] = ()
    received_at: Moment
    loaded_at: Moment | None
    job: JobOfDelivery | None = None
