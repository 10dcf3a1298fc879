"""The compose files keep to the compose specification, and compose itself reads them as we do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from tests.deploy.composed import COMPOSE, FILES, OPEN_STORE, ROOT, example, interpolated, read

VALUES = {**dict.fromkeys(example(), ""), "DATONG_DB_PASSWORD": "p4ss", "DATONG_PORT": "8123"}
VALUES |= {"DATONG_S3_ACCESS_KEY": "acc355", "DATONG_S3_SECRET_KEY": "s3cr3t"}


@pytest.fixture(scope="module")
def specification() -> Validator:
    """The schema of the compose specification (Apache-2.0), as check-jsonschema carries it."""
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_file_keeps_to_the_specification(specification: Validator, path: Path) -> None:
    document = read(path)
    assert [str(error) for error in specification.iter_errors(document)] == []
    filled = interpolated(document, VALUES)
    assert [str(error) for error in specification.iter_errors(filled)] == []


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("api", "comand", ["serve"]),
        ("api", "restart", 3),
        ("worker", "depends_on", {"postgres": {"condition": "service_well"}}),
        ("minio", "healthcheck", {"tests": ["CMD", "true"]}),
    ],
)
def test_the_specification_sees_what_is_wrong(
    specification: Validator, place: str, name: str, value: Any
) -> None:
    document = read()
    document["services"][place][name] = value
    assert not specification.is_valid(document)


def composing() -> list[str] | None:
    """The words that call compose, where it is there: its plug-in, or the program by itself."""
    docker = shutil.which("docker")
    if docker is not None:
        known = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
        if known.returncode == 0:
            return [docker, "compose"]
    alone = shutil.which("docker-compose")
    return None if alone is None else [alone]


@pytest.mark.parametrize("given", [(COMPOSE,), FILES], ids=["alone", "with an open store"])
def test_compose_reads_the_file_as_these_tests_do(given: tuple[Path, ...], tmp_path: Path) -> None:
    """Needs compose, but no engine: nothing is started."""
    command = composing()
    if command is None:
        pytest.skip("compose is not installed; the schema and the rules are checked all the same")
    values = tmp_path / "values.env"
    values.write_text("".join(f"{name}={value}\n" for name, value in VALUES.items()))
    words = [word for path in given for word in ("--file", str(path))]
    ran = subprocess.run(
        [*command, *words, "--env-file", str(values), "--profile=setup", "config", "--format=json"],
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    theirs, ours = json.loads(ran.stdout)["services"], interpolated(read(), VALUES)["services"]
    assert theirs.keys() == ours.keys()
    for name, service in ours.items():
        assert theirs[name]["environment"] == service["environment"]
        assert theirs[name]["command"] == service.get("command")
        tested = theirs[name].get("healthcheck", {}).get("test")
        assert tested == service.get("healthcheck", {}).get("test")
    published = {name for name, service in theirs.items() if service.get("ports")}
    assert published == ({"api", "minio"} if OPEN_STORE in given else {"api"})
    assert {port["host_ip"] for name in published for port in theirs[name]["ports"]} == {
        "127.0.0.1"
    }
