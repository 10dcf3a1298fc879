"""The Dockerfiles: what they begin with, what they copy, what they leave out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.deploy.composed import ROOT
from tests.deploy.dockerfiles import BOTH, DATONG, MINIO, goes_to_the_builder, stages

every_file = pytest.mark.parametrize("path", BOTH, ids=lambda path: path.name)
PACKAGES = ("api", "catalog", "ingest", "lake", "standards")


@every_file
def test_every_stage_begins_with_an_exact_tag(path: Path) -> None:
    for stage in stages(path):
        assert re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z]+(-[a-z]+)?", stage.base)


@every_file
def test_what_is_copied_is_in_the_tree_and_goes_to_the_builder(path: Path) -> None:
    copied = [source for stage in stages(path) for source in stage.copied_from_the_tree()]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert goes_to_the_builder(source), source


@pytest.mark.parametrize(
    "path",
    [".env", ".git/config", ".venv/bin/python", "var/demo/catalogue.db", "tests/conftest.py",
     "docker-compose.yml", "deploy/postgres/datong.sh", "api/__pycache__/settings.pyc",
     "lake/views/__pycache__", "datong.egg-info/PKG-INFO"],
)  # fmt: skip
def test_nothing_else_goes_to_the_builder(path: str) -> None:
    assert not goes_to_the_builder(path)


@every_file
def test_the_final_stage_is_no_root_and_has_no_tools_to_build(path: Path) -> None:
    building, final = stages(path)
    assert building.name == "build"
    assert final.name is None
    kinds = [kind for kind, _ in final.instructions]
    assert kinds.index("USER") > max(i for i, kind in enumerate(kinds) if kind in {"RUN", "COPY"})
    assert int(final.last("USER").partition(":")[0]) > 0
    assert final.last("ENTRYPOINT").startswith('["')
    assert not any("install " in said and "--directory" not in said for said in final.all("RUN"))
    copied = final.all("COPY")
    assert all(said.startswith("--from=build ") for said in copied)


@every_file
def test_nothing_is_fetched_but_what_is_pinned(path: Path) -> None:
    for stage in stages(path):
        kinds = {kind for kind, _ in stage.instructions}
        assert not kinds & {"ADD", "ONBUILD"}
        said = " ".join(stage.all("RUN"))
        assert not re.search(r"\b(curl|wget|git|apt-get|apk)\b", said)
        assert "://" not in said
        # an argument is a place to fetch from, never a secret, and has no value here
        assert set(stage.all("ARG")) <= {"PIP_INDEX_URL", "GOPROXY", "GOSUMDB"}


def test_the_image_is_made_of_the_pinned_packages_and_of_the_wheel_of_this_tree() -> None:
    build, final = stages(DATONG)
    steps = [said for kind, said in build.instructions if kind == "RUN"]
    [pinned] = [i for i, said in enumerate(steps) if "--require-hashes -r requirements.txt" in said]
    [ours] = [i for i, said in enumerate(steps) if "pip wheel" in said]
    assert pinned < ours
    assert steps[ours].count("--no-index") == steps[ours].count("--no-deps") == 2
    assert "pip uninstall" in steps[-1]
    packages = {source for source in build.copied_from_the_tree() if (ROOT / source).is_dir()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert packages == {name.removesuffix("*") for name in found}
    assert build.base == final.base
    lowest = project["project"]["requires-python"].removeprefix(">=")
    assert build.base.startswith(f"python:{lowest}.")


def test_minio_is_built_as_the_tests_build_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (MINIO, ROOT / ".ci" / "minio")]
    ours, theirs = (words(text) for text in texts)
    assert ours == theirs
    assert ours[:3] == ["CGO_ENABLED=0", "go", "install"]
    for text in texts:
        assert "deploy/minio.version" in text
        assert "v0.0.0" not in text  # the pin is said in one place


def words(text: str) -> list[str]:
    """The words of the one `go install` in a text, up to the @; without where the program goes."""
    plain = re.sub(r"\\\n\s*", "", text).replace('"', "")
    [line] = [line for line in plain.splitlines() if re.search(r"CGO_ENABLED=0 .*go install", line)]
    command = line[line.index("CGO_ENABLED") :].partition("@")[0]
    return [each for each in command.split() if not each.startswith("GOBIN=")]
