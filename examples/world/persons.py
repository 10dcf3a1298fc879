"""A person of the sample world: the whole truth about one, and how it is drawn."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.world import names, places
from examples.world.numbers import citizen_number

TODAY: Final = date(2026, 10, 1)  # the day that the first deliveries describe
LIVING, DEAD = "1", "2"  # codes of the list person_status
_MINORITIES: Final = ("02", "03", "05", "06", "08", "11", "15")
_CAUSES: Final = ("心脏病", "脑血管病", "恶性肿瘤", "呼吸系统疾病", "意外伤害", "其他")


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that is true of one person; codes are those of the national lists."""

    id_number: str
    name: str
    former_name: str
    sex: str
    ethnicity: str
    birth_date: date
    birth_place: str
    native_place: str
    hukou_division: str
    hukou_address: str
    hukou_type: str
    household_no: str
    relation_to_head: str
    residence_division: str
    residence_address: str
    marital_status: str
    married_on: date | None
    divorced_on: date | None
    spouse_name: str
    education: str
    employment_status: str
    phone: str
    death_date: date | None
    death_cause: str
    status: str

    @property
    def alive(self) -> bool:
        return self.death_date is None

    def age(self, day: date = TODAY) -> int:
        """Full years on a day."""
        before = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before


class Register:
    """Hands out identity and household numbers, none of them twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()
        self._households = 0

    def number(self, region: str, birth: date, *, male: bool) -> str:
        while True:
            sequence = self._rng.randrange(1 if male else 2, 1000, 2)
            number = citizen_number(region, birth, sequence)
            if number not in self._taken:
                self._taken.add(number)
                return number

    def household(self, division: str) -> str:
        self._households += 1
        return f"{division}{self._households:06d}"


def newborn(rng: Random, mother: Person, register_numbers: set[str], birth: date) -> Person:
    """A child born to `mother` after the first deliveries."""
    male = rng.random() < 0.51
    number = citizen_number(mother.hukou_division, birth, rng.randrange(1 if male else 2, 1000, 2))
    while number in register_numbers:
        number = citizen_number(
            mother.hukou_division, birth, rng.randrange(1 if male else 2, 1000, 2)
        )
    surname = mother.spouse_name[0] if mother.spouse_name else mother.name[0]
    return replace(
        mother,
        id_number=number,
        name=surname + names.given_name(rng, male=male, birth_year=birth.year),
        former_name="",
        sex="1" if male else "2",
        birth_date=birth,
        birth_place=mother.hukou_division,
        relation_to_head="2" if male else "3",
        marital_status="10",
        married_on=None,
        divorced_on=None,
        spouse_name="",
        education="90",
        employment_status="90",
        phone="",
    )


def make_person(
    rng: Random,
    register: Register,
    *,
    male: bool,
    birth: date,
    relation: str,
    surname: str | None = None,
) -> Person:
    division, birth_place = places.home_division(rng), places.home_division(rng)
    if rng.random() < 0.7:
        birth_place = division
    address = places.home_address(rng, division)
    moved = rng.random() < 0.12
    home = places.home_division(rng) if moved else division
    ethnicity, name = _name(rng, male=male, birth=birth, surname=surname)
    death = _death(rng, birth)
    age = TODAY.year - birth.year
    return Person(
        id_number=register.number(birth_place, birth, male=male),
        name=name,
        former_name=_former_name(rng, name, male=male, birth=birth),
        sex="1" if male else "2",
        ethnicity=ethnicity,
        birth_date=birth,
        birth_place=birth_place,
        native_place=birth_place,
        hukou_division=division,
        hukou_address=address,
        hukou_type="2" if address.endswith("号") and "组" in address else "1",
        household_no=register.household(division),
        relation_to_head=relation,
        residence_division=home,
        residence_address=places.home_address(rng, home) if moved else address,
        marital_status="10",
        married_on=None,
        divorced_on=None,
        spouse_name="",
        education=_education(rng, age),
        employment_status=_employment(rng, age),
        phone=f"199{rng.randint(0, 99_999_999):08d}" if age > 14 else "",
        death_date=death,
        death_cause=rng.choice(_CAUSES) if death else "",
        status=DEAD if death else LIVING,
    )


def _name(rng: Random, *, male: bool, birth: date, surname: str | None) -> tuple[str, str]:
    chance = rng.random()
    if surname is None and chance < 0.006:
        return "05", names.uyghur_name(rng, male=male)
    ethnicity = rng.choice(_MINORITIES) if chance < 0.07 else "01"
    family = surname or names.surname(rng)
    if rng.random() < 0.004:
        return ethnicity, family + names.rare_given_name(rng, male=male, birth_year=birth.year)
    return ethnicity, family + names.given_name(rng, male=male, birth_year=birth.year)


def _former_name(rng: Random, name: str, *, male: bool, birth: date) -> str:
    if rng.random() > 0.03:
        return ""
    return name[0] + names.given_name(rng, male=male, birth_year=birth.year)


def birth_at(rng: Random, age: int) -> date:
    return TODAY - timedelta(age * 365 + age // 4 + rng.randint(1, 364))


def day_between(rng: Random, first: date, last: date) -> date:
    return first + timedelta(rng.randint(0, max(0, (last - first).days)))


def _death(rng: Random, birth: date) -> date | None:
    """Nobody here dies before 26: then every wedding has a day on which both are grown."""
    age = TODAY.year - birth.year
    risk = 0.18 if age > 75 else 0.06 if age > 60 else 0.004
    earliest = max(birth + timedelta(366 * 26), date(2015, 1, 1))
    return day_between(rng, earliest, TODAY) if earliest < TODAY and rng.random() < risk else None


def _education(rng: Random, age: int) -> str:
    if age < 7:
        return "90"
    if age < 16:
        return "81" if age < 13 else "71"
    codes = ("11", "14", "21", "31", "41", "61", "71", "81")
    weights = (1, 3, 18, 20, 12, 18, 20, 8) if age < 50 else (0, 1, 5, 8, 12, 20, 34, 20)
    return rng.choices(codes, weights)[0]


def _employment(rng: Random, age: int) -> str:
    if age < 19:
        return "31" if age > 6 else "90"
    if age > 60:
        return "80"
    codes = ("11", "13", "17", "21", "24", "27", "51", "54", "70")
    return rng.choices(codes, (4, 14, 26, 5, 26, 8, 5, 7, 5))[0]
