"""Files over HTTP: the current ones of a file resource, and the bytes of one of them."""

import base64
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.answers.files import FileAnswer
from api.http.context import Keyed
from api.http.paging import Cursor, Limit, Page, cursor_of, key_of
from api.http.problems import AUDIT_AWAY, STORE_AWAY, Responses, documented
from api.usecases.file_resources import fetch_file, list_files
from catalog.file_resources import FileVersion

router = APIRouter(prefix="/v1", tags=["files"])

_REFUSED = (
    "role-not-allowed, no-grant, other-purpose, grant-expired, grant-not-yet-valid, grant-revoked"
)
_PROBLEMS = (
    (401, "no-identity, unknown-key, revoked-key, expired-key"),
    (403, _REFUSED),
    (409, "not-a-file-resource"),
    (422, "invalid-request, bad-request"),
)
_BYTES: Responses = {
    200: {
        "description": "文件的字节，`Repr-Digest` 为其 SHA-256 · the bytes of the file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

Purpose = Annotated[
    str | None,
    Query(examples=["administrative_basis"], description="授权的用途 · the purpose of the grant"),
]


@router.get(
    "/resources/{resource_id}/files",
    responses=documented(*_PROBLEMS, (404, "resource-not-found"), (500, "unexpected"), AUDIT_AWAY),
)
def files(
    context: Keyed,
    resource_id: str,
    purpose: Purpose = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[FileAnswer]:
    """文件类资源的现有文件：获授权的应用、本部门报送员、审计员 · The current files."""
    found, following = list_files(
        context.services,
        context.caller(),
        resource_id,
        purpose=purpose,
        after=key_of(cursor),
        limit=limit,
    )
    return Page(
        request_id=context.request_id,
        items=found,
        next_cursor=None if following is None else cursor_of(following),
    )


@router.get(
    "/resources/{resource_id}/files/{file_id}",
    response_class=StreamingResponse,
    responses=_BYTES
    | documented(
        *_PROBLEMS,
        (404, "resource-not-found, file-not-found"),
        (500, "unexpected, raw-changed"),
        STORE_AWAY,
    ),
)
def file(
    context: Keyed, resource_id: str, file_id: str, purpose: Purpose = None
) -> StreamingResponse:
    """取一个文件的现行版本；边传边核对 SHA-256，不符即中断 · The current version of a file.

    按文件号取：文件名可能含有个人号码，不写进地址。应用须写明授权的用途。

    By the file's id, since its name may hold a number. It is hashed on its way; an answer that
    breaks off is of a kept file that has changed.
    """
    found = fetch_file(context.services, context.caller(), resource_id, file_id, purpose)
    return StreamingResponse(
        found.blocks, media_type=found.version.media_type, headers=_headers(found.version)
    )


def _headers(version: FileVersion) -> dict[str, Any]:
    digest = base64.b64encode(bytes.fromhex(version.sha256)).decode()
    name = quote(PurePosixPath(version.name).name, safe="")
    return {
        "Content-Length": str(version.size),
        # never shown within a page: what a department delivered is no page of ours
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Repr-Digest": f"sha-256=:{digest}:",
        "X-Content-Sha256": version.sha256,
        "X-File-Version": str(version.version),
    }
