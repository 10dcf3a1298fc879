"""Dockerfiles, read as far as these are written: stages, instructions, what goes to the builder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from tests.deploy.composed import ROOT

DATONG = ROOT / "deploy" / "datong.Dockerfile"
MINIO = ROOT / "deploy" / "minio.Dockerfile"
BOTH = (DATONG, MINIO)


@dataclass(slots=True)
class Stage:
    """From one FROM to the next; `base` is what it begins with."""

    base: str
    name: str | None
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        """What follows each instruction of one kind."""
        return [said for kind, said in self.instructions if kind == word]

    def last(self, word: str) -> str:
        return self.all(word)[-1]

    def copied_from_the_tree(self) -> Iterator[str]:
        """Sources of COPY, but those of another stage."""
        for said in self.all("COPY"):
            words = said.split()
            if not any(word.startswith("--from=") for word in words):
                yield from [word for word in words if not word.startswith("--")][:-1]


def stages(path: Path) -> list[Stage]:
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[Stage] = []
    for line in joined.splitlines():
        word, _, said = line.partition(" ")
        if word == "FROM":
            base, _, name = said.partition(" AS ")
            found.append(Stage(base, name or None))
        else:
            found[-1].instructions.append((word, said.strip()))
    return found


def entrypoint(path: Path) -> list[str]:
    return list(json.loads(stages(path)[-1].last("ENTRYPOINT")))


def goes_to_the_builder(path: str) -> bool:
    """Whether .dockerignore lets a path of the tree through: the last rule that fits decides."""
    through = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            rule = line.removeprefix("!")
            if _fits(path, rule):
                through = line.startswith("!")
    return through


def _fits(path: str, rule: str) -> bool:
    """A rule fits what it names and all below; `**/` stands for any folders or none."""
    parts = path.split("/")
    above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    anywhere, _, name = rule.rpartition("**/")
    if anywhere or rule.startswith("**/"):
        return any(fnmatch(part, name) for part in parts)
    return any(fnmatch(each, rule) and each.count("/") == rule.count("/") for each in above)
