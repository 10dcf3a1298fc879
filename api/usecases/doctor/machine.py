"""Checks of this machine: program and libraries, home folder, disk, settings."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from api.bootstrap import Services
from api.usecases.doctor.checks import Check, Severity, fine, wrong

EXTENSIONS = ("httpfs", "avro", "iceberg")
_OLDEST_PYTHON = (3, 11)
_LEAST_FREE = 0.10
_NETWORK = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "lustre")
_REINSTALL = (
    "在虚拟环境中按 requirements.txt 重新安装",
    "install requirements.txt anew into the virtual environment",
)


def check_python(services: Services) -> Iterator[Check]:
    found = sys.version_info[:3]
    name = ".".join(map(str, found))
    if found >= _OLDEST_PYTHON:
        yield fine("python", (f"Python {name}", f"Python {name}"))
    else:
        said = f"Python {name} 过旧", f"Python {name} is too old"
        following = "使用 Python 3.11 或更高版本", "use Python 3.11 or later"
        yield wrong("python", Severity.ERROR, said, following)


def check_software(services: Services) -> Iterator[Check]:
    """DuckDB loads an extension of its own version only, and here from its wheel, offline."""
    wanted = metadata.version("duckdb")
    for name in EXTENSIONS:
        found = _version(f"duckdb-extension-{name}")
        if found != wanted:
            shown = found or "—"
            said = (
                f"duckdb 为 {wanted}，而 duckdb-extension-{name} 为 {shown}",
                f"duckdb is {wanted}, duckdb-extension-{name} is {shown}",
            )
            yield wrong("software", Severity.ERROR, said, _REINSTALL)
            return
    _load_extensions()
    said = f"DuckDB {wanted} 及其扩展可离线加载", f"DuckDB {wanted} and its extensions load offline"
    yield fine("software", said)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _load_extensions() -> None:
    from lake.engine import load_iceberg, open_engine
    from lake.location import StoreLocation

    # Nothing is connected to: what is named here is only kept for later.
    nowhere = StoreLocation.s3("127.0.0.1:1", "key", "secret")
    with open_engine(nowhere) as connection:
        load_iceberg(connection)


def check_home(services: Services) -> Iterator[Check]:
    home = services.settings.home
    if not home.is_dir():
        said = f"目录 {home} 不存在", f"there is no folder {home}"
        following = (
            "运行 datong init，或改正 DATONG_HOME",
            "run datong init, or correct DATONG_HOME",
        )
        yield wrong("home", Severity.ERROR, said, following)
        return
    try:
        with tempfile.NamedTemporaryFile(dir=home, prefix=".doctor-"):
            pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        said = f"目录 {home} 不可写（{reason}）", f"the folder {home} can not be written ({reason})"
        following = (
            "检查目录的属主和权限，以及文件系统是否只读",
            "check who owns the folder, its rights, and whether the disk is read-only",
        )
        yield wrong("home", Severity.ERROR, said, following)
        return
    kind = _file_system(home)
    if services.settings.embedded and kind is not None and kind.startswith(_NETWORK):
        said = (
            f"目录 {home} 在网络文件系统（{kind}）上，SQLite 的锁在那里不可靠",
            f"{home} is on a network file system ({kind}), where SQLite can not lock reliably",
        )
        following = (
            "将 DATONG_HOME 放在本机磁盘上，或改用 PostgreSQL",
            "put DATONG_HOME on a disk of this machine, or use PostgreSQL",
        )
        yield wrong("home", Severity.ERROR, said, following)
        return
    yield fine("home", (f"目录 {home} 可写", f"{home} can be written"))


def _file_system(folder: Path) -> str | None:
    """The kind of file system that a folder is on, where the system tells (Linux)."""
    mounts = Path("/proc/mounts")
    if not mounts.is_file():
        return None
    return file_system_in(mounts.read_text(encoding="utf-8"), folder.resolve())


def file_system_in(mounts: str, folder: Path) -> str | None:
    """The kind of the innermost mount above a folder: of two on the same point the later one."""
    found = None
    longest = -1
    for line in mounts.splitlines():
        _device, point, kind, *_rest = line.split()
        mounted = point.replace("\\040", " ")
        if len(mounted) >= longest and folder.is_relative_to(mounted):
            found, longest = kind, len(mounted)
    return found


def check_disk(services: Services) -> Iterator[Check]:
    home = services.settings.home
    if not home.is_dir():
        return
    usage = shutil.disk_usage(home)
    if usage.total:  # what is no disk has no size
        yield disk_check(usage.free, usage.total)


def disk_check(free: int, total: int) -> Check:
    """What so many free bytes of so many mean."""
    share = free / total
    said = (
        f"磁盘剩余 {free / 1e9:.1f} GB（{share:.0%}）",
        f"{free / 1e9:.1f} GB of the disk are free ({share:.0%})",
    )
    if share >= _LEAST_FREE:
        return fine("disk", said, Severity.WARNING)
    following = (
        "清理或扩容 DATONG_HOME 所在的磁盘；报送和生成视图需要临时空间",
        "make room on the disk of DATONG_HOME: deliveries and builds need scratch space",
    )
    return wrong("disk", Severity.WARNING, said, following)


def check_settings(services: Services) -> Iterator[Check]:
    """What the settings say by themselves; `check_hosts` knows who else is there."""
    location = services.location  # InvalidLocation says what is wrong with it
    kind = "SQLite" if services.settings.embedded else "PostgreSQL"
    yield fine(
        "settings", (f"{kind}，湖在 {location.kind}", f"{kind}, the lake in {location.kind}")
    )
