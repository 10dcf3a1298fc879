"""The table of rights holds on every road: each role tries each thing, by command and by HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from api.usecases.rights import PUBLIC, RIGHTS, UseCase
from catalog.roles import Role
from tests.api.conftest import Datong
from tests.api.makers import ROLES, World

Header = Callable[[str], dict[str, str]]

# What each command needs to get past its options; what it names need not be there.
COMMANDS: dict[UseCase, tuple[str, ...]] = {
    UseCase.DEPARTMENT_ADD: ("department", "add", "{file}"),
    UseCase.DEPARTMENT_CHANGE: ("department", "change", "{file}"),
    UseCase.DEPARTMENT_PROVISION: ("department", "provision", "none-such"),
    UseCase.ACCOUNT_ADD: (
        "account",
        "add",
        "x",
        "--department",
        "none",
        "--kind",
        "person",
        "--role",
        "clerk",
    ),
    UseCase.ACCOUNT_ISSUE_KEY: ("account", "issue-key", "nobody-there"),
    UseCase.ACCOUNT_REVOKE_KEY: ("account", "revoke-key", "nobody-there"),
    UseCase.ACCOUNT_LIST: ("account", "list"),
    UseCase.ELEMENT_PROPOSE: ("element", "propose", "{file}"),
    UseCase.ELEMENT_DO: ("element", "do", "agree", "none.such"),
    UseCase.ELEMENT_READ_PROPOSED: ("element", "history", "none.such"),
    UseCase.SYSTEM_ADD: ("system", "add", "{file}"),
    UseCase.SYSTEM_READ_INNER: ("system", "history", "none-such"),
    UseCase.RECORD_ADD: ("record", "add", "{file}"),
    UseCase.RECORD_DO: ("record", "do", "agree", "none-such"),
    UseCase.RECORD_READ_DRAFT: ("record", "history", "none-such"),
    UseCase.RECORD_IMPORT: ("record", "import", "{file}"),
    UseCase.DRAFT_IMPORT: ("draft", "import", "{file}", "--mapping", "zhejiang_ningbo"),
    UseCase.DRAFT_READ: ("draft", "list"),
    UseCase.DRAFT_CLAIM: ("draft", "claim", "none-such", "{file}"),
    UseCase.DRAFT_DROP: ("draft", "drop", "none-such", "--reason", "none"),
    UseCase.RECORD_QUEUE: ("record", "queue"),
    UseCase.RECORD_PUBLISH_DUE: ("record", "publish-due"),
    UseCase.BINDING_RATES: ("record", "bindings"),
    UseCase.NOTICE_LIST: ("notice", "list"),
    UseCase.NOTICE_READ: ("notice", "read", "none-such"),
    UseCase.DELIVER: (
        "deliver",
        "{file}",
        "--resource",
        "none",
        "--mode",
        "full",
        "--data-time",
        "wrong",
    ),
    UseCase.DELIVERY_SHOW: ("delivery", "show", "none-such"),
    UseCase.DELIVERY_VIOLATIONS: ("delivery", "violations", "none-such"),
    UseCase.JOB_LIST: ("job", "list"),
    UseCase.JOB_SHOW: ("job", "show", "none-such"),
    UseCase.JOB_CANCEL: ("job", "cancel", "none-such"),
    UseCase.VIEW_BUILD: ("view", "build", "legal_entity"),
    UseCase.VIEW_SHOW: ("view", "show"),
    UseCase.FILE_LIST: ("file", "list", "none-such"),
    UseCase.FILE_GET: ("file", "get", "none-such", "a.pdf", "a.pdf"),
    UseCase.GRANT_ADD: ("grant", "add", "{file}"),
    UseCase.GRANT_REVOKE: ("grant", "revoke", "none-such"),
    UseCase.GRANT_LIST: ("grant", "list"),
    UseCase.QUALITY_REFRESH: ("quality", "refresh"),
    UseCase.LOOKUP: (
        "lookup",
        "person",
        "--scheme",
        "citizen",
        "--number",
        "1",
        "--purpose",
        "none",
    ),
    UseCase.AUDIT_LIST: ("audit", "list"),
    UseCase.SEARCH_REBUILD: ("search-index", "rebuild"),
    UseCase.DEMAND_ADD: ("demand", "add", "所需数据"),
    UseCase.DEMAND_READ: ("demand", "list"),
}

ROUTES: dict[UseCase, tuple[str, str, dict[str, object]]] = {
    UseCase.ELEMENT_PROPOSE: ("POST", "/v1/elements", {"json": {}}),
    UseCase.ELEMENT_DO: (
        "POST",
        "/v1/elements/none.such/actions",
        {"json": {"action": "agree"}},
    ),
    UseCase.DELIVER: (
        "POST",
        "/v1/resources/none/deliveries?mode=full&data-time=wrong",
        {"content": b"x"},
    ),
    UseCase.RECORD_ADD: ("POST", "/v1/records", {"content": b"resource_id: none"}),
    UseCase.RECORD_DO: ("POST", "/v1/records/none-such/actions", {"json": {"action": "agree"}}),
    UseCase.RECORD_READ_DRAFT: ("GET", "/v1/records", {}),
    UseCase.RECORD_QUEUE: ("GET", "/v1/records/queue", {}),
    UseCase.BINDING_RATES: ("GET", "/v1/statistics/bindings", {}),
    UseCase.NOTICE_LIST: ("GET", "/v1/notices", {}),
    UseCase.NOTICE_READ: ("POST", "/v1/notices/none-such/read", {}),
    UseCase.DELIVERY_SHOW: ("GET", "/v1/deliveries/none-such", {}),
    UseCase.DELIVERY_VIOLATIONS: ("GET", "/v1/deliveries/none-such/violations", {}),
    UseCase.FILE_LIST: ("GET", "/v1/resources/none-such/files", {}),
    UseCase.FILE_GET: ("GET", "/v1/resources/none-such/files/none-such", {}),
    UseCase.JOB_SHOW: ("GET", "/v1/jobs/none-such", {}),
    UseCase.DEMAND_ADD: ("POST", "/v1/demands", {"json": {"title": "所需数据"}}),
    UseCase.DEMAND_READ: ("GET", "/v1/demands", {}),
    UseCase.JOB_CANCEL: ("POST", "/v1/jobs/none-such/cancel", {}),
    UseCase.DRAFT_READ: ("GET", "/v1/drafts", {}),
    UseCase.LOOKUP: (
        "POST",
        "/v1/persons/lookup",
        {"json": {"scheme": "citizen", "number": "1", "purpose": "none"}},
    ),
}


@pytest.fixture
def of_role(world: World) -> Callable[[str], str]:
    """An account that holds one role and nothing else."""

    def name(role: str) -> str:
        account = f"only-{role}"
        world.account(account, role, kind="application" if role == "consumer" else "person")
        return account

    return name


def test_the_table_says_who_may_do_everything_that_is_not_public() -> None:
    assert set(RIGHTS) == set(UseCase) - PUBLIC
    assert {role for roles in RIGHTS.values() for role in roles} <= set(Role)
    assert set(COMMANDS) == set(RIGHTS)
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize("use_case", list(COMMANDS))
def test_a_command_obeys_the_table(
    use_case: UseCase, datong: Datong, of_role: Callable[[str], str], tmp_path: Path
) -> None:
    file = tmp_path / "document.yaml"
    file.write_text("resource_id: none\n", encoding="utf-8")
    arguments = [part.format(file=file) for part in COMMANDS[use_case]]
    for role in ROLES:
        ran = datong(*arguments, "--as", of_role(role), "--json")
        refused = '"role-not-allowed"' in ran.err
        assert refused == (role not in RIGHTS[use_case]), (role, ran)
        assert not refused or (ran.code == 1 and ran.out == "")


@pytest.mark.parametrize("use_case", list(ROUTES))
def test_a_route_obeys_the_same_table(
    use_case: UseCase,
    http: httpx.Client,
    keyed: Header,
    of_role: Callable[[str], str],
) -> None:
    method, url, sent = ROUTES[use_case]
    for role in ROLES:
        answer = http.request(method, url, headers=keyed(of_role(role)), **sent)  # type: ignore[arg-type]
        refused = answer.json().get("type") == "/problems/role-not-allowed"
        assert refused == (role not in RIGHTS[use_case]), (role, answer.text)
        assert not refused or answer.status_code == 403


@pytest.mark.parametrize("use_case", list(COMMANDS))
def test_a_command_without_an_account_is_told_to_name_one(
    use_case: UseCase, datong: Datong, tmp_path: Path
) -> None:
    file = tmp_path / "document.yaml"
    file.write_text("resource_id: none\n", encoding="utf-8")
    ran = datong(*(part.format(file=file) for part in COMMANDS[use_case]), "--json")
    assert ran.code == 1
    assert json.loads(ran.err)["error"]["code"] == "no-identity"
