"""What a view says about one subject: cells with value, source, and who agrees or differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

JsonValue: TypeAlias = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Another source's value where it is not the chosen one. Times are ISO 8601 with offset."""

    source: str
    value: JsonValue
    delivery: str
    data_time: str

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "source": self.source,
            "value": self.value,
            "delivery": self.delivery,
            "data_time": self.data_time,
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """One attribute of one subject with its provenance.

    `value`: text in canonical form (ISO dates and times, plain decimals), an integer for data
    type I, a boolean for L, None where no source holds a value. `source` is a resource id, None
    where the value is derived or absent. `rule`: authority, fallback, cross_check, derived, or
    None where there is no value.
    """

    value: JsonValue
    source: str | None
    delivery: str | None
    data_time: str | None
    rule: str | None
    agree: tuple[str, ...] = ()
    differ: tuple[Difference, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "value": self.value,
            "source": self.source,
            "delivery": self.delivery,
            "data_time": self.data_time,
            "rule": self.rule,
            "agree": list(self.agree),
            "differ": [difference.as_json() for difference in self.differ],
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """One person or legal entity as one version of a view knows it."""

    subject_id: str
    scheme: str
    number: str
    version: int
    known_at: str
    cells: Mapping[str, Cell]
