"""Settings: what the environment says, and what stands where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

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
