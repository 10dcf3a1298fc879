"""Views, grants, and the cells of a subject."""

from typing import Any

from pydantic import Field

from api.answers.base import Answer, Moment


class ViewVersionAnswer(Answer):
    view_id: str
    view_version: int
    definition_version: int
    rows: int
    content_hash: str
    seconds: float
    built_at: Moment
    known_at: Moment
    inputs: dict[str, Any] = Field(default_factory=dict)


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
