"""Chooses the person and the organisation to show: those whom the most departments know."""

from collections.abc import Mapping, Sequence

from examples.world.errors import has_variant
from examples.world.sightings import Row


def choose(tables: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """The numbers of both, taken from what the files hold before anything is spoiled.

    The person is married, employed and known to four departments; the organisation has an old
    registration number and a new name, which two other departments do not know yet.
    """
    return {"citizen": _person(tables), "uscc": _organisation(tables)}


def _person(tables: Mapping[str, Sequence[Row]]) -> str:
    married = _keys(tables["marriage-2026-10.csv"], "id_number")
    healthy = _keys(tables["health-2026-10.parquet"], "id_number")
    later = _keys(tables["hukou-2026-11.csv"], "id_number")
    for row in tables["social-insurance-2026-10.xlsx"]:
        number = str(row["id_number"])
        known = number in married and number in healthy and number not in later
        if known and row["insured_employer"] and has_variant(str(row["name"])):
            return number
    return str(tables["hukou-2026-10.csv"][0]["id_number"])  # a very small world has nobody such


def _organisation(tables: Mapping[str, Sequence[Row]]) -> str:
    taxed = _keys(tables["taxpayers-2026-10.xlsx"], "taxpayer_id")
    insuring = _keys(tables["employers-2026-10.csv"], "uscc")
    for row in tables["enterprises-2026-11.csv"]:
        code = str(row["uscc"])
        renamed = row["former_name"] and row["reg_no"] and code.startswith("91")
        if renamed and code in taxed and code in insuring:
            return code
    return str(tables["enterprises-2026-10.csv"][0]["uscc"])


def _keys(rows: Sequence[Row], item: str) -> set[str]:
    return {str(row[item]) for row in rows}
