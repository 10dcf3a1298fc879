"""Moments as people write them."""

from __future__ import annotations

import pytest

from api.errors import BadTime
from api.moments import read_moment


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-01-31", "2024-01-30T16:00:00+00:00"),
        ("2024-01-31T12:00", "2024-01-31T04:00:00+00:00"),
        ("2024-01-31T12:00:00", "2024-01-31T04:00:00+00:00"),
        ("2024-01-31 12:00:00", "2024-01-31T04:00:00+00:00"),
        ("2024-01-31T12:00:00+00:00", "2024-01-31T12:00:00+00:00"),
        ("2024-01-31T12:00:00Z", "2024-01-31T12:00:00+00:00"),
        ("2024-01-31T12:00:00.250000-05:00", "2024-01-31T17:00:00.250000+00:00"),
    ],
)
def test_a_moment_without_an_offset_is_china_time(text: str, utc: str) -> None:
    assert read_moment("data-time", text).isoformat() == utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-02-30",
        "2024-1-31",
        "20240131",
        "2024-01-31T25:00",
        "0001-01-01",
        "2024-01-31T12:00:00+99:99",
        "２０２４-01-31",
        "2024-W05-3",
        "1706666400",
    ],
)
def test_what_is_no_moment_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(BadTime) as refused:
        read_moment("data-time", text)
    assert "data-time" in str(refused.value)
    assert not text or text not in str(refused.value)
