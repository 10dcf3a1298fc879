"""The parsed source of the five packages: what a module uses, by its full name and its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "catalog", "ingest", "lake", "standards")
BESIDE = ("benchmarks", "examples", "tests")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Use:
    """One use of an imported name: `os.environ`, wherever and however it was imported."""

    path: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name}"


@dataclass(frozen=True)
class Source:
    """One module; `path` is relative to the repository, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imported(self) -> dict[str, str]:
        """The full name behind each local name that an import anywhere in the module binds."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    first = each.name.partition(".")[0]
                    names[each.asname or first] = each.name if each.asname else first
            elif isinstance(node, ast.ImportFrom):
                for each in node.names:
                    names[each.asname or each.name] = f"{node.module}.{each.name}"
        return names

    def full_name(self, node: ast.AST) -> str | None:
        """`os.environ` for a node that speaks of it; None where it begins with no import."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id)
        if isinstance(node, ast.Attribute):
            before = self.full_name(node.value)
            return None if before is None else f"{before}.{node.attr}"
        return None

    def uses(self) -> Iterator[Use]:
        for node in ast.walk(self.tree):
            name = self.full_name(node)
            if name is not None:
                yield Use(self.path, getattr(node, "lineno", 0), name)

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def texts(self) -> Iterator[ast.Constant]:
        """Every text of the module that is not a docstring."""
        documented = {
            id(node.body[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Module | ast.ClassDef | Function)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(self.tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and id(node) not in documented:
                yield node  # type: ignore[misc]


def read(*folders: str) -> tuple[Source, ...]:
    """Every module below these folders, in the order of their paths."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in found
    )


@cache
def of_the_product() -> tuple[Source, ...]:
    return read(*PACKAGES)


@cache
def of_everything() -> tuple[Source, ...]:
    return (*of_the_product(), *read(*BESIDE))


def uses(*, names: frozenset[str], below: tuple[str, ...] = ()) -> list[Use]:
    """Where the product uses one of these names, or anything below one of these modules."""
    return [
        use
        for source in of_the_product()
        for use in source.uses()
        if use.name in names or use.name.startswith(tuple(f"{module}." for module in below))
    ]
