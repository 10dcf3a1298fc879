"""Read a dropped file so that its bytes are those of the object that was found, or of none."""

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from ingest.dropped.find import Found
from ingest.intake import Intake
from lake.errors import ObjectNotFound

Stopping = Callable[[], bool]


class DropChanged(Exception):
    """The object is gone or another one by now; what lies there is looked at anew."""


class Stopped(Exception):
    """The process is to end; the file stays where it is."""


class SteadyStream(io.RawIOBase):
    """A readable stream that gives its end only with proof that all of it was one object."""

    def __init__(
        self, stream: BinaryIO, *, unchanged: Callable[[], bool], stopping: Stopping
    ) -> None:
        super().__init__()
        self._stream = stream
        self._unchanged = unchanged
        self._stopping = stopping

    def readable(self) -> bool:
        """Say yes: this is for reading."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Read like the stream within; DropChanged at its end, Stopped at any time."""
        if self._stopping():
            raise Stopped
        data = self._stream.read(size)
        at_end = size < 0 or (size > 0 and not data)
        if at_end and not self._unchanged():
            raise DropChanged
        return data


@contextmanager
def reading(intake: Intake, found: Found, stopping: Stopping) -> Iterator[BinaryIO]:
    """Open a dropped object; DropChanged where it is gone."""
    with _opened(intake, found) as stream:
        steady = SteadyStream(
            stream, unchanged=lambda: _is_still_there(intake, found), stopping=stopping
        )
        yield cast(BinaryIO, steady)


def _is_still_there(intake: Intake, found: Found) -> bool:
    # No times: a service lists milliseconds, and tells seconds when asked for one object.
    now = intake.store.stat(found.bucket, found.key)
    return now is not None and (now.size, now.etag) == (found.info.size, found.info.etag)


def _opened(intake: Intake, found: Found) -> BinaryIO:
    path = intake.store.local_path(found.bucket, found.key)
    try:
        if path is None:
            return intake.store.open(found.bucket, found.key)
        # Whoever may write to the folder may put a link to anything there since it was listed, or
        # a pipe that never ends.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (ObjectNotFound, FileNotFoundError) as error:
        raise DropChanged from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise DropChanged from error
        raise
    local = os.fdopen(descriptor, "rb")
    if os.fstat(descriptor).st_ino != found.inode:
        local.close()
        raise DropChanged
    return local
