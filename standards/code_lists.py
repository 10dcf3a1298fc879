"""Code lists (代码表): the shipped ones and a department's own, each with its source."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

from standards.documents import DocumentError, as_mapping, load_document

_SHIPPED = Path(__file__).parent / "code_lists"
_KEYS = frozenset(
    {"id", "extends", "title", "source", "edition", "entries", "entries_file", "aliases"}
)


class CodeListError(Exception):
    """A code list file that cannot be used; says the file and what would be right."""

    def __init__(self, file: str, zh: str, en: str) -> None:
        super().__init__(file, zh, en)
        self.file = file
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"代码表文件 {self.file}：{self.zh} / code list file {self.file}: {self.en}"


class UnknownCodeList(Exception):
    """No code list has this id; names the nearest ones."""

    def __init__(self, list_id: str, nearest: tuple[str, ...]) -> None:
        super().__init__(list_id, nearest)
        self.list_id = list_id
        self.nearest = nearest

    def __str__(self) -> str:
        near = "、".join(self.nearest)
        zh = f"没有代码表 {self.list_id}" + (f"，相近的有：{near}" if near else "")
        en = f"there is no code list {self.list_id}" + (f"; nearest: {near}" if near else "")
        return f"{zh} / {en}"


@dataclass(frozen=True, slots=True)
class CodeEntry:
    code: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class CodeList:
    """`aliases` leads from other spellings (old names, short codes) to a code of the list."""

    id: str
    title: str
    source: str
    edition: str
    entries: tuple[CodeEntry, ...]
    aliases: Mapping[str, str]

    @cached_property
    def by_code(self) -> Mapping[str, CodeEntry]:
        return MappingProxyType({entry.code: entry for entry in self.entries})

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(entry.code for entry in self.entries)

    @cached_property
    def codes_by_name(self) -> Mapping[str, str]:
        """The names that belong to one code only."""
        names: dict[str, set[str]] = {}
        for entry in self.entries:
            names.setdefault(entry.name, set()).add(entry.code)
        single = {name: min(codes) for name, codes in names.items() if len(codes) == 1}
        return MappingProxyType(single)

    def find(self, code: str) -> CodeEntry | None:
        return self.by_code.get(code)

    def resolve(self, text: str) -> str | None:
        """The code meant by a code, an alias or an unambiguous name; None where there is none."""
        if text in self.by_code:
            return text
        return self.aliases.get(text, self.codes_by_name.get(text))


class CodeLists(Mapping[str, CodeList]):
    """All code lists by id; unchangeable."""

    def __init__(self, lists: Mapping[str, CodeList]) -> None:
        self._lists = MappingProxyType(dict(lists))

    def __getitem__(self, list_id: str) -> CodeList:
        return self._lists[list_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lists)

    def __len__(self) -> int:
        return len(self._lists)

    def find(self, list_id: str) -> CodeList | None:
        return self._lists.get(list_id)

    def require(self, list_id: str) -> CodeList:
        """The list, or UnknownCodeList naming the nearest ids."""
        found = self._lists.get(list_id)
        if found is None:
            near = get_close_matches(list_id, self._lists, n=3)
            raise UnknownCodeList(list_id, tuple(near))
        return found


def load_code_lists(*folders: Path) -> CodeLists:
    """The shipped lists and those of the folders' *.yaml files.

    A file with `extends: ID` adds entries and aliases to a list loaded before it. Raises
    CodeListError where a file cannot be read, or gives a known id or code another meaning.
    """
    lists = dict(_shipped())
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            _add(lists, path)
    return CodeLists(lists)


@lru_cache(maxsize=1)
def _shipped() -> CodeLists:
    lists: dict[str, CodeList] = {}
    for path in sorted(_SHIPPED.glob("*.yaml")):
        _add(lists, path)
    return CodeLists(lists)


def _add(lists: dict[str, CodeList], path: Path) -> None:
    try:
        document = load_document(path.read_text(encoding="utf-8"))
    except DocumentError as error:
        raise CodeListError(path.name, error.zh, f"{error.en} (line {error.line})") from error
    unknown = sorted(set(document) - _KEYS)
    if unknown:
        raise CodeListError(path.name, f"不认识的键 {unknown}", f"unknown keys {unknown}")
    if "extends" in document:
        found = _extended(lists, path, document)
    else:
        found = _read(path, document)
        if found.id in lists:
            zh, en = "已有，要补充请写 extends", "is there already; to add to it write extends"
            raise CodeListError(path.name, f"代码表 {found.id} {zh}", f"{found.id} {en}")
    lists[found.id] = found


def _read(path: Path, document: Mapping[str, object]) -> CodeList:
    missing = [key for key in ("id", "title", "source", "edition") if not document.get(key)]
    if missing:
        raise CodeListError(path.name, f"缺少 {missing}", f"{missing} missing")
    found = CodeList(
        id=str(document["id"]),
        title=str(document["title"]),
        source=str(document["source"]),
        edition=str(document["edition"]),
        entries=_entries(path, document),
        aliases=_aliases(path, document),
    )
    _check(path, found)
    return found


def _extended(
    lists: Mapping[str, CodeList], path: Path, document: Mapping[str, object]
) -> CodeList:
    base = CodeLists(lists).require(str(document["extends"]))
    added = _entries(path, document)
    found = replace(
        base,
        source=f"{base.source}; {document.get('source', path.name)}",
        entries=base.entries + tuple(entry for entry in added if base.find(entry.code) != entry),
        aliases=MappingProxyType({**base.aliases, **_aliases(path, document)}),
    )
    _check(path, found)
    return found


def _entries(path: Path, document: Mapping[str, object]) -> tuple[CodeEntry, ...]:
    if "entries_file" in document:
        return tuple(
            CodeEntry(row["code"], row["name"], row.get("note") or "")
            for row in _rows(path, document)
        )
    return tuple(_entry(code, value) for code, value in as_mapping(document.get("entries")).items())


def _rows(path: Path, document: Mapping[str, object]) -> list[dict[str, str]]:
    """Long lists lie in a CSV beside the YAML: code, name, and note or aliases (by spaces)."""
    if "entries_file" not in document:
        return []
    file = path.parent / str(document["entries_file"])
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _entry(code: str, value: object) -> CodeEntry:
    if isinstance(value, Mapping):
        return CodeEntry(code, str(value.get("name", "")), str(value.get("note", "")))
    return CodeEntry(code, str(value))


def _aliases(path: Path, document: Mapping[str, object]) -> Mapping[str, str]:
    pairs = {a: str(code) for a, code in as_mapping(document.get("aliases")).items()}
    for row in _rows(path, document):
        pairs.update(dict.fromkeys((row.get("aliases") or "").split(), row["code"]))
    return MappingProxyType(pairs)


def _check(path: Path, found: CodeList) -> None:
    twice = sorted(code for code, count in Counter(found.codes).items() if count > 1)
    if twice:
        raise CodeListError(path.name, f"代码重复 {twice}", f"codes with two meanings: {twice}")
    lost = sorted(code for code in found.aliases.values() if code not in found.by_code)
    if lost:
        raise CodeListError(
            path.name, f"别名指向不存在的代码 {lost}", f"aliases lead to codes not there: {lost}"
        )
