"""The schema: revisions lead to exactly what the tables say, also from an installed wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from catalog.database import Database, migrate
from catalog.tables import metadata

TREE = Path(__file__).parents[2]


def shape(conn: sa.Connection) -> dict[str, object]:
    """Names, types, nullability, keys and indexes of every table but Alembic's own."""
    inspector = sa.inspect(conn)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_foreign_keys(name), key=str),
            sorted(inspector.get_unique_constraints(name), key=str),
            sorted(inspector.get_indexes(name), key=str),
        )
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


def test_the_migrated_schema_is_what_the_tables_say(database: Database) -> None:
    made = sa.create_engine("sqlite://")
    with database.reading() as conn, made.connect() as fresh:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        metadata.create_all(fresh)
        assert shape(conn) == shape(fresh)
    made.dispose()


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.reading() as conn:
        before = shape(conn)
    migrate(database)
    with database.reading() as conn:
        assert shape(conn) == before


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
