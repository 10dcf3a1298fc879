"""What a search answers, and demands."""

from api.answers.base import Answer, Moment


class SearchHit(Answer):
    """One record that was found; `score` compares the records of one search alone.

    `publish_date` is 发布日期 of the 1272 guide: the day of `published_at` in China.
    """

    resource_id: str
    resource_code: str | None
    name: str
    kind: str
    department_id: str
    provider_name: str | None
    version: int
    share_type: int | None
    update_cycle: str | None
    format: str | None
    abstract: str | None
    published_at: Moment | None
    publish_date: str | None
    score: float


class FacetValue(Answer):
    """A value to narrow the search by, and how many records it would leave."""

    value: str
    label: str
    count: int


class NearbySearch(Answer):
    """A text that finds something instead; `why` says how it was made."""

    q: str
    why: str
    total: int


class NextStep(Answer):
    """What to do where nothing was found."""

    zh: str
    en: str
    href: str


class IndexState(Answer):
    """`complete` is false while the index is being made: more may be there than is found."""

    complete: bool


class SearchAnswer(Answer):
    """A page of what was found.

    A facet is counted by what the text and the other facets leave, its own value set aside.
    `apart`: no record holds the text in one; these hold its words apart. `did_you_mean` and
    `next_step` are there where nothing was found.
    """

    request_id: str
    total: int
    items: tuple[SearchHit, ...]
    next_cursor: str | None
    facets: dict[str, tuple[FacetValue, ...]]
    apart: bool
    did_you_mean: tuple[NearbySearch, ...]
    next_step: NextStep | None
    index: IndexState

    def followed_by(self, cursor: str) -> "SearchAnswer":
        """The same page with where the next one begins."""
        return self.model_copy(update={"next_cursor": cursor})


class SuggestionsAnswer(Answer):
    """Titles and departments that a text being typed may be meant to become."""

    request_id: str
    titles: tuple[str, ...]
    departments: tuple[FacetValue, ...]


class DemandAnswer(Answer):
    """What somebody needs and did not find."""

    demand_id: str
    state: str
    state_zh: str
    title: str
    description: str
    items: tuple[str, ...]
    query: str | None
    account: str
    department_id: str
    submitted_at: Moment


class IndexRebuilt(Answer):
    """The records in the index that was made anew; `in_use` once searches go to it."""

    records: int
    in_use: bool
