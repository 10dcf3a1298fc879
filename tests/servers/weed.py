"""SeaweedFS: an S3 server that comes from PyPI and runs everywhere."""

from __future__ import annotations

import secrets
import shutil
import sys
from pathlib import Path

from lake.location import StoreLocation
from tests.servers.ports import free_ports
from tests.servers.server import S3Server

_PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "admin.port",
    "admin.port.grpc",
)


def find_weed() -> str | None:
    """The program beside this Python, else the one on the path."""
    beside_python = Path(sys.executable).parent / "weed"
    return str(beside_python) if beside_python.exists() else shutil.which("weed")


def weed_server(program: str, folder: Path) -> S3Server:
    """The server on a folder, not started yet; its root key is made for this server alone."""
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    location = StoreLocation.s3(
        f"127.0.0.1:{ports['s3.port']}", "datong-test", secrets.token_urlsafe(24)
    )
    return S3Server(
        name="SeaweedFS",
        location=location,
        command=[program, "mini", *_options(folder, ports)],
        environment={
            "AWS_ACCESS_KEY_ID": location.access_key,
            "AWS_SECRET_ACCESS_KEY": location.secret_key,
        },
        folder=folder,
        ready_path="/status",
    )


def _options(folder: Path, ports: dict[str, int]) -> list[str]:
    return [
        *(f"-{name}={port}" for name, port in ports.items()),
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        # every bucket takes volumes of its own, and all tests together make hundreds of buckets
        "-volume.max=5000",
        "-master.telemetry=false",
        "-admin.ui=false",
        "-webdav=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        # keys of departments are made through the IAM API, which is read-only otherwise
        "-s3.iam.readOnly=false",
    ]
