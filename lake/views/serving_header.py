"""The header of a serving version: all that its compact rows leave out, as one JSON file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lake.views.sources import ViewPlan
from standards.identifiers import IdentifierKind

HEADER_FILE = "header.json"
ALIAS_FILE = "numbers.sqlite"
FORMAT = 1
DERIVED = -1  # winner code of a value that no source holds and the view works out itself


@dataclass(frozen=True, slots=True)
class ServingHeader:
    """Attributes, sources, deliveries and rules that the codes in the rows point into."""

    view_id: str
    version: int
    known_at: str
    schemes: tuple[tuple[str, str], ...]  # (scheme, kind of number), in order of precedence
    attributes: tuple[tuple[str, str], ...]  # (id, data type), in the order of the rows
    sources: tuple[str, ...]
    deliveries: tuple[tuple[str, str], ...]  # (delivery id, data time)
    registrars: Mapping[str, str]  # first character of a number -> registering duty
    rules: Mapping[str, Mapping[str, Mapping[str, str]]]  # attribute -> duty -> source -> rule
    parts: tuple[int, ...]  # bucket -> number of the part that holds it

    def write(self, folder: Path) -> None:
        document = {"format": FORMAT, **{name: getattr(self, name) for name in self.__slots__}}
        text = json.dumps(document, ensure_ascii=False)
        (folder / HEADER_FILE).write_text(text, encoding="utf-8")


def read_header(folder: Path) -> ServingHeader:
    """Read a version's header; FileNotFoundError where the folder holds none."""
    document = json.loads((folder / HEADER_FILE).read_text(encoding="utf-8"))
    pairs = ("schemes", "attributes", "deliveries")
    return ServingHeader(
        view_id=document["view_id"],
        version=document["version"],
        known_at=document["known_at"],
        sources=tuple(document["sources"]),
        registrars=document["registrars"],
        rules=document["rules"],
        parts=tuple(document["parts"]),
        **{name: tuple((a, b) for a, b in document[name]) for name in pairs},
    )


def header_of(
    plan: ViewPlan, *, version: int, known_at: str, groups: Sequence[range]
) -> ServingHeader:
    """The header for a plan whose buckets were built in these groups, one part each."""
    definition = plan.definition
    return ServingHeader(
        view_id=definition.view_id,
        version=version,
        known_at=known_at,
        schemes=tuple((s.scheme, str(s.identifier)) for s in plan.schemes),
        attributes=tuple((a.id, a.data_type) for a in definition.attributes),
        sources=tuple(source.resource_id for source in plan.sources),
        deliveries=tuple((d.delivery_id, d.data_time.isoformat()) for d in plan.deliveries),
        registrars=dict(definition.registrars),
        rules=_rules(plan),
        parts=tuple(part for part, group in enumerate(groups) for _ in group),
    )


def _rules(plan: ViewPlan) -> dict[str, dict[str, dict[str, str]]]:
    return {
        attribute: {
            duty: {
                str(source): ranking.rule_of(source) for tier in ranking.tiers for source in tier
            }
            for duty, ranking in rankings.items()
        }
        for attribute, rankings in plan.rankings.items()
    }


def part_file(part: int) -> str:
    """Name of the SQLite file of one part."""
    return f"part-{part:03d}.sqlite"


def registering_character(kind: str, number: str) -> str:
    """The character that tells who registers a subject: the first of its credit code.

    Registration numbers are given by market regulation alone (GS 15-2006), whose character in
    credit codes is 9 (GB 32100-2015). Other numbers do not tell: the empty text.
    """
    if kind == IdentifierKind.USCC:
        return number[:1]
    return "9" if kind == IdentifierKind.REG_NO else ""
