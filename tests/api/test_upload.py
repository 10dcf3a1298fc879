"""The body of a request as a file: what is read is what was sent, chunk by chunk."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.http.upload import BodyFile, file_name_of


async def _read(chunks: list[bytes], size: int) -> bytes:
    async def sent() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    def read_all(loop: asyncio.AbstractEventLoop) -> bytes:
        body = io.BufferedReader(BodyFile(sent(), loop), size)
        return b"".join(iter(lambda: body.read(size), b""))

    return await asyncio.to_thread(read_all, asyncio.get_running_loop())


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 50))
def test_a_body_is_read_as_it_was_sent(chunks: list[bytes], size: int) -> None:
    assert asyncio.run(_read(chunks, size)) == b"".join(chunks)


def test_only_one_chunk_is_held_at_a_time() -> None:
    taken = []

    async def sent() -> AsyncIterator[bytes]:
        for number in range(4):
            taken.append(number)
            yield b"x" * 10

    async def read_one() -> list[int]:
        body = BodyFile(sent(), asyncio.get_running_loop())
        await asyncio.to_thread(body.read, 10)
        return list(taken)

    assert asyncio.run(read_one()) == [0]


def test_a_broken_upload_reaches_the_reader_as_its_error() -> None:
    async def sent() -> AsyncIterator[bytes]:
        yield b"begun"
        raise ConnectionResetError

    async def read_all() -> bytes:
        body = BodyFile(sent(), asyncio.get_running_loop())
        return await asyncio.to_thread(body.readall)

    with pytest.raises(ConnectionResetError):
        asyncio.run(read_all())
    assert threading.active_count() >= 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("", None),
        ("inline", None),
        ('attachment; filename="a.csv"', "a.csv"),
        ("attachment; filename=a.csv", "a.csv"),
        ("attachment; filename*=UTF-8''%E4%BC%81%E4%B8%9A.csv", "企业.csv"),
        ('attachment; filename="企业.csv"', "企业.csv"),
        ('attachment; filename="企业.csv"'.encode().decode("latin-1"), "企业.csv"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\data\\\\a.csv"', "a.csv"),
        ('attachment; filename=".."', None),
    ],
)
def test_the_file_name_is_the_bare_name_of_the_header(header: str | None, name: str | None) -> None:
    assert file_name_of(header) == name
