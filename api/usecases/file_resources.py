"""Files of a file resource: listed and fetched by whoever has the right, told before they leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from api.answers.files import FetchedFile, FileAnswer
from api.errors import BadRequest, FolderNotWritable
from api.usecases.access import Caller, masked, watched
from api.usecases.record_sight import visible
from api.usecases.rights import UseCase, sees_every_department
from catalog import file_resources, records, rights
from catalog.file_resources import FileNotFound, FileVersion, NotAFileResource
from catalog.roles import Role
from standards.identifiers.hide import without_long_numbers
from standards.records import ResourceKind, kind_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from api.bootstrap import Services

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way out: what it is, and its bytes, proven to the last before it is sent."""

    version: FileVersion
    blocks: Iterator[bytes]


def list_files(
    services: Services,
    caller: Caller,
    resource: str,
    *,
    purpose: str | None = None,
    after: str | None = None,
    limit: int = 500,
) -> tuple[list[FileAnswer], str | None]:
    """A page of the current files, by id, and the id after which the next page begins.

    For clerks of the providing department, the auditor (numbers in names hidden), and applications
    with a live grant, of the purpose if one is given. Raises RecordNotFound, NotAFileResource and
    the refusals of a grant.
    """
    with watched(services, caller, UseCase.FILE_LIST, resource=resource) as trail:
        trail.purpose = _purpose(purpose)
        with services.database.reading() as conn:
            trail.resource = resource_id = _opened(
                services, conn, caller, resource, purpose, UseCase.FILE_LIST
            )
            found = file_resources.list_current(conn, resource_id, limit=limit + 1, after=after)
        trail.rows = min(len(found), limit)
        hidden = sees_every_department(UseCase.FILE_LIST, caller.roles)
    page = [_answer(each, hidden=hidden) for each in found[:limit]]
    return page, page[-1].file_id if len(found) > limit else None


def all_files(
    services: Services, caller: Caller, resource: str, purpose: str | None
) -> list[FileAnswer]:
    """Every current file; a line in the audit for each page of them."""
    found: list[FileAnswer] = []
    after: str | None = None
    while True:
        page, after = list_files(services, caller, resource, purpose=purpose, after=after)
        found += page
        if after is None:
            return found


def fetch_file(
    services: Services,
    caller: Caller,
    resource: str,
    file: str,
    purpose: str | None,
    *,
    by_name: bool = False,
) -> Download:
    """Open a current file, by id or also by name, when the line that tells of it is in the audit.

    An application needs a live grant for the purpose; a clerk fetches what the own department
    delivered. Raises RecordNotFound, NotAFileResource, FileNotFound, the refusals of a grant,
    RawChanged, ObjectNotFound, StoreUnavailable. Reading the blocks may raise RawChanged.
    """
    from ingest.fetch import fetch

    with watched(services, caller, UseCase.FILE_GET, resource=resource) as trail:
        trail.purpose = _purpose(purpose)
        with services.database.reading() as conn:
            trail.resource = resource_id = _opened(
                services, conn, caller, resource, purpose, UseCase.FILE_GET
            )
            version = file_resources.find_current(conn, resource_id, file, by_name=by_name)
        if version is None:
            raise FileNotFound(resource_id, str(masked(without_long_numbers(file))))
        trail.detail |= {
            "file_id": version.file_id,
            "version": version.version,
            "sha256": version.sha256,
            "size": version.size,
            "delivery_id": version.delivery_id,
        }
        with _telling(version, caller):
            blocks = fetch(services.store, version)
        with services.database.transaction() as conn:
            file_resources.count_fetch(
                conn, resource_id, version.media_type, version.size, services.clock.now()
            )
    return Download(version, _watched(blocks, version, caller))


def save_file(
    services: Services, caller: Caller, resource: str, file: str, purpose: str | None, out: Path
) -> FetchedFile:
    """Fetch a file into a local one, which appears when all of it is there. FolderNotWritable."""
    download = fetch_file(services, caller, resource, file, purpose, by_name=True)
    partial = out.with_name(f"{out.name}.partial")
    try:
        with partial.open("wb") as target:
            for block in download.blocks:
                target.write(block)
        partial.replace(out)
    except OSError as error:
        raise FolderNotWritable(str(out.parent), error.strerror or "") from error
    finally:
        partial.unlink(missing_ok=True)
    told = _answer(download.version, hidden=False).model_dump(exclude={"loaded_at", "delivery_id"})
    return FetchedFile(**told, out=str(out))


def _purpose(purpose: str | None) -> str | None:
    # What is a name is never a number, so that audit and problem may repeat it.
    if purpose is not None and _NAME.fullmatch(purpose) is None:
        raise BadRequest("purpose", "应为小写字母开头的名称", "should be a lower-case name")
    return purpose


def _opened(
    services: Services,
    conn: sa.Connection,
    caller: Caller,
    resource: str,
    purpose: str | None,
    use_case: UseCase,
) -> str:
    """The id of a file resource that the caller may read so."""
    found = records.working(conn, resource)
    own = found.department_id == caller.require().department_id and Role.CLERK in caller.roles
    if own or sees_every_department(use_case, caller.roles):
        document = found.document
    else:
        document = visible(conn, resource).document
    kind = kind_of(document)
    if kind is not ResourceKind.FILE:
        raise NotAFileResource(found.resource_id, kind)
    if not own and not sees_every_department(use_case, caller.roles):
        _check_grant(services, conn, caller, found.resource_id, purpose, use_case)
    return found.resource_id


def _check_grant(
    services: Services,
    conn: sa.Connection,
    caller: Caller,
    resource_id: str,
    purpose: str | None,
    use_case: UseCase,
) -> None:
    account = caller.require().name
    now = services.clock.now()
    held = rights.held_grants(conn, [account], [resource_id])
    if purpose is None and held:
        if use_case is UseCase.FILE_GET:
            raise BadRequest("purpose", "应写明授权的用途", "should name the purpose of the grant")
        # for a list any live grant will do; without one, the newest says why
        purpose = next((each for each in held if each.is_live(now)), held[0]).purpose
    rights.choose_right(
        held, account=account, resource_id=resource_id, purpose=purpose or "", now=now
    )


def _watched(blocks: Iterator[bytes], version: FileVersion, caller: Caller) -> Iterator[bytes]:
    with _telling(version, caller):
        yield from blocks


@contextmanager
def _telling(version: FileVersion, caller: Caller) -> Iterator[None]:
    """That a kept file has changed is for the operator to know, not for the caller alone."""
    from ingest.raw import RawChanged

    try:
        yield
    except RawChanged:
        structlog.get_logger().error(
            "file-changed",
            request_id=caller.request_id,
            file_id=version.file_id,
            delivery_id=version.delivery_id,
            bucket=version.raw_bucket,
            key=version.raw_key,
        )
        raise


def _answer(version: FileVersion, *, hidden: bool) -> FileAnswer:
    return FileAnswer(
        file_id=version.file_id,
        name=without_long_numbers(version.name) if hidden else version.name,
        version=version.version,
        size=version.size,
        media_type=version.media_type,
        sha256=version.sha256,
        data_time=version.data_time,
        loaded_at=version.loaded_at,
        delivery_id=version.delivery_id,
    )
