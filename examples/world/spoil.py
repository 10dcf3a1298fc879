"""Spoils chosen cells of a table and writes down which, how, and what stood there before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from examples.world.errors import OUTCOMES, Outcome, Spoil, change
from examples.world.sightings import Row

EXTRA_CELL = "_extra"  # a row with this key is written with one cell too many


@dataclass(frozen=True, slots=True)
class Rule:
    """Spoil `count` cells of `item` in one way; `on_show`: the subject on show is one of them."""

    how: Spoil
    item: str
    count: int
    on_show: bool = False


@dataclass(frozen=True, slots=True)
class Spoiled:
    """One spoiled cell, or row: `row` counts from 1 below the heads."""

    file: str
    row: int
    key: str
    item: str
    how: Spoil
    truth: str
    delivered: str
    outcome: Outcome


@dataclass(slots=True)
class Spoiler:
    """Spoils one table in place; no row is spoiled twice, so that each has one outcome."""

    file: str
    key: str
    rng: Random
    rows: list[Row]
    shown: frozenset[str] = frozenset()
    spoiled: list[Spoiled] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)

    def apply(self, rules: Sequence[Rule]) -> list[Spoiled]:
        """Apply every rule in order; duplicated rows come last, at the end of the table."""
        for rule in rules:
            if rule.how in (Spoil.DUPLICATE_KEY, Spoil.REPEATED_ROW):
                self._double(rule)
            elif rule.how is Spoil.RAGGED:
                self._ragged(rule)
            else:
                self._cells(rule)
        self.spoiled.sort(key=lambda one: one.row)
        return self.spoiled

    def _cells(self, rule: Rule) -> None:
        left = rule.count
        for place in self._shown_places(rule) + self._places():
            before = self.rows[place][rule.item]
            if left == 0:
                return
            if not isinstance(before, str):
                continue
            after = change(rule.how, self.rng, before)
            if after != before:
                self._note(place, rule, before, after)
                self.rows[place][rule.item] = after
                left -= 1

    def _double(self, rule: Rule) -> None:
        """A copy at the end: as it is, or under another name, and then neither can be trusted."""
        for place in self._places()[: rule.count]:
            key, copy = str(self.rows[place][self.key]), dict(self.rows[place])
            self._taken.add(place)
            if rule.how is Spoil.DUPLICATE_KEY:
                copy["name"] = f"{copy['name']}二"
                self._note(place, rule, key, key)
            self.rows.append(copy)
            self._note(len(self.rows) - 1, rule, key, key)

    def _ragged(self, rule: Rule) -> None:
        for place in self._places()[: rule.count]:
            self._note(place, rule, "", "")
            self.rows[place][EXTRA_CELL] = "备注"

    def _places(self) -> list[int]:
        free = [
            place
            for place, row in enumerate(self.rows)
            if place not in self._taken and row[self.key] not in self.shown
        ]
        self.rng.shuffle(free)
        return free

    def _shown_places(self, rule: Rule) -> list[int]:
        if not rule.on_show:
            return []
        return [place for place, row in enumerate(self.rows) if row[self.key] in self.shown]

    def _note(self, place: int, rule: Rule, before: str, after: str | int | None) -> None:
        self._taken.add(place)
        self.spoiled.append(
            Spoiled(
                file=self.file,
                row=place + 1,
                key=str(self.rows[place][self.key]) if rule.item != self.key else before,
                item=rule.item,
                how=rule.how,
                truth=before,
                delivered="" if after is None else str(after),
                outcome=OUTCOMES[rule.how],
            )
        )
