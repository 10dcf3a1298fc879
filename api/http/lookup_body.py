"""What a lookup sends, and on which path it asks which view."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.usecases.lookup import Question

PREFIX = "/v1"
PERSONS = "/persons/lookup"
LEGAL_ENTITIES = "/legal-entities/lookup"
LOOKUPS: Mapping[str, str] = MappingProxyType(
    {PREFIX + PERSONS: "person", PREFIX + LEGAL_ENTITIES: "legal_entity"}
)
"""Path and view."""

# A name, never a number: what is sent here may be repeated in a problem.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class LookupBody(BaseModel):
    """Which subject, for what purpose, and which items; without `items` all granted ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: Name
    number: str = Field(min_length=1, max_length=64, repr=False)
    purpose: Name
    items: list[Name] | None = Field(default=None, min_length=1, max_length=200)


def question_of(view_id: str, body: LookupBody) -> Question:
    """The question that a body asks of a view."""
    items = None if body.items is None else tuple(body.items)
    return Question(view_id, body.scheme, body.number, body.purpose, items)
