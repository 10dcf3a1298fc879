"""Where things lie: prefixes that never meet, names that never leave their place."""

from __future__ import annotations

import itertools
import pickle

import pytest

from lake import errors, layout
from lake.errors import LakeError, UnsafeKey
from lake.objects import check_bucket, check_key

SHA = "a" * 64
KEYS = [
    layout.staging_key("u1"),
    layout.raw_key("household", "d1", SHA),
    layout.raw_manifest_key("household", "d1"),
    layout.refused_raw_key("d1", SHA),
    layout.refused_manifest_key("d1"),
    layout.quarantine_rows_key("household", "d1"),
    layout.quarantine_violations_key("household", "d1"),
    layout.curated_data_key("household", 1, "d1", 0),
    layout.receipt_key("household", "d1"),
    layout.receipt_key(None, "d1"),
    layout.report_key("household", "d1"),
    layout.received_manifest_key(layout.raw_key("household", "d1", SHA), SHA, "json"),
    layout.answer_key("incoming/household/a.csv"),
    layout.answer_key("incoming/household/2026/a.csv"),
    layout.answer_key("incoming/a.csv"),
    layout.answer_key("incoming/户籍/a.csv"),
    layout.answer_key("incoming/household/" + "长" * 300),
    layout.view_data_key("person", 1, 0, build="b1"),
    layout.view_data_key("person", 1, 0, build="b2"),
]


def test_every_key_is_safe_and_no_two_are_one() -> None:
    for key in KEYS:
        check_key(key)
    assert len(set(KEYS)) == len(KEYS)


def test_no_object_lies_where_another_needs_a_folder() -> None:
    for one, other in itertools.permutations(KEYS, 2):
        assert not other.startswith(f"{one}/")


def test_the_answer_to_a_file_is_named_after_it_and_fits_a_file_system() -> None:
    assert layout.answer_key("incoming/household/a.csv") == (
        "receipts/_incoming/household/a.csv.json"
    )
    assert layout.answer_key("incoming/a.csv") == "receipts/_incoming/_/a.csv.json"
    longest = max(len(part.encode()) for key in KEYS for part in key.split("/"))
    assert longest <= 255


def test_a_bucket_name_is_one_that_s3_takes() -> None:
    for name in (layout.bucket_of("gongan"), layout.bucket_of("a" * 31), layout.BASE_BUCKET):
        check_bucket(name)


@pytest.mark.parametrize("name", ["..", "a/b", "", "_refused", ".x", "a b", "户籍", "a" * 200])
def test_an_id_that_could_leave_its_place_is_refused(name: str) -> None:
    with pytest.raises(UnsafeKey):
        layout.raw_key(name, "d1", SHA)
    with pytest.raises(UnsafeKey):
        layout.bucket_of(name)


def test_no_two_resources_share_a_table() -> None:
    names = {
        layout.table_identifier("gongan", "household", 1),
        layout.table_identifier("gongan", "household-g1", 1),
        layout.table_identifier("gongan", "household", 11),
        layout.table_identifier("min-zheng", "household", 1),
    }
    assert len(names) == 4
    assert ("dept_min_zheng", "household_g1") in names


def test_every_error_says_its_facts_in_both_languages_and_travels() -> None:
    found = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, LakeError) and kind is not LakeError
    ]
    assert len(found) > 8
    for kind in found:
        names = [name for name in kind.__annotations__ if name != "keys_missing"]
        error = kind(*(f"fact-{name}" for name in names))
        for name in names:
            assert f"fact-{name}" in error.zh
            assert f"fact-{name}" in error.en
        assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 (our own bytes)
