"""Reads DCAT-AP of others, in JSON-LD, Turtle or RDF/XML: their data sets and lone services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.drafts import Draft
from catalog.imports.portal import Imported
from catalog.imports.values import text_of
from catalog.profiles.dcat import PREFIXES
from catalog.profiles.errors import NotThisFormat
from catalog.profiles.seen import Seen, imported
from catalog.profiles.turtle import read_graph

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

_READ = (
    "dct:title", "dct:description", "dct:identifier", "dct:publisher", "dct:creator",
    "dcat:keyword", "dcat:theme", "dct:issued", "dct:modified", "dct:accrualPeriodicity",
    "dct:accessRights", "dcat:landingPage", "foaf:page", "dcat:distribution", "dcat:endpointURL",
    "dcat:servesDataset",
)  # fmt: skip
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_LANGUAGES = ("zh", "zh-cn", "zh-hans", None, "en")


def read_dcat(text: str, source: str) -> Imported:
    """A whole file; RemoteContext, and NotThisFormat also where it speaks of no data set at all."""
    seen = list(seen_in(read_graph(text)))
    if not seen:
        raise NotThisFormat("DCAT", "no dcat:Dataset, no dcat:DataService")
    return imported(source, seen)


def to_drafts(graph: Graph, source: str) -> Iterator[Draft]:
    """The drafts alone of a graph that is read already."""
    yield from imported(source, seen_in(graph)).drafts


def seen_in(graph: Graph) -> Iterator[Seen]:
    """Every data set by its name, then every service that serves none of them."""
    reader = _Reader(graph)
    datasets = reader.of_type("dcat:Dataset")
    for node in datasets:
        yield reader.dataset(node)
    described = set(datasets)
    for node in reader.of_type("dcat:DataService"):
        if described.isdisjoint(graph.objects(node, _iri("dcat:servesDataset"))):
            yield reader.service(node)


def _iri(name: str) -> Node:
    from rdflib import URIRef

    prefix, _, local = name.partition(":")
    return URIRef(PREFIXES[prefix] + local)


class _Reader:
    """Reads a graph by the names of our prefixes, in an order that does not change."""

    def __init__(self, graph: Graph) -> None:
        from rdflib import URIRef

        self._graph = graph
        self._type = URIRef(_TYPE)
        self._read = {_iri(name) for name in _READ} | {self._type}

    def of_type(self, name: str) -> list[Node]:
        nodes = set(self._graph.subjects(self._type, _iri(name)))
        return sorted(nodes, key=self._place)

    def _place(self, node: Node) -> tuple[bool, str, str, str]:
        """A name that the file gave, else what is said: the reader's own names change each time."""
        named = self._is_named(node)
        said = self.text(node, "dct:identifier"), self.text(node, "dct:title")
        return (not named, str(node) if named else "", *said)

    def _is_named(self, node: Node) -> bool:
        from rdflib import URIRef

        return isinstance(node, URIRef)

    def dataset(self, node: Node) -> Seen:
        distributions = sorted(self._values(node, "dcat:distribution"), key=self._place)
        services = [each for each in distributions if self._values(each, "dcat:accessService")]
        address = self.first(node, "foaf:page") or self.first(node, "dcat:landingPage")
        name, code = self._publisher(node)
        return Seen(
            name=self.text(node, "dct:title"),
            department=name,
            department_code=code,
            abstract=self.text(node, "dct:description"),
            keywords=self._words(node, "dcat:keyword"),
            cycle=self.first(node, "dct:accrualPeriodicity"),
            formats=tuple(word for each in distributions for word in self._formats(each)),
            access=self.first(node, "dct:accessRights"),
            address=address,
            identifier=self.text(node, "dct:identifier"),
            themes=self._labels(node, "dcat:theme"),
            issued=self.first(node, "dct:issued"),
            modified=self.first(node, "dct:modified"),
            is_service=bool(services) and len(services) == len(distributions),
            endpoint=self.first(services[0], "dcat:accessURL") if services else "",
            unread=self._unread(node),
        )

    def service(self, node: Node) -> Seen:
        name, code = self._publisher(node)
        return Seen(
            name=self.text(node, "dct:title"),
            department=name,
            department_code=code,
            abstract=self.text(node, "dct:description"),
            keywords=self._words(node, "dcat:keyword"),
            access=self.first(node, "dct:accessRights"),
            address=self.first(node, "dcat:landingPage"),
            identifier=self.text(node, "dct:identifier"),
            themes=self._labels(node, "dcat:theme"),
            is_service=True,
            endpoint=self.first(node, "dcat:endpointURL"),
            unread=self._unread(node),
        )

    def text(self, node: Node, name: str) -> str:
        """A text in Chinese, else without a language, in English, or in whichever comes first."""
        found = self._values(node, name)
        return min(((self._rank(each), text_of(each)) for each in found), default=(0, ""))[1]

    def _rank(self, value: Node) -> int:
        language = getattr(value, "language", None)
        return _LANGUAGES.index(language) if language in _LANGUAGES else len(_LANGUAGES)

    def first(self, node: Node, name: str) -> str:
        """A value or an address; of something without a name, what it is labelled."""
        found = self._values(node, name)
        return min((self._label(each) for each in found), default="")

    def _values(self, node: Node, name: str) -> list[Node]:
        return list(self._graph.objects(node, _iri(name)))

    def _words(self, node: Node, name: str) -> tuple[str, ...]:
        return tuple(sorted({text_of(each) for each in self._values(node, name)}))

    def _labels(self, node: Node, name: str) -> tuple[str, ...]:
        return tuple(sorted({self._label(each) for each in self._values(node, name)} - {""}))

    def _label(self, value: Node) -> str:
        from rdflib import BNode

        said = self.text(value, "skos:prefLabel") or self.text(value, "rdfs:label")
        return said or ("" if isinstance(value, BNode) else text_of(value))

    def _formats(self, distribution: Node) -> Iterator[str]:
        for name in ("dct:format", "dcat:mediaType"):
            yield from self._labels(distribution, name)

    def _publisher(self, node: Node) -> tuple[str, str]:
        """Who publishes, else who made it: a text, or something with a name and perhaps a code."""
        from rdflib import Literal

        for name in ("dct:publisher", "dct:creator"):
            for each in sorted(self._values(node, name), key=str):
                said = self.text(each, "foaf:name") or self.text(each, "rdfs:label")
                if isinstance(each, Literal):
                    return text_of(each), ""
                if said:
                    return said, self.text(each, "dct:identifier")
        return "", ""

    def _unread(self, node: Node) -> tuple[str, ...]:
        return tuple(sorted({str(p) for p in self._graph.predicates(node) if p not in self._read}))
