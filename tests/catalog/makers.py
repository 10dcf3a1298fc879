"""Makers of departments, accounts and records: a test states only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from catalog import accounts, departments, records
from catalog.accounts import Account
from catalog.clock import ManualClock
from catalog.life_cycle import Action
from catalog.records import RecordState
from catalog.roles import Role

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)
POLICE = "11990100000000019F"
CIVIL_AFFAIRS = "11990100000000027A"
PLATFORM = "119901000000000355"

SIGN = (Action.SIGN_SECRECY, "reviewer")
PUBLISHING = (
    (Action.SUBMIT_REGISTER, "steward"),
    (Action.AGREE, "reviewer"),
    (Action.SUBMIT_PUBLISH, "steward"),
    SIGN,
    (Action.AGREE, "authority"),
)


def a_clock() -> ManualClock:
    return ManualClock(NOON)


def a_department(**facts: Any) -> dict[str, Any]:
    document = {
        "department_id": "gongan",
        "code": POLICE,
        "name": "示例市公安局",
        "duty": "public_security",
        "division_code": "990100",
    }
    return {**document, **facts}


def an_item(item_id: str, **facts: Any) -> dict[str, Any]:
    return {"id": item_id, "name": f"信息项 {item_id}", "data_type": "C", "length": 50, **facts}


def a_record(**facts: Any) -> dict[str, Any]:
    document = {
        "resource_id": "household",
        "name": "户籍人口信息",
        "provider_code": POLICE,
        "provider_name": "示例市公安局",
        "abstract": "本市户籍人口的登记信息",
        "classification": {"lei": "3", "xiang": "07", "mu": "001", "ximu": "01"},
        "format": {"category": 2, "type": "csv"},
        "items": [
            an_item("id_number", key=True, length=18, identifier="citizen"),
            an_item("name"),
            an_item("address", length=200),
        ],
        "share_type": 1,
        "share_method": "platform",
        "open": False,
        "update_cycle": "monthly",
    }
    return {**document, **facts}


def not_shared(**facts: Any) -> dict[str, Any]:
    """A record that is not to be shared, with the law that says so."""
    document = a_record(
        share_type=3,
        share_condition="《刑事诉讼法》第五十四条",
        non_share_reason_type=1,
        non_share_basis={"basis": "other_law", "clause": "《刑事诉讼法》第五十四条"},
    )
    del document["share_method"]
    return {**document, **facts}


@dataclass(frozen=True)
class People:
    """Accounts by their part: those of the police, and the authority at the platform."""

    steward: Account
    reviewer: Account
    authority: Account
    application: Account
    application_key: str

    def named(self, part: str) -> Account:
        account = getattr(self, part)
        assert isinstance(account, Account)
        return account


def settle(conn: sa.Connection) -> People:
    """Departments and accounts that most tests need."""
    clock = a_clock()
    departments.add(conn, a_department(), clock)
    departments.add(
        conn,
        a_department(
            department_id="minzheng", code=CIVIL_AFFAIRS, name="示例市民政局", duty="civil_affairs"
        ),
        clock,
    )
    other = {"department_id": "shuju", "code": PLATFORM, "name": "示例市数据局", "duty": None}
    platform = {name: v for name, v in a_department(**other).items() if v is not None}
    departments.add(conn, platform, clock)
    application, key = accounts.add_account(
        conn, "aid-system", "minzheng", "application", "王五", [Role.CONSUMER], clock
    )
    assert key is not None
    return People(
        steward=a_person(conn, "steward", [Role.STEWARD]),
        reviewer=a_person(conn, "reviewer", [Role.REVIEWER]),
        authority=a_person(conn, "authority", [Role.AUTHORITY], department="shuju"),
        application=application,
        application_key=key,
    )


def a_person(
    conn: sa.Connection, name: str, roles: list[Role], *, department: str = "gongan"
) -> Account:
    account, _key = accounts.add_account(conn, name, department, "person", None, roles, a_clock())
    return account


def walk(
    conn: sa.Connection, people: People, *steps: tuple[Action, str], resource: str = "household"
) -> RecordState:
    """Do actions one after the other, each by a part of `people`."""
    for action, part in steps:
        state = records.act(conn, resource, action, people.named(part), "同意办理", a_clock())
    return state


def publish(
    conn: sa.Connection, people: People, document: Mapping[str, Any] | None = None
) -> RecordState:
    """A new record, written and published."""
    written = records.add_record(conn, document or a_record(), people.steward, a_clock())
    return walk(conn, people, *PUBLISHING, resource=written.resource_id)


def a_grant(**facts: Any) -> dict[str, Any]:
    document = {
        "application": "aid-system",
        "resource": "household",
        "items": ["name", "address"],
        "purpose": "administrative_basis",
        "valid_from": "2026-11-01",
        "valid_to": "2026-12-31",
    }
    return {**document, **facts}
