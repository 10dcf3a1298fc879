"""What the documentation names is there: links, paths, tests, variables, words of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
READMES = ("README.md", "README.zh-CN.md")
PACKAGES = ("api", "catalog", "ingest", "lake", "standards")
PATH = re.compile(rf"`((?:{'|'.join(PACKAGES)}|docs|examples|tests)/[\w./-]+)`")


def by_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_of(*folders: str) -> str:
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
    near = [target for target in targets if "://" not in target]
    assert [target for target in near if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_path_in_the_text_exists(page: Path) -> None:
    named = PATH.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_the_first_screen_shows_two_commands_and_no_other(name: str) -> None:
    first, _, _ = (ROOT / name).read_text(encoding="utf-8").partition("\n## ")
    [block] = re.findall(r"```\n(.*?)```", first, re.DOTALL)
    assert [line.split("#")[0].strip() for line in block.splitlines()] == ["make demo", "make test"]
    assert len(first.splitlines()) < 25


@pytest.mark.parametrize("name", READMES)
def test_the_readme_lists_the_variables_that_are_read(name: str) -> None:
    variables = re.compile(r"DATONG_[A-Z0-9_]+")
    read = (ROOT / "api" / "settings.py").read_text(encoding="utf-8")
    read += (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    listed = variables.findall((ROOT / name).read_text(encoding="utf-8"))
    assert set(listed) == set(variables.findall(read)) - {"DATONG_"}


def test_the_two_readmes_say_the_same_things() -> None:
    code = re.compile(r"`([^`]+)`")
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    for pattern in (PATH, re.compile(r"`make (\w+)")):
        assert set(pattern.findall(english)) == set(pattern.findall(chinese))
    assert len(code.findall(english)) == pytest.approx(len(code.findall(chinese)), abs=6)


def test_every_name_of_the_glossary_is_in_the_code() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    names = [re.fullmatch(r" `(\w+)` ", row[3]) for row in rows if "in code" not in row[3]]
    assert len(names) > 50
    assert None not in names
    words = set(re.findall(r"\w+", code_of(*PACKAGES)))
    assert [name[1] for name in names if name is not None and name[1] not in words] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=by_name)
def test_a_decision_says_what_enforces_it(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    parts = re.findall(r"^\*\*(\w+)", text, re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences", "Enforced"]
    assert text.startswith(f"# {decision.name[:4]} ")
    tests = set(re.findall(r"def (test_\w+)", code_of("tests")))
    assert set(re.findall(r"`(test_\w+)`", text)) <= tests
