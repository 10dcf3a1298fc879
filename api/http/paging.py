"""The one way to page: `limit` and `cursor` in, `{items, next_cursor}` out, by key."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.errors import BadRequest

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=500, description="最多几项 · at most so many items")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="上一页的 next_cursor · of the page before")
]


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: str
    items: list[T]
    next_cursor: str | None = Field(default=None)


def cursor_of(key: str) -> str:
    """The key of the last item as an opaque text."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> str | None:
    """The key in a cursor; BadRequest for a text that no page gave out."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise BadRequest(
            "cursor", "应为上一页返回的值", "should be what a page gave out"
        ) from error
