"""Data contracts by the Open Data Contract Standard, one for each published record."""

from typing import Any

from fastapi import APIRouter, Response

from api.http.address import Address
from api.http.context import Public
from api.http.problems import READS_AWAY, documented
from api.usecases.profiles import record_contract

router = APIRouter(prefix="/v1", tags=["harvesters"])

YAML = "application/yaml"


@router.get(
    "/resources/{resource_id}/contract",
    response_model=dict[str, Any],
    responses={
        200: {"content": {YAML: {}}},
        **documented(
            (404, "resource-not-found"), (422, "invalid-request"), (500, "unexpected"), READS_AWAY
        ),
    },
)
def contract(context: Public, address: Address, resource_id: str) -> Response:
    """一条记录的数据契约（ODCS 3.0.2，YAML），无需密钥 · The data contract; needs no key."""
    return Response(record_contract(context.services, address, resource_id), media_type=YAML)
