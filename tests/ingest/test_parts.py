"""A text cut into parts is read as it would be whole, whatever the number and size of its parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest import decode, run_checks
from ingest.text_parts import PartWriter
from tests.ingest.office import Office, a_csv, a_number, a_person


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
@pytest.mark.parametrize("chunk", [1, 5, 64, 10_000])
def test_parts_hold_every_line_once_in_order(tmp_path: Path, parts: int, chunk: int) -> None:
    lines = [f"{n},{'x' * (n % 13)}" for n in range(200)]
    text = ("head,of,it\n" + "\n".join(lines)).encode()
    writer = PartWriter(tmp_path, size=len(text), parts=parts)
    for start in range(0, len(text), chunk):
        writer.take(text[start : start + chunk])
    found = writer.finish()
    assert 1 <= len(found) <= parts
    assert b"".join(part.path.read_bytes() for part in found).decode() == "\n".join(lines)
    for part in found:
        first = part.path.read_bytes().split(b",")[0].decode()
        assert first == str(part.rows_before)


@pytest.mark.parametrize("sorted_from", [1, 2_000_000])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_delivery_in_parts_equals_one_read_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch, encoding: str, sorted_from: int
) -> None:
    monkeypatch.setattr(decode, "PARTED_FROM", 100)
    monkeypatch.setattr(run_checks, "SORTED_FROM", sorted_from)
    rows = [a_person(n) for n in range(1, 400)]
    rows[50] = a_person(51, name="")
    rows[301] = a_person(17)
    rows[302] = a_person(18, name="另一人")
    divided = Office(replace(office.intake, threads=3), office.people)
    delivery = divided.deliver(a_csv(*rows).encode(encoding))
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (399, 395, 4)
    told = [(v["row"], v["line"], v["rule"]) for v in divided.violations(delivery)]
    assert told == [
        (18, 19, "key.duplicate"),
        (51, 52, "null.required"),
        (302, 303, "key.repeated"),
        (303, 304, "key.duplicate"),
    ]
    loaded = dict(divided.table(select="_row, id_number"))
    assert loaded[399] == a_number(399)
    assert set(loaded) == set(range(1, 400)) - {18, 51, 302, 303}
