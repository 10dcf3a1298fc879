"""Households of the sample world: people alone, couples, children, the widowed and divorced."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from examples.world import names
from examples.world.numbers import citizen_number
from examples.world.persons import (
    TODAY,
    Person,
    Register,
    birth_at,
    day_between,
    make_person,
)

ELSEWHERE: Final = "995501"  # like all of 99 never assigned, and not on the sample list either


def make_persons(rng: Random, count: int) -> list[Person]:
    """`count` persons in households, ordered by household."""
    register = Register(rng)
    people: list[Person] = []
    while len(people) < count:
        people.extend(_household(rng, register))
    return people[:count]


def make_outsiders(rng: Random, count: int) -> list[Person]:
    """People of elsewhere who work here: their region is on no list, the number itself is right."""
    workers = [p for p in make_persons(rng, count * 6) if p.alive and 22 <= p.age() < 55]
    return [
        replace(
            person,
            id_number=citizen_number(ELSEWHERE, person.birth_date, int(person.id_number[14:17])),
            birth_place=ELSEWHERE,
            native_place=ELSEWHERE,
            hukou_division=ELSEWHERE,
            hukou_address="外省",
            household_no="",
        )
        for person in workers[:count]
    ]


def _household(rng: Random, register: Register) -> Iterator[Person]:
    kind = rng.random()
    if kind < 0.30:
        yield from _alone(rng, register)
    else:
        yield from _family(rng, register, children=rng.choices((0, 1, 2, 3), (30, 40, 25, 5))[0])


def _alone(rng: Random, register: Register) -> Iterator[Person]:
    age = rng.randint(20, 88)
    person = make_person(
        rng, register, male=rng.random() < 0.5, birth=birth_at(rng, age), relation="0"
    )
    if age > 60 and rng.random() < 0.6:
        yield _mourning(rng, person)
    elif age > 28 and rng.random() < 0.4:
        yield _divorced(rng, person)
    else:
        yield person


def _family(rng: Random, register: Register, *, children: int) -> Iterator[Person]:
    age = rng.randint(26, 86)
    man = make_person(rng, register, male=True, birth=birth_at(rng, age), relation="0")
    woman = make_person(
        rng, register, male=False, birth=birth_at(rng, max(22, age - 2)), relation="1"
    )
    grown = max(man.birth_date, woman.birth_date) + timedelta(365 * 22)
    wedding = day_between(rng, grown, min(man.death_date or TODAY, woman.death_date or TODAY))
    man = replace(man, marital_status="20", married_on=wedding, spouse_name=woman.name)
    woman = replace(_same_home(woman, man), marital_status="20", married_on=wedding)
    woman = replace(woman, spouse_name=man.name)
    yield from _perhaps_widowed(man, woman)
    for _ in range(children):
        child_age = age - rng.randint(24, 38)
        if 0 <= child_age < 30:
            yield _child(rng, register, man, child_age)


def _perhaps_widowed(man: Person, woman: Person) -> Iterator[Person]:
    for one, other in ((man, woman), (woman, man)):
        widowed = one.alive and not other.alive
        yield replace(one, marital_status="30") if widowed else one


def _child(rng: Random, register: Register, father: Person, age: int) -> Person:
    male = rng.random() < 0.51
    born = make_person(
        rng,
        register,
        male=male,
        birth=birth_at(rng, age),
        relation="2" if male else "3",
        surname=father.name[:2] if father.name[:2] in names.SURNAMES else father.name[0],
    )
    return replace(_same_home(born, father), ethnicity=father.ethnicity)


def _same_home(person: Person, head: Person) -> Person:
    return replace(
        person,
        hukou_division=head.hukou_division,
        hukou_address=head.hukou_address,
        hukou_type=head.hukou_type,
        household_no=head.household_no,
        residence_division=head.residence_division,
        residence_address=head.residence_address,
    )


def _mourning(rng: Random, person: Person) -> Person:
    last = (person.death_date or TODAY) - timedelta(365)
    wedding = day_between(rng, person.birth_date + timedelta(365 * 23), last)
    return replace(person, marital_status="30", married_on=wedding, spouse_name="")


def _divorced(rng: Random, person: Person) -> Person:
    last = (person.death_date or TODAY) - timedelta(365)
    wedding = day_between(rng, person.birth_date + timedelta(365 * 22), last)
    parting = day_between(rng, wedding, person.death_date or TODAY)
    return replace(person, marital_status="40", married_on=wedding, divorced_on=parting)
