"""Makers of descriptions and departments that are compared: a test states what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from catalog.life_cycle import State
from catalog.likeness.description import Description, describe, words_of_names
from catalog.likeness.judgement import Judged, Party, judge
from catalog.likeness.overlap import CountedWeights
from catalog.record_rows import insert_record, insert_version, mark_published
from standards.elements import load_elements
from tests.catalog.makers import NOON

CITY, DISTRICT, PROVINCE, OTHER_CITY = "990100", "990102", "990000", "990200"


def an_item(name: str, element: str | None = None, **facts: Any) -> dict[str, Any]:
    pointed = {} if element is None else {"element": element}
    return {"id": "x", "name": name, "data_type": "C", **pointed, **facts}


def items(*names: str) -> list[dict[str, Any]]:
    return [an_item(name) for name in names]


def a_description(
    name: str,
    written: Sequence[dict[str, Any]] = (),
    division: str = CITY,
    department: str = "青禾市民政局",
) -> Description:
    document = {"name": name, "items": list(written)}
    return describe(document, division=division, department_name=department)


def a_party(name: str, duty: str | None = None) -> Party:
    return Party(name, name, duty, words_of_names([name]))


CIVIL = a_party("青禾市民政局", "civil_affairs")
POLICE = a_party("青禾市公安局", "public_security")
SCHOOLS = a_party("青禾市教育局", "education")


def weights_of(*known: Description, among: int = 1000) -> CountedWeights:
    """Weights as if these were the only ones of so many records that have what they have."""
    return CountedWeights(
        among,
        Counter(word for each in known for word in each.title),
        Counter(item.name for each in known for item in each.items),
        Counter(element for each in known for element in each.elements),
    )


def judged(
    own: Description,
    other: Description,
    provider: Party = CIVIL,
    other_provider: Party = POLICE,
    weights: CountedWeights | None = None,
) -> Judged | None:
    """What is said of the other record when the own one is registered."""
    used = weights or weights_of(own, other)
    return judge(own, provider, other, other_provider, used, load_elements())


def published(
    conn: sa.Connection, document: Mapping[str, Any], department_id: str, *, is_view: bool = False
) -> None:
    """Write a record as a published one, past all reviews."""
    at = NOON
    resource_id = str(document["resource_id"])
    row = {
        "resource_id": resource_id,
        "department_id": department_id,
        "is_view": is_view,
        "state": State.PUBLISHED,
        "revision": 1,
        "last_version": 1,
        "working_version": 1,
        "published_version": 1,
        "last_published_version": 1,
        "generation": 1,
        "last_action": "agree",
        "changed_at": at,
    }
    insert_record(conn, row)
    insert_version(conn, document, 1, "steward", at)
    mark_published(conn, resource_id, 1, at)
