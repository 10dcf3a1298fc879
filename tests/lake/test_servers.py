"""The servers of the tests go away and come back as the same: what tests of accidents stand on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from lake.errors import StoreUnavailable
from lake.s3_store import S3Store
from tests.conftest import require_part
from tests.servers.minio import PIN, find_minio, minio_server
from tests.servers.server import S3Server
from tests.servers.weed import find_weed, weed_server

Find = Callable[[], str | None]
Make = Callable[[str, Path], S3Server]


@pytest.mark.parametrize(
    ("part", "find", "make"),
    [("s3", find_weed, weed_server), ("minio", find_minio, minio_server)],
)
def test_a_server_comes_back_with_what_it_held(
    part: str, find: Find, make: Make, tmp_path: Path
) -> None:
    program = find()
    if program is None:
        require_part(part)
    with make(program, tmp_path) as server:
        store = S3Store(server.location)
        store.ensure_bucket("dept-a")
        store.put("dept-a", "x", io.BytesIO(b"kept"))
        server.stop()
        with pytest.raises(StoreUnavailable):
            store.stat("dept-a", "x")
        server.start()
        assert store.stat("dept-a", "x") is not None
        first = server.pid
        server.start()
        assert server.pid == first
    assert server.pid is None


def test_a_server_that_does_not_come_up_says_what_it_said(tmp_path: Path) -> None:
    server = minio_server("/bin/sh", tmp_path)
    with pytest.raises(RuntimeError, match="MinIO did not come up"):
        server.start()
    assert server.pid is None


def test_a_program_that_is_named_comes_before_one_that_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATONG_TEST_MINIO", "/somewhere/minio")
    assert find_minio() == "/somewhere/minio"
    monkeypatch.delenv("DATONG_TEST_MINIO")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert find_minio() is None
    built = tmp_path / "datong" / f"minio-{PIN.read_text('utf-8').strip()[-12:]}" / "minio"
    built.parent.mkdir(parents=True)
    built.touch()
    assert find_minio() == str(built)
