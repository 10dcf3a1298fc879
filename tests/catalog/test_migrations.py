"""The schema: revisions lead to exactly what the tables say, also from an installed wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from catalog.database import Database, migrate, open_database
from catalog.tables import metadata
from tests.servers.databases import only_on
from tests.servers.together import run_together

TREE = Path(__file__).parents[2]


def shape(conn: sa.Connection) -> dict[str, object]:
    """Names, types, nullability, keys and indexes of every table but Alembic's own."""
    inspector = sa.inspect(conn)
    return {
        name: (
            [(c["name"], type_of(c), c["nullable"]) for c in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_foreign_keys(name), key=str),
            sorted(inspector.get_unique_constraints(name), key=str),
            sorted(inspector.get_indexes(name), key=str),
        )
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


def type_of(column: Mapping[str, Any]) -> str:
    """The type, without the order of texts, of which the tables say nothing."""
    return str(column["type"]).partition(" COLLATE")[0]


def test_the_migrated_schema_is_what_the_tables_say(
    database: Database, empty_database: str
) -> None:
    made = open_database(empty_database)
    with database.reading() as conn, made.transaction() as fresh:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        metadata.create_all(fresh)
        assert shape(conn) == shape(fresh)
    made.dispose()


@only_on("postgresql")
def test_every_text_sorts_by_its_characters_alone(database: Database) -> None:
    query = """SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version'
        AND data_type IN ('character varying', 'text') AND collation_name IS DISTINCT FROM 'C'"""
    with database.reading() as conn:
        assert conn.exec_driver_sql(query).all() == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.reading() as conn:
        before = shape(conn)
    migrate(database)
    with database.reading() as conn:
        assert shape(conn) == before


def test_processes_that_migrate_at_once_all_find_the_newest_schema(
    empty_database: str, database: Database
) -> None:
    prepare = "import sys\nfrom catalog.database import open_database, migrate\n"
    prepare += "import alembic.command, alembic.config\n"
    act = "opened = open_database(sys.argv[1])\nmigrate(opened)\nopened.dispose()\n"
    run_together(4, prepare, act, empty_database)
    made = open_database(empty_database)
    with made.reading() as conn, database.reading() as usual:
        assert shape(conn) == shape(usual)
    made.dispose()


def test_an_installed_wheel_migrates_a_database(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(TREE / name, source)
    for name in ("catalog", "standards"):
        shutil.copytree(TREE / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", tmp_path, source], check=True)
    [wheel] = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    program = (
        "import catalog.database as d\n"
        f"opened = d.open_database('sqlite:///{tmp_path}/catalogue.db')\n"
        "d.migrate(opened)\n"
        "print(d.__file__)"
    )
    command = [sys.executable, "-c", program]
    environment = {"PYTHONPATH": str(installed)}
    done = subprocess.run(
        command, check=True, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.startswith(str(installed))
    made = sa.create_engine(f"sqlite:///{tmp_path}/catalogue.db")
    assert set(metadata.tables) < set(sa.inspect(made).get_table_names())
    made.dispose()
