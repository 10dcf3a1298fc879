"""Scores of records: judged by criteria, kept with their reasons, and made anew each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from catalog import deliveries
from catalog.deliveries import LoadResult
from catalog.life_cycle import Action
from catalog.periods import is_periodic, next_start, period_start
from catalog.quality import scores
from catalog.quality.criteria import Criterion, Facts, judge, score_of
from catalog.quality.punctuality import LOOKED_BACK, Punctuality, punctuality
from tests.catalog.makers import NOON, People, a_clock, a_record, an_item, publish, walk
from tests.catalog.test_deliveries import a_delivery

CYCLES = ("daily", "weekly", "monthly", "quarterly", "semiannual", "yearly")
RESULT = LoadResult(
    loaded_at=NOON,
    rows_in=3,
    accepted=3,
    quarantined=0,
    unchanged=3,
    rules={},
    encoding="utf-8",
    format="csv",
    notes=(),
    snapshot_id=1,
)
BEST = {
    "abstract": "本市户籍登记在册人员的身份、户籍、居住、婚姻和文化程度登记情况，逐月更新",
    "keywords": ["户籍", "人口", "居民"],
    "category_gb21063_4": [{"name": "民政、社区", "code": "ZRA00"}],
    "items": [
        an_item("id_number", key=True, identifier="citizen", element="person.id_number"),
        an_item("sex", code_list="sex"),
    ],
    "metadata_contact": {"name": "信息科"},
    "source_system": "hukou",
    "expectations": {"rows": {"minimum": 1, "reason": "常住人口"}},
}


def met(document: Mapping[str, Any], **facts: Any) -> dict[Criterion, float]:
    given_facts = {"bound": True, "punctuality": Punctuality(), **facts}
    return {each.criterion: each.met for each in judge(Facts(document, **given_facts))}


def test_a_record_that_says_everything_gets_a_hundred() -> None:
    found = judge(Facts(a_record(**BEST), True, Punctuality()))
    assert score_of(found) == 100


@pytest.mark.parametrize(
    ("missing", "criterion"),
    [
        ("keywords", Criterion.KEYWORDS),
        ("category_gb21063_4", Criterion.THEME),
        ("metadata_contact", Criterion.CONTACT),
        ("source_system", Criterion.SOURCE_SYSTEM),
        ("expectations", Criterion.EXPECTATIONS),
    ],
)
def test_what_is_not_said_costs_its_weight_and_is_named(missing: str, criterion: Criterion) -> None:
    document = a_record(**BEST)
    del document[missing]
    found = judge(Facts(document, True, Punctuality()))
    total = sum(each.criterion.weight for each in found)
    assert score_of(found) == int(100 * (total - criterion.weight) / total)
    [lost] = [each for each in found if each.met < 1]
    assert lost.criterion is criterion
    assert criterion.zh in lost.zh or "关键字" in lost.zh


def test_items_count_by_their_share_and_a_cycle_must_be_definite() -> None:
    items = [*BEST["items"], an_item("a"), an_item("b")]  # type: ignore[misc]
    found = met(a_record(**BEST) | {"items": items, "update_cycle": "irregular"})
    assert found[Criterion.ITEMS] == 0.5
    assert found[Criterion.CYCLE] == 0


def test_what_is_not_shared_needs_no_data_and_an_interface_no_key() -> None:
    secret = a_record(**BEST) | {"share_type": 3}
    assert Criterion.BOUND not in met(secret, bound=False)
    interface = {**BEST, "kind": "interface", "format": {"category": 7, "type": "api"}}
    found = met({**interface, "abstract": "x" * 40, "update_cycle": "realtime"})
    assert not {Criterion.KEY, Criterion.EXPECTATIONS, Criterion.UPDATES} & set(found)


def test_promised_updates_are_set_against_those_that_came() -> None:
    kept = punctuality(
        "monthly",
        date(2026, 1, 15),
        [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 9), date(2026, 5, 1)],
        date(2026, 6, 2),
    )
    assert [(each.first.month, each.deliveries) for each in kept.periods] == [
        (2, 1), (3, 2), (4, 0), (5, 1),
    ]  # fmt: skip
    assert (kept.promised, kept.kept, kept.last_due) == (4, 3, date(2026, 4, 30))
    assert met(a_record(**BEST), punctuality=kept)[Criterion.UPDATES] == 0.75


def test_the_period_of_publication_and_the_running_one_promise_nothing() -> None:
    assert punctuality("monthly", date(2026, 5, 31), [], date(2026, 6, 30)).promised == 0
    assert punctuality("monthly", date(2026, 5, 31), [], date(2026, 7, 1)).promised == 1
    assert punctuality("irregular", date(2020, 1, 1), [], date(2026, 7, 1)).promised == 0


@given(
    st.sampled_from(CYCLES),
    st.dates(date(2015, 1, 1), date(2026, 12, 31)),
    st.integers(0, 4000),
    st.lists(st.integers(0, 4000), max_size=20),
)
def test_periods_follow_each_other_without_a_gap(
    cycle: str, published: date, later: int, came: list[int]
) -> None:
    today = published + timedelta(days=later)
    days = [published + timedelta(days=each) for each in came]
    found = punctuality(cycle, published, days, today)
    assert found.promised <= LOOKED_BACK
    for before, after in zip(found.periods, found.periods[1:], strict=False):
        assert before.last + timedelta(days=1) == after.first
    for period in found.periods:
        assert published < period.first <= period.last < today
        assert period.deliveries == sum(1 for day in days if period.first <= day <= period.last)


@given(st.sampled_from(CYCLES), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_day_lies_in_its_own_period(cycle: str, day: date) -> None:
    start = period_start(cycle, day)
    assert is_periodic(cycle)
    assert start <= day < next_start(cycle, start)
    assert next_start(cycle, next_start(cycle, start), -1) == start


def deliver(conn: sa.Connection, delivery_id: str, at: Any) -> None:
    found = replace(
        a_delivery(delivery_id), received_at=at, data_time=at, retry_key=f"r-{delivery_id}"
    )
    deliveries.insert(conn, found)
    deliveries.begin_attempt(conn, delivery_id)
    deliveries.record_loaded(conn, delivery_id, RESULT)


def test_a_score_is_stored_with_its_reasons_and_follows_deliveries(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    clock = a_clock()
    assert scores.refresh_due(conn, clock) == 1
    assert scores.refresh_due(conn, clock) == 0
    before = scores.find(conn, "household")
    assert before is not None
    assert {each["criterion"]: each["met"] for each in before.judgements}["bound"] == 0
    deliver(conn, "d1", clock.now())
    clock.advance(timedelta(days=40))
    assert scores.refresh_due(conn, clock) == 1
    after = scores.find(conn, "household")
    assert after is not None
    assert {each["criterion"]: each["met"] for each in after.judgements}["bound"] == 1
    assert after.scored_at == clock.now()


def test_what_is_withdrawn_has_no_score(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    scores.refresh_due(conn, a_clock())
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
    scores.refresh_due(conn, a_clock())
    assert scores.find(conn, "household") is None


def test_the_lowest_score_is_listed_first_page_by_page(conn: sa.Connection, people: People) -> None:
    publish(conn, people, a_record(resource_id="poor", abstract="短"))
    publish(conn, people, a_record(resource_id="rich") | {"abstract": BEST["abstract"]})
    publish(conn, people, a_record(resource_id="same", abstract="短"))
    scores.refresh_due(conn, a_clock())
    seen, cursor = [], None
    for _page in range(3):
        page = scores.list_scores(conn, limit=1, cursor=cursor)
        seen += [each.resource_id for each in page.rows]
        cursor = page.next_cursor
    assert seen == ["poor", "same", "rich"]
    assert cursor is None
    assert scores.list_scores(conn, department="minzheng").rows == []
    [(department, count, mean)] = scores.means(conn)
    assert (department, count) == ("gongan", 3)
    assert 0 < mean < 100
