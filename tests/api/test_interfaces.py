"""An interface from its record to a grant: catalogued with its address, granted whole."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import Datong
from tests.api.makers import World, a_record
from tests.ingest.pictures import a_pdf

INTERFACE = "marriage-check"


def an_interface_record(**facts: Any) -> dict[str, Any]:
    document = a_record(
        **{
            "resource_id": INTERFACE,
            "kind": "interface",
            "name": "婚姻登记核验接口",
            "format": {"category": 7, "type": "api"},
            "interface": {
                "url": "https://gongan.example/marriage/check",
                "method": "POST",
                "parameters": [{"name": "name", "place": "body", "required": True}],
                "limits": {"calls_per_second": 10, "calls_per_day": 10000},
            },
            "share_method": "verify",
            "update_cycle": "realtime",
            **facts,
        }
    )
    del document["items"]
    return document


@pytest.fixture(scope="module")
def shelf(world: World) -> World:
    """The world with an interface."""
    world.publish(an_interface_record())
    return world


def test_an_interface_is_catalogued_with_its_address_and_granted_whole(
    shelf: World, http: httpx.Client, datong: Datong
) -> None:
    shown = http.get(f"/v1/resources/{INTERFACE}").json()
    interface = shown["document"]["interface"]
    assert interface["url"] == "https://gongan.example/marriage/check"
    assert interface["limits"] == {"calls_per_second": 10, "calls_per_day": 10000}
    grant_id = shelf.grant(application="hall-app", resource=INTERFACE, items=[])
    ran = datong("grant", "list", "--as", "hall-app", "--json")
    [held] = [g for g in json.loads(ran.out) if g["grant_id"] == grant_id]
    assert (held["resource"], held["items"], held["state"]) == (INTERFACE, [], "live")


def test_the_address_of_an_interface_that_is_not_shared_is_for_its_provider(
    shelf: World, http: httpx.Client, datong: Datong
) -> None:
    document = an_interface_record(
        resource_id="inner-check",
        share_type=3,
        share_condition="《居民身份证法》第十九条",
        non_share_reason_type=1,
        non_share_basis={"basis": "other_law", "clause": "《居民身份证法》第十九条"},
    )
    del document["share_method"]
    shelf.publish(document)
    shown = http.get("/v1/resources/inner-check")
    assert shown.status_code == 200
    assert "gongan.example" not in shown.text
    assert shown.json()["document"]["interface"]["method"] == "POST"
    for exported in ("dcat", "contract"):
        answer = http.get(f"/v1/resources/inner-check/{exported}")
        assert (answer.status_code, "gongan.example" in answer.text) == (200, False)
    shown_to = ("record", "show", "inner-check", "--json", "--as")
    own = json.loads(datong(*shown_to, "gongan-steward").out)
    assert own["document"]["interface"]["url"] == "https://gongan.example/marriage/check"
    other = datong(*shown_to, "hall-app")
    assert "gongan.example" not in other.out


def test_an_upload_for_an_interface_is_refused(shelf: World) -> None:
    done = shelf.deliver(a_pdf(), resource=INTERFACE, file_name="a.pdf")
    assert done.reason is not None
    assert done.reason.code == "resource.takes_no_files"
