"""The public catalogue as the one `data.json` of DCAT-US."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.http.address import Address
from api.http.context import Public
from api.http.problems import READS_AWAY, documented
from api.usecases.profiles import whole_data_json

router = APIRouter(tags=["harvesters"])


@router.get(
    "/data.json",
    response_model=dict[str, Any],
    responses=documented((500, "unexpected"), READS_AWAY),
)
def data_json(context: Public, address: Address) -> Response:
    """整个目录的 DCAT-US 1.1 data.json，无需密钥 · The whole for DCAT-US; needs no key."""
    pieces = whole_data_json(context.services, address)
    return StreamingResponse(pieces, media_type="application/json")
