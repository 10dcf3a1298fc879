"""What happened between the first deliveries and the second ones, a month later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.world import places
from examples.world.entities import Entity, make_entities
from examples.world.persons import DEAD, TODAY, Person, newborn

A_MONTH_LATER: Final = date(2026, 11, 1)
MOVES, DEATHS, BIRTHS, WEDDINGS = 120, 12, 40, 40  # weddings of two people each
RENAMED, RAISED, CLOSED, FOUNDED = 40, 25, 15, 20


@dataclass(frozen=True, slots=True)
class PeopleChanges:
    """The people as they are a month later, and the numbers of those whom each event touched."""

    people: list[Person]
    moved: frozenset[str]
    died: frozenset[str]
    born: frozenset[str]
    wed: frozenset[str]


@dataclass(frozen=True, slots=True)
class EntityChanges:
    """The organisations a month later, and the codes of those that changed or are new."""

    entities: list[Entity]
    changed: frozenset[str]
    closed: frozenset[str]


def a_month_of_people(rng: Random, people: Sequence[Person]) -> PeopleChanges:
    """Moves, deaths, weddings and births, each to people that nothing else happens to."""
    now = {person.id_number: person for person in people}
    living = [p.id_number for p in people if p.alive and p.age() >= 18]
    rng.shuffle(living)
    moved, died = living[:MOVES], living[MOVES : MOVES + DEATHS]
    for number in moved:
        now[number] = _move(rng, now[number])
    for number in died:
        now[number] = _die(rng, now[number])
    wed = _weddings(rng, now, living[MOVES + DEATHS :])
    mothers = [
        now[n] for n in living[MOVES + DEATHS :] if now[n].sex == "2" and 21 < now[n].age() < 42
    ]
    born = []
    for mother in mothers[:BIRTHS]:
        child = newborn(rng, mother, set(now), _in_the_month(rng))
        now[child.id_number] = child
        born.append(child.id_number)
    events = (frozenset(group) for group in (moved, died, born, wed))
    return PeopleChanges(list(now.values()), *events)


def a_month_of_entities(
    rng: Random, entities: Sequence[Entity], people: Sequence[Person]
) -> EntityChanges:
    """New names, more capital, closures and foundings among those that 市场监管 registers."""
    now = {entity.uscc: entity for entity in entities}
    trading = [e.uscc for e in entities if e.registrar == "9" and e.cancelled_on is None]
    rng.shuffle(trading)
    renamed, rest = trading[:RENAMED], trading[RENAMED:]
    raised, closed = rest[:RAISED], rest[RAISED : RAISED + CLOSED]
    for code in renamed:
        now[code] = _rename(rng, now[code])
    for code in raised:
        now[code] = replace(now[code], capital="8000.000000", approved_on=_in_the_month(rng))
    for code in closed:
        now[code] = replace(now[code], reg_status="4", cancelled_on=_in_the_month(rng))
    founded = _founded(rng, now, list(people))
    now.update(founded)
    changed = frozenset((*renamed, *raised, *closed, *founded))
    return EntityChanges(list(now.values()), changed, frozenset(closed))


def _move(rng: Random, person: Person) -> Person:
    division = places.home_division(rng)
    address = places.home_address(rng, division)
    return replace(
        person,
        hukou_division=division,
        hukou_address=address,
        residence_division=division,
        residence_address=address,
    )


def _die(rng: Random, person: Person) -> Person:
    return replace(person, death_date=_in_the_month(rng), death_cause="其他", status=DEAD)


def _weddings(rng: Random, now: dict[str, Person], candidates: Sequence[str]) -> list[str]:
    men = [n for n in candidates if now[n].sex == "1" and now[n].marital_status == "10"]
    women = [n for n in candidates if now[n].sex == "2" and now[n].marital_status == "10"]
    wed: list[str] = []
    for man, woman in list(zip(men, women, strict=False))[:WEDDINGS]:
        day = _in_the_month(rng)
        for one, other in ((man, woman), (woman, man)):
            married = replace(now[one], marital_status="20", married_on=day)
            now[one] = replace(married, spouse_name=now[other].name)
            wed.append(one)
    return wed


def _rename(rng: Random, entity: Entity) -> Entity:
    name = entity.name.replace("市", "", 1).replace("区", "", 1)
    ending = entity.form.ending
    renamed = name.replace(ending, f"（集团）{ending}") if ending in name else f"{name}（新）"
    return replace(entity, name=renamed, former_name=entity.name, approved_on=_in_the_month(rng))


def _founded(rng: Random, now: dict[str, Entity], people: list[Person]) -> dict[str, Entity]:
    taken = {entity.name for entity in now.values()}
    founded: dict[str, Entity] = {}
    for entity in make_entities(rng, FOUNDED * 3, people):
        fresh = entity.name not in taken and entity.uscc not in now
        if fresh and entity.registrar == "9" and len(founded) < FOUNDED:
            day = _in_the_month(rng)
            new = replace(entity, established_on=day, approved_on=day, reg_no="")
            founded[entity.uscc] = replace(new, reg_status="1", cancelled_on=None)
    return founded


def _in_the_month(rng: Random) -> date:
    return TODAY + timedelta(rng.randint(0, (A_MONTH_LATER - TODAY).days - 1))
