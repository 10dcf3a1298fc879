"""URLs of databases: what is understood, and that no part of a refused one is repeated."""

from __future__ import annotations

import traceback

import pytest
import sqlalchemy as sa

from catalog.database import ensure_schema, open_database
from catalog.database_urls import connecting, in_schema, place_of, schema_of, understood
from tests.servers.databases import only_on
from tests.servers.postgres import PostgresServer

FULL = "postgresql+psycopg://u:p%40ss@h:5433/d"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgresql://u:p%40ss@h:5433/d", FULL),
        ("postgres://u:p%40ss@h:5433/d", FULL),
        (FULL, FULL),
        ("sqlite:///x/catalogue.db", "sqlite:///x/catalogue.db"),
        (f"{FULL}?sslmode=require", f"{FULL}?sslmode=require"),
    ],
)
def test_the_usual_ways_to_write_a_url_are_understood(given: str, meant: str) -> None:
    assert understood(given) == meant


@pytest.mark.parametrize(
    "given",
    [
        "mysql://u:hidden@h/d",
        "postgresql+asyncpg://u:hidden@h/d",
        "postgresql://u:hid@den@h/d",
        "postgresql://u:hidden@h:port/d",
        "hidden",
        "",
    ],
)
def test_another_url_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        understood(given)
    assert "den" not in "".join(traceback.format_exception(refused.value))


def test_a_schema_is_added_to_the_options_that_are_there() -> None:
    url = sa.make_url(in_schema(f"{FULL}?options=-cwork_mem%3D8MB", "datong_audit"))
    assert url.query["options"] == "-cwork_mem=8MB -csearch_path=datong_audit"
    assert (schema_of(url), schema_of(sa.make_url(FULL))) == ("datong_audit", None)
    assert url.password == "p@ss"


def test_what_a_url_says_of_its_connections_stays() -> None:
    said = f"{FULL}?connect_timeout=3&application_name=x&options=-clock_timeout%3D1s"
    url = connecting(sa.make_url(said))
    assert (url.query["connect_timeout"], url.query["application_name"]) == ("3", "x")
    options = str(url.query["options"]).split()
    assert [each for each in options if "lock_timeout" in each] == ["-clock_timeout=1s"]
    assert "-ctimezone=UTC" in options
    assert "keepalives_idle" in url.query


@only_on("postgresql")
def test_a_schema_is_made_where_it_is_missing_and_used_where_none_may_be_made(
    empty_database: str, postgres: PostgresServer
) -> None:
    opened = open_database(in_schema(empty_database, "datong_tables"))
    for _turn in range(2):
        with opened.transaction() as conn:
            ensure_schema(conn)
            conn.exec_driver_sql("CREATE TABLE IF NOT EXISTS inside (n integer)")
    assert sa.inspect(opened.engine).get_table_names("datong_tables") == ["inside"]
    assert sa.inspect(opened.engine).get_table_names("public") == []
    name = opened.engine.url.database
    assert name is not None
    postgres.run("REVOKE CREATE ON DATABASE {} FROM datong", name)
    postgres.run("ALTER DATABASE {} OWNER TO postgres", name)
    with opened.transaction() as conn:
        ensure_schema(conn)
        assert conn.exec_driver_sql("SELECT count(*) FROM inside").scalar_one() == 0
    opened.dispose()


@only_on("postgresql")
def test_a_wrong_password_is_not_in_the_error(empty_database: str) -> None:
    url = sa.make_url(empty_database).set(password="hidden-word")
    opened = open_database(url.render_as_string(hide_password=False))
    with pytest.raises(sa.exc.OperationalError) as refused, opened.reading():
        pass
    said = "".join(traceback.format_exception(refused.value))
    assert "password authentication failed" in said
    assert "hidden-word" not in said + repr(opened)
    opened.dispose()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql+psycopg://user:hidden@h:5433/d", "h:5433/d"),
        ("postgresql+psycopg://user:hidden@h/d?options=-csearch_path%3Da", "h:5432/d"),
        ("postgresql+psycopg://user:hidden@/d?host=/run/postgresql", "/run/postgresql:5432/d"),
        ("postgresql+psycopg:///d", "localhost:5432/d"),
        ("sqlite:////var/datong/catalogue.db", "/var/datong/catalogue.db"),
    ],
)
def test_a_place_names_neither_user_nor_password(url: str, place: str) -> None:
    assert place_of(url) == place
