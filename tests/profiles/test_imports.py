"""Catalogues of others end as drafts or as listed problems; ours comes back as it went out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import KnownError
from catalog.imports.portal import Imported, Lack
from catalog.profiles import dcat
from catalog.profiles.data_json import data_json_pieces
from catalog.profiles.entries import Entry, Site
from catalog.profiles.errors import NotThisFormat, RemoteContext
from catalog.profiles.import_data_json import read_data_json
from catalog.profiles.import_dcat import read_dcat
from catalog.profiles.turtle import as_turtle, graph_of
from standards.documents import canonical_json
from tests.profiles.conftest import ADDRESS

LEAF = dcat.Leaf(ADDRESS, ADDRESS, None, 40, 40)
HEAD = "@prefix dcat: <http://www.w3.org/ns/dcat#>. @prefix dct: <http://purl.org/dc/terms/>. "


def is_whole(found: Imported) -> bool:
    """Everything is a draft or is listed, and can be stored."""
    for draft in found.drafts:
        canonical_json([dict(draft.document), dict(draft.found)]).encode()
        assert draft.name
        assert draft.department_name
    places = [each.position for each in (*found.drafts, *found.listed)]
    return sorted(places) == list(range(found.records))


def told(read: Callable[[str, str], Imported], text: str) -> str:
    """What a reader makes of a text: all that it found, or why it refuses."""
    try:
        return repr(read(text, "x"))
    except KnownError as error:
        return str(error)


def datasets_in(value: object) -> int:
    """How many data sets a DCAT-US file speaks of, told apart by identifier or else by itself."""
    found: dict[str, None] = {}

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if str(node.get("@type")).rpartition(":")[2] in {"Dataset"} or "accessLevel" in node:
                key = json.dumps(node.get("identifier") or node, sort_keys=True)
                found[key] = None
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(value)
    return len(found)


def test_every_data_json_of_the_samples_is_read_whole(dcat_data: Path) -> None:
    folders = ("datagov-harvester", "project-open-data-v1.1/examples", "od_bods/usmart")
    files = [path for folder in folders for path in sorted((dcat_data / folder).glob("*.json"))]
    assert len(files) > 25
    for path in files:
        text = path.read_text(encoding="utf-8")
        found = read_data_json(text, "samples")
        assert is_whole(found), path.name
        services = [d for d in found.drafts if d.document.get("kind") == "interface"]
        assert found.records - len(services) == datasets_in(json.loads(text)), path.name


def test_what_a_sample_lacks_is_listed_or_left_to_be_decided(dcat_data: Path) -> None:
    samples = dcat_data / "datagov-harvester"
    [listed] = read_data_json((samples / "missing_title.json").read_text(), "samples").listed
    assert listed.lack is Lack.NAME
    found = read_data_json((samples / "dcatus3_0_warning.json").read_text(), "samples")
    assert found.unknown["format"] == {"notareal/type": 1}
    [single] = read_data_json((samples / "dcatus_single_record.json").read_text(), "samples").drafts
    assert {each.path for each in single.decisions} >= {"provider_code", "share_type"}
    assert "hasEmail" not in canonical_json([dict(single.document), dict(single.found)])


def test_every_dcat_file_of_the_samples_is_read_or_refused(dcat_data: Path) -> None:
    read, refused = 0, 0
    for path in sorted([*dcat_data.rglob("*.ttl"), *dcat_data.rglob("*.jsonld")]):
        try:
            assert is_whole(read_dcat(path.read_text(encoding="utf-8"), "samples")), path.name
            read += 1
        except (NotThisFormat, RemoteContext):
            refused += 1
    assert read > 10
    assert refused > 10


def test_a_real_catalogue_is_read_as_others_read_it(dcat_data: Path) -> None:
    folder = dcat_data / "od_bods" / "dcat"
    found = read_dcat((folder / "glasgow.json").read_text(encoding="utf-8"), "glasgow")
    with (folder / "expected" / "glasgow.csv").open(encoding="utf-8", newline="") as stream:
        expected = list(csv.DictReader(stream))
    titles = {" ".join(row["Title"].split()) for row in expected}
    assert {draft.name for draft in found.drafts} == titles
    assert {draft.department_name for draft in found.drafts} == {"Glasgow City Council"}
    tags = {
        " ".join(row["Title"].split()): set(row["OriginalTags"].split(";")) - {""}
        for row in expected
    }
    for draft in found.drafts:
        assert set(draft.document.get("keywords", ())) == {tag.strip() for tag in tags[draft.name]}


@pytest.mark.parametrize("form", ["jsonld", "turtle", "xml", "data.json"])
def test_our_own_catalogue_comes_back(form: str, entries: Sequence[Entry], site: Site) -> None:
    some = entries[:40]
    document = dcat.catalogue_graph(some, site, LEAF)
    found = {
        "jsonld": lambda: read_dcat(json.dumps(document), "ours"),
        "turtle": lambda: read_dcat(as_turtle(document), "ours"),
        "xml": lambda: read_dcat(str(graph_of(document).serialize(format="xml")), "ours"),
        "data.json": lambda: read_data_json("".join(data_json_pieces(site, some)), "ours"),
    }[form]()
    assert found.listed == ()
    back = {draft.found["identifier"]: draft for draft in found.drafts}
    assert len(back) == len(some)
    for entry in some:
        draft = back[entry.identifier]
        assert draft.name == entry.name
        assert draft.department_name == entry.department.name
        assert draft.document["update_cycle"] == entry.document["update_cycle"]
        assert set(draft.document["keywords"]) == set(entry.keywords)
        if form != "data.json":
            assert draft.document["provider_code"] == entry.document["provider_code"]


def test_what_is_restricted_is_asked_for_and_what_is_public_is_taken() -> None:
    access = "http://publications.europa.eu/resource/authority/access-right/"
    text = HEAD + "".join(
        f'<urn:{word}> a dcat:Dataset; dct:title "表"; dct:publisher "某局"; '
        f"dct:accessRights <{access}{word}>. "
        for word in ("PUBLIC", "RESTRICTED")
    )
    public, restricted = read_dcat(text, "x").drafts
    assert public.document["open"] is True
    assert public.document["open_type"] == "unconditional"
    assert "open" not in restricted.document
    assert "open" in {each.path for each in restricted.decisions}


def test_who_publishes_is_a_text_or_something_with_a_name_and_never_guessed() -> None:
    foaf = "@prefix foaf: <http://xmlns.com/foaf/0.1/>. "
    said = ('"某局"', '[ foaf:name "某局" ]', "<urn:somebody>")
    text = (
        HEAD
        + foaf
        + "".join(
            f'<urn:{number}> a dcat:Dataset; dct:title "表"; dct:publisher {each}. '
            for number, each in enumerate(said)
        )
    )
    found = read_dcat(text, "x")
    assert [draft.department_name for draft in found.drafts] == ["某局", "某局"]
    assert [(each.position, each.lack) for each in found.listed] == [(2, Lack.DEPARTMENT)]


def test_a_lone_service_is_an_interface_and_one_that_serves_a_data_set_is_none_of_its_own() -> None:
    text = HEAD + (
        '<urn:s> a dcat:DataService; dct:title "查询"; dct:publisher "某局"; '
        "dcat:endpointURL <http://x.invalid/q>. "
        '<urn:d> a dcat:Dataset; dct:title "表"; dct:publisher "某局". '
        '<urn:t> a dcat:DataService; dct:title "表的接口"; dcat:servesDataset <urn:d>. '
    )
    dataset, service = read_dcat(text, "x").drafts
    assert dataset.name == "表"
    assert (service.document["kind"], service.found["endpoint"]) == (
        "interface",
        "http://x.invalid/q",
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": "https://example.invalid/context.jsonld", "@graph": []}',
        '{"@context": [{}, "context.jsonld"], "@graph": []}',
        '{"@graph": [{"@context": "file:///etc/passwd"}]}',
        '{"@context": {"@import": "https://example.invalid/c"}, "@graph": []}',
    ],
)
def test_a_context_elsewhere_is_never_fetched(text: str) -> None:
    with pytest.raises(RemoteContext):
        read_dcat(text, "x")


def test_a_file_named_in_an_xml_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim", encoding="utf-8")
    text = (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dct="http://purl.org/dc/terms/" xmlns:dcat="http://www.w3.org/ns/dcat#">'
        "<dcat:Dataset><dct:title>表&e;</dct:title><dct:publisher>某局</dct:publisher>"
        "</dcat:Dataset></rdf:RDF>"
    )
    assert "geheim" not in told(read_dcat, text)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "{", '{"dataset"', "not rdf", "<rdf:RDF", "<html></html>", '"x"',
     "[" * 5000, '{"a":' * 3000, '{"catalog": ' * 60 + "{}" + "}" * 60],
)  # fmt: skip
def test_what_is_no_catalogue_is_refused(text: str) -> None:
    for read in (read_dcat, read_data_json):
        assert told(read, text).startswith(("文件不是可读的", "Imported(source='x', records="))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["title", "publisher", "name", "keyword", "identifier", "distribution", "@id", "@type",
             "mediaType", "accrualPeriodicity", "accessLevel", "theme", "dct:title", "@value"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=4), JSON)
def test_nothing_in_a_data_json_breaks_the_reading(datasets: list[object], other: object) -> None:
    text = json.dumps({"dataset": datasets, "service": other, "catalog": other})
    assert is_whole(read_data_json(text, "x"))


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_nothing_in_a_json_ld_breaks_the_reading(node: object) -> None:
    inner = dict(node) if isinstance(node, dict) else {"dct:title": node}
    document = {"@context": dict(dcat.PREFIXES), "@graph": [{**inner, "@type": "dcat:Dataset"}]}
    with suppress(NotThisFormat):
        assert is_whole(read_dcat(json.dumps(document), "x"))
