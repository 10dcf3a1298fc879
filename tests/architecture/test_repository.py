"""What is in the repository and what is not: folders, pins with hashes, no machine and no mock."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, read

FOLDERS = {*PACKAGES, "benchmarks", "deploy", "docs", "examples", "tests", ".ci", ".git"}
FILES = {
    ".dockerignore",
    ".env.example",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "README.zh-CN.md",
    "docker-compose.yml",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
}

# Put together here, so that this file does not hold what it looks for.
_DOT = r"\."
HOSTS = re.compile(
    "|".join(
        name.replace(" ", _DOT)
        for name in (
            "pypi org",
            "pythonhosted org",
            r"\bregistry [a-z]",
            r"\bmirrors? [a-z]",
            "proxy golang org",
            "crates io",
            "ghcr io",
            "docker io",
            "anaconda org",
            "artifactory",
        )
    ),
    re.IGNORECASE,
)
INDEX_OPTION = re.compile(
    r"(?<!no-emit-)(?<![\w-])(?:--)?(?:extra-)?index-url\b|(?<!emit-)find-links\b"
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.:/~*-])/(?:work|root|home|Users|tmp|opt|mnt|var/folders)/[\w.-]"
    r"|\b[A-Za-z]:\\\\?(?:Users|work)\b"
)
DATA = {".csv", ".parquet", ".xlsx"}


def committed() -> Iterator[Path]:
    """Every text file that git would keep, by the names in .gitignore."""
    left_out = [".git/", *(ROOT / ".gitignore").read_text(encoding="utf-8").split()]
    patterns = [pattern.rstrip("/") for pattern in left_out]

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if any(fnmatch(path.name, pattern) for pattern in patterns):
                continue
            if path.is_dir():
                yield from walk(path)
            elif path.suffix not in DATA:
                yield path

    return walk(ROOT)


def requirements(name: str) -> dict[str, str]:
    """Pinned name and what follows it, up to the next one, by its plain name."""
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    joined = " ".join(line for line in lines if line and not line.startswith("#"))
    found = re.split(r"(?<=\s)(?=[A-Za-z0-9][\w.-]*(?:\[[\w,-]+\])?==)", joined)
    return {plain(one): one for one in found if one.strip()}


def plain(requirement: str) -> str:
    name = re.split(r"[\[\s=<>~!;]", requirement.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_top_of_the_repository_holds_what_is_meant_to_be_there() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()}
    found = [path for path in ROOT.iterdir() if not any(fnmatch(path.name, i) for i in ignored)]
    assert {path.name for path in found if path.is_dir()} <= FOLDERS
    assert {path.name for path in found if path.is_file()} - {".git"} <= FILES
    assert {path.name for path in found} >= {*PACKAGES, "tests", "examples", "Makefile"}


def test_what_is_kept_names_no_registry_and_no_path_of_a_machine() -> None:
    found = []
    for path in committed():
        text = path.read_text(encoding="utf-8")
        if path == Path(__file__):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if HOSTS.search(line) or INDEX_OPTION.search(line) or MACHINE_PATHS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "see https://" + "pypi" + ".org/simple",
        "--index" + "-url https://example.invalid/simple",
        "--find" + "-links wheels",
        "at /" + "root/datong/var",
        'open("/' + 'home/somebody/x")',
    ],
)
def test_a_registry_or_a_path_of_a_machine_would_be_seen(line: str) -> None:
    assert HOSTS.search(line) or INDEX_OPTION.search(line) or MACHINE_PATHS.search(line)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith(("-", "@"))]
    pinned = requirements(name)
    assert len(pinned) > 40
    for requirement in pinned.values():
        shape = r"\S+==\S+( ; [^\\]+?)?( ?\\ --hash=sha256:[0-9a-f]{64})+\s*(#.*)?"
        assert re.fullmatch(shape, requirement.strip()), requirement[:80]


def test_the_tools_for_tests_run_on_what_the_product_runs_on() -> None:
    product, tools = requirements("requirements.txt"), requirements("requirements-dev.txt")
    versions = {name: text.split()[0] for name, text in tools.items()}
    assert {name: versions.get(name) for name in product} == {
        name: text.split()[0] for name, text in product.items()
    }


def test_what_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = {plain(each) for each in [*project["dependencies"], *extras["setup"]]}
    assert asked <= requirements("requirements.txt").keys()
    assert {plain(each) for each in extras["dev"]} <= requirements("requirements-dev.txt").keys()


def test_what_the_product_imports_is_asked_for_by_name() -> None:
    """No package is there only because another one happens to need it."""
    import sys
    from importlib.metadata import packages_distributions

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {plain(each) for each in project["dependencies"]}
    distributions = packages_distributions()
    used = {
        name.partition(".")[0] for source in read(*PACKAGES) for name in source.imported.values()
    }
    missing = {
        module
        for module in used - sys.stdlib_module_names - set(PACKAGES)
        if not asked & {plain(each) for each in distributions.get(module, [])}
    }
    # fastapi is built of the first two and gives them out as its own, minio takes the others as
    # the parts that its client is made with.
    assert missing <= {"starlette", "anyio", "urllib3", "certifi"}


def test_tests_use_no_mock() -> None:
    pretending = re.compile(r"^(unittest(\.mock)?|mock|pytest_mock|moto|responses|respx)(\.|$)")
    for source in read("tests"):
        found = [name for name in source.imported.values() if pretending.search(name)]
        assert found == [], source.path
        arguments = {
            argument.arg for function in source.functions() for argument in function.args.args
        }
        assert "mocker" not in arguments, source.path
        assert not any(
            isinstance(node, ast.Attribute) and node.attr == "MockTransport"
            for node in ast.walk(source.tree)
        ), source.path
