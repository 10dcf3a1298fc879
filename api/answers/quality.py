"""Scores of records, and counts of the catalogue."""

from typing import Any

from api.answers.base import Answer, Moment


class ScoreAnswer(Answer):
    """How good a published record is, 0 to 100; each judgement says why and what to do next.

    `punctuality` sets the updates that were promised by the update cycle against those that came.
    """

    resource_id: str
    department_id: str
    version: int
    score: int
    judgements: tuple[dict[str, Any], ...]
    punctuality: dict[str, Any]
    scored_at: Moment


class CountAnswer(Answer):
    """How many records have a value of the facet."""

    value: str
    name: str
    records: int


class MonthCountAnswer(Answer):
    """How often something happened to records of a kind and department in a month of China."""

    month: str
    happening: str
    kind: str
    department_id: str
    records: int


class StatisticsAnswer(Answer):
    """The catalogue in numbers; `counts` by one facet of what is published, states of all.

    `months` lists what happened: registered, published, withdrawn, deregistered.
    """

    counted_at: Moment
    counts: dict[str, tuple[CountAnswer, ...]]
    months: tuple[MonthCountAnswer, ...]
    quality: tuple[dict[str, Any], ...]
