"""A home that holds a generated catalogue, published: for what is measured on many records."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.bootstrap import Services, open_services
from api.settings import load_settings
from api.usecases import accounts, bulk_import, setup
from api.usecases.access import Caller, Credential, identify
from benchmarks.catalogue_records import PORTALS, SEED, departments, grow
from catalog import departments as register
from examples.office import PLATFORM, document_of

if TYPE_CHECKING:
    from api.answers.drafts import RecordImportAnswer

WORLD = Path(__file__).parents[1] / "examples" / "world"
AUTHORITY = "bench-authority"
WHY = "基准测试：迁移已有目录"


def write_lines(file: Path, count: int, seed: int = SEED, portals: Path | None = PORTALS) -> None:
    """The records as the file that a bulk import reads."""
    with file.open("w", encoding="utf-8") as stream:
        for document in grow(count, seed, portals):
            stream.write(json.dumps(document, ensure_ascii=False) + "\n")


@contextmanager
def opened_home(
    home: Path, *, database_url: str | None = None, portals: Path | None = PORTALS
) -> Iterator[tuple[Services, Caller]]:
    """A home with all departments of the generator, and the authority that imports into it."""
    environment = {"DATONG_HOME": str(home)}
    if database_url is not None:
        environment["DATONG_DATABASE_URL"] = database_url
    services = open_services(load_settings(environment))
    try:
        key = setup.initialise(services, document_of(WORLD / "departments" / f"{PLATFORM}.yaml"))
        _add_departments(services, departments(portals))
        yield services, _authority(services, key.key)
    finally:
        services.close()


def _add_departments(services: Services, documents: list[dict[str, Any]]) -> None:
    with services.database.transaction() as conn:
        if register.find(conn, documents[-1]["department_id"]) is None:
            for document in documents:
                register.add(conn, document, services.clock)


def _authority(services: Services, admin_key: str | None) -> Caller:
    """The account that imports; its key is kept in the home, since it is shown only once."""
    kept = services.settings.home / "authority.key"
    wanted = accounts.NewAccount(
        name=AUTHORITY, department=PLATFORM, kind="person", responsible=None, roles=("authority",)
    )
    if services.settings.embedded:
        accounts.add_account(services, _identified(services, Credential(name="admin")), wanted)
        return _identified(services, Credential(name=AUTHORITY))
    if not kept.is_file():
        admin = _identified(services, Credential(key=admin_key))
        kept.write_text(accounts.add_account(services, admin, wanted).key or "", encoding="utf-8")
        kept.chmod(0o600)
    return _identified(services, Credential(key=kept.read_text(encoding="utf-8")))


def _identified(services: Services, credential: Credential) -> Caller:
    return identify(services, credential, request_id=services.ids.new(), address="cli")


def write_home(
    home: Path,
    count: int,
    *,
    database_url: str | None = None,
    seed: int = SEED,
    portals: Path | None = PORTALS,
    indexed: bool = False,
) -> "RecordImportAnswer":
    """Fill a home with so many published records, `indexed` also its search index.

    What is there already stays.
    """
    home.mkdir(parents=True, exist_ok=True)
    file = home / "records.jsonl"
    write_lines(file, count, seed, portals)
    with opened_home(home, database_url=database_url, portals=portals) as (services, caller):
        done = bulk_import.import_records(services, caller, file, publish=True, opinion=WHY)
        if indexed:
            follower = services.search_follower()
            follower.catch_up()
            follower.close()
    file.unlink()
    return done
