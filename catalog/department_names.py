"""By what names departments go: their own, their aliases, and what such offices are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from catalog.tables import department_names as table
from standards.department_words import Reading, folded_name, is_level, read_department
from standards.documents import as_sequence

_LEVELS = "省市区县州盟旗"


def names_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The name of a department and then its aliases, each once."""
    aliases = (str(alias) for alias in as_sequence(document.get("aliases")))
    return tuple(dict.fromkeys((str(document["name"]), *aliases)))


def write_names(conn: sa.Connection, department_id: str, document: Mapping[str, Any]) -> None:
    """Make the names of a department those of its document."""
    conn.execute(sa.delete(table).where(table.c.department_id == department_id))
    rows = [
        {"department_id": department_id, "position": position, **facts}
        for position, facts in enumerate(_facts_of(document))
    ]
    conn.execute(sa.insert(table), rows)


def refresh_names(conn: sa.Connection, documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Read the names of all departments anew: a release may know more words than the one before."""
    wanted = {
        (department_id, position): facts
        for department_id, document in documents.items()
        for position, facts in enumerate(_facts_of(document))
    }
    held = {
        (row["department_id"], row["position"]): {
            name: row[name] for name in ("name", "folded", "place", "office")
        }
        for row in conn.execute(sa.select(table)).mappings()
    }
    stale = {key[0] for key in wanted.keys() | held.keys() if wanted.get(key) != held.get(key)}
    for department_id in sorted(stale):
        write_names(conn, department_id, documents[department_id])


def _facts_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is kept of each name; an alias such as 市卫健委 has the place of the name itself."""
    own_place = ""
    for position, name in enumerate(names_of(document)):
        facts = _facts(name)
        if position == 0:
            own_place = facts["place"]
        elif own_place.endswith(facts["place"]):
            facts["place"] = own_place
        yield facts


def _facts(name: str) -> dict[str, Any]:
    reading = next(iter(read_department(name)), None)
    return {
        "name": name,
        "folded": folded_name(name),
        "place": "" if reading is None else reading.place,
        "office": None if reading is None else reading.office.name,
    }


def ids_named(conn: sa.Connection, text: str) -> frozenset[str]:
    """The departments that a text may mean: by an exact name, else by what such an office of
    such a place is called, else by a name that ends so and begins with its place (市就业中心)."""
    folded = folded_name(text)
    if not folded:
        return frozenset()
    exact = conn.scalars(sa.select(table.c.department_id).where(table.c.folded == folded)).all()
    if exact:
        return frozenset(exact)
    return _by_office(conn, text) or _by_ending(conn, folded)


def _by_office(conn: sa.Connection, text: str) -> frozenset[str]:
    """Departments of the office that a text names, in its place; those without one if none is."""
    of_place: set[str] = set()
    anywhere: set[str] = set()
    for reading in read_department(text):
        query = sa.select(table.c.department_id, table.c.place, table.c.position)
        rows = conn.execute(query.where(table.c.office == reading.office.name))
        for department_id, place, position in rows:
            if _is_there(reading, place):
                of_place.add(department_id)
            elif not place and position == 0 and reading.sure:
                anywhere.add(department_id)
    return frozenset(of_place or anywhere)


def _is_there(asked: Reading, held: str) -> bool:
    """Whether the place of a department is the one asked for: 青禾市 for 青禾市, 市, 青禾."""
    if not asked.place:
        return True
    if held.endswith(asked.place):
        return True
    if held.startswith(asked.place):
        return is_level(held[len(asked.place) :])
    # of an alias such as 市卫健委 the place says nothing
    return len(held) > 1 and asked.place.endswith(held)


def _by_ending(conn: sa.Connection, folded: str) -> frozenset[str]:
    if folded[0] not in _LEVELS or len(folded) < 4:
        return frozenset()
    query = sa.select(table.c.department_id)
    return frozenset(conn.scalars(query.where(table.c.folded.endswith(folded, autoescape=True))))


def all_names(conn: sa.Connection) -> Mapping[str, tuple[str, ...]]:
    """Every department's name and then its aliases, by its id."""
    query = sa.select(table.c.department_id, table.c.name)
    found: dict[str, list[str]] = {}
    for department_id, name in conn.execute(
        query.order_by(table.c.department_id, table.c.position)
    ):
        found.setdefault(department_id, []).append(name)
    return MappingProxyType({each: tuple(names) for each, names in found.items()})


def same_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two documents call a department the same."""
    return names_of(before) == names_of(after)
