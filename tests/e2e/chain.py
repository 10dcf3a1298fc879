"""The main job in small: a whole home set up, delivered to, built and granted, then asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.answers import DeliveryAnswer, ViewVersionAnswer
from api.bootstrap import open_services
from api.settings import Settings, load_settings
from examples.demo import VIEWS, WORLD
from examples.office import PLATFORM, Office, Sent, document_of
from examples.running_api import running_api
from examples.world.generate import generate
from lake.location import LocationKind, StoreLocation

SALT = "the same secret in both homes, so that own ids and hashes agree"
PURPOSE = "licence_handling"
PERSONS, ENTITIES = 600, 240


class CountedIds:
    """Ids in the shape of UUIDv7 that are the same in every run: 1, 2, 3, …"""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        self._last += 1
        return f"0199f3c2-7a10-7000-8000-{self._last:012d}"


@dataclass(frozen=True)
class SampleWorld:
    """The files of the sample world, small, and the truth about them."""

    folder: Path

    @property
    def showcase(self) -> dict[str, str]:
        return dict(self.read_json("truth/showcase.json"))

    @property
    def sent(self) -> list[Sent]:
        return [
            Sent(
                path=self.folder / "deliveries" / entry["file"],
                name=entry["file"],
                resource=entry["resource"],
                department=entry["department"],
                mode=entry["mode"],
                data_time=entry["data_time"],
                rows=entry["rows"],
                sha256=entry["sha256"],
            )
            for entry in self.read_json("deliveries.json")
        ]

    def read_json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Chain:
    """A home after the main job, what its deliveries and builds answered, and how to reach it."""

    home: Path
    environment: dict[str, str]
    world: SampleWorld
    deliveries: list[DeliveryAnswer] = field(default_factory=list)
    views: list[ViewVersionAnswer] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def served(self) -> Iterator[httpx.Client]:
        """The home behind the real API, a process of its own; its output is in `logs/`."""
        with pytest.MonkeyPatch.context() as patch:
            set_environment(patch, self.environment)
            with running_api(self.home) as api, httpx.Client(base_url=api.url, timeout=30) as http:
                yield http

    def key(self, account: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[account]}"}


def environment_of(
    home: Path, location: StoreLocation | None = None, database_url: str | None = None
) -> dict[str, str]:
    """What a process needs to work on a home; what is not given lies in files there."""
    environment = {"DATONG_HOME": str(home), "DATONG_THREADS": "2"}
    if database_url is not None:
        environment["DATONG_DATABASE_URL"] = database_url
    if location is not None and location.kind is LocationKind.S3:
        environment |= {
            "DATONG_LAKE_URL": f"s3://{location.endpoint}",
            "DATONG_S3_ACCESS_KEY": location.access_key,
            "DATONG_S3_SECRET_KEY": location.secret_key,
            "DATONG_S3_REGION": location.region,
        }
    return environment


def set_environment(patch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("DATONG_")]:
        patch.delenv(name)
    for name, value in environment.items():
        patch.setenv(name, value)


def make_world(folder: Path) -> SampleWorld:
    generate(folder, persons=PERSONS, entities=ENTITIES)
    return SampleWorld(folder)


def do_the_main_job(
    home: Path,
    world: SampleWorld,
    location: StoreLocation | None = None,
    database_url: str | None = None,
) -> Chain:
    """From nothing to two built views and an application that may ask for both."""
    environment = environment_of(home, location, database_url)
    settings = load_settings(environment)
    settings.code_lists.mkdir(parents=True)
    for file in (WORLD / "code_lists").glob("*.yaml"):
        (settings.code_lists / file.name).write_bytes(file.read_bytes())
    services = open_services(settings, ids=CountedIds())
    office = Office(home, services)
    try:
        register_people(office)
        publish_records(office)
        deliveries = [office.deliver(sent) for sent in world.sent]
        views = [office.build_view(view_id) for view_id in VIEWS]
        for file in sorted((WORLD / "grants").glob("*.yaml")):
            office.grant(document_of(file))
        office.revoke_key("street-app")
    finally:
        services.close()
    return Chain(home, environment, world, deliveries, views, office.keys)


def register_people(office: Office) -> None:
    office.initialise(WORLD / "departments" / f"{PLATFORM}.yaml")
    share_the_salt(office.services.settings)
    for file in sorted((WORLD / "departments").glob("*.yaml")):
        office.add_department(file)
    for account in document_of(WORLD / "accounts.yaml")["accounts"]:
        office.add_account(account)
    for file in sorted((WORLD / "systems").glob("*.yaml")):
        office.add_system(file)


def publish_records(office: Office) -> None:
    providers = {found.code: found.department_id for found in office.departments()}
    for file in sorted((WORLD / "records").glob("*.yaml")):
        office.publish(file, providers[document_of(file)["provider_code"]])


@contextmanager
def plain_connection(url: str) -> Iterator[sa.Connection]:
    """A connection that SQLAlchemy opens by itself, with nothing of ours around it."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as conn:
        yield conn


def share_the_salt(settings: Settings) -> None:
    """Content hashes hold own ids, which a secret of the home makes; here it must be the same."""
    statement = sa.text("UPDATE platform_facts SET value = :salt WHERE name = 'salt'")
    with plain_connection(settings.database_url) as conn:
        assert conn.execute(statement, {"salt": SALT}).rowcount == 1


def ask(http: httpx.Client, key: Mapping[str, str], path: str, **body: object) -> httpx.Response:
    asked = {"purpose": PURPOSE, **body}
    return http.post(f"/v1/{path}/lookup", json=asked, headers=dict(key))


def audit_lines(chain: Chain) -> list[dict[str, Any]]:
    """Every audit line, read from the store by a plain query."""
    query = sa.text("SELECT line FROM audit_lines ORDER BY sequence")
    with plain_connection(load_settings(chain.environment).audit_url) as conn:
        return [json.loads(text) for text in conn.scalars(query)]


def line_of(chain: Chain, answer: httpx.Response) -> dict[str, Any]:
    """The one audit line of the request that got this answer."""
    request_id = answer.headers["x-request-id"]
    [line] = [line for line in audit_lines(chain) if line["request_id"] == request_id]
    return line


def counts_of(deliveries: Sequence[DeliveryAnswer]) -> dict[str, dict[str, Any]]:
    """What became of each file, without the moments, which differ from run to run."""
    kept = ("state", "encoding", "format", "rows_in", "accepted", "quarantined", "unchanged")
    return {
        answer.file_name: {
            **{name: getattr(answer, name) for name in kept},
            "rules": dict(answer.rules),
            "refused": answer.refused,
            "sha256": answer.sha256,
            "delivery_id": answer.delivery_id,
        }
        for answer in deliveries
    }


def run_command(
    chain: Chain, *words: str, said: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`datong WORDS` in a process of its own on the home, with what is said to it as input."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DATONG_")}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        input=b"" if said is None else said.encode(),
        env={**plain, **chain.environment},
        capture_output=True,
        check=False,
        timeout=60,
    )
