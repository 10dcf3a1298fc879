"""DCAT-AP: the published shapes find nothing wrong, and would find what is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pyshacl
import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from catalog.departments import Department
from catalog.profiles import dcat
from catalog.profiles.entries import Entry, Site
from catalog.profiles.turtle import as_turtle, graph_of
from catalog.profiles.vocabulary import FREQUENCIES, FREQUENCY, Access, access_of
from standards.code_lists import load_code_lists
from standards.record_check import check_record
from standards.records import ResourceKind
from standards.violations import errors_of
from tests.profiles.conftest import ADDRESS, MANY
from tests.profiles.makers import published_record

SH = Namespace("http://www.w3.org/ns/shacl#")
DCAT = Namespace(dcat.PREFIXES["dcat"])
DCT = Namespace(dcat.PREFIXES["dct"])
FOAF = Namespace(dcat.PREFIXES["foaf"])
SKOS = Namespace(dcat.PREFIXES["skos"])
VCARD = Namespace(dcat.PREFIXES["vcard"])
LEAF = dcat.Leaf(f"{ADDRESS}/catalog.jsonld", f"{ADDRESS}/catalog.jsonld", None, MANY, MANY)


def violations(graph: Graph, shapes: Graph) -> list[tuple[Node | None, Node | None]]:
    """Where the shapes find fault: node and property. Nothing is fetched, nothing inferred."""
    _, report, _ = pyshacl.validate(
        graph, shacl_graph=shapes, do_owl_imports=False, inference="none", advanced=False
    )
    assert isinstance(report, Graph)
    return [
        (report.value(result, SH.focusNode), report.value(result, SH.resultPath))
        for result in report.subjects(RDF.type, SH.ValidationResult)
        if report.value(result, SH.resultSeverity) == SH.Violation
    ]


@pytest.fixture(scope="module")
def whole(entries: Sequence[Entry], site: Site) -> Graph:
    return graph_of(dcat.catalogue_graph(entries, site, LEAF))


def test_the_records_of_these_tests_are_valid() -> None:
    for number in range(0, MANY, 37):
        assert errors_of(check_record(published_record(number), load_code_lists())) == (), number


def test_a_thousand_records_break_no_shape_and_each_is_a_data_set(
    whole: Graph, shapes: Graph, entries: Sequence[Entry]
) -> None:
    assert violations(whole, shapes) == []
    assert len(entries) == MANY
    assert len(set(whole.subjects(RDF.type, DCAT.Dataset))) == MANY
    interfaces = [each for each in entries if each.kind is ResourceKind.INTERFACE]
    assert len(interfaces) == MANY // 4
    assert len(set(whole.subjects(RDF.type, DCAT.DataService))) == len(interfaces)
    assert (
        len(list(whole.objects(URIRef(f"{ADDRESS}/catalog.jsonld#catalog"), DCAT.dataset))) == MANY
    )


def mandatory(shapes: Graph) -> list[tuple[URIRef, URIRef]]:
    """Class and property of all that the shapes demand at least once."""
    return sorted(
        (shapes.value(shape, SH.targetClass), shapes.value(rule, SH.path))  # type: ignore[misc]
        for shape in shapes.subjects(SH.targetClass)
        for rule in shapes.objects(shape, SH.property)
        if int(str(shapes.value(rule, SH.minCount, default=0))) > 0
        and shapes.value(rule, SH.severity) == SH.Violation
    )


OURS = [
    (DCAT.Catalog, DCT.title),
    (DCAT.Catalog, DCT.description),
    (DCAT.Catalog, DCT.publisher),
    (DCAT.Dataset, DCT.title),
    (DCAT.Dataset, DCT.description),
    (DCAT.Distribution, DCAT.accessURL),
    (DCAT.DataService, DCT.title),
    (DCAT.DataService, DCAT.endpointURL),
    (FOAF.Agent, FOAF.name),
    (SKOS.Concept, SKOS.prefLabel),
    (SKOS.ConceptScheme, DCT.title),
]


def test_all_that_the_shapes_demand_of_our_classes_is_broken_below(
    whole: Graph, shapes: Graph
) -> None:
    used = set(whole.objects(None, RDF.type))
    demanded = {(kind, path) for kind, path in mandatory(shapes) if kind in used}
    assert demanded == set(OURS)


@pytest.mark.parametrize(("kind", "path"), OURS, ids=lambda iri: str(iri).rpartition("/")[2])
def test_a_mandatory_property_that_is_missing_is_reported(
    kind: URIRef, path: URIRef, entries: Sequence[Entry], site: Site, shapes: Graph
) -> None:
    graph = graph_of(dcat.catalogue_graph(entries[3:4], site, LEAF))
    node = next(iter(sorted(graph.subjects(RDF.type, kind))))
    assert violations(graph, shapes) == []
    graph.remove((node, path, None))
    assert (node, path) in violations(graph, shapes)


def test_turtle_says_the_same_as_json_ld(entries: Sequence[Entry], site: Site) -> None:
    for entry in entries[:24]:
        document = dcat.record_graph(entry, site)
        assert isomorphic(Graph().parse(data=as_turtle(document)), graph_of(document))


def test_a_document_holds_its_whole_context(entries: Sequence[Entry], site: Site) -> None:
    document = json.loads(json.dumps(dcat.record_graph(entries[3], site)))
    assert document["@context"] == dict(dcat.PREFIXES)
    names = [name for node in document["@graph"] for name in node if not name.startswith("@")]
    assert {name.partition(":")[0] for name in names} <= document["@context"].keys()


def test_every_update_cycle_is_a_word_of_the_eu(whole: Graph, entries: Sequence[Entry]) -> None:
    said = {
        str(value).removeprefix(FREQUENCY) for value in whole.objects(None, DCT.accrualPeriodicity)
    }
    assert {each.document["update_cycle"] for each in entries} == FREQUENCIES.keys()
    assert said == set(FREQUENCIES.values())


@pytest.mark.parametrize(
    ("facts", "access"),
    [
        ({"share_type": 1, "open": False}, Access.RESTRICTED),
        ({"share_type": 2, "open": False}, Access.RESTRICTED),
        ({"share_type": 3, "open": False}, Access.NON_PUBLIC),
        ({"share_type": 3, "open": True, "open_type": "unconditional"}, Access.NON_PUBLIC),
        ({"share_type": 1, "open": True}, Access.PUBLIC),
        ({"share_type": 2, "open": True, "open_type": "unconditional"}, Access.PUBLIC),
        ({"share_type": 1, "open": True, "open_type": "conditional"}, Access.RESTRICTED),
        ({"share_type": 1, "open": True, "open_condition": "申请"}, Access.RESTRICTED),
    ],
)
def test_who_may_have_data_follows_from_sharing_and_opening(
    facts: dict[str, object], access: Access
) -> None:
    assert access_of(facts) is access


def test_a_theme_of_another_standard_is_of_a_scheme_of_its_own(
    entries: Sequence[Entry], site: Site
) -> None:
    industry = {"standard": "GB/T 4754", "name": "农业", "code": "A"}
    theme = {"standard": "GB/T 21063.4", "name": "矿藏", "code": "ZCC00"}
    document = {**entries[0].document, "category_gb21063_4": [theme, industry]}
    record = replace(entries[0].record, document=document)
    node = dcat.dataset_node(Entry(record, entries[0].department, entries[0].issued), site)
    schemes = [each["skos:inScheme"]["@id"] for each in node["dcat:theme"]]
    assert schemes == [
        "urn:datong:scheme:gb-t-21063-4",
        "urn:datong:scheme:gb-t-4754",
        "urn:datong:scheme:2017-1272",
    ]


def test_where_data_came_from_is_said_in_words(entries: Sequence[Entry], site: Site) -> None:
    facts = {"source_system": "hukou-system", "data_processing": "sjjgcd01"}
    record = replace(entries[0].record, document={**entries[0].document, **facts})
    named = replace(site, systems={"hukou-system": "户籍管理系统"})
    node = dcat.dataset_node(Entry(record, entries[0].department, entries[0].issued), named)
    assert node["dct:provenance"]["rdfs:label"]["@value"] == "户籍管理系统；原始数据"


def test_a_telephone_is_given_out_only_where_the_record_names_one(
    entries: Sequence[Entry], site: Site, whole: Graph
) -> None:
    named = [each for each in entries if each.document.get("metadata_contact")]
    assert len(list(whole.subject_objects(VCARD.hasTelephone))) > 0
    with_phone = [
        each for each in entries if "hasTelephone" in json.dumps(dcat.dataset_node(each, site))
    ]
    assert with_phone == named
    # not that of the department, which the department's own document may hold
    answering = Department("x", "1" * 18, "某局", None, None, None, {"contact": {"phone": "110"}})
    entry = Entry(entries[1].record, answering, entries[1].issued)
    assert "110" not in json.dumps(dcat.dataset_node(entry, site)["dcat:contactPoint"])


def test_an_interface_is_reached_where_its_record_says(
    entries: Sequence[Entry], site: Site
) -> None:
    [_, service] = dcat.record_graph(entries[3], site)["@graph"]
    assert service["dcat:endpointURL"]["@id"].startswith("http://interfaces.invalid/%E6%9F%A5")
    assert " " not in service["dcat:endpointURL"]["@id"]
    of_ours = entries[3].document | {"interface": {"url": "/v1/persons/lookup", "method": "POST"}}
    record = replace(entries[3].record, document=of_ours)
    entry = Entry(record, entries[3].department, entries[3].issued)
    assert dcat.service_node(entry, site)["dcat:endpointURL"]["@id"] == (
        "https://data.invalid/share/v1/persons/lookup"
    )
