"""MinIO: the S3 server that a department runs, built once by `.ci/minio`."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from lake.location import StoreLocation
from tests.servers.ports import free_ports
from tests.servers.server import S3Server

# The one place that names the version; `.ci/minio` reads it too.
PIN = Path(__file__).parents[2] / "deploy" / "minio.version"


def find_minio() -> str | None:
    """The program that DATONG_TEST_MINIO names, else the built one, else the one on the path."""
    named = os.environ.get("DATONG_TEST_MINIO")
    if named:
        return named
    built = _cache() / "datong" / f"minio-{_revision()}" / "minio"
    return str(built) if built.is_file() else shutil.which("minio")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _revision() -> str:
    """The commit at the end of the pinned version."""
    return PIN.read_text(encoding="utf-8").strip().rpartition("-")[2]


def minio_server(program: str, folder: Path) -> S3Server:
    """The server on a folder, not started yet; its root key is made for this server alone."""
    port, console = free_ports(2)
    location = StoreLocation.s3(
        f"127.0.0.1:{port}", secrets.token_hex(10), secrets.token_urlsafe(24)
    )
    return S3Server(
        name="MinIO",
        location=location,
        command=[
            program,
            "server",
            f"--address=127.0.0.1:{port}",
            f"--console-address=127.0.0.1:{console}",
            str(folder / "data"),
        ],
        environment={
            "MINIO_ROOT_USER": location.access_key,
            "MINIO_ROOT_PASSWORD": location.secret_key,
            "MINIO_UPDATE": "off",
            "MINIO_CALLHOME_ENABLE": "off",
            "MINIO_BROWSER": "off",
        },
        folder=folder,
        ready_path="/minio/health/ready",
    )
