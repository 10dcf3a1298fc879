"""The table catalogue itself: made once, however many come at once, and whole after a crash."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from catalog.database_urls import in_schema
from lake.errors import StoreUnavailable
from lake.iceberg import Tables
from lake.location import StoreLocation
from tests.conftest import require_part
from tests.servers.postgres import find_postgres, running_postgres
from tests.servers.together import run_together


def test_processes_that_open_a_new_catalogue_at_once_all_get_it(
    tmp_path: Path, catalog_url: str
) -> None:
    prepare = (
        "import sys\n"
        "from pathlib import Path\n"
        "import pyarrow as pa\n"
        "from lake.iceberg import Tables\n"
        "from lake.location import StoreLocation\n"
        "location = StoreLocation.folder(Path(sys.argv[2]))\n"
        "schema = pa.schema([('_delivery', pa.string())])\n"
    )
    act = (
        # several in turn, so that the first moment of one of them is hit by two
        "for number in range(6):\n"
        "    url = sys.argv[1].replace('empty', f'n{number}').replace('_tables', f'_n{number}')\n"
        "    Tables(url, location).close()\n"
        "tables = Tables(sys.argv[1], location)\n"
        "made = tables.ensure_table('dept-a', ('dept_a', 'x_g1'), schema, 'curated')\n"
        "tables.close()\n"
        "sys.stdout.write(made)\n"
    )
    made = run_together(4, prepare, act, catalog_url, str(tmp_path / "lake"))
    [one] = set(made)
    tables = Tables(catalog_url, StoreLocation.folder(tmp_path / "lake"))
    assert tables.metadata_location(("dept_a", "x_g1")) == one
    tables.close()


_MAKE_AND_DIE = """
import os, sys
import pyarrow as pa
from pathlib import Path
from lake.iceberg import Tables
from lake.location import StoreLocation
tables = Tables(sys.argv[1], StoreLocation.folder(Path(sys.argv[2])))
tables._catalog.commit_table = lambda *_: os._exit(9)
schema = pa.schema([("_delivery", pa.string())])
tables.ensure_table("dept-a", ("dept_a", "x_g1"), schema, "curated")
"""


def test_a_creation_cut_short_is_made_again(tmp_path: Path, catalog_url: str) -> None:
    arguments = [sys.executable, "-c", _MAKE_AND_DIE, catalog_url, str(tmp_path / "lake")]
    root = Path(__file__).parents[2]
    died = subprocess.run(arguments, check=False, env={**os.environ, "PYTHONPATH": str(root)})
    assert died.returncode == 9
    tables = Tables(catalog_url, StoreLocation.folder(tmp_path / "lake"))
    schema = pa.schema([("_delivery", pa.string())])
    assert tables.ensure_table("dept-a", ("dept_a", "x_g1"), schema, "curated")
    tables.close()


def test_a_catalogue_whose_server_was_away_is_used_again(tmp_path: Path) -> None:
    if find_postgres() is None:
        require_part("postgres")
    location = StoreLocation.folder(tmp_path / "lake")
    name, schema = ("dept_a", "x_g1"), pa.schema([("_delivery", pa.string())])
    with running_postgres(tmp_path / "server") as server, server.database(migrated=False) as url:
        tables = Tables(in_schema(url, "datong_tables"), location)
        made = tables.ensure_table("dept-a", name, schema, "curated")
        server.stop()
        with pytest.raises(StoreUnavailable):
            tables.metadata_location(name)
        with pytest.raises(sa.exc.OperationalError) as refused:
            Tables(in_schema(url, "datong_tables"), location)
        assert server.password not in "".join(traceback.format_exception(refused.value))
        server.start()
        assert tables.metadata_location(name) == made
        tables.close()
