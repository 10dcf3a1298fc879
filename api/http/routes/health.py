"""`GET /healthz`: says that this process answers and its catalogue database can be read."""

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel

from api.http.context import Public
from api.http.problems import documented

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str


@router.get("/healthz", responses=documented((503, "目录库无法读取 · database-unavailable")))
def healthz(context: Public) -> Health:
    """进程是否可用，无需密钥 · Whether this process answers; needs no key."""
    with context.services.database.reading() as conn:
        conn.execute(sa.text("SELECT 1"))
    return Health(status="ok")
