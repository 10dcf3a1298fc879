"""Quotes, semicolons and SQL in a record or in a file are text and nothing else, all the way."""

from __future__ import annotations

import csv
import io

from tests.catalog.makers import an_item
from tests.ingest.conftest import database, office, template
from tests.ingest.office import Office, a_number, household

__all__ = ["database", "office", "template"]

NULL = "' OR '1'='1"
ALIAS = "名'); DROP TABLE x; --"
IGNORED = 'a"b\'; SELECT "c'
LABEL = "备'注\""
VALUES = ["'", "''; --", '"', '","', "\\'", "%s {x} $1 ?", "x' UNION SELECT 1 --", "=1+1"]


def hostile_record() -> dict[str, object]:
    items = [
        an_item("id_number", name="身份号码", key=True, length=18, identifier="citizen"),
        an_item("name", name="姓名", aliases=[ALIAS], length=50),
        an_item("note", name=LABEL, length=50, null_values=[NULL], pattern="[^\u0001']*.*"),
    ]
    return household(resource_id="hostile", items=items, ignored_columns=[IGNORED])


def a_quoted_csv(rows: list[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(
        [["身份号码", ALIAS, LABEL, IGNORED], *rows],
    )
    return written.getvalue()


def test_what_looks_like_sql_is_loaded_as_it_was_written(office: Office) -> None:
    office.publish(hostile_record())
    rows = [[a_number(serial), value, value, value] for serial, value in enumerate(VALUES, start=1)]
    rows.append([a_number(99), "空", NULL, NULL])
    loaded = office.deliver(a_quoted_csv(rows), resource="hostile", file_name="a';--\".csv")
    assert (loaded.state, loaded.accepted, loaded.quarantined) == ("loaded", len(rows), 0)
    kept = office.table("hostile", select="name, note")
    assert kept == [*((value, value) for value in VALUES), ("空", None)]


def test_what_looks_like_sql_in_a_bad_row_is_told_as_it_was_written(office: Office) -> None:
    office.publish(hostile_record())
    rows = [[value, "张三", value, value] for value in VALUES]
    loaded = office.deliver(a_quoted_csv(rows), resource="hostile", file_name="b.csv")
    assert (loaded.accepted, loaded.quarantined) == (0, len(rows))
    told = [one for one in office.violations(loaded) if one["item"] == "id_number"]
    assert [one["value"] for one in told if one["severity"] == "error"] == VALUES
