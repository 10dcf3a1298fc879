"""Makes the whole sample world from a seed: `python -m examples.world.generate FOLDER [SEED]`."""

import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Final

from examples.world import registers, sightings
from examples.world.changes import (
    EntityChanges,
    PeopleChanges,
    a_month_of_entities,
    a_month_of_people,
)
from examples.world.entities import Entity, make_entities
from examples.world.errors import OUTCOMES, Spoil
from examples.world.files import write_file
from examples.world.households import make_outsiders, make_persons
from examples.world.persons import Person
from examples.world.plan import FILES, FilePlan
from examples.world.showcase import choose
from examples.world.sightings import Row
from examples.world.spoil import Spoiled, Spoiler
from examples.world.truth import entity_truth, person_truth

SEED: Final = 20261001
PERSONS, ENTITIES, OUTSIDERS = 5000, 1500, 12


@dataclass(frozen=True, slots=True)
class World:
    """The truth at both dates, and who works for whom."""

    people: list[Person]
    outsiders: list[Person]
    later: PeopleChanges
    entities: list[Entity]
    later_entities: EntityChanges
    employers: dict[str, str]


def generate(
    folder: Path, *, seed: int = SEED, persons: int = PERSONS, entities: int = ENTITIES
) -> None:
    """Write `deliveries/`, `deliveries.json` and `truth/` under `folder`: same seed, same bytes."""
    world = make_world(seed, persons=persons, entities=entities)
    (folder / "deliveries").mkdir(parents=True, exist_ok=True)
    (folder / "truth").mkdir(exist_ok=True)
    manifest: list[dict[str, object]] = []
    spoiled: list[Spoiled] = []
    tables = _tables(world, seed)
    showcase = choose(tables)
    shown = frozenset(showcase.values())
    for plan in FILES:
        rows = tables[plan.name]
        # Each file has dice of its own: a change in one leaves the others as they were.
        spoiler = Spoiler(plan.name, plan.key, Random(f"{seed}:{plan.name}"), rows, shown)
        spoiled.extend(spoiler.apply(plan.rules))
        path = write_file(folder / "deliveries", plan, rows)
        spoiled.extend(_not_cells(plan, world, rows))
        manifest.append(_manifest_entry(plan, path, len(rows)))
    _write_json(folder / "deliveries.json", manifest)
    _write_truth(folder / "truth", world, spoiled)
    _write_json(folder / "truth" / "showcase.json", showcase)


def make_world(seed: int, *, persons: int, entities: int) -> World:
    """Everyone and everything, without any file."""
    rng = Random(seed)
    people = make_persons(rng, persons)
    organisations = make_entities(rng, entities, people)
    employers = sightings.employers_of(rng, people, organisations)
    outsiders = make_outsiders(rng, OUTSIDERS)
    later = a_month_of_people(rng, people)
    later_entities = a_month_of_entities(rng, organisations, people)
    return World(people, outsiders, later, organisations, later_entities, employers)


def _tables(world: World, seed: int) -> Mapping[str, list[Row]]:
    """What each file would hold without errors, by file name."""
    rng = Random(f"{seed}:tables")
    later, people, entities = world.later, world.people, world.entities
    register = later.moved | later.died | later.born
    return {
        "hukou-2026-10.csv": sightings.hukou(rng, people),
        "hukou-2026-11.csv": sightings.hukou(rng, _those(later.people, register)),
        "social-insurance-2026-10.xlsx": sightings.social_insurance(
            rng, [*people, *world.outsiders], world.employers
        ),
        "marriage-2026-10.csv": sightings.marriages(people),
        "marriage-2026-11.csv": sightings.marriages(_those(later.people, later.wed)),
        "births-2026-10.parquet": sightings.births(people),
        "deaths-2026-10.csv": sightings.deaths(people),
        "health-2026-10.parquet": sightings.health_files(rng, people),
        "enterprises-2026-10.csv": registers.enterprises(entities),
        "enterprises-2026-11.csv": registers.enterprises(
            entity
            for entity in world.later_entities.entities
            if entity.uscc in world.later_entities.changed
        ),
        "social-organisations-2026-10.csv": registers.social_organisations(entities),
        "taxpayers-2026-10.xlsx": registers.taxpayers(entities),
        "employers-2026-10.csv": registers.employers(entities, world.employers),
    }


def _those(people: Iterable[Person], numbers: frozenset[str]) -> list[Person]:
    return [person for person in people if person.id_number in numbers]


def _not_cells(plan: FilePlan, world: World, rows: Sequence[Row]) -> Iterator[Spoiled]:
    """What is odd without any cell having been changed: a whole file, people of elsewhere."""
    if plan.form == "mixed":
        how = Spoil.MIXED_ENCODING
        yield Spoiled(plan.name, 0, "", "", how, "utf-8", "utf-8 + gb18030", OUTCOMES[how])
    strangers = {person.id_number for person in world.outsiders}
    for place, row in enumerate(rows, start=1):
        key = str(row[plan.key])
        if key in strangers:
            how = Spoil.UNKNOWN_REGION
            yield Spoiled(plan.name, place, key, plan.key, how, key, key, OUTCOMES[how])


def _manifest_entry(plan: FilePlan, path: Path, rows: int) -> dict[str, object]:
    return {
        "file": plan.name,
        "resource": plan.resource,
        "department": plan.department,
        "mode": plan.mode,
        "data_time": plan.data_time,
        "rows": rows,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _write_truth(folder: Path, world: World, spoiled: Sequence[Spoiled]) -> None:
    everyone = [*world.later.people, *world.outsiders]
    people = [person_truth(person, world.employers) for person in everyone]
    entities = [entity_truth(entity) for entity in world.later_entities.entities]
    _write_csv(folder / "persons.csv", people)
    _write_csv(folder / "entities.csv", entities)
    _write_csv(folder / "spoiled.csv", [asdict(one) for one in spoiled])


def _write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    generate(Path(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else SEED)
