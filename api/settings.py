"""The settings of a process: the one place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie and how much of the machine may be used; secrets never show in repr."""

    home: Path
    database_url: str = field(repr=False)
    tables_url: str = field(repr=False)
    audit_url: str = field(repr=False)
    lake_url: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    s3_region: str
    s3_secure: bool
    key: str | None = field(repr=False)
    threads: int
    memory_limit: str

    @property
    def embedded(self) -> bool:
        """True on the embedded default, a SQLite catalogue: there `--as` names an account."""
        return self.database_url.startswith("sqlite")

    @property
    def code_lists(self) -> Path:
        """Local code lists, which extend the shipped ones."""
        return self.home / "code_lists"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def scratch(self) -> Path:
        """Temporary files of deliveries and view builds; may be emptied while nothing runs."""
        return self.home / "scratch"

    @property
    def serving(self) -> Path:
        """Snapshots that lookups read, one folder for each view."""
        return self.home / "serving"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `DATONG_*` variables; the names are listed in the README."""
    env = os.environ if environ is None else environ
    home = Path(env.get("DATONG_HOME") or "var").absolute()
    database_url = env.get("DATONG_DATABASE_URL") or _sqlite(home / "catalogue.db")
    return Settings(
        home=home,
        database_url=database_url,
        tables_url=env.get("DATONG_TABLES_URL") or _sqlite(home / "tables.db"),
        audit_url=env.get("DATONG_AUDIT_URL") or _sqlite(home / "audit.db"),
        lake_url=env.get("DATONG_LAKE_URL") or f"file://{home / 'lake'}",
        s3_access_key=env.get("DATONG_S3_ACCESS_KEY", ""),
        s3_secret_key=env.get("DATONG_S3_SECRET_KEY", ""),
        s3_region=env.get("DATONG_S3_REGION") or "us-east-1",
        s3_secure=env.get("DATONG_S3_SECURE", "").strip().lower() in {"1", "true", "yes", "on"},
        key=env.get("DATONG_KEY") or None,
        threads=_threads(env.get("DATONG_THREADS")),
        memory_limit=env.get("DATONG_MEMORY") or "4GB",
    )


def _threads(value: str | None) -> int:
    if not value:
        return os.cpu_count() or 1
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise BadSetting("DATONG_THREADS", "1, 2, 3 …")
    return int(value)


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path}"
