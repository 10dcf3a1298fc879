"""Settings: what the environment says, and what stands where it says nothing."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from sqlalchemy import make_url

from api.errors import BadSetting
from api.settings import load_settings


def test_an_empty_environment_is_the_embedded_default() -> None:
    settings = load_settings({})
    home = Path("var").absolute()
    assert settings.home == home
    assert settings.embedded
    assert settings.database_url == f"sqlite:///{home / 'catalogue.db'}"
    assert settings.lake_url == f"file://{home / 'lake'}"


def test_every_variable_of_the_contract_is_read() -> None:
    settings = load_settings(
        {
            "DATONG_HOME": "/srv/datong",
            "DATONG_DATABASE_URL": "postgresql+psycopg://u:p@h/d",
            "DATONG_LAKE_URL": "s3://127.0.0.1:9000",
            "DATONG_S3_ACCESS_KEY": "access",
            "DATONG_S3_SECRET_KEY": "secret",
            "DATONG_S3_REGION": "cn-north-1",
            "DATONG_S3_SECURE": "true",
            "DATONG_KEY": "dt_key",
        }
    )
    assert not settings.embedded
    assert settings.s3_secure
    assert (settings.s3_region, settings.lake_url) == ("cn-north-1", "s3://127.0.0.1:9000")
    assert settings.key == "dt_key"


def test_one_postgresql_database_holds_catalogue_tables_and_audit() -> None:
    settings = load_settings({"DATONG_DATABASE_URL": "postgresql://u:p%40ss@h:5433/d"})
    assert settings.database_url == "postgresql+psycopg://u:p%40ss@h:5433/d"
    for url, schema in ((settings.tables_url, "tables"), (settings.audit_url, "audit")):
        parsed = make_url(url)
        assert (parsed.host, parsed.port, parsed.database) == ("h", 5433, "d")
        assert (parsed.drivername, parsed.password) == ("postgresql+psycopg", "p@ss")
        assert parsed.query["options"] == f"-csearch_path=datong_{schema}"


def test_tables_and_audit_may_lie_elsewhere() -> None:
    settings = load_settings(
        {
            "DATONG_DATABASE_URL": "postgresql://u:p@h/d",
            "DATONG_TABLES_URL": "postgres://u:p@other/tables",
            "DATONG_AUDIT_URL": "sqlite:////audit/audit.db",
        }
    )
    assert settings.tables_url == "postgresql+psycopg://u:p@other/tables"
    assert settings.audit_url == "sqlite:////audit/audit.db"
    beside = load_settings({"DATONG_AUDIT_URL": "postgresql://u:p@h/d", "DATONG_HOME": "/srv"})
    assert beside.audit_url == "postgresql+psycopg://u:p@h/d"
    assert beside.tables_url == "sqlite:////srv/tables.db"


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/d", "postgresql://u:hid@den@h/d", "hidden"])
@pytest.mark.parametrize("name", ["DATABASE", "TABLES", "AUDIT"])
def test_a_wrong_url_is_said_by_name_and_not_repeated(name: str, url: str) -> None:
    with pytest.raises(BadSetting, match=f"DATONG_{name}_URL") as refused:
        load_settings({f"DATONG_{name}_URL": url})
    assert "den" not in "".join(traceback.format_exception(refused.value))


def test_no_secret_shows_in_the_settings() -> None:
    secrets = {
        "DATONG_S3_ACCESS_KEY": "hidden-1",
        "DATONG_S3_SECRET_KEY": "hidden-2",
        "DATONG_KEY": "hidden-3",
        "DATONG_DATABASE_URL": "postgresql://u:hidden-4@h/d",
    }
    assert "hidden" not in repr(load_settings(secrets))


@pytest.mark.parametrize("value", ["0", "-1", "two", "²"])
def test_a_wrong_number_of_threads_is_said_by_name(value: str) -> None:
    with pytest.raises(BadSetting, match="DATONG_THREADS"):
        load_settings({"DATONG_THREADS": value})


@pytest.mark.parametrize(
    ("memory", "among", "each"),
    [("4GB", 2, "2.000GB"), ("1.5GiB", 4, "0.375GiB"), ("80%", 2, "40.000%"), ("4GB", 1, "4GB")],
)
def test_processes_divide_threads_and_memory(memory: str, among: int, each: str) -> None:
    settings = load_settings({"DATONG_THREADS": "8", "DATONG_MEMORY": memory})
    divided = settings.divided(among)
    assert (divided.threads, divided.memory_limit) == (8 // among, each)
    assert settings.divided(100).threads == 1
