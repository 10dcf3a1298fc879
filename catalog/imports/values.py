"""Values of foreign catalogues as text: however a portal writes a text, a list or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from standards.normalised import shipped_spellings
from standards.portal_mappings import LINES

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
# a line broken inside a word or a name is no blank; between Latin words it is
_BROKEN = re.compile(r"(?<=[^\x00-\x7f])\s*[\r\n]+\s*(?=[^\x00-\x7f])")
_MEANS_SOMETHING = re.compile(r"\w")


def text_of(value: object) -> str:
    """A value as one line of text; empty where there is none."""
    if value is None:
        return ""
    text = _CONTROL.sub("", value if isinstance(value, str) else str(value))
    return re.sub(r"\s+", " ", _BROKEN.sub("", text)).strip()


def says_something(text: str) -> bool:
    """False for nothing, and for the words that stand where nothing is said."""
    return bool(text) and shipped_spellings("nothing").find(text) is None


def words_of(value: object, split: str | None) -> tuple[str, ...]:
    """The single words of a value, each once, in their order; signs alone are no word."""
    if isinstance(value, list | tuple):
        parts: Iterable[str] = map(text_of, value)
    elif isinstance(value, str) and value.strip().startswith("["):
        # a list as a program printed it: "['xls', 'json']"
        parts = (a or b for a, b in _QUOTED.findall(value))
    else:
        parts = _cut(value, split)
    words = (text_of(part) for part in parts)
    kept = (word for word in words if _MEANS_SOMETHING.search(word.replace("_", "")))
    return tuple(dict.fromkeys(kept))


def _cut(value: object, split: str | None) -> list[str]:
    text = value if isinstance(value, str) else text_of(value)
    if split is None:
        return [text]
    return re.split(r"[\r\n]+", text) if split == LINES else text.split(split)
