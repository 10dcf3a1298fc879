"""What other departments provide that is like a record; needs a key."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.answers.likeness import SimilarRecordsAnswer
from api.http.context import Keyed
from api.http.problems import AUDIT_AWAY, documented
from api.usecases.likeness import similar_to_record

router = APIRouter(prefix="/v1", tags=["records"])


@router.get(
    "/records/{resource_id}/similar",
    responses=documented(
        (401, "no-identity, unknown-key, revoked-key, expired-key"),
        (403, "role-not-allowed, not-permitted"),
        (404, "resource-not-found"),
        (422, "invalid-request"),
        (500, "unexpected"),
        AUDIT_AWAY,
    ),
)
def similar(
    context: Keyed,
    resource_id: Annotated[str, Path(max_length=80, description="资源标识 · resource id")],
) -> SimilarRecordsAnswer:
    """一数一源：其他部门已提供的同样数据 · What other departments provide already."""
    return similar_to_record(context.services, context.caller(), resource_id)
