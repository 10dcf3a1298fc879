"""Mapping files: which key of a portal's catalogue is which fact of a resource."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from standards.documents import DocumentError, as_mapping, load_document

_SHIPPED = Path(__file__).parent / "portal_mappings"
_KEYS = frozenset({"id", "title", "source", "division_code", "fields", "ignored", "spellings"})
_ID = re.compile(r"[a-z][a-z0-9_-]{1,30}")
_DIVISION = re.compile(r"[0-9]{6}")
SPELLED = ("format", "industry", "openness", "update_cycle")
LINES = "lines"


class Target(StrEnum):
    """What a key of a portal may be."""

    NAME = "name"
    DEPARTMENT = "department"
    ABSTRACT = "abstract"
    KEYWORDS = "keywords"
    UPDATE_CYCLE = "update_cycle"
    OPENNESS = "openness"
    FORMATS = "formats"
    INDUSTRY = "industry"
    ONLINE_URL = "online_url"
    # kept beside the record, as found: no field of a record takes them as they are
    THEME = "theme"
    SCENE = "scene"
    CREATED_AT = "created_at"
    PUBLISHED_AT = "published_at"
    UPDATED_AT = "updated_at"
    ROWS = "rows"


_TARGETS = frozenset(target.value for target in Target)


class MappingError(Exception):
    """A mapping file that cannot be used; says the file and what would be right."""

    def __init__(self, file: str, zh: str, en: str) -> None:
        super().__init__(file, zh, en)
        self.file = file
        self.zh = f"映射文件 {file}：{zh}"
        self.en = f"mapping file {file}: {en}"

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class UnknownMapping(Exception):
    """No shipped mapping has this name, and no file either."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name = name
        names = "、".join(known)
        self.zh = f"没有映射 {name}；可用的有：{names}，或写出一个 .yaml 文件的路径"
        self.en = f"there is no mapping {name}; known: {names}; or give the path of a .yaml file"

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class KeyRule:
    """One key of the portal: what it is, and at what its value is cut into several."""

    key: str
    target: Target
    split: str | None = None


@dataclass(frozen=True, slots=True)
class PortalMapping:
    """`ignored` names the keys that are left out, each with its reason; `spellings` adds to the
    shipped tables what this portal's own words stand for."""

    id: str
    title: str
    division_code: str | None
    rules: tuple[KeyRule, ...]
    ignored: Mapping[str, str]
    spellings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        """The keys that the mapping speaks of."""
        return frozenset(rule.key for rule in self.rules) | frozenset(self.ignored)


def shipped_mappings() -> tuple[str, ...]:
    """The names of the shipped mappings."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


def load_mapping(name: str) -> PortalMapping:
    """A shipped mapping by name, or one in a file of its own; MappingError, UnknownMapping."""
    path = _SHIPPED / f"{name}.yaml" if name in shipped_mappings() else Path(name)
    if path.suffix not in {".yaml", ".yml", ".json"} or not path.is_file():
        raise UnknownMapping(name, shipped_mappings())
    try:
        return read_mapping(path.name, load_document(path.read_text(encoding="utf-8-sig")))
    except DocumentError as error:
        raise MappingError(path.name, error.zh, f"{error.en} (line {error.line})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(path.name, "无法读取，应为 UTF-8", "cannot be read as UTF-8") from error


def read_mapping(file: str, document: Mapping[str, object]) -> PortalMapping:
    """The mapping that a document says; MappingError."""
    _refuse_others(file, document)
    found = PortalMapping(
        id=_id(file, document),
        title=str(document.get("title") or document["id"]),
        division_code=_division(file, document),
        rules=tuple(_rules(file, document)),
        ignored=MappingProxyType(
            {key: str(why or "") for key, why in as_mapping(document.get("ignored")).items()}
        ),
        spellings={
            table: as_mapping(own) for table, own in as_mapping(document.get("spellings")).items()
        },
    )
    _check(file, found)
    return found


def _refuse_others(file: str, document: Mapping[str, object]) -> None:
    unknown = sorted(set(document) - _KEYS)
    if unknown:
        known = " ".join(sorted(_KEYS))
        raise MappingError(
            file, f"不认识的键 {unknown}；可用：{known}", f"unknown keys {unknown}; known: {known}"
        )


def _id(file: str, document: Mapping[str, object]) -> str:
    written = str(document.get("id") or "")
    if _ID.fullmatch(written) is None:
        zh = f"id“{written}”应以小写字母开头，由小写字母、数字、_ 和 - 组成，2 至 31 位"
        en = f"id {written!r} should be 2 to 31 small letters, digits, _ and -, a letter first"
        raise MappingError(file, zh, en)
    return written


def _division(file: str, document: Mapping[str, object]) -> str | None:
    written = document.get("division_code")
    if written is None:
        return None
    if not isinstance(written, str) or _DIVISION.fullmatch(written) is None:
        zh, en = "应为加引号的 6 位数字", "should be six digits in quotes"
        raise MappingError(file, f"division_code {zh}", f"division_code {en}")
    return written


def _rules(file: str, document: Mapping[str, object]) -> Iterator[KeyRule]:
    for key, written in as_mapping(document.get("fields")).items():
        facts = as_mapping(written) or {"to": written}
        target, split = str(facts.get("to")), facts.get("split")
        if target not in _TARGETS or set(facts) - {"to", "split"}:
            known = " ".join(target.value for target in Target)
            raise MappingError(
                file,
                f"{key} 的去向“{target}”不认识；可用：{known}",
                f"{key} leads to {target!r}; known: {known}",
            )
        yield KeyRule(key, Target(target), None if split is None else str(split))


def _check(file: str, found: PortalMapping) -> None:
    counted = Counter(rule.target for rule in found.rules)
    twice = sorted(target.value for target, count in counted.items() if count > 1)
    if twice:
        raise MappingError(file, f"{twice} 有两个来源", f"two keys lead to {twice}")
    if Target.NAME not in counted:
        raise MappingError(file, "没有映射到 name 的键", "no key leads to name")
    both = sorted({rule.key for rule in found.rules} & set(found.ignored))
    if both:
        raise MappingError(file, f"{both} 既映射又忽略", f"{both} are both mapped and ignored")
    unknown = sorted(set(found.spellings) - set(SPELLED))
    if unknown:
        known = " ".join(SPELLED)
        raise MappingError(file, f"没有规范表 {unknown}：{known}", f"no tables {unknown}: {known}")
