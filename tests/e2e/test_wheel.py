"""The wheel is whole: in an environment of its own it works, with every file it reads inside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from standards.code_lists import load_code_lists
from standards.elements import load_elements
from tests.api.makers import a_record

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "catalog", "ingest", "lake", "standards")
ON_DISK = """
import json, pathlib
from standards.code_lists import load_code_lists
from standards.elements import load_elements
from standards.views import default_view
import standards
lists = load_code_lists()
print(json.dumps({
    "from": str(pathlib.Path(standards.__file__).parent.parent),
    "codes": {name: len(found.entries) for name, found in lists.items()},
    "elements": sorted(load_elements()),
    "views": {v: len(default_view(v).attributes) for v in ("person", "legal_entity")},
}))
"""


@dataclass(frozen=True)
class Installed:
    """A fresh environment that holds the wheel, and beside it what the wheel asks for."""

    wheel: Path
    bin: Path
    packages: Path
    home: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.run(
            [self.bin / program, *arguments],
            cwd=self.home,
            env={**kept, "DATONG_HOME": str(self.home / "var"), "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    place = tmp_path_factory.mktemp("wheel")
    wheel = build(place)
    venv.create(place / "venv", with_pip=False)
    python = place / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True)
    [packages] = (place / "venv" / "lib").glob("python*/site-packages")
    # What it asks for is taken from here instead of from an index; a .pth file in a folder named
    # by a .pth file is not read, so the tree itself, installed for editing, stays out.
    (packages / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    home = place / "home"
    home.mkdir()
    return Installed(wheel, python.parent, packages, home)


def build(place: Path) -> Path:
    source = place / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(place), str(source)], check=True)
    [wheel] = place.glob("*.whl")
    return wheel


def test_every_file_of_the_five_packages_is_in_the_wheel_and_no_other(
    installed: Installed,
) -> None:
    there = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    inside = {
        name
        for name in zipfile.ZipFile(installed.wheel).namelist()
        if not name.partition("/")[0].endswith(".dist-info")
    }
    assert inside == there


def test_the_command_helps(installed: Installed) -> None:
    helped = installed.run("datong", "--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "大同" in helped.stdout
    assert "lookup" in helped.stdout


def test_code_lists_elements_and_default_views_are_inside(installed: Installed) -> None:
    ran = installed.run("python", "-c", ON_DISK)
    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    assert Path(found["from"]) == installed.packages
    lists = {name: len(codes.entries) for name, codes in load_code_lists().items()}
    assert found["codes"] == lists
    assert found["elements"] == sorted(load_elements())
    assert min(found["views"].values()) > 10


def test_it_checks_a_record_by_the_schemas_inside(installed: Installed) -> None:
    for name, facts, code in (("good", {}, 0), ("bad", {"share_type": 9}, 1)):
        file = installed.home / f"{name}.yaml"
        file.write_text(json.dumps(a_record(**facts), ensure_ascii=False), encoding="utf-8")
        ran = installed.run("datong", "record", "check", str(file), "--json")
        checked = json.loads(ran.stdout)
        assert (ran.returncode, checked["valid"]) == (code, code == 0), ran.stderr
        errors = [each for each in checked["violations"] if each["severity"] == "error"]
        assert [each["path"] for each in errors] == (["share_type"] if code else [])


def test_it_prepares_a_home_by_the_migrations_and_views_inside(installed: Installed) -> None:
    made = installed.run("datong", "init", "--json")
    assert (made.returncode, made.stderr) == (0, "")
    listed = installed.run("datong", "record", "list", "--json")
    published = [each["resource_id"] for each in json.loads(listed.stdout)]
    assert published == ["legal-entity", "person"]
