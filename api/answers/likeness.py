"""What other departments provide that is like a record (一数一源)."""

from api.answers.base import Answer


class SharedElementAnswer(Answer):
    """An element that both have; `authoritative`: the other department is its source."""

    element: str
    name: str
    authoritative: bool


class SimilarAnswer(Answer):
    """A published record of another department; `verdict` is provided_already, which is for the
    same or a containing territory, or described_elsewhere.

    Shares are by weight, from 0 to 1: of both titles, and of what the own record collects.
    """

    resource_id: str
    name: str
    department_id: str
    provider_name: str
    territory: str
    verdict: str
    elements: list[SharedElementAnswer]
    items: list[str]
    title_share: float
    items_share: float
    elements_share: float
    zh: str
    en: str


class SimilarRecordsAnswer(Answer):
    """`complete` false: the search index is away or being made, so there may be more."""

    similar: list[SimilarAnswer]
    complete: bool
