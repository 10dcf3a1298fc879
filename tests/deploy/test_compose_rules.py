"""What the compose file promises to those who run it: no default secret, no root, one open port."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.composed import (
    FILES,
    ROOT,
    Variable,
    asked_of_the_builder,
    each_text,
    example,
    interpolated,
    read,
    variables,
)
from tests.deploy.dockerfiles import stages

SERVICES: dict[str, dict[str, Any]] = read()["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONE_SHOT = {"init"}
SECRETS = {"DATONG_DB_PASSWORD", "DATONG_S3_ACCESS_KEY", "DATONG_S3_SECRET_KEY"}
every_service = pytest.mark.parametrize("name", SERVICES)


def all_texts(value: Any) -> list[str]:
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    each_text(value, keep)
    return found


def all_variables() -> Iterator[Variable]:
    for path in FILES:
        for text in all_texts(read(path)):
            yield from variables(text)


def test_the_services_are_these() -> None:
    assert SERVICES.keys() == {"postgres", "minio", "api", "worker", "init"}


@every_service
def test_an_image_has_an_exact_tag(name: str) -> None:
    _, colon, tag = SERVICES[name]["image"].partition(":")
    assert colon
    assert re.search(r"\d+\.\d+|\d{8}-[0-9a-f]{12}", tag)


def test_our_images_are_called_by_their_versions_and_asked_of_no_registry() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pin = (ROOT / "deploy" / "minio.version").read_text(encoding="utf-8").strip()
    _, moment, revision = pin.rsplit("-", 2)
    minio = f"datong-minio:{moment[:8]}-{revision}"
    named = {name: service["image"] for name, service in OURS.items()}
    datong = dict.fromkeys(("api", "worker", "init"), f"datong:{project['version']}")
    assert named == {"minio": minio, **datong}
    assert {service["pull_policy"] for service in OURS.values()} == {"never"}


@every_service
def test_what_runs_on_is_watched_and_what_runs_once_is_started_by_hand(name: str) -> None:
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert (service["restart"], service["profiles"]) == ("no", ["setup"])
        assert "healthcheck" not in service
        # the administrator's key is shown by it
        assert service["logging"] == {"driver": "none"}
        return
    assert service["restart"] == "unless-stopped"
    assert "profiles" not in service
    checked = service["healthcheck"]
    assert checked["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} < checked.keys()
    assert "stop_grace_period" in service


@every_service
def test_a_service_waits_until_what_it_needs_is_well(name: str) -> None:
    needed = SERVICES[name].get("depends_on", {})
    assert needed.keys() == (set() if name in {"postgres", "minio"} else {"postgres", "minio"})
    for other, how in needed.items():
        assert how == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[other]


@every_service
def test_no_service_is_root_or_writes_outside_its_volumes(name: str) -> None:
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]  # noqa: S108 - inside the container
    loosening = {"privileged", "cap_add", "devices", "network_mode", "pid", "ipc", "userns_mode"}
    assert not loosening & service.keys()


@pytest.mark.parametrize("name", OURS)
def test_our_images_are_built_for_the_user_that_runs_them(name: str) -> None:
    final = stages(ROOT / OURS[name]["build"]["dockerfile"])[-1]
    assert final.last("USER") == OURS[name]["user"]


def test_only_the_api_is_published_and_at_home_by_default() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert interpolated(published, {}) == {"api": ["127.0.0.1:8000:8000"]}
    assert read()["networks"]["inside"] == {"internal": True}
    outward = {name for name, service in SERVICES.items() if service["networks"] != ["inside"]}
    assert outward == {"api"}
    for path in FILES:
        for name, service in read(path)["services"].items():
            for port in interpolated(service.get("ports", []), {}):
                assert port.startswith("127.0.0.1:"), name


def test_every_volume_has_a_name_and_is_used_and_the_home_is_shared() -> None:
    used = set()
    for service in SERVICES.values():
        for volume in service["volumes"]:
            if isinstance(volume, str):
                source, _, target = volume.partition(":")
                assert re.fullmatch(r"\w+", source)
                used.add((source, target))
            else:  # files of this tree, read only
                assert (volume["type"], volume["read_only"]) == ("bind", True)
                assert (ROOT / volume["source"]).is_dir()
    assert {source for source, _ in used} == read()["volumes"].keys()
    homes = {name for name in SERVICES if f"home:{HOME}" in SERVICES[name]["volumes"]}
    assert homes == {"api", "worker", "init"}


HOME = SERVICES["api"]["environment"]["DATONG_HOME"]


def test_what_must_be_set_is_asked_for_in_both_languages() -> None:
    needed = {each for each in all_variables() if each.message is not None}
    assert {each.name for each in needed} == SECRETS
    for each in needed:
        assert re.search(r"[\u4e00-\u9fff]", each.message or "")
        assert re.search(r"[a-z]{3}", each.message or "")
        assert ".env" in (each.message or "")
    for name in SECRETS:
        with pytest.raises(KeyError):
            interpolated(SERVICES, dict.fromkeys(SECRETS - {name}, "x"))


def test_no_secret_has_a_default_or_is_written_out() -> None:
    assert [each for each in all_variables() if each.name in SECRETS and not each.message] == []
    speaks_of_secrets = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|ROOT_USER|TOKEN|_KEY$")
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if speaks_of_secrets.search(name):
                [variable] = variables(value)
                assert variable.name in SECRETS
                assert value.startswith("${")
                assert value.endswith("}")
            for password in re.findall(r"://[^:/]+:(.*)@", value):
                [variable] = variables(password)
                assert variable.name in SECRETS
                assert f"${{{variable.name}:?{variable.message}}}" == password


def test_no_secret_stands_on_a_command_line_or_in_an_image() -> None:
    for service in SERVICES.values():
        shown = {name: value for name, value in service.items() if name != "environment"}
        named = {each.name for text in all_texts(shown) for each in variables(text)}
        assert not named & SECRETS
        assert not asked_of_the_builder({"services": {"one": service}}) & SECRETS


def test_the_example_lists_what_the_files_ask_for_and_nothing_else_and_sets_nothing() -> None:
    asked = {each.name for each in all_variables()}
    asked |= {name for path in FILES for name in asked_of_the_builder(read(path))}
    assert example().keys() == asked
    assert set(example().values()) == {""}


def test_the_environment_of_a_service_is_what_the_settings_read() -> None:
    read_there = (ROOT / "api" / "settings.py").read_text(encoding="utf-8")
    for name in ("api", "worker", "init"):
        unread = [each for each in SERVICES[name]["environment"] if f'"{each}"' not in read_there]
        assert unread == []
    shared = [SERVICES[name]["environment"] for name in ("api", "worker", "init")]
    assert shared[0] == shared[1] == shared[2]


def test_the_page_names_every_image_and_says_that_none_was_tried() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    names = {service["image"] for service in SERVICES.values()}
    bases = {
        stage.base
        for service in OURS.values()
        for stage in stages(ROOT / service["build"]["dockerfile"])
    }
    assert [name for name in sorted(names | bases) if f"`{name}`" not in page] == []
    assert "never" in page
    assert "never" in FILES[0].read_text(encoding="utf-8").partition("\nname:")[0]
