"""The settings of a process: the one place that reads the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from api.errors import BadSetting
from catalog.database_urls import in_schema, understood

# of the one PostgreSQL database; the catalogue's own tables lie in its default schema
TABLES_SCHEMA = "datong_tables"
AUDIT_SCHEMA = "datong_audit"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie and how much of the machine may be used; secrets never show in repr."""

    home: Path
    database_url: str = field(repr=False)
    tables_url: str = field(repr=False)
    audit_url: str = field(repr=False)
    lake_url: str = field(repr=False)
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    s3_region: str
    s3_secure: bool
    key: str | None = field(repr=False)
    threads: int
    memory_limit: str
    # how others address the platform; None: as they did in the request
    url: str | None = None

    @property
    def embedded(self) -> bool:
        """True on the embedded default, a SQLite catalogue: there `--as` names an account."""
        return self.database_url.startswith("sqlite")

    def divided(self, among: int) -> "Settings":
        """What each of so many processes may use: a part of the threads and of the memory."""
        amount = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z%]*)\s*", self.memory_limit)
        memory = self.memory_limit
        if amount is not None and among > 1:
            memory = f"{float(amount[1]) / among:.3f}{amount[2]}"
        return replace(self, threads=max(1, self.threads // among), memory_limit=memory)

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
    def search(self) -> Path:
        """The search index of this machine; it may be deleted, and is made anew by itself."""
        return self.home / "search"

    @property
    def serving(self) -> Path:
        """Snapshots that lookups read, one folder for each view."""
        return self.home / "serving"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `DATONG_*` variables; the names are listed in the README."""
    env = os.environ if environ is None else environ
    home = Path(env.get("DATONG_HOME") or "var").absolute()
    database_url = _url(env, "DATONG_DATABASE_URL") or _sqlite(home / "catalogue.db")
    return Settings(
        home=home,
        database_url=database_url,
        tables_url=_url(env, "DATONG_TABLES_URL")
        or _beside(database_url, TABLES_SCHEMA, home / "tables.db"),
        audit_url=_url(env, "DATONG_AUDIT_URL")
        or _beside(database_url, AUDIT_SCHEMA, home / "audit.db"),
        lake_url=env.get("DATONG_LAKE_URL") or f"file://{home / 'lake'}",
        s3_access_key=env.get("DATONG_S3_ACCESS_KEY", ""),
        s3_secret_key=env.get("DATONG_S3_SECRET_KEY", ""),
        s3_region=env.get("DATONG_S3_REGION") or "us-east-1",
        s3_secure=env.get("DATONG_S3_SECURE", "").strip().lower() in {"1", "true", "yes", "on"},
        key=env.get("DATONG_KEY") or None,
        threads=_threads(env.get("DATONG_THREADS")),
        memory_limit=env.get("DATONG_MEMORY") or "4GB",
        url=_web_address(env.get("DATONG_URL")),
    )


def _threads(value: str | None) -> int:
    if not value:
        return os.cpu_count() or 1
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise BadSetting("DATONG_THREADS", "1, 2, 3 …")
    return int(value)


def _web_address(given: str | None) -> str | None:
    """Without a slash at its end, so that paths follow on it."""
    if not given:
        return None
    if re.fullmatch(r"https?://[^\s?#]+", given) is None:
        raise BadSetting("DATONG_URL", "https://data.example.gov.cn")
    return given.rstrip("/")


def _url(env: Mapping[str, str], name: str) -> str | None:
    given = env.get(name)
    if not given:
        return None
    try:
        return understood(given)
    except ValueError:  # what was given may hold a password: it is not repeated
        forms = "postgresql://user:password@host:5432/database (@ = %40), sqlite:////path/file.db"
        raise BadSetting(name, forms) from None


def _beside(database_url: str, schema: str, file: Path) -> str:
    """The database again with a schema of its own; a file of its own where it is SQLite."""
    if database_url.startswith("sqlite"):
        return _sqlite(file)
    return in_schema(database_url, schema)


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path}"
