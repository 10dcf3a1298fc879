"""The view in slow, plain Python: written from its rules, sharing no code with the lake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from standards.identifiers import check_identifier
from standards.records import Item
from standards.views import ViewAttribute, ViewDefinition
from tests.views.plain_values import converted
from tests.views.worlds import Delivered, WorldSource

Place = tuple[str, str]  # scheme and number


@dataclass
class PlainCell:
    value: object = None
    source: str | None = None
    delivery: str | None = None
    data_time: str | None = None
    rule: str | None = None
    agree: set[str] = field(default_factory=set)
    differ: dict[str, object] = field(default_factory=dict)


@dataclass
class Said:
    """What one source says about one subject: the row that counts."""

    resource_id: str
    duty: str | None
    delivery: str
    data_time: str
    order: tuple[object, ...]
    numbers: dict[str, str]
    row: Delivered


@dataclass
class PlainView:
    subjects: dict[Place, dict[str, PlainCell]]
    found_by: dict[Place, Place]  # every number that leads to exactly one subject


def plain_view(definition: ViewDefinition, world: Sequence[WorldSource]) -> PlainView:
    rows = [
        (source, row, numbers)
        for source in world
        if _subject_items(definition, source)
        for row in _current(source)
        if (numbers := _numbers(definition, source, row))
    ]
    places = _places(definition, [numbers for *_, numbers in rows])
    said: dict[Place, dict[str, Said]] = defaultdict(dict)
    for source, row, numbers in rows:
        place = places[tuple(sorted(numbers.items()))]
        new = _said(source, row, numbers)
        old = said[place].get(new.resource_id)
        if old is None or new.order > old.order:
            said[place][new.resource_id] = new
    sources = {source.record.resource_id: source for source in world}
    subjects = {
        place: {
            attribute.id: _cell(definition, attribute, place, by_source, sources)
            for attribute in definition.attributes
        }
        for place, by_source in said.items()
    }
    for place, cells in subjects.items():
        _derive(definition, place, cells)
    return PlainView(subjects, _found_by(places, [numbers for *_, numbers in rows]))


def _current(source: WorldSource) -> list[Delivered]:
    ordered = sorted(source.deliveries, key=lambda d: (d.data_time, d.delivery_id))
    fulls = [n for n, delivery in enumerate(ordered) if delivery.mode == "full"]
    ids = [delivery.delivery_id for delivery in (ordered[fulls[-1] :] if fulls else ordered)]
    rows = sorted(
        (row for row in source.rows if row.delivery in ids),
        key=lambda row: (ids.index(row.delivery), row.row),
    )
    keys = [item.id for item in source.record.key_items]
    if keys:
        rows = list({tuple(row.values[key] for key in keys): row for row in rows}.values())
    return [row for row in rows if row.op != "delete"]


def _subject_items(definition: ViewDefinition, source: WorldSource) -> list[Item]:
    elements = {scheme.element for scheme in definition.schemes}
    return [item for item in source.record.items if item.element in elements]


def _numbers(definition: ViewDefinition, source: WorldSource, row: Delivered) -> dict[str, str]:
    """The numbers a row carries, by scheme."""
    found: dict[str, str] = {}
    for item in _subject_items(definition, source):
        text = row.values[item.id]
        if text is None:
            continue
        kinds = item.identifiers or tuple(
            scheme.identifier for scheme in definition.schemes if scheme.element == item.element
        )
        verdicts = [(kind, check_identifier(kind, str(text))) for kind in kinds]
        for kind, verdict in verdicts:
            if verdict.valid:
                found.setdefault(str(kind), verdict.normalised)
                break
    return found


def _said(source: WorldSource, row: Delivered, numbers: dict[str, str]) -> Said:
    [delivery] = [d for d in source.deliveries if d.delivery_id == row.delivery]
    return Said(
        resource_id=source.record.resource_id,
        duty=source.duty,
        delivery=row.delivery,
        data_time=delivery.data_time.isoformat(),
        order=(delivery.data_time, delivery.delivery_id, row.row),
        numbers=numbers,
        row=row,
    )


Numbers = tuple[tuple[str, str], ...]


def _places(
    definition: ViewDefinition, carried: Sequence[Mapping[str, str]]
) -> dict[Numbers, Place]:
    """Which subject each combination of numbers belongs to (rules 1 to 4 of the linking)."""
    schemes = [scheme.scheme for scheme in definition.schemes]
    leading = schemes[0]
    combinations = {tuple(sorted(numbers.items())) for numbers in carried}
    places: dict[Numbers, Place] = {}
    direct: dict[Place, set[str]] = defaultdict(set)
    for combination in combinations:
        numbers = dict(combination)
        if leading not in numbers:
            continue
        head = numbers[leading]
        places[combination] = (leading, head)
        for place in combination:
            if place[0] != leading:
                direct[place].add(head)
        if leading == "uscc" and "org_code" in schemes:
            direct["org_code", head[8:17]].add(head)
    indirect: dict[Place, set[str]] = defaultdict(set)
    for links in (direct, indirect):
        placed = {}
        for combination in combinations - places.keys():
            heads = {min(links[n]) for n in combination if n in links and len(links[n]) == 1}
            if len(heads) == 1:
                placed[combination] = (leading, heads.pop())
        places |= placed
        if links is direct:
            for combination, (_, head) in placed.items():
                for number in combination:
                    if number not in direct:
                        indirect[number].add(head)
    _place_the_rest(schemes, combinations, places, {*direct, *indirect})
    return places


def _place_the_rest(
    schemes: Sequence[str],
    combinations: set[Numbers],
    places: dict[Numbers, Place],
    linked: set[Place],
) -> None:
    rest = {
        combination: min(combination, key=lambda number: schemes.index(number[0]))
        for combination in combinations - places.keys()
    }
    for combination, own in rest.items():
        better = {
            other_own
            for other, other_own in rest.items()
            if own in other and schemes.index(other_own[0]) < schemes.index(own[0])
        }
        joins = len(better) == 1 and own not in linked
        places[combination] = better.pop() if joins else own


def _found_by(
    places: Mapping[Numbers, Place], carried: Sequence[Mapping[str, str]]
) -> dict[Place, Place]:
    leads: dict[Place, set[Place]] = defaultdict(set)
    for numbers in carried:
        place = places[tuple(sorted(numbers.items()))]
        for number in numbers.items():
            leads[number].add(place)
        if place[0] == "uscc":
            leads["org_code", place[1][8:17]].add(place)
    for place in places.values():
        leads[place] = {place}
    return {number: min(found) for number, found in leads.items() if len(found) == 1}


def _cell(
    definition: ViewDefinition,
    attribute: ViewAttribute,
    place: Place,
    by_source: Mapping[str, Said],
    sources: Mapping[str, WorldSource],
) -> PlainCell:
    values: dict[str, object] = {}
    foreign: dict[str, object] = {}
    for resource_id, said in by_source.items():
        value, text = _value(definition, attribute, sources[resource_id], said)
        if value is not None:
            values[resource_id] = value
        elif text is not None:
            foreign[resource_id] = text
    cell = PlainCell(differ=foreign)
    if not values:
        return cell
    order = _order(definition, attribute, place, [by_source[source] for source in values])
    winner, cell.rule = order[0]
    cell.source, cell.value = winner.resource_id, values[winner.resource_id]
    cell.delivery, cell.data_time = winner.delivery, winner.data_time
    for resource_id, value in values.items():
        if value != cell.value:
            cell.differ[resource_id] = value
        elif resource_id != cell.source:
            cell.agree.add(resource_id)
    return cell


def _order(
    definition: ViewDefinition, attribute: ViewAttribute, place: Place, holders: Sequence[Said]
) -> list[tuple[Said, str]]:
    character = {"uscc": place[1][0], "reg_no": "9"}.get(place[0], "")
    registrar = definition.registrars.get(character)
    left, order = list(holders), []
    for n, entry in enumerate(attribute.authority):
        if entry.startswith("resource:"):
            tier = [said for said in left if f"resource:{said.resource_id}" == entry]
        else:
            duty = registrar if entry == "registrar" else entry
            tier = [said for said in left if duty is not None and said.duty == duty]
        tier.sort(key=lambda said: said.resource_id)
        tier.sort(key=lambda said: said.data_time, reverse=True)
        order += [(said, "fallback" if n else "authority") for said in tier]
        left = [said for said in left if said not in tier]
    left.sort(key=lambda said: said.resource_id)
    return order + [(said, "cross_check") for said in left]


def _value(
    definition: ViewDefinition,
    attribute: ViewAttribute,
    source: WorldSource,
    said: Said,
) -> tuple[object, object]:
    """A source's value as it is served, or the text of one that is none of the attribute's type."""
    for scheme in definition.schemes:
        if scheme.element == attribute.element:
            return said.numbers.get(scheme.scheme), None
    items = [item for item in source.record.items if item.element == attribute.element]
    if not items:
        return None, None
    raw = said.row.values[items[0].id]
    if isinstance(raw, str):
        raw = raw.strip(" \t\r\n\u3000\u00a0") or None
    if raw is None:
        return None, None
    value = converted(attribute, raw)
    return value, None if value is not None else str(raw)


def _derive(definition: ViewDefinition, place: Place, cells: dict[str, PlainCell]) -> None:
    scheme, number = place
    found: dict[str, object] = {}
    if scheme == "citizen":
        found["birth_date"] = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        found["sex"] = "1" if int(number[16]) % 2 else "2"
    if scheme == "uscc":
        found["org_code"] = number[8:17]
    if scheme in ("uscc", "reg_no"):
        name, kind = cells["name"].value, cells["org_type"].value
        sole = number[:2] == "92" if scheme == "uscc" else len(number) == 15 and number[6] in "6789"
        branch = str(name or "").endswith(("分公司", "分厂", "分店"))
        found["is_legal_person"] = not (sole or branch or kind in ("15", "17", "53", "73"))
    for attribute, value in found.items():
        if attribute in cells and cells[attribute].value is None:
            cells[attribute].value, cells[attribute].rule = value, "derived"
