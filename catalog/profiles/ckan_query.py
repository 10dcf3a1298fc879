"""What a call of CKAN's `package_search` asks for: parameters, and the little of Solr in `fq`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from catalog.profiles.errors import WrongParameter
from catalog.profiles.packages import Order, Wanted
from catalog.search.finding import MOST_CHARACTERS

MOST_ROWS = 1000
MOST_START = 1_000_000
_EVERYTHING = {"", "*", "*:*"}
_TERM = re.compile(r'\+?(-?[\w.]+):(\[[^\]]*\]|\([^)]*\)|"[^"]*"|[^\s"()\[\]]+)\s*')
_VALUE = re.compile(r'"([^"]*)"|([^\s()"]+)')
_RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]")
# what every package of ours is anyway: harvesters ask for it out of habit
_ALWAYS = {
    "state": "active", "private": "false", "dataset_type": "dataset", "type": "dataset",
    "capacity": "public", "entity_type": "package",
}  # fmt: skip
_ORDERS: Mapping[str, Order] = {
    "id": Order.ID,
    "name": Order.ID,
    "title": Order.TITLE,
    "title_string": Order.TITLE,
    "metadata_modified": Order.MODIFIED,
}
ORGANIZATION, GROUPS, FORMAT = "organization", "groups", "res_format"
FACETS = (ORGANIZATION, GROUPS, FORMAT)


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a call, each read as what it should be; WrongParameter."""

    parameters: Mapping[str, Any]

    def text(self, name: str) -> str:
        found = self.parameters.get(name)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise WrongParameter(name, "text")
        return found.strip()

    def required(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise WrongParameter(name, "a value")
        return found

    def number(self, name: str, default: int, most: int) -> int:
        """A count; one that is too high is taken for the highest, as CKAN does."""
        found = self.parameters.get(name)
        if found is None or found == "":
            return default
        if isinstance(found, str) and re.fullmatch(r"[0-9]{1,9}", found):
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise WrongParameter(name, "a natural number")
        return min(found, most)

    def flag(self, name: str) -> bool:
        return str(self.parameters.get(name, "")).lower() in {"true", "1", "yes"}

    def texts(self, name: str) -> tuple[str, ...]:
        """A list, also where it came as the text of one."""
        found = self.parameters.get(name)
        if isinstance(found, str) and found.strip().startswith("["):
            try:
                found = json.loads(found)
            except (ValueError, RecursionError):
                raise WrongParameter(name, "a list of texts") from None
        values = found if isinstance(found, list) else ([] if found in (None, "") else [found])
        if not all(isinstance(each, str) for each in values):
            raise WrongParameter(name, "a list of texts")
        return tuple(values)


@dataclass(frozen=True, slots=True)
class Search:
    """A search for packages; `by_relevance` unless an order was asked for."""

    text: str
    wanted: Wanted
    groups: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    by_relevance: bool = True


def search_of(asked: Asked) -> Search:
    """The search that a call means; WrongParameter for what CKAN can and this one cannot."""
    text = asked.text("q")
    text = "" if text in _EVERYTHING else text
    narrowing = _Narrowing()
    # a query may name a field itself, as in q=organization:gongan
    if text and _TERM.fullmatch(text):
        narrowing.add("q", text)
        text = ""
    if len(text) > MOST_CHARACTERS:
        raise WrongParameter("q", f"at most {MOST_CHARACTERS} characters")
    for each in (asked.text("fq"), *asked.texts("fq_list")):
        narrowing.add("fq", each)
    order, descending = _order(asked.text("sort"))
    wanted = Wanted(
        words=tuple(text.split()),
        departments=tuple(narrowing.found.get(ORGANIZATION, ())),
        ids=tuple(narrowing.found.get("id", ())),
        since=narrowing.since,
        until=narrowing.until,
        order=order or Order.ID,
        descending=descending,
        start=asked.number("start", 0, MOST_START),
        rows=asked.number("rows", 10, MOST_ROWS),
    )
    return Search(
        text=text,
        wanted=wanted,
        groups=tuple(narrowing.found.get(GROUPS, ())),
        formats=tuple(each.lower() for each in narrowing.found.get(FORMAT, ())),
        facets=tuple(each for each in asked.texts("facet.field") if each in FACETS),
        by_relevance=order is None,
    )


def _order(written: str) -> tuple[Order | None, bool]:
    """The first thing that is sorted by; None: how well a package answers the query."""
    first = written.split(",")[0].split()
    if not first or first[0] == "score":
        return None, False
    order = _ORDERS.get(first[0])
    if order is None or len(first) > 2 or first[1:] not in ([], ["asc"], ["desc"]):
        raise WrongParameter("sort", f"one of {', '.join(_ORDERS)}, score, then asc or desc")
    return order, first[1:] == ["desc"]


@dataclass(slots=True)
class _Narrowing:
    """The fields that a search is narrowed by, gathered from its filters."""

    found: dict[str, list[str]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None

    def add(self, parameter: str, query: str) -> None:
        rest = query.strip()
        while rest:
            term = _TERM.match(rest)
            if term is None:
                raise WrongParameter(parameter, "field:value, field:(a OR b), field:[a TO b]")
            self._take(parameter, term[1], term[2])
            rest = rest[term.end() :].removeprefix("AND ").lstrip()

    def _take(self, parameter: str, name: str, value: str) -> None:
        name = {"owner_org": ORGANIZATION, "name": "id"}.get(name, name)
        if name == "metadata_modified":
            self._take_range(parameter, value)
        elif name in (*FACETS, "id"):
            values = [a or b for a, b in _VALUE.findall(value) if (a or b) != "OR"]
            self.found.setdefault(name, []).extend(values)
        elif _ALWAYS.get(name) != value.strip('"'):
            known = ", ".join((*FACETS, "id", "metadata_modified"))
            raise WrongParameter(parameter, f"a filter on one of {known}")

    def _take_range(self, parameter: str, value: str) -> None:
        bounds = _RANGE.fullmatch(value)
        if bounds is None:
            raise WrongParameter(parameter, "metadata_modified:[2026-01-01T00:00:00Z TO *]")
        self.since, self.until = (_moment(parameter, each) for each in bounds.groups())


def _moment(parameter: str, written: str) -> datetime | None:
    """As CKAN writes moments: in UTC, whether it is said or not."""
    if written == "*":
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise WrongParameter(parameter, "a moment such as 2026-01-01T00:00:00Z") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def words_in(texts: Sequence[str], part: str) -> list[str]:
    """Those of the words that hold a text, whatever its case."""
    return [each for each in texts if part.lower() in each.lower()]
