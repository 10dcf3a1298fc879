"""The index itself: its fields, its tokenizers, and the one place where tantivy is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.search import tokens
from catalog.search.facets import Facet
from standards import department_words
from standards.chinese.text import FOLDER as TABLES

if TYPE_CHECKING:
    import tantivy

FIELDS = 2
"""Raise it when the fields change."""

ID = "resource_id"
SUMMARY = "summary"
DESCRIPTION = "description"
"""What a record is compared by (catalog/likeness/); read for those alone that may be alike."""
# compared as wholes: names of items, data elements, the stem of the division
ITEM_NAMES, ELEMENTS, DIVISION = "item_names", "elements", "division"
# looked through as words with their places, so that a phrase can be asked for
TEXTS = (
    "title",
    "title_pinyin",
    "title_initials",
    "department",
    "department_pinyin",
    "department_initials",
    "keywords",
    "items",
    "abstract",
)
# looked through by single ideographs
CHARACTERS = {
    "title": "title_characters",
    "department": "department_characters",
    "items": "items_characters",
    "abstract": "abstract_characters",
}
_WORDS, _IDEOGRAPHS, _WHOLE = "words", "ideographs", "raw"


@cache
def layout() -> str:
    """By what an index is known that was made as we make one: its fields, and how text becomes
    words, tables included. One of another layout is not read: it is made anew."""
    tables = sorted(TABLES.glob("*.csv"))
    tables.append(Path(department_words.__file__).with_suffix(".yaml"))
    words = hashlib.sha256(b"".join(path.read_bytes() for path in tables))
    return f"{FIELDS}.{tokens.VERSION}.{words.hexdigest()[:12]}"


def open_index(folder: Path, *, new: bool = False) -> tantivy.Index:
    """The index in a folder, which is there or (`new`) made; its searcher shows the last commit."""
    import tantivy

    # inside a segment records lie by their id, which is then the order of equal scores
    index = tantivy.Index(_schema(), str(folder), reuse=not new, sort_by_field=ID)
    index.config_reader("manual")
    for name, tokenizer in _tokenizers().items():
        index.register_tokenizer(name, tantivy.TextAnalyzerBuilder(tokenizer).build())
    index.reload()
    return index


def _tokenizers() -> Mapping[str, tantivy.Tokenizer]:
    """Registered at every opening: an index names them and does not keep them."""
    import tantivy

    return {
        _WORDS: tantivy.Tokenizer.whitespace(),
        _IDEOGRAPHS: tantivy.Tokenizer.regex(r"\p{Han}"),
    }


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    # a text, for nothing is deleted by a number, silently
    builder.add_text_field(ID, fast=True, tokenizer_name=_WHOLE, index_option="basic")
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name=_WORDS, index_option="position")
    for name in CHARACTERS.values():
        builder.add_text_field(name, tokenizer_name=_IDEOGRAPHS, index_option="freq")
    for facet in Facet:
        builder.add_text_field(facet.field, fast=True, tokenizer_name=_WHOLE, index_option="basic")
        builder.add_text_field(facet.codes, tokenizer_name=_WHOLE, index_option="basic")
    for name in (ITEM_NAMES, ELEMENTS, DIVISION):
        builder.add_text_field(name, tokenizer_name=_WHOLE, index_option="basic")
    builder.add_bytes_field(SUMMARY, stored=True)
    builder.add_bytes_field(DESCRIPTION, stored=True)
    return builder.build()
