"""Each thing that is broken is seen by its check alone, with a next step; and never by a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.bootstrap import Services, open_services
from api.cli.main import main
from api.settings import Settings, load_settings
from api.usecases.doctor import Check, Severity, examine
from api.usecases.doctor.examination import _run
from api.usecases.doctor.machine import disk_check, file_system_in
from api.usecases.setup import initialise
from catalog.clock import ManualClock
from catalog.database import Database
from lake.location import StoreLocation
from tests.api.makers import World
from tests.api.patient import (
    NEVER_BUILT,
    changed,
    database,
    failed,
    look,
    now,
    settings,
    world,
)
from tests.servers.postgres import PostgresServer

__all__ = ["database", "settings", "world"]


def test_a_home_that_is_well_has_no_failed_check(settings: Settings) -> None:
    found = examine(lambda: settings)
    assert failed(found) == set()
    assert found.ok
    never = found.find(NEVER_BUILT)
    assert never is not None
    assert (never.ok, never.severity) == (False, Severity.NOTE)
    assert found.worst_first()[0] is never


def test_before_init_it_says_to_run_init(tmp_path: Path) -> None:
    nowhere = load_settings({"DATONG_HOME": str(tmp_path / "none")})
    assert look(nowhere) == {"home"}
    assert not (tmp_path / "none").exists()
    empty = load_settings({"DATONG_HOME": str(tmp_path)})
    found = examine(lambda: empty)
    assert failed(found) == {"database"}
    check = found.find("database")
    assert check is not None
    assert check.next_en == "run datong init"
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_can_not_be_written_is_seen(settings: Settings) -> None:
    assert look(replace(settings, home=Path("/proc"))) == {"home"}


def test_a_setting_that_can_not_be_read_is_seen() -> None:
    found = examine(lambda: load_settings({"DATONG_THREADS": "many"}))
    assert failed(found) == {"settings"}
    assert not found.ok


def test_a_lake_on_s3_without_keys_is_seen(settings: Settings) -> None:
    assert look(replace(settings, lake_url="s3://127.0.0.1:9000")) == {"settings"}


def test_a_database_that_does_not_answer_is_seen_and_its_password_is_not(
    settings: Settings,
) -> None:
    url = "postgresql+psycopg://datong:hidden-word@127.0.0.1:1/datong"
    found = examine(lambda: replace(settings, database_url=url))
    assert failed(found) == {"database"}
    assert "hidden-word" not in json.dumps([check.as_json() for check in found.checks])


def test_a_catalogue_that_is_no_database_is_seen(settings: Settings, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"no database at all, " * 400)
    url = f"sqlite:///{garbage}"
    assert look(replace(settings, database_url=url)) == {"database"}
    assert look(replace(settings, audit_url=url)) == {"audit"}
    assert look(replace(settings, tables_url=url)) == {"tables"}


def test_a_schema_of_an_older_program_is_seen(settings: Settings, database: Database) -> None:
    with database.reading() as conn:
        head = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    table = sa.table("alembic_version", sa.column("version_num"))
    older, back = (sa.update(table).values(version_num=each) for each in ("0001", head))
    with changed(database, older, back):
        found = examine(lambda: settings)
    assert failed(found) == {"schema"}
    check = found.find("schema")
    assert check is not None
    assert check.next_en == "run datong init"


def test_looking_at_the_audit_store_leaves_no_line(world: World) -> None:
    before = world.audit()
    assert look(world.services.settings) == set()
    sequences = len(world.audit()) - len(before)
    assert sequences == 1  # the reading of the audit store itself


def test_a_store_that_does_not_answer_is_seen(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_bytes(b"")
    assert look(replace(settings, lake_url=f"file://{file}")) == {"store"}


def test_a_store_that_is_away_is_named_and_its_keys_are_not(settings: Settings) -> None:
    away = replace(
        settings,
        lake_url="s3://127.0.0.1:1",
        s3_access_key="hidden-name",
        s3_secret_key="hidden-word",
    )
    found = examine(lambda: away)
    assert failed(found) == {"store"}
    check = found.find("store")
    assert check is not None
    assert "127.0.0.1:1" in check.zh
    assert "127.0.0.1:1" in check.en
    assert "DATONG_LAKE_URL" in str(check.next_en)
    assert "hidden" not in json.dumps([check.as_json() for check in found.checks])


def test_a_check_that_fails_unforeseen_says_where(settings: Settings) -> None:
    def look_closely(_services: Services) -> list[Check]:
        raise ZeroDivisionError("inner workings")

    services = open_services(settings)
    [check] = _run([("odd", look_closely)], services)
    assert (check.name, check.ok) == ("odd", False)
    assert "ZeroDivisionError, test_doctor.py" in check.en
    assert "look_closely" in check.zh
    assert "inner" not in check.zh + check.en


def test_clocks_that_are_apart_are_seen(settings: Settings) -> None:
    assert look(settings, clock=ManualClock(now() + timedelta(seconds=60))) == {"store_clock"}
    assert look(settings, clock=ManualClock(now() - timedelta(seconds=60))) == {"store_clock"}


def test_an_extension_of_another_version_is_seen(settings: Settings, tmp_path: Path) -> None:
    """As after one package was upgraded alone: a wrong wheel is found before the right one."""
    info = tmp_path / "duckdb_extension_httpfs-1.4.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: duckdb-extension-httpfs\nVersion: 1.4.0\n", encoding="utf-8"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DATONG_")},
        "DATONG_HOME": str(settings.home),
        "PYTHONPATH": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "doctor", "--json"],
        env=environment,
        capture_output=True,
        check=False,
    )
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert {name for name, check in found.items() if not check["ok"]} == {"software", NEVER_BUILT}
    assert "1.4.0" in found["software"]["en"]
    assert done.returncode == 1


def test_a_disk_with_less_than_a_tenth_free_warns() -> None:
    assert disk_check(free=10, total=100).ok
    full = disk_check(free=9, total=100)
    assert (full.ok, full.severity) == (False, Severity.WARNING)


def test_the_file_system_of_a_folder_is_that_of_its_innermost_mount() -> None:
    mounts = (
        "/dev/a / ext4 rw 0 0\nserver:/x /data nfs4 rw 0 0\n/dev/b /data/my\\040disk xfs rw 0 0\n"
    )
    assert file_system_in(mounts, Path("/data/home")) == "nfs4"
    assert file_system_in(mounts, Path("/data/my disk/home")) == "xfs"
    assert file_system_in(mounts, Path("/datum")) == "ext4"


def prepared(home: Path, settings: Settings) -> Services:
    services = open_services(settings)
    initialise(services, None)
    return services


def test_a_home_on_postgresql_and_s3_is_well(
    postgres: PostgresServer, seaweedfs: StoreLocation, tmp_path: Path
) -> None:
    with postgres.database(migrated=False) as url:
        settings = load_settings(
            {
                "DATONG_HOME": str(tmp_path),
                "DATONG_DATABASE_URL": url,
                "DATONG_LAKE_URL": f"s3://{seaweedfs.endpoint}",
                "DATONG_S3_ACCESS_KEY": seaweedfs.access_key,
                "DATONG_S3_SECRET_KEY": seaweedfs.secret_key,
            }
        )
        assert look(settings) == {"schema"}
        services = prepared(tmp_path, settings)
        try:
            _ = services.audit
            found = examine(lambda: settings)
        finally:
            services.close()
    assert failed(found) - {"view_person"} == set()
    names = {check.name for check in found.checks}
    assert {"database_clock", "store_clock", "audit", "tables", "hosts"} <= names


def test_the_command_lists_the_worst_first_and_exits_by_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATONG_HOME", str(settings.home))
    for name in ("DATONG_KEY", "DATONG_DATABASE_URL", "DATONG_LAKE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code in (0, None)
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("· ")
    assert lines[2].startswith("  → ")
    assert any(line.startswith("✓ ") for line in lines)
    monkeypatch.setenv("DATONG_HOME", str(settings.home / "none"))
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--json"])
    assert ended.value.code == 1
    document = json.loads(capfd.readouterr().out)
    assert document["ok"] is False
    assert document["checks"][0]["name"] == "home"
    assert list(document["checks"][0]) == [
        "name", "ok", "severity", "zh", "en", "next_zh", "next_en",
    ]  # fmt: skip
