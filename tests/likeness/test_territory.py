"""How territories lie to each other, and which one a title speaks of."""

from __future__ import annotations

import pytest

from catalog.likeness.places import place_of, without_places
from catalog.likeness.territory import Territory, area, covering, territory


@pytest.mark.parametrize(
    ("own", "other", "found"),
    [
        ("990100", "990100", "same"),
        ("990100", "990000", "containing"),
        ("990102", "990100", "containing"),
        ("990102", "000000", "containing"),
        ("990100", "990102", "contained"),
        ("990100", "990200", "apart"),
        ("990102", "990103", "apart"),
        ("990100", "980100", "apart"),
        ("990102", "990102000000", "same"),
        ("990102001000", "990102", "containing"),
        ("990102", "990102001000", "contained"),
        ("", "990100", "apart"),
        ("990100", "青禾市", "apart"),
    ],
)
def test_the_codes_tell_how_territories_lie(own: str, other: str, found: str) -> None:
    assert territory(own, other) is Territory(found)


def test_what_covers_a_division_is_itself_and_all_above_it() -> None:
    for own in ("990102", "990100", "000000", "990102001000", "429004"):
        above = ("990102", "990100", "990000", "000000", "990200", "429000", own)
        for other in above:
            assert (area(other) in covering(own)) == territory(own, other).covers, (own, other)


@pytest.mark.parametrize(
    ("title", "division", "found"),
    [
        ("南明区拍卖企业信息", "520100", "520102"),
        ("拍卖企业信息", "520100", "520100"),
        # a place elsewhere is what the data is about, not where the department is
        ("南明区对口帮扶信息", "330200", "330200"),
        ("贵阳市拍卖企业信息", "520102", "520102"),
    ],
)
def test_a_title_may_name_a_place_below_its_department(
    title: str, division: str, found: str
) -> None:
    assert place_of(division, title) == found


@pytest.mark.parametrize(
    ("title", "division", "department", "left"),
    [
        ("贵阳市南明区拍卖企业信息", "520100", "贵阳市商务局", "拍卖企业信息"),
        ("青禾市低保对象信息", "990100", "青禾市民政局", "低保对象信息"),
        ("南明区", "520100", "贵阳市商务局", "南明区"),
        ("贵阳市与遵义市合作项目", "520100", "贵阳市商务局", "与遵义市合作项目"),
    ],
)
def test_places_of_its_own_say_nothing_of_what_a_record_is(
    title: str, division: str, department: str, left: str
) -> None:
    assert without_places(title, division, department) == left
