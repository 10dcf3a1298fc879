"""Records of the catalogue."""

from typing import Any

from api.answers.base import Answer, Moment


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
