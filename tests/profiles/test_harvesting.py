"""Harvesters against a served catalogue: each finds what is published, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ckanapi
import httpx
import pytest
import yaml
from rdflib import RDF, Graph, Namespace

from api.bootstrap import Services
from api.cli.main import main
from api.errors import BadSetting
from api.settings import load_settings
from api.usecases import departments, setup
from api.usecases.access import Credential, identify
from api.usecases.harvest import harvest_catalogue
from api.usecases.records import add_record
from catalog.profiles.dcat import PREFIXES
from catalog.profiles.import_dcat import read_dcat
from catalog.profiles.turtle import read_graph
from tests.api.conftest import served, services_at
from tests.api.makers import CIVIL, DIVISIONS, World, a_department, a_record
from tests.profiles.makers import publish_directly, published_record

DCAT = Namespace(PREFIXES["dcat"])
HYDRA = Namespace(PREFIXES["hydra"])
COUNT = 40
VIEWS = 2  # the records of the base views, which `init` publishes
ALL = COUNT + VIEWS
HIDDEN = "a-draft"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A home with published records, and a draft that is for nobody to see."""
    opened = services_at(tmp_path_factory.mktemp("harvested"))
    lists = opened.settings.code_lists
    lists.mkdir(parents=True)
    (lists / "division_sample.yaml").write_text(DIVISIONS, encoding="utf-8")
    key = setup.initialise(opened, None).key
    assert key is not None
    world = World(opened, {"admin": key})
    admin = world.caller("admin")
    departments.add_department(opened, admin, a_department())
    civil = a_department(
        department_id="minzheng", code=CIVIL, name="示例市民政局", duty="civil_affairs"
    )
    departments.add_department(opened, admin, civil)
    for name, role, department in (
        ("gongan-steward", "steward", "gongan"),
        ("authority", "authority", "datong"),
    ):
        world.account(name, role, department=department)
    with opened.database.transaction() as conn:
        publish_directly(conn, map(published_record, range(COUNT)))
    draft = a_record(resource_id=HIDDEN, name="尚未发布的记录", keywords=["暗号"])
    add_record(opened, world.caller("gongan-steward"), draft)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with served(services) as found:
        yield found


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def ckan(address: str) -> Iterator[ckanapi.RemoteCKAN]:
    with ckanapi.RemoteCKAN(address) as client:
        yield client


def pages(http: httpx.Client, url: str) -> Iterator[Graph]:
    """Every page, as udata and ckanext-dcat find the next one."""
    while url:
        answer = http.get(url)
        assert answer.status_code == 200, answer.text
        graph = read_graph(answer.text)
        yield graph
        [page] = graph.subjects(RDF.type, HYDRA.PartialCollectionView)
        assert (page, RDF.type, HYDRA.PagedCollection) in graph
        assert str(graph.value(page, HYDRA.totalItems)) == str(ALL)
        following = graph.value(page, HYDRA.next)
        assert following == graph.value(page, HYDRA.nextPage)
        link = answer.headers.get("link")
        assert link == (None if following is None else f'<{following}>; rel="next"')
        url = str(following or "")


@pytest.mark.parametrize("path", ["/catalog.jsonld", "/catalog.ttl"])
def test_a_harvester_that_follows_the_pages_finds_every_record_once(
    http: httpx.Client, path: str
) -> None:
    whole, seen = Graph(), 0
    for graph in pages(http, f"{path}?limit=15"):
        datasets = set(graph.subjects(RDF.type, DCAT.Dataset))
        assert not datasets & set(whole.subjects(RDF.type, DCAT.Dataset))
        seen += 1
        whole += graph
    assert seen == 3
    assert len(set(whole.subjects(RDF.type, DCAT.Dataset))) == ALL
    assert len(set(whole.subjects(RDF.type, DCAT.Catalog))) == 1
    assert "暗号" not in whole.serialize()
    assert HIDDEN not in whole.serialize()


def test_a_page_that_nobody_gave_out_is_refused(http: httpx.Client) -> None:
    for url in ("/catalog.jsonld?cursor=%21", "/catalog.ttl?limit=501", "/catalog.jsonld?limit=0"):
        answer = http.get(url)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        ("", "*/*", "application/ld+json"),
        ("", "text/turtle", "text/turtle"),
        ("", "text/html, text/turtle;q=0.9, application/ld+json;q=0.5", "text/turtle"),
        ("?format=turtle", "application/ld+json", "text/turtle"),
        ("?format=jsonld", "text/turtle", "application/ld+json"),
    ],
)
def test_one_record_comes_in_the_form_that_was_asked_for(
    http: httpx.Client, query: str, accept: str, media: str
) -> None:
    answer = http.get(f"/v1/resources/many-00003/dcat{query}", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media
    assert answer.headers["vary"] == "Accept"
    [draft] = read_dcat(answer.text, "back").drafts
    assert draft.name == published_record(3)["name"]


@pytest.mark.parametrize("part", ["dcat", "contract"])
@pytest.mark.parametrize("resource", [HIDDEN, "none-such"])
def test_what_is_not_published_is_not_there(http: httpx.Client, resource: str, part: str) -> None:
    answer = http.get(f"/v1/resources/{resource}/{part}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/resource-not-found"


def test_every_name_of_a_data_set_leads_to_what_it_names(http: httpx.Client) -> None:
    document = http.get("/v1/resources/many-00003/dcat").json()
    dataset, service = document["@graph"]
    for each in (
        dataset["@id"],
        dataset["dcat:landingPage"]["@id"],
        dataset["dct:conformsTo"]["@id"],
        dataset["dct:publisher"]["@id"],
        service["@id"],
    ):
        assert http.get(urlsplit(each).path).status_code == 200, each


def test_the_base_views_are_services_of_the_platform(http: httpx.Client, address: str) -> None:
    [_, service] = http.get("/v1/resources/person/dcat").json()["@graph"]
    assert service["dcat:endpointURL"] == {"@id": f"{address}/v1/persons/lookup"}


def test_data_json_holds_every_record_and_is_sent_in_pieces(http: httpx.Client) -> None:
    answer = http.get("/data.json")
    assert answer.headers["content-type"] == "application/json"
    assert "content-length" not in answer.headers
    found = answer.json()
    assert len(found["dataset"]) == ALL
    assert "暗号" not in answer.text


def test_a_contract_is_served_and_printed(
    http: httpx.Client, services: Services, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    answer = http.get("/v1/resources/many-00000/contract")
    assert answer.headers["content-type"].partition(";")[0] == "application/yaml"
    served_one = yaml.safe_load(answer.text)
    monkeypatch.setenv("DATONG_HOME", str(services.settings.home))
    monkeypatch.setenv("DATONG_URL", "https://data.invalid/")
    with pytest.raises(SystemExit) as ended:
        main(("record", "contract", "many-00000"))
    assert ended.value.code == 0
    printed = yaml.safe_load(capfd.readouterr().out)
    assert printed["id"] == served_one["id"] == "urn:datong:contract:many-00000"
    [link] = printed["description"]["authoritativeDefinitions"]
    assert link["url"] == "https://data.invalid/v1/resources/many-00000"


def test_addresses_follow_the_setting_where_there_is_one() -> None:
    assert load_settings({"DATONG_URL": "https://data.invalid/a/"}).url == "https://data.invalid/a"
    assert load_settings({}).url is None
    for wrong in ("data.invalid", "ftp://data.invalid", "https://data.invalid/?a=1"):
        with pytest.raises(BadSetting):
            load_settings({"DATONG_URL": wrong})


def test_the_client_of_ckan_lists_searches_and_shows(ckan: ckanapi.RemoteCKAN) -> None:
    assert ckan.action.site_read() is True
    assert ckan.action.status_show()["ckan_version"].startswith("2.")
    names = ckan.action.package_list()
    assert len(names) == ALL
    assert ckan.action.package_list(limit=3, offset=2) == names[2:5]
    found = ckan.action.package_search(q="*:*", rows=5, start=10, sort="id asc")
    assert found["count"] == ALL
    assert [each["name"] for each in found["results"]] == names[10:15]
    shown = ckan.action.package_show(id="many-00003")
    assert shown == next(
        each for each in ckan.action.package_search(fq="name:many-00003")["results"]
    )
    resource = shown["resources"][0]
    assert ckan.action.resource_show(id=resource["id"]) == resource
    by_code = next(e["value"] for e in shown["extras"] if e["key"] == "resource_code")
    assert ckan.action.package_show(id=by_code)["id"] == "many-00003"


def test_a_harvest_by_what_changed_since_walks_on_by_rows(ckan: ckanapi.RemoteCKAN) -> None:
    """As ckanext-harvest does it: a filter on the time, sorted by id, page after page."""
    since = "metadata_modified:[2026-11-01T00:10:00Z TO 2026-11-01T00:29:59Z]"
    seen: list[str] = []
    while True:
        page = ckan.action.package_search(fq=since, rows=7, start=len(seen), sort="id asc")
        seen += [each["id"] for each in page["results"]]
        if not page["results"]:
            break
    assert seen == [f"many-{number:05d}" for number in range(10, 30)]
    assert page["count"] == 20


def test_departments_are_organizations_and_themes_are_groups(ckan: ckanapi.RemoteCKAN) -> None:
    names = ckan.action.organization_list()
    assert {"gongan", "minzheng"} < set(names)
    [police] = ckan.action.organization_list(all_fields=True, organizations=["gongan"])
    assert (police["title"], police["package_count"]) == ("示例市公安局", COUNT // 2)
    shown = ckan.action.organization_show(id="gongan", include_datasets=True)
    assert {each["owner_org"] for each in shown["packages"]} == {"gongan"}
    records = [published_record(number) for number in range(COUNT)]
    themes = [each for record in records for each in record.get("category_gb21063_4", ())]
    assert ckan.action.group_list() == sorted({theme["code"] for theme in themes})
    assert sum(group["package_count"] for group in ckan.action.group_list(all_fields=True)) == 20
    tags = ckan.action.tag_list()
    assert tags == sorted({word for record in records for word in record["keywords"]})
    assert ckan.action.tag_list(query="户") == ["户籍"]
    assert [each["id"] for each in ckan.action.license_list()] == ["notspecified"]


def test_the_client_of_ckan_is_told_what_is_not_there(ckan: ckanapi.RemoteCKAN) -> None:
    for call in (
        lambda: ckan.action.package_show(id="none-such"),
        lambda: ckan.action.package_show(id=HIDDEN),
        lambda: ckan.action.resource_show(id=f"{HIDDEN}.data"),
        lambda: ckan.action.resource_show(id="many-00003.none"),
        lambda: ckan.action.resource_show(id="many"),
        lambda: ckan.action.organization_show(id="none-such"),
        lambda: ckan.action.help_show(name="none_such"),
    ):
        with pytest.raises(ckanapi.NotFound):
            call()
    with pytest.raises(ckanapi.ValidationError) as refused:
        ckan.action.package_search(rows="many")
    assert "rows" in refused.value.error_dict
    with pytest.raises(ckanapi.ValidationError):
        ckan.action.package_show()
    with pytest.raises(ckanapi.CKANAPIError, match="Action name not known"):
        ckan.action.package_create(name="x")
    assert ckan.action.help_show(name="package_show").startswith("A package.")


@pytest.mark.parametrize("base", ["/api/action", "/api/3/action"])
def test_both_addresses_take_queries_and_bodies(http: httpx.Client, base: str) -> None:
    asked = http.get(f"{base}/package_show", params={"id": "many-00003"}).json()
    posted = http.post(f"{base}/package_show", json={"id": "many-00003"}).json()
    assert asked == posted
    assert asked["success"] is True
    assert asked["help"].endswith("/api/3/action/help_show?name=package_show")
    missing = http.get(f"{base}/package_show", params={"id": "none-such"})
    assert (missing.status_code, missing.json()["success"]) == (404, False)
    assert missing.json()["error"]["__type"] == "Not Found Error"
    assert http.post(f"{base}/package_show", content=b"[1]").status_code == 422
    assert http.post(f"{base}/package_show", content=b"{").status_code == 422
    assert http.post(f"{base}/site_read", content=b"").json()["result"] is True


def test_nothing_that_is_harvested_names_an_account_a_key_or_a_grant(http: httpx.Client) -> None:
    texts = [
        http.get(path).text
        for path in (
            "/data.json",
            "/catalog.jsonld",
            "/api/3/action/package_search?rows=1000",
            "/api/3/action/organization_show?id=gongan&include_datasets=true",
            "/v1/resources/many-00003/contract",
        )
    ]
    for text in texts:
        assert "steward" not in text
        assert "dt_" not in text
        assert "某人" not in text


@pytest.mark.parametrize(("form", "path"), [("dcat", "/catalog.ttl"), ("data.json", "/data.json")])
def test_what_was_harvested_is_kept_as_drafts(
    http: httpx.Client, services: Services, tmp_path: Path, form: str, path: str
) -> None:
    file = tmp_path / "catalogue"
    file.write_text(http.get(path).text, encoding="utf-8")
    caller = identify(
        services, Credential(name="authority"), request_id=services.ids.new(), address="test"
    )
    source = form.replace(".", "-")
    done = harvest_catalogue(services, caller, file, form, source)
    assert (done.records, done.drafts, done.added, done.listed) == (ALL, ALL, ALL, [])
    again = harvest_catalogue(services, caller, file, form, source)
    assert (again.added, again.unchanged) == (0, ALL)


def test_the_command_of_ckanapi_fetches_the_whole_catalogue(address: str) -> None:
    program = Path(sys.executable).parent / "ckanapi"
    search = [program, "search", "datasets", "-r", address, "q=*:*", "sort=id asc"]
    ran = subprocess.run(search, capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len({each["id"] for each in found}) == ALL
