"""The baseline of lookup_http: FastAPI and a pool of psycopg over one table with a primary key.

What a good team would write in a day without a grant and without an audit: the key is checked and
the row is read in one prepared statement and one round trip, in autocommit, by an asynchronous
route; the answer is the stored text, sent as it is. It runs on uvloop and httptools as ours does.
"""

import hashlib
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import uuid4

import psycopg
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Response
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

URL = "DATONG_BENCH_DSN"
POOL = 64  # as many as there are calls at once
SCHEMA = """
CREATE TABLE baseline_keys (
    key_sha256 text PRIMARY KEY, account text NOT NULL,
    expires_at timestamptz NOT NULL, revoked_at timestamptz
);
CREATE TABLE baseline_persons (number text PRIMARY KEY, answer text NOT NULL);
"""
# The key decides whether there is a row at all, the person what stands in it.
ASK = """
SELECT person.answer
FROM baseline_keys AS held LEFT JOIN baseline_persons AS person ON person.number = %s
WHERE held.key_sha256 = %s AND held.revoked_at IS NULL AND held.expires_at > now()
"""


class Question(BaseModel):
    """The body that our own route takes."""

    scheme: str
    number: str
    purpose: str
    items: list[str] | None = None


def fill(dsn: str, key: str, answers: Iterable[tuple[str, str]]) -> None:
    """Make both tables anew, with one key and these (number, text of the answer)."""
    with psycopg.connect(dsn) as conn:
        conn.execute("DROP TABLE IF EXISTS baseline_keys, baseline_persons")
        conn.execute(SCHEMA)
        held = (_hash(key), "hall-app")
        add = "INSERT INTO baseline_keys VALUES (%s, %s, now() + interval '1 year', NULL)"
        conn.execute(add, held)
        with conn.cursor().copy("COPY baseline_persons FROM STDIN") as copy:
            for answer in answers:
                copy.write_row(answer)
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE) baseline_persons, baseline_keys")


def create_app() -> FastAPI:
    """The application, over the database that the environment names."""
    settings = {"autocommit": True, "prepare_threshold": 0}
    pool = AsyncConnectionPool(
        os.environ[URL], min_size=POOL, max_size=POOL, kwargs=settings, open=False
    )

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        await pool.open(wait=True)
        yield
        await pool.close()

    app = FastAPI(lifespan=opened, telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.post("/v1/persons/lookup")
    async def lookup(question: Question, authorization: Annotated[str, Header()]) -> Response:
        key = authorization.removeprefix("Bearer ")
        async with pool.connection() as conn:
            cursor = await conn.execute(ASK, (question.number, _hash(key)))
            row = await cursor.fetchone()
        if row is None:
            raise HTTPException(401)
        head = f'{{"request_id":"{uuid4()}",'
        return Response(head + row[0], media_type="application/json")

    return app


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.lookup_baseline:create_app",
        factory=True,
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
