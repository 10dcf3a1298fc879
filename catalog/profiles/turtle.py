"""Graphs of rdflib, of our own JSON-LD and of files from elsewhere; nothing asks the network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from catalog.profiles.dcat import PREFIXES
from catalog.profiles.errors import NotThisFormat, RemoteContext

if TYPE_CHECKING:
    from rdflib import Graph

_JSON = re.compile(r"\s*(\{|\[\s*[{\]])")
_XML = re.compile(r"\s*(<\?xml|<!DOCTYPE|<!--|<(\w+:)?RDF[\s>])")
_MOST_DEEP = 200


def as_turtle(document: Mapping[str, Any]) -> str:
    """A JSON-LD document of ours as Turtle: the same triples."""
    return str(graph_of(document).serialize(format="turtle"))


def graph_of(document: Mapping[str, Any] | list[Any]) -> Graph:
    """All graphs of a JSON-LD document at once.

    Raises RemoteContext where its meaning lies in another file, NotThisFormat.
    """
    from rdflib.plugins.parsers.jsonld import to_rdf

    for context in _contexts(document, 0):
        _refuse_remote(context)
    graph = _empty()
    with _understood("JSON-LD"):
        to_rdf(document, graph)
    return graph


def read_graph(text: str) -> Graph:
    """The graph of a file, in JSON-LD, RDF/XML or Turtle; RemoteContext, NotThisFormat."""
    text = text.removeprefix("\ufeff")
    if _JSON.match(text):
        with _understood("JSON-LD"):
            document = json.loads(text)
        return graph_of(document)
    form, name = ("xml", "RDF/XML") if _XML.match(text) else ("turtle", "Turtle")
    with _understood(name):
        return _empty().parse(data=text, format=form)


def _empty() -> Graph:
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    for prefix, iri in PREFIXES.items():
        graph.bind(prefix, iri)
    return graph


@contextmanager
def _understood(name: str) -> Iterator[None]:
    """What rdflib's readers raise on text that is no RDF, some of it by accident, as one error."""
    from xml.sax import SAXException

    from rdflib.exceptions import Error
    from rdflib.plugins.parsers.notation3 import BadSyntax

    by_accident = (AssertionError, AttributeError, LookupError, TypeError)
    try:
        yield
    except (Error, BadSyntax, SAXException, ValueError, RecursionError, *by_accident) as error:
        raise NotThisFormat(name, _in_short(error)) from error


def _contexts(value: Any, depth: int) -> Iterator[Any]:
    if depth > _MOST_DEEP:
        raise NotThisFormat("JSON-LD", "too deep")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in {"@context", "@import"}:
                yield inner
            yield from _contexts(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _contexts(inner, depth + 1)


def _refuse_remote(context: Any) -> None:
    for each in context if isinstance(context, list) else [context]:
        if isinstance(each, str):
            raise RemoteContext(each[:200])


def _in_short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
