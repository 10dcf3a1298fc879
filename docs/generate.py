"""Write the tables of docs/deliveries.md that follow from the code: `python -m docs.generate`."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest import file_refusals, refusals
from ingest.check_sql import names_of
from ingest.checks import Check, plan_item
from ingest.refusals import HeaderFault, Refusal
from ingest.sentences import RULES, sentence
from ingest.source import TextSource
from standards.code_lists import load_code_lists
from standards.identifiers import IdentifierKind
from standards.identifiers.check import RULES as NUMBER_RULES
from standards.records import Item
from standards.violations import Severity

PAGE = Path(__file__).parent / "deliveries.md"
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)
_OUTCOMES = {Severity.ERROR: "问题数据 quarantine", Severity.WARNING: "入库并提示 warning"}
_COLUMN = ("{column}",)
_FAULTS = (
    HeaderFault(_COLUMN, (), (), ("{expected}",), ("{found}",)),
    HeaderFault((), _COLUMN, (), ("{expected}",), ("{found}",)),
    HeaderFault((), (), _COLUMN, ("{expected}",), ("{found}",)),
)


def page(text: str) -> str:
    """The page with its generated parts as the code has them now."""
    parts = {"rules": rules_table, "refusals": refusals_table}
    return _PART.sub(lambda m: f"{m[1]}{parts[m[2]]()}{m[3]}", text)


def rules_table() -> str:
    """One row a rule of a row: code, what becomes of the row, what the clerk is told."""
    severities = {check.rule: check.severity for check in every_check()}
    codes = [*RULES, *(rule for rules in NUMBER_RULES.values() for rule in rules)]
    item = an_item(code_list="{code_list}")
    rows = []
    for code in codes:
        outcome = _OUTCOMES[severities.get(code, Severity.ERROR)]
        rows.append((f"`{code}`", outcome, *sentence(code, item, "{value}")))
    return _table(("规则 rule", "结果 outcome", "提示", "told as"), rows)


def refusals_table() -> str:
    """One row a reason for which a file is refused whole."""
    rows = [(f"`{each.code}`", each.zh, each.en) for each in sorted(every_refusal(), key=code_of)]
    return _table(("代码 code", "原因与办法", "reason and what to do"), rows)


def every_check() -> Iterator[Check]:
    """The checks of items that between them use everything a record can ask for."""
    lists = load_code_lists()
    source = TextSource("", 0, None, spoiled=True, typed_cells=True)
    with_aliases = next(each.id for each in lists.values() if each.aliases)
    asked: list[dict[str, Any]] = [{"data_type": letter} for letter in lists["data_type"].codes]
    asked += [{"identifiers": (kind,)} for kind in IdentifierKind]
    asked += [{"code_list": with_aliases}, {"key": True}, {"nullable": False}]
    for facts in asked:
        item = an_item(**facts)
        plan = plan_item(item, names_of(item.id), code_lists=lists, null_values=(), source=source)
        yield from plan.checks


def every_refusal() -> Iterator[Refusal]:
    """Each refusal once, with the names of its facts in their places."""
    for module in (refusals, file_refusals):
        for _, make in inspect.getmembers(module, inspect.isfunction):
            facts = inspect.signature(make).parameters
            if make.__module__ != module.__name__ or make.__name__.startswith("_"):
                continue
            if "fault" in facts:
                yield from map(refusals.wrong_header, _FAULTS)
            elif inspect.signature(make).return_annotation is Refusal:
                yield _placeholders(make, facts)


def code_of(refusal: Refusal) -> str:
    return refusal.code


def _placeholders(make: Callable[..., Refusal], facts: Mapping[str, Any]) -> Refusal:
    given = {name: f"{{{name}}}" for name in facts}
    several = {name for name, fact in facts.items() if fact.annotation == Sequence[str]}
    return make(**{name: (text,) if name in several else text for name, text in given.items()})


def an_item(**facts: Any) -> Item:
    """An item whose facts stand for themselves, `{length}` for its length, save those given."""
    bounds = ("length", "scale", "minimum", "maximum", "pattern")
    written: dict[str, Any] = {
        **{name: f"{{{name}}}" for name in bounds},
        **dict.fromkeys(("null_values", "aliases", "identifiers"), ()),
        "id": "item",
        "name": "{name}",
        "data_type": "C",
        "level": 2,
        "share_type": 1,
        "key": False,
        "nullable": True,
        "code_list": None,
        "element": None,
    }
    return Item(**{**written, **facts})


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *(map(_cell, row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
