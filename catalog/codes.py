"""Resource codes (信息资源代码): front code from the classification, serial counted within it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from catalog.tables import code_fronts as table

# 类, 项, 目, 细目 / 顺序码: guide of 发改高技〔2017〕1272号, structure of the code
RESOURCE_CODE = re.compile(r"[123][0-9]{2}[0-9]{3}[0-9]*/[0-9]+")
_FRONT = re.compile(r"[123][0-9]{2}[0-9]{3}[0-9]*")


def is_resource_code(text: str) -> bool:
    """Whether a text has the form of a code, `front/serial`; a resource id never has."""
    return RESOURCE_CODE.fullmatch(text) is not None


def front_of(document: Mapping[str, Any]) -> str:
    """The front code (前段码) that the classification of a checked record stands for."""
    classes = document["classification"]
    front = "".join(str(classes.get(part) or "") for part in ("lei", "xiang", "mu", "ximu"))
    if _FRONT.fullmatch(front) is None:
        raise ValueError(f"not a front code: {front!r}")
    return front


def issue_code(conn: sa.Connection, front: str) -> str:
    """The next code under a front code. The counter only grows, so no code comes twice.

    The counter's row stays locked until the transaction ends: concurrent issuers wait.
    """
    if not _count_on(conn, front):
        try:
            with conn.begin_nested():
                conn.execute(sa.insert(table).values(front=front, last_issued=1))
        except sa.exc.IntegrityError:
            _count_on(conn, front)
    query = sa.select(table.c.last_issued).where(table.c.front == front)
    return f"{front}/{conn.execute(query).scalar_one()}"


def _count_on(conn: sa.Connection, front: str) -> bool:
    statement = sa.update(table).where(table.c.front == front)
    return conn.execute(statement.values(last_issued=table.c.last_issued + 1)).rowcount == 1
