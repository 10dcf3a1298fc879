"""Classes and themes of records as SKOS concepts, each of the standard that it is from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

Node = dict[str, Any]

CLASSES = "发改高技〔2017〕1272号"
THEMES = "GB/T 21063.4"
_LEI = MappingProxyType({"1": "基础信息资源", "2": "主题信息资源", "3": "部门信息资源"})


def in_chinese(text: str) -> Node:
    """A text that says in which language it is."""
    return {"@value": text, "@language": "zh"}


def theme_concepts(document: Mapping[str, Any]) -> list[Node]:
    """The themes of a record; one may be of another standard, such as the industries."""
    themes = document.get("category_gb21063_4") or ()
    return [
        _concept(
            str(theme.get("standard") or THEMES),
            str(theme["code"]),
            str(theme.get("name") or theme["code"]),
        )
        for theme in themes
    ]


def class_concept(document: Mapping[str, Any]) -> Node | None:
    parts = document.get("classification") or {}
    codes = [str(parts.get(part) or "") for part in ("lei", "xiang", "mu", "ximu")]
    front = "".join(codes)
    return _concept(CLASSES, front, f"{_LEI.get(codes[0], '')} {front}".strip()) if front else None


def _concept(standard: str, code: str, name: str) -> Node:
    scheme = scheme_of(standard)
    return {
        "@id": f"{scheme['@id']}:{quote(code, safe='')}",
        "@type": "skos:Concept",
        "skos:prefLabel": in_chinese(name),
        "skos:notation": code,
        "skos:inScheme": scheme,
    }


def scheme_of(standard: str) -> Node:
    """The concepts of a standard, by its number: the same in every catalogue."""
    number = "-".join(re.findall(r"[0-9a-z]+", standard.lower())) or quote(standard, safe="")
    return {
        "@id": f"urn:datong:scheme:{number}",
        "@type": "skos:ConceptScheme",
        "dct:title": in_chinese(standard),
    }
