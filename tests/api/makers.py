"""Makers for the tests of the application layer: documents, numbers, files, and one small world."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.answers import DeliveryAnswer
from api.bootstrap import Services
from api.usecases import accounts, deliveries, departments, grants, records, setup, views
from api.usecases.access import Caller, Credential, identify

POLICE = "11990100000000019F"
CIVIL = "11990100000000027A"
PURPOSE = "business_collaboration"
RESOURCE = "population"
ROLES = ["steward", "clerk", "reviewer", "authority", "admin", "auditor", "operator", "consumer"]

DIVISIONS = """
extends: division
source: 示例 / sample
entries:
  "990101": 样例区
"""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def a_citizen_number(sequence: int, birth: str = "19900307") -> str:
    """A number with a right check digit in region 990101, which was never assigned."""
    front = f"990101{birth}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(front, _WEIGHTS, strict=True))
    return front + "10X98765432"[total % 11]


ANNA = a_citizen_number(1)
BERT = a_citizen_number(2)
NOBODY = a_citizen_number(999)


def a_department(**facts: Any) -> dict[str, Any]:
    return {
        "department_id": "gongan",
        "code": POLICE,
        "name": "示例市公安局",
        "duty": "public_security",
        "division_code": "990100",
        **facts,
    }


def a_record(**facts: Any) -> dict[str, Any]:
    return {
        "resource_id": RESOURCE,
        "kind": "table",
        "name": "人口基本信息",
        "provider_code": POLICE,
        "provider_name": "示例市公安局",
        "abstract": "用于测试的人口基本信息",
        "classification": {"lei": "3", "xiang": "07", "mu": "001", "ximu": "0101"},
        "format": {"category": 2, "type": "csv"},
        "share_type": 2,
        "share_condition": "按用途申请授权",
        "share_method": "query",
        "open": False,
        "update_cycle": "monthly",
        "items": [
            {
                "id": "id_number",
                "name": "公民身份号码",
                "data_type": "C",
                "length": 18,
                "key": True,
                "identifier": "citizen",
                "element": "person.id_number",
            },
            {
                "id": "name",
                "name": "姓名",
                "data_type": "C",
                "length": 50,
                "nullable": False,
                "element": "person.name",
            },
            {
                "id": "sex",
                "name": "性别",
                "data_type": "C",
                "length": 1,
                "code_list": "sex",
                "element": "person.sex",
            },
        ],
        **facts,
    }


def a_grant(**facts: Any) -> dict[str, Any]:
    return {
        "application": "hall-app",
        "resource": "person",
        "items": ["id_number", "name", "sex"],
        "purpose": PURPOSE,
        "valid_from": "2020-01-01",
        "valid_to": "2099-12-31",
        **facts,
    }


def a_csv(rows: Iterable[tuple[str, str, str]]) -> bytes:
    lines = ["公民身份号码,姓名,性别", *(",".join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


GOOD_FILE = a_csv([(ANNA, "安娜", "2"), (BERT, "贝特", "1")])


@dataclass(slots=True)
class World:
    """A prepared home with departments, an account for each role, a record, data and grants."""

    services: Services
    keys: dict[str, str] = field(default_factory=dict)
    delivery: DeliveryAnswer | None = None

    def caller(self, name: str) -> Caller:
        request_id = self.services.ids.new()
        named = self.services.settings.embedded
        credential = Credential(name=name) if named else Credential(key=self.keys[name])
        return identify(self.services, credential, request_id=request_id, address="test")

    def account(
        self, name: str, *roles: str, department: str = "gongan", kind: str = "person"
    ) -> str:
        """Add an account, if it is not there yet, and give its key."""
        wanted = accounts.NewAccount(name, department, kind, "某人", roles)
        key = accounts.add_account(self.services, self.caller("admin"), wanted).key
        if key is not None:
            self.keys[name] = key
        return self.keys[name]

    def publish(self, document: Mapping[str, Any]) -> None:
        resource = str(document["resource_id"])
        records.add_record(self.services, self.caller("gongan-steward"), document)
        for actor, action in (
            ("gongan-steward", "submit_register"),
            ("gongan-reviewer", "agree"),
            ("gongan-steward", "submit_publish"),
            ("gongan-reviewer", "sign_secrecy"),
            ("authority", "agree"),
        ):
            records.act_on_record(self.services, self.caller(actor), resource, action, "同意")

    def deliver(self, content: bytes, *, wait: bool = True, **facts: Any) -> DeliveryAnswer:
        wanted = deliveries.DeliveryWanted(
            **{
                "resource": RESOURCE,
                "mode": "full",
                "data_time": "2026-10-31",
                "file_name": "population.csv",
                **facts,
            }
        )
        stream = io.BytesIO(content)
        return deliveries.deliver_file(
            self.services, self.caller("gongan-clerk"), wanted, stream, wait=wait
        ).answer

    def grant(self, **facts: Any) -> str:
        return grants.add_grant(self.services, self.caller("authority"), a_grant(**facts))

    def audit(self) -> list[dict[str, Any]]:
        from api.usecases.audit import AuditFilter, audit_lines

        return list(audit_lines(self.services, self.caller("auditor"), AuditFilter()))


def make_world(services: Services) -> World:
    """Set a home up by the use cases alone, as the people of its departments would."""
    world = make_offices(services)
    world.delivery = world.deliver(GOOD_FILE)
    views.build_view(services, world.caller("operator"), "person", progress=lambda *_: None)
    world.grant()
    return world


def make_offices(services: Services) -> World:
    """Departments, accounts and a published record, and nothing delivered yet."""
    lists = services.settings.code_lists
    lists.mkdir(parents=True)
    (lists / "division_sample.yaml").write_text(DIVISIONS, encoding="utf-8")
    key = setup.initialise(services, None).key
    assert key is not None
    world = World(services, {"admin": key})
    admin = world.caller("admin")
    departments.add_department(services, admin, a_department())
    departments.add_department(
        services,
        admin,
        a_department(
            department_id="minzheng", code=CIVIL, name="示例市民政局", duty="civil_affairs"
        ),
    )
    for role in ("steward", "clerk", "reviewer"):
        world.account(f"gongan-{role}", role)
    world.account("minzheng-clerk", "clerk", department="minzheng")
    for role in ("authority", "auditor", "operator"):
        world.account(role, role, department="datong")
    world.account("hall-app", "consumer", department="minzheng", kind="application")
    world.account("bare-app", "consumer", department="minzheng", kind="application")
    world.publish(a_record())
    return world
