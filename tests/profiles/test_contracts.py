"""Data contracts: `datacontract lint` accepts them all, and they say what the record says."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.profiles.entries import Entry, Site
from catalog.profiles.odcs import contract_of, contract_text
from standards.code_lists import load_code_lists
from standards.documents import load_document
from standards.records import ResourceKind
from standards.views import default_view, view_record
from tests.conftest import require_part
from tests.profiles.datacontract import find_datacontract

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "examples" / "world" / "records").glob("*.yaml"))
# the program's own library, so that its start is paid once for all contracts
LINT = """
import sys
from datacontract.data_contract import DataContract
for path in sys.argv[1:]:
    run = DataContract(data_contract_file=path).lint()
    faults = [c for c in run.checks if str(c.result) not in ("passed", "ResultEnum.passed")]
    for check in faults:
        print(path, check.result, check.reason)
"""


@pytest.fixture(scope="module")
def program() -> Path:
    found = find_datacontract()
    if found is None:
        require_part("datacontract", "no datacontract-cli here; `bash .ci/datacontract` gets it")
    return found


def entry_of(entries: Sequence[Entry], document: dict[str, Any]) -> Entry:
    like = entries[0]
    record = replace(like.record, resource_id=document["resource_id"], document=document)
    return Entry(record, like.department, like.issued)


def a_full_record(entries: Sequence[Entry]) -> Entry:
    """A record with everything that a contract speaks of."""
    return entry_of(
        entries,
        {
            **entries[0].document,
            "resource_id": "full",
            "keywords": ["户籍", "007"],
            "uses": ["work_reference"],
            "metadata_contact": {"name": "数据专员", "phone": "0999-9900101"},
            "expectations": {
                "rows": {"minimum": 10, "maximum": 1000, "reason": "全市户籍人口"},
                "fill_rates": [{"item": "name", "minimum": 0.95, "reason": "登记必填"}],
            },
        },
    )


@pytest.fixture(scope="module")
def contracts(
    entries: Sequence[Entry], site: Site, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """Those of all sample records, of the base views, and of one record of each kind."""
    folder = tmp_path_factory.mktemp("contracts")
    documents = [dict(load_document(path.read_text(encoding="utf-8"))) for path in SAMPLES]
    documents += [
        view_record(default_view(view), "1" * 18, "平台") for view in ("person", "legal_entity")
    ]
    found = [entry_of(entries, document) for document in documents]
    found += [*entries[:12], a_full_record(entries)]
    assert {each.kind for each in found} == set(ResourceKind)
    paths = []
    for number, entry in enumerate(found):
        path = folder / f"{number:02d}-{entry.resource_id}.odcs.yaml"
        path.write_text(contract_text(entry, site), encoding="utf-8")
        paths.append(path)
    return paths


def without_a_network(*command: str | Path) -> list[str]:
    """A command as it is run, cut off from any network where the machine lets us."""
    cut_off = ["unshare", "--map-root-user", "--net"]
    tried = subprocess.run([*cut_off, "true"], capture_output=True, check=False)
    return [*(cut_off if tried.returncode == 0 else []), *map(str, command)]


def test_the_lint_accepts_every_contract_without_a_warning(
    program: Path, contracts: list[Path]
) -> None:
    assert len(contracts) >= len(SAMPLES) + 15
    python = program.parent / "python"
    command = without_a_network(python, "-c", LINT, *contracts)
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout == ""


def test_the_command_accepts_a_contract_and_refuses_a_broken_one(
    program: Path, contracts: list[Path], tmp_path: Path
) -> None:
    good = without_a_network(program, "lint", contracts[-1])
    assert subprocess.run(good, capture_output=True, check=False).returncode == 0
    broken = yaml.safe_load(contracts[-1].read_text(encoding="utf-8"))
    broken["schema"][0]["properties"][0]["logicalType"] = "letters"
    path = tmp_path / "broken.odcs.yaml"
    path.write_text(yaml.safe_dump(broken, allow_unicode=True), encoding="utf-8")
    bad = without_a_network(program, "lint", path)
    assert subprocess.run(bad, capture_output=True, check=False).returncode != 0


def test_a_contract_says_what_the_record_promises(entries: Sequence[Entry], site: Site) -> None:
    found = contract_of(a_full_record(entries), site)
    [table] = found["schema"]
    number, name, sex = table["properties"][:3] if len(table["properties"]) > 2 else [None] * 3
    assert (number["primaryKey"], number["unique"], number["required"]) == (True, True, True)
    assert name["quality"][0]["mustBeLessOrEqualTo"] == 5
    assert table["quality"][0]["rule"] == "rowCount"
    assert sex is not None
    assert found["roles"][0]["access"] == "read"
    assert found["team"][1]["description"] == "0999-9900101"
    assert found["slaProperties"] == [{"property": "frequency", "value": "实时"}]
    shares = {number: contract_of(entries[number], site) for number in range(3)}
    assert [bool(found.get("roles")) for found in shares.values()] == [True, True, False]


def test_codes_and_dates_stay_text_for_every_reader_of_yaml(
    site: Site, entries: Sequence[Entry]
) -> None:
    document = {
        **entries[0].document,
        "items": [
            {"id": "e", "name": "民族", "data_type": "C", "length": 2, "code_list": "ethnicity"},
            {"id": "d", "name": "日期", "data_type": "D", "minimum": "1900-01-01"},
        ],
        "keywords": ["08", "on", "1e5", "2026-01-01", "~"],
    }
    text = contract_text(entry_of(entries, document), site)
    assert "- '08'" in text
    read = yaml.safe_load(text)
    assert read["tags"] == ["08", "on", "1e5", "2026-01-01", "~"]
    [rule] = read["schema"][0]["properties"][0]["quality"]
    codes = {each["property"]: each["value"] for each in rule["customProperties"]}["validValues"]
    assert codes == list(load_code_lists()["ethnicity"].codes)
    assert read["schema"][0]["properties"][1]["logicalTypeOptions"] == {"minimum": "1900-01-01"}
