"""What each department holds of the people: its own columns, its own coverage, no error yet."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeAlias
from zlib import crc32

from examples.world import places
from examples.world.entities import Entity
from examples.world.persons import TODAY, Person

Row: TypeAlias = dict[str, str | int | None]


def text(day: date | None) -> str | None:
    """A day as the files write it (ISO 8601)."""
    return None if day is None else day.isoformat()


def hukou(rng: Random, people: Iterable[Person]) -> list[Row]:
    """公安: everyone in the household register; the clerk's initials are a column nobody wants."""
    return [
        {
            "id_number": person.id_number,
            "name": person.name,
            "former_name": person.former_name or None,
            "sex": person.sex,
            "ethnicity": person.ethnicity,
            "birth_date": text(person.birth_date),
            "birth_place": person.birth_place,
            "native_place": person.native_place,
            "hukou_division": person.hukou_division,
            "hukou_address": person.hukou_address,
            "hukou_type": person.hukou_type,
            "household_no": person.household_no,
            "relation_to_head": person.relation_to_head,
            "residence_division": person.residence_division,
            "residence_address": person.residence_address,
            "marital_status": person.marital_status,
            "education": person.education,
            "status": person.status,
            "operator": f"user{rng.randint(1, 12):02d}",
        }
        for person in people
    ]


def employers_of(
    rng: Random, people: Sequence[Person], entities: Sequence[Entity]
) -> dict[str, str]:
    """Who works for whom: number of the person to code of the organisation."""
    working = ("11", "13", "17", "21", "24")
    open_ones = [entity.uscc for entity in entities if entity.cancelled_on is None]
    return {
        person.id_number: rng.choice(open_ones)
        for person in people
        if person.employment_status in working and 18 <= person.age() <= 60
    }


def social_insurance(rng: Random, people: Iterable[Person], employers: dict[str, str]) -> list[Row]:
    """人社: who is or was insured; the dead of the last years are mostly known to it."""
    rows: list[Row] = []
    for person in people:
        if not 18 <= person.age() <= 85 or person.employment_status == "31":
            continue
        employer = employers.get(person.id_number)
        since = max(person.birth_date + timedelta(365 * 20), date(1996, 1, 1))
        base = f"{rng.randint(42, 220) * 100}.00" if employer else None
        rows.append(
            {
                "id_number": person.id_number,
                "name": person.name,
                "employment_status": person.employment_status,
                "insured_employer": employer if person.alive else None,
                "insurance_status": "正常参保" if person.alive else "终止参保",
                "insured_since": text(min(since + timedelta(rng.randint(0, 2000)), TODAY)),
                "payment_base": base if person.alive else None,
                "education": person.education,
                "phone": person.phone or None,
            }
        )
    return rows


def marriages(people: Iterable[Person]) -> list[Row]:
    """民政: everyone whose last event it registered is a wedding or a divorce."""
    rows: list[Row] = []
    for person in people:
        if person.married_on is None or person.married_on.year < 1994:
            continue
        day = person.divorced_on or person.married_on
        office = places.COUNTIES[person.hukou_division]
        kind = "L" if person.divorced_on else "J"
        rows.append(
            {
                "id_number": person.id_number,
                "name": person.name,
                "marital_status": person.marital_status,
                "registered_on": text(day),
                "certificate_no": f"{kind}{person.hukou_division}-{day.year}-{_serial(person)}",
                "office": f"{office}民政局婚姻登记处",
                "spouse_name": person.spouse_name or None,
            }
        )
    return rows


def _serial(person: Person) -> str:
    """Six digits that stay the same for a person and say nothing of the identity number."""
    return f"{crc32(person.id_number.encode()) % 1_000_000:06d}"


def births(people: Iterable[Person]) -> list[Row]:
    """卫健: birth certificates, kept electronically since 2000."""
    return [
        {
            "id_number": person.id_number,
            "name": person.name,
            "sex": person.sex,
            "birth_date": text(person.birth_date),
            "birth_place": person.birth_place,
            "hospital": f"{places.COUNTIES[person.birth_place]}妇幼保健院",
        }
        for person in people
        if person.birth_date.year >= 2000
    ]


def deaths(people: Iterable[Person]) -> list[Row]:
    """卫健: death certificates."""
    return [
        {
            "id_number": person.id_number,
            "name": person.name,
            "death_date": text(person.death_date),
            "death_cause": person.death_cause,
            "reporter": f"{places.COUNTIES[person.residence_division]}人民医院",
        }
        for person in people
        if person.death_date is not None
    ]


def health_files(rng: Random, people: Iterable[Person]) -> list[Row]:
    """卫健: the residents who have a health file, about half of the living."""
    return [
        {
            "id_number": person.id_number,
            "name": person.name,
            "sex": person.sex,
            "marital_status": person.marital_status,
            "residence_division": person.residence_division,
            "residence_address": person.residence_address,
            "phone": person.phone or None,
            "opened_on": text(max(person.birth_date, TODAY - timedelta(rng.randint(30, 4000)))),
        }
        for person in people
        if person.alive and rng.random() < 0.55
    ]
