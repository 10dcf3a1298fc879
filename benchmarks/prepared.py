"""Prepare a home as the sample world has it, with the benchmark's own records published."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.office import PLATFORM, Office, Sent, document_of, open_office

WORLD = Path(__file__).parents[1] / "examples" / "world"
RECORDS = Path(__file__).parent / "records"
DEPARTMENTS = (PLATFORM, "gongan", "renshe", "zhengwu")
PROVIDERS = {"population": "gongan", "insurance": "renshe"}


@contextmanager
def prepared_office(home: Path, *records: str) -> Iterator[Office]:
    """Open a home in which these records are published and their clerks may deliver."""
    os.environ["DATONG_HOME"] = str(home)
    with open_office(str(home), WORLD / "code_lists") as office:
        departments = WORLD / "departments"
        office.initialise(departments / f"{PLATFORM}.yaml")
        for name in DEPARTMENTS[1:]:
            office.add_department(departments / f"{name}.yaml")
        for account in document_of(WORLD / "accounts.yaml")["accounts"]:
            if account["department"] in DEPARTMENTS:
                office.add_account(account)
        for name in records:
            office.publish(RECORDS / f"{name}.yaml", PROVIDERS[name])
        yield office


def sent(name: str, path: Path) -> Sent:
    """A file as its department delivers it in full."""
    return Sent(
        path=path,
        name=path.name,
        resource=f"bench-{name}",
        department=PROVIDERS[name],
        mode="full",
        data_time="2026-11-01",
    )
