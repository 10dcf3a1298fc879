"""Does what the people of the departments do, through the use cases that the command line calls."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.bootstrap import Services, open_services
from api.settings import load_settings
from api.usecases import (
    accounts,
    deliveries,
    departments,
    file_resources,
    grants,
    records,
    setup,
    systems,
    views,
)
from api.usecases.access import Caller, Credential, identify
from standards.documents import load_document

if TYPE_CHECKING:
    from api.answers import (
        DeliveryAnswer,
        DepartmentAnswer,
        RecordAnswer,
        RecordSummary,
        ViewVersionAnswer,
    )
    from api.answers.files import FetchedFile, FileAnswer
    from api.answers.registers import SystemAnswer

# From each state the steps towards publication: what is done, by whom, with which opinion.
# Registration is agreed to by the department's own reviewer, who also signs that nothing in it is
# secret; publication by the platform.
_NEXT: Final[Mapping[str, tuple[tuple[str, str, str | None], ...]]] = {
    "draft": (("submit_register", "{department}-steward", None),),
    "register_review": (("agree", "{department}-reviewer", "信息项与业务台账一致，同意注册"),),
    "registered": (
        ("bind", "{department}-steward", None),
        ("submit_publish", "{department}-steward", None),
    ),
    "publish_review": (
        ("sign_secrecy", "{department}-reviewer", "逐项核对，不含涉密信息"),
        ("agree", "{platform}-authority", "同意发布"),
    ),
}
PLATFORM: Final = "shuju"
Progress = Callable[[str, float | None], None]


def _silent(_doing: str, _fraction: float | None) -> None:
    return None


class LostKeys(Exception):
    """An account is there but its key, shown once, was not kept."""

    def __init__(self, account: str, home: Path) -> None:
        super().__init__(account, home)
        self.account = account
        self.home = home

    def __str__(self) -> str:
        return (
            f"账户 {self.account} 已存在，但其密钥未保存；请删除 {self.home} 后重试 / "
            f"the key of {self.account} was not kept (a run may have been cut short); "
            f"remove {self.home} and run again"
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as a department sends it, under which name, and who sends it."""

    path: Path
    name: str
    resource: str
    department: str
    mode: str
    data_time: str
    rows: int | None = None
    sha256: str | None = None


@dataclass(slots=True)
class Office:
    """One opened home, and everybody who may act in it."""

    home: Path
    services: Services
    administrator: str = "admin"
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def keys_file(self) -> Path:
        return self.home / "keys.json"

    @property
    def shown_home(self) -> Path:
        """The home as a person standing in the working folder would write it."""
        here = Path.cwd()
        return self.home.relative_to(here) if self.home.is_relative_to(here) else self.home

    def as_account(self, name: str) -> Caller:
        """The caller that `--as NAME` makes; off the embedded default, the one of the kept key."""
        embedded = self.services.settings.embedded
        credential = Credential(name=name) if embedded else Credential(key=self.keys[name])
        request_id = self.services.ids.new()
        return identify(self.services, credential, request_id=request_id, address="cli")

    def initialise(self, platform: Path) -> None:
        """`datong init --platform FILE`."""
        done = setup.initialise(self.services, document_of(platform)).as_json()
        self.administrator = str(done["account"])
        if done.get("key"):
            self._keep_key(self.administrator, str(done["key"]))

    def add_department(self, file: Path) -> None:
        """`datong department add FILE`."""
        caller = self.as_account(self.administrator)
        departments.add_department(self.services, caller, document_of(file))

    def departments(self) -> list[DepartmentAnswer]:
        """`datong department list`."""
        return departments.list_departments(self.services)

    def add_account(self, wanted: Mapping[str, Any]) -> None:
        """`datong account add NAME …`; the key goes into a file that only its owner reads."""
        caller = self.as_account(self.administrator)
        new = accounts.NewAccount(**{**wanted, "roles": tuple(wanted["roles"])})
        key = accounts.add_account(self.services, caller, new).key
        if key:
            self._keep_key(new.name, key)
        elif new.name not in self.keys:
            raise LostKeys(new.name, self.home)

    def revoke_key(self, name: str) -> None:
        """`datong account revoke-key NAME`."""
        accounts.revoke_key(self.services, self.as_account(self.administrator), name)

    def add_system(self, file: Path) -> None:
        """`datong system add FILE`, by the steward of its department."""
        document = document_of(file)
        steward = self.as_account(f"{document['department']}-steward")
        systems.add_system(self.services, steward, document)

    def systems(self) -> list[SystemAnswer]:
        """`datong system list`."""
        return systems.list_systems(self.services)

    def check_record(self, file: Path) -> bool:
        """`datong record check FILE`."""
        checked = records.check_record(self.services.settings, document_of(file))
        return bool(checked["valid"])

    def publish(self, file: Path, department: str) -> None:
        """`datong record add FILE`, then `datong record do …` until it is published."""
        document = document_of(file)
        resource = str(document["resource_id"])
        steward = self.as_account(f"{department}-steward")
        found = self.records(f"{department}-steward").get(resource)
        state = (
            records.add_record(self.services, steward, document).state
            if found is None
            else found.state
        )
        while state in _NEXT:
            for action, actor, opinion in _NEXT[state]:
                caller = self.as_account(actor.format(department=department, platform=PLATFORM))
                done = records.act_on_record(self.services, caller, resource, action, opinion)
            state = done.state

    def records(self, account: str) -> dict[str, RecordSummary]:
        """`datong record list`, as far as an account sees it."""
        found = records.list_records(
            self.services, self.as_account(account), records.RecordFilter()
        )
        return {each.resource_id: each for each in found}

    def deliver(self, sent: Sent, progress: Progress = _silent) -> DeliveryAnswer:
        """`datong deliver FILE --resource R --mode M --data-time T`."""
        wanted = deliveries.DeliveryWanted(
            resource=sent.resource,
            mode=sent.mode,
            data_time=sent.data_time,
            file_name=sent.name,
            rows=sent.rows,
            sha256=sent.sha256,
        )
        clerk = self.as_account(f"{sent.department}-steward")
        with sent.path.open("rb") as stream:
            return deliveries.deliver_file(
                self.services, clerk, wanted, stream, progress=progress
            ).answer

    def record(self, resource: str, account: str) -> RecordAnswer:
        """`datong record show R`."""
        return records.show_record(self.services, self.as_account(account), resource)

    def files(self, resource: str, account: str) -> list[FileAnswer]:
        """`datong file list R`."""
        return file_resources.all_files(self.services, self.as_account(account), resource, None)

    def fetch_file(
        self, resource: str, name: str, account: str, purpose: str, out: Path
    ) -> FetchedFile:
        """`datong file get R NAME OUT --purpose P`."""
        caller = self.as_account(account)
        return file_resources.save_file(self.services, caller, resource, name, purpose, out)

    def violations(self, delivery_id: str, department: str) -> list[dict[str, Any]]:
        """`datong delivery violations ID`."""
        clerk = self.as_account(f"{department}-steward")
        return list(deliveries.delivery_violations(self.services, clerk, delivery_id))

    def build_view(self, view_id: str, progress: Progress = _silent) -> ViewVersionAnswer:
        """`datong view build VIEW`."""
        operator = self.as_account(f"{PLATFORM}-operator")
        return views.build_view(self.services, operator, view_id, progress=progress)

    def grant(self, document: Mapping[str, Any]) -> str:
        """`datong grant add FILE`, unless the application holds this very grant."""
        authority = self.as_account(f"{PLATFORM}-authority")
        for held in grants.list_grants(self.services, authority):
            if _same_grant(held.as_json(), document):
                return held.grant_id
        return grants.add_grant(self.services, authority, document)

    def _keep_key(self, account: str, key: str) -> None:
        self.keys[account] = key
        descriptor = os.open(self.keys_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self.keys, file, ensure_ascii=False, indent=1)


@contextmanager
def open_office(default_home: str, code_lists: Path) -> Iterator[Office]:
    """Open `DATONG_HOME`, or else the default, with the code lists of a folder made known there."""
    home = os.environ.get("DATONG_HOME") or default_home
    settings = load_settings({**os.environ, "DATONG_HOME": home})
    settings.code_lists.mkdir(parents=True, exist_ok=True)
    for file in sorted(code_lists.glob("*.yaml")):
        (settings.code_lists / file.name).write_bytes(file.read_bytes())
    services = open_services(settings)
    office = Office(settings.home, services)
    if office.keys_file.exists():
        office.keys.update(json.loads(office.keys_file.read_text(encoding="utf-8")))
    try:
        yield office
    finally:
        services.close()


def document_of(file: Path) -> dict[str, Any]:
    """A YAML document of this folder."""
    return dict(load_document(file.read_text(encoding="utf-8")))


def _same_grant(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    same = ("application", "resource", "purpose", "valid_from", "valid_to")
    alike = held["state"] == "live" and all(str(held[name]) == str(wanted[name]) for name in same)
    return alike and sorted(held["items"]) == sorted(wanted.get("items") or ())
