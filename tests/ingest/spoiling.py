"""A lake with deliveries of every outcome, to be spoiled in one place and checked."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.deliveries import Delivery
from ingest.fsck import Group, Options, check_everything
from tests.ingest.office import Office, a_csv, a_person

BUCKET = "dept-gongan"
TWO_DAYS = timedelta(days=2)
Named = tuple[str, str, str | None]


@dataclass(frozen=True)
class Checked:
    """An office whose lake is checked; `whole` is a copy of it from before it was spoiled."""

    office: Office
    home: Path
    loaded: Delivery
    second: Delivery
    refused: Delivery

    def fsck(self, **options: Any) -> dict[str, Any]:
        found = check_everything(
            self.office.intake,
            serving=self.home / "serving",
            views=("person", "legal_entity"),
            options=Options(**options),
        )
        return found.as_json()

    def named(self, **options: Any) -> list[Named]:
        """What a check names, as (group, kind, key)."""
        return named_in(self.fsck(**options))

    def listed(self, prefix: str = "") -> list[str]:
        return sorted(info.key for info in self.office.intake.store.list(BUCKET, prefix))

    def key(self, prefix: str, ending: str = "") -> str:
        """The one object whose key begins and ends so."""
        [found] = [key for key in self.listed(prefix) if key.endswith(ending)]
        return found

    def read(self, key: str) -> bytes:
        with self.office.intake.store.open(BUCKET, key) as stream:
            return stream.read()

    def write(self, key: str, content: bytes) -> None:
        self.office.intake.store.put(BUCKET, key, io.BytesIO(content), len(content))

    def add(self, key: str, content: bytes = b"x", *, age: timedelta = timedelta()) -> str:
        self.write(key, content)
        self.let_age(key, age)
        return key

    def let_age(self, key: str, age: timedelta) -> None:
        path = self.office.intake.store.local_path(BUCKET, key)
        assert path is not None
        age_file(path, self.office, age)

    @property
    def root(self) -> Path:
        return self.office.intake.location.root

    def everything(self) -> dict[str, bytes]:
        return files_below(self.root)


def named_in(document: Mapping[str, Any]) -> list[Named]:
    groups = [str(group) for group in Group]
    assert list(document) == ["ok", *groups]
    assert document["ok"] == (not any(document[group] for group in groups if group != "repaired"))
    named = []
    for group in groups:
        for each in document[group]:
            assert {each["zh"], each["en"]}.isdisjoint({"", None})
            assert (each["next"] is None) == (group == "repaired")
            named.append((group, str(each["kind"]), each["key"]))
    return named


def files_below(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def put_back(folder: Path, content: Mapping[str, bytes]) -> None:
    """Let a folder hold exactly these files again; the others keep their times."""
    now = files_below(folder)
    for name in now.keys() - content.keys():
        (folder / name).unlink()
    for name, data in content.items():
        if now.get(name) != data:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)


def age_file(path: Path, office: Office, age: timedelta) -> None:
    moment = (office.intake.clock.now() - age).timestamp()
    os.utime(path, (moment, moment))


def settle(office: Office, home: Path) -> Checked:
    """Two deliveries of a table, one with a bad row, and a file that was refused whole."""
    return Checked(
        office,
        home,
        office.deliver(a_csv(a_person(1), a_person(2), a_person(3, birth_date="2024-02-30"))),
        office.deliver(a_csv(a_person(4)), data_time=datetime(2026, 11, 2, tzinfo=UTC)),
        office.deliver("nothing", resource="unheard-of"),
    )


def delete(_content: bytes) -> bytes | None:
    return None


def cut(content: bytes) -> bytes:
    return content[:-1]


def flip(content: bytes) -> bytes:
    """One bit of the byte in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


Damage = Callable[[bytes], bytes | None]


def copies(checked: Checked) -> Iterator[str]:
    """Each key of the bucket in turn; the lake is whole again before the next."""
    whole = checked.everything()
    for key in checked.listed():
        yield key
        put_back(checked.root, whole)
        shutil.rmtree(checked.home / "scratch", ignore_errors=True)
