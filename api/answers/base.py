"""What all answers share: frozen values, and moments as China reads them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer

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
