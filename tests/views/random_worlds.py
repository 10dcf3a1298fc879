"""Random small worlds in which departments disagree, fall silent and repeat themselves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from standards.records import Item, Record
from tests.views.numbers import a_reg_no, a_uscc, an_org_code, citizen_numbers, old_form
from tests.views.worlds import Delivered, WorldSource, a_delivery, a_record, an_item


def a_person_world(seed: int) -> list[WorldSource]:
    """Six tables about a dozen persons that disagree, fall silent, repeat and use old numbers."""
    rng = random.Random(seed)
    numbers = citizen_numbers(12)

    def items(key: str, *more: Item, kinds: Sequence[str] = ("citizen",)) -> list[Item]:
        # Some tables are keyed by the number, some by a number of their own, some not at all.
        first = [an_item("own_no", None, key=True)] if key == "own" else []
        number = an_item("id_no", "person.id_number", key=key == "number", kinds=kinds)
        return [*first, number, *more]

    name = an_item("xm", "person.name")
    born = an_item("born", "person.birth_date", "D")
    born_text = an_item("born", "person.birth_date")
    records = [
        (items("number", name, an_item("sex", "person.sex"), born), "police", "hukou"),
        (items("own", name, an_item("nick", "person.nickname")), "police", "exit-entry"),
        (items("none", name, born_text, an_item("x", None)), "health", "births"),
        (
            items(
                "own",
                name,
                an_item("pay", "person.income", "N", scale=3),
                an_item("kids", "person.children"),
                an_item("ins", "person.insured", "L"),
            ),
            "labour",
            "wages",
        ),
        (
            items("number", name, an_item("pay", "person.income", "I"), kinds=()),
            "labour",
            "pensions",
        ),
        (items("number", name, an_item("sex", "person.sex"), born_text), None, "library"),
    ]
    chosen = [each for each in records if rng.random() < 0.85]
    return [
        _random_source(rng, a_record(resource, *record), duty, numbers)
        for record, duty, resource in chosen
    ]


def _random_source(
    rng: random.Random, record: Record, duty: str | None, numbers: Sequence[str]
) -> WorldSource:
    deliveries = [
        a_delivery(
            f"{record.resource_id}-{n}", rng.randrange(3), rng.choice(["full", "incremental"])
        )
        for n in range(rng.randrange(1, 4))
    ]
    rows = []
    for delivery in deliveries:
        for row in range(rng.randrange(14)):
            number = rng.choice(numbers)
            if rng.random() < 0.2:
                number = old_form(number)
            values = {item.id: _random_value(rng, item) for item in record.items}
            for item in record.items:
                if item.element == "person.id_number":
                    values[item.id] = number
                elif item.key:
                    values[item.id] = f"k{rng.randrange(10)}"
            if not record.key_items and rng.random() < 0.1:
                values["id_no"] = None
            op = "delete" if record.key_items and rng.random() < 0.1 else "upsert"
            rows.append(Delivered(delivery.delivery_id, row, values, op))
    return WorldSource(record, duty, deliveries, rows)


def _random_value(rng: random.Random, item: Item) -> object:
    if rng.random() < 0.25:
        return None
    if item.element == "person.birth_date" and item.data_type == "C":
        return rng.choice(["1960-01-02", "19600102", "1960-02-30", "不详", " 1961-03-04 "])
    if item.element == "person.children":
        return rng.choice(["0", "1", " 2", "几个", "-1"])
    choices: dict[str, list[object]] = {
        "C": ["甲", "乙", " 甲 ", "", "　", "a\tb", "c\\d", "e\nf", 'g"h'],
        "D": [date(1960, 1, 2), date(1961, 3, 4)],
        "N": [Decimal("1.500"), Decimal("2.000"), Decimal("2.125")],
        "I": [1, 2],
        "L": [True, False],
    }
    return rng.choice(choices[item.data_type])


def an_entity_world(seed: int) -> list[WorldSource]:
    """Four tables about few entities whose rows carry one, two or mixed kinds of numbers."""
    rng = random.Random(seed)
    codes = [an_org_code(n) for n in range(1, 7)]
    usccs = [
        a_uscc(head, code)
        for head, code in zip(["91", "92", "12", "51", "91"], codes[:5], strict=True)
    ]
    usccs.append(a_uscc("93", codes[0]))  # two subjects share an organisation code
    regs = [a_reg_no(1), a_reg_no(2, 7), a_reg_no(3), "1100002000001", "企合京总字第000001号"]
    name = an_item("mc", "entity.name")

    def record(resource: str, *items: Item) -> Record:
        return a_record(resource, *items, name, an_item("lx", "entity.org_type"))

    u = an_item("xydm", "entity.uscc", kinds=["uscc"])
    keyed = an_item("xydm", "entity.uscc", key=True, kinds=["uscc"])
    r = an_item("zch", "entity.reg_no", kinds=["reg_no"])
    o = an_item("jgdm", "entity.org_code", kinds=["org_code"])
    mixed = an_item("hm", "entity.uscc", kinds=["uscc", "reg_no"])
    plans = [
        (record("market-a", u, r), "market"),
        (record("old-codes", o, r), "quality"),
        (record("tax-b", mixed, o), "tax"),
        (record("civil-c", keyed), "civil"),
    ]
    pools: dict[str, list[str | None]] = {
        "xydm": [*usccs, None],
        "zch": [*regs, None, None],
        "jgdm": [*codes, None, None],
        "hm": [*usccs, *regs, None, "不是号码"],
    }
    found = []
    for each, duty in plans:
        delivery = a_delivery(f"{each.resource_id}-1", rng.randrange(3))
        rows = [
            Delivered(
                delivery.delivery_id,
                row,
                {
                    item.id: rng.choice(
                        usccs if item.key else pools.get(item.id, ["甲", "乙分公司", None, "15"])
                    )
                    for item in each.items
                },
            )
            for row in range(rng.randrange(1, 7))
        ]
        found.append(WorldSource(each, duty, [delivery], rows))
    return found
