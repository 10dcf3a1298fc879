"""What a harvested catalogue says of a data set, whatever its profile, becomes a draft."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from catalog.drafts import Decision, Draft, draft_id_of
from catalog.imports import questions
from catalog.imports.duplicates import Title, find_duplicates
from catalog.imports.portal import (
    LONGEST_ABSTRACT,
    LONGEST_NAME,
    LONGEST_URL,
    LONGEST_WORD,
    TABULAR,
    Imported,
    Lack,
    Listed,
)
from catalog.imports.values import says_something, text_of
from catalog.profiles.vocabulary import ACCESS_RIGHT, FILE_TYPE, cycle_of, type_of_media
from standards.normalised import shipped_spellings

_TAG = re.compile(r"<[A-Za-z/!][^<>]*>")
_USCC = re.compile(r"[0-9A-Z]{18}")
_OPENNESS: Mapping[str, Mapping[str, Any]] = {
    "public": {"open": True, "open_type": "unconditional"},
    "non_public": {"open": False, "open_type": "not_open"},
    "non-public": {"open": False, "open_type": "not_open"},
}
"""What is said of the world at large; "restricted" leaves open who may have it."""

Unknown = dict[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A data set as its catalogue describes it, in the catalogue's own words.

    `formats` are media types, file types and plain words; `unread` names what was passed over. Of
    the persons to whom questions go, nothing is taken.
    """

    name: str = ""
    department: str = ""
    department_code: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    cycle: str = ""
    formats: tuple[str, ...] = ()
    access: str = ""
    address: str = ""
    identifier: str = ""
    themes: tuple[str, ...] = ()
    issued: str = ""
    modified: str = ""
    is_service: bool = False
    endpoint: str = ""
    unread: tuple[str, ...] = field(default=(), compare=False)


def imported(source: str, found: Iterable[Seen]) -> Imported:
    """All data sets of a catalogue as drafts, or listed where title or department is missing."""
    seen = list(found)
    unknown: Unknown = {name: Counter() for name in ("update_cycle", "format", "openness")}
    made = [draft_of(each, source, position, unknown) for position, each in enumerate(seen)]
    records = [asdict(each) for each in seen]
    for record in records:
        record["keywords"], record["formats"] = list(record["keywords"]), list(record["formats"])
        record["themes"], record["unread"] = list(record["themes"]), list(record["unread"])
    titles = [Title(each.name, each.department) for each in seen]
    return Imported(
        source=source,
        records=len(seen),
        drafts=tuple(each for each in made if isinstance(each, Draft)),
        listed=tuple(each for each in made if isinstance(each, Listed)),
        duplicates=find_duplicates(source, records, titles),
        unknown={name: dict(counts.most_common()) for name, counts in unknown.items()},
        unmapped=dict(Counter(name for each in seen for name in each.unread).most_common()),
    )


def draft_of(seen: Seen, source: str, position: int, unknown: Unknown) -> Draft | Listed:
    """One data set; its unknown spellings are counted, whatever becomes of it."""
    name, department = plain(seen.name), plain(seen.department)
    making = _Making(unknown)
    making.document["resource_id"] = draft_id_of(source, position).replace("_", "-")
    making.text("name", name, LONGEST_NAME)
    making.document["provider_name"] = department[:LONGEST_NAME]
    _take_code(making, seen, department)
    making.text("abstract", plain(seen.abstract), LONGEST_ABSTRACT)
    making.ask(questions.missing("classification", "、".join(seen.themes) or None))
    _take_format(making, seen)
    making.ask(questions.missing("share_type"))
    _take_access(making, seen.access)
    _take_cycle(making, seen.cycle)
    _take_the_rest(making, seen)
    if not says_something(name) or not says_something(department):
        lack = Lack.DEPARTMENT if says_something(name) else Lack.NAME
        return Listed(source, position, name, lack)
    decisions = tuple(making.decisions)
    return Draft(source, position, name, department, making.document, decisions, _kept(seen))


def plain(text: str) -> str:
    """Text without the markup that some catalogues put into descriptions."""
    return text_of(html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text)


class _Making:
    """A draft while it is made."""

    def __init__(self, unknown: Unknown) -> None:
        self.document: dict[str, Any] = {}
        self.decisions: list[Decision] = []
        self._unknown = unknown

    def ask(self, decision: Decision) -> None:
        self.decisions.append(decision)

    def text(self, path: str, text: str, longest: int) -> None:
        """A text that was found, or the question for it where it was not, or is too long."""
        if not says_something(text):
            self.ask(questions.missing(path))
        elif len(text) > longest:
            self.ask(questions.too_long(path, text, longest))
        else:
            self.document[path] = text

    def strange(self, path: str, name: str, value: str) -> None:
        self._unknown[name][value] += 1
        self.ask(questions.unknown(path, value))


def _take_code(making: _Making, seen: Seen, department: str) -> None:
    if _USCC.fullmatch(seen.department_code):
        making.document["provider_code"] = seen.department_code
    else:
        making.ask(questions.missing("provider_code", department or None))


def _take_format(making: _Making, seen: Seen) -> None:
    """One format is the record's, the first of tables, else the first; the others are noted."""
    if seen.is_service:
        making.document |= {"kind": "interface", "format": {"category": 7, "type": "api"}}
        return
    words = list(dict.fromkeys(word for word in map(_plain_format, seen.formats) if word))
    known = [(word, facts) for word in words if (facts := _format_of(word)) is not None]
    for word in words:
        if word not in dict(known):
            making.strange("format/note" if known else "format", "format", word)
    if not known:
        if not words:
            making.ask(questions.missing("format"))
        making.ask(questions.missing("items"))
        return
    _, facts = next((each for each in known if each[1]["category"] in TABULAR), known[0])
    making.document["format"] = {**facts, **({"note": "、".join(words)} if len(words) > 1 else {})}
    if facts["category"] in TABULAR:
        making.ask(questions.missing("items"))


def _plain_format(text: str) -> str:
    return type_of_media(text) or plain(text).removeprefix(FILE_TYPE).lower()


def _format_of(word: str) -> Mapping[str, Any] | None:
    return shipped_spellings("format").find(word)


def _take_access(making: _Making, access: str) -> None:
    word = access.strip().removeprefix(ACCESS_RIGHT).lower()
    known = _OPENNESS.get(word)
    if known is not None:
        making.document |= known
    elif word:
        making.strange("open", "openness", access.strip())
    else:
        making.ask(questions.missing("open"))


def _take_cycle(making: _Making, written: str) -> None:
    cycle = cycle_of(written) if written else None
    known = shipped_spellings("update_cycle").find(written) if cycle is None else None
    if cycle is not None:
        making.document["update_cycle"] = cycle
    elif known is not None:
        making.document |= known
    elif written.strip():
        making.strange("update_cycle", "update_cycle", written.strip())
    else:
        making.ask(questions.missing("update_cycle"))


def _take_the_rest(making: _Making, seen: Seen) -> None:
    words = dict.fromkeys(text_of(word) for word in seen.keywords)
    keywords = [word for word in words if says_something(word) and len(word) <= LONGEST_WORD]
    if keywords:
        making.document["keywords"] = keywords
    if seen.address.lower().startswith(("http://", "https://")):
        making.text("online_url", seen.address.strip(), LONGEST_URL)


def _kept(seen: Seen) -> dict[str, Any]:
    """What else was said, for who decides."""
    found: dict[str, Any] = {
        "identifier": seen.identifier,
        "themes": list(seen.themes),
        "published_at": seen.issued,
        "updated_at": seen.modified,
        "access": seen.access,
        "endpoint": seen.endpoint,
    }
    return {name: value for name, value in found.items() if value}
