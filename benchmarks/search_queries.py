"""What is typed in the benchmark of the search, by class, drawn from titles of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from urllib.parse import urlencode

from tests.search.kinds import Kind, text_of
from tests.search.portals import PortalRecord

SEED: Final = 7
OF_EACH: Final = 60
_KINDS: Final = {
    "part_of_a_title": Kind.TITLE_PART,
    "typing": Kind.TYPING,
    "pinyin": Kind.PINYIN,
    "initials": Kind.INITIALS,
    "traditional": Kind.TRADITIONAL,
    "department_alias": Kind.ALIAS,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A text and what it is narrowed by."""

    text: str
    filters: Mapping[str, str] = field(default_factory=dict)

    def path(self) -> str:
        return "/v1/search?" + urlencode({"q": self.text, **self.filters})


def queries_of(documents: Iterable[Mapping[str, Any]]) -> dict[str, list[Asked]]:
    """The queries of each class; the same ones for the same records."""
    rng = Random(SEED)
    records = [_record(document) for document in documents]
    titles = [record.title for record in rng.sample(records, min(len(records), 20_000))]
    pairs = _counted(title[at : at + 2] for title in titles for at in range(len(title) - 1))
    classes = {
        "one_character": _drawn(rng, _counted(each for title in titles for each in title)),
        "two_characters": _drawn(rng, pairs),
        "one_letter": [Asked(letter) for letter in "abcdefghjklmnopqrstwxyz"],
    }
    for name, kind in _KINDS.items():
        texts = (text_of(kind, record) for record in rng.sample(records, OF_EACH * 8))
        classes[name] = [Asked(text[:100]) for text in texts if text][:OF_EACH]
    narrowed = {"share_type": "1", "format": "2", "update_cycle": "monthly"}
    classes["narrowed"] = [Asked(asked.text, narrowed) for asked in classes["two_characters"]]
    classes["browsing"] = [
        Asked("", {"department": document}) for document in _departments(rng, documents)
    ]
    classes["nothing_found"] = [
        Asked(f"{one.text} {other.text}火星")
        for one, other in zip(classes["typing"], classes["part_of_a_title"], strict=False)
    ]
    return classes


def _record(document: Mapping[str, Any]) -> PortalRecord:
    return PortalRecord("", 0, document["name"], document["provider_name"], "", ())


def _counted(parts: Iterable[str]) -> list[str]:
    """What is of ideographs alone, the most frequent first."""
    counted = Counter(p for p in parts if all("\u4e00" <= each <= "\u9fff" for each in p))
    return [part for part, _ in counted.most_common()]


def _drawn(rng: Random, by_frequency: list[str]) -> list[Asked]:
    """Two thirds the most frequent ones, which touch the most records; the rest at random."""
    most = by_frequency[: OF_EACH * 2 // 3]
    others = by_frequency[len(most) : 2000]
    drawn = rng.sample(others, min(OF_EACH - len(most), len(others)))
    return [Asked(text) for text in (*most, *drawn)]


def _departments(rng: Random, documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    found = sorted({document["department_id"] for document in documents})
    yield from rng.sample(found, min(OF_EACH, len(found)))
