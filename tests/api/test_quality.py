"""Scores and statistics for everybody, over HTTP and on the command line."""

from __future__ import annotations

import json

import httpx

from api.usecases.quality import score_due
from tests.api.conftest import Datong
from tests.api.makers import RESOURCE, World


def test_a_record_without_a_stored_score_is_scored_when_asked_for(
    world: World, http: httpx.Client
) -> None:
    answer = http.get(f"/v1/resources/{RESOURCE}/quality")
    assert answer.status_code == 200
    found = answer.json()
    assert 0 < found["score"] <= 100
    assert all(each["zh"] and each["en"] for each in found["judgements"])
    assert {"promised", "kept", "periods"} == set(found["punctuality"])
    assert found == http.get(f"/v1/resources/{RESOURCE}/quality").json()


def test_what_is_not_published_has_no_score(world: World, http: httpx.Client) -> None:
    answer = http.get("/v1/resources/none-such/quality")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/problems/resource-not-found")


def test_the_worst_come_first_and_the_next_page_begins_after_them(
    world: World, http: httpx.Client
) -> None:
    score_due(world.services)
    assert score_due(world.services) == 0
    seen: list[int] = []
    cursor = None
    while True:
        page = http.get(
            "/v1/quality", params={"limit": 1, **({"cursor": cursor} if cursor else {})}
        )
        seen += [each["score"] for each in page.json()["items"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert len(seen) >= 3  # a record and the two views
    assert seen == sorted(seen)
    assert http.get("/v1/quality", params={"cursor": "bm9uZQ"}).status_code == 422
    assert http.get("/v1/quality", params={"below": 0}).json()["items"] == []


def test_the_catalogue_is_told_in_numbers(world: World, http: httpx.Client) -> None:
    found = http.get("/v1/statistics").json()
    kinds = {each["value"]: each["records"] for each in found["counts"]["kind"]}
    assert kinds["table"] >= 1
    assert sum(kinds.values()) >= 3  # two of them are the base views
    assert {each["happening"] for each in found["months"]} >= {"registered", "published"}
    assert http.get("/v1/statistics", params={"since": "2026"}).status_code == 422
    assert http.get("/v1/statistics", params={"since": "9999-01"}).json()["months"] == []


def test_the_command_line_shows_the_same(world: World, datong: Datong, http: httpx.Client) -> None:
    shown = datong("quality", "show", RESOURCE, "--json")
    assert shown.code == 0
    assert json.loads(shown.out) == http.get(f"/v1/resources/{RESOURCE}/quality").json()
    score_due(world.services)
    assert "/ 100" in datong("quality", "show", RESOURCE).out
    assert json.loads(datong("quality", "refresh", "--as", "operator", "--json").out) == {
        "scored": 0
    }
    assert RESOURCE in datong("quality", "list").out
    assert "kind" in datong("statistics").out
