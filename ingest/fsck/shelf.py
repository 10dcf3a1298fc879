"""The objects of one bucket, listed once: what is known is taken off, what is left is nobody's."""

from __future__ import annotations

from collections.abc import Iterator

from lake.objects import ObjectInfo, ObjectStore

# Where others put things and take them, under names of their own choosing.
_OF_OTHERS = ("incoming/", "outgoing/")


class Shelf:
    """Keys and sizes in memory: some 300 MB for a million objects.

    It is listed before the registers are read: every object on it is known to them by then. What
    it lacks may have come since, and what it holds may have gone: each is asked for once more.
    """

    def __init__(self, store: ObjectStore, bucket: str) -> None:
        self.bucket = bucket
        self._store = store
        self._sizes = {
            info.key: info.size
            for info in store.list(bucket)
            if not info.key.startswith(_OF_OTHERS)
        }

    def take(self, key: str) -> int | None:
        """Take a known object off the shelf; its size in bytes, or None where there is none."""
        size = self._sizes.pop(key, None)
        if size is not None:
            return size
        found = self._store.stat(self.bucket, key)
        return None if found is None else found.size

    def size_now(self, key: str) -> int | None:
        """Ask again for an object that seems to be of a wrong size; None where it went."""
        found = self._store.stat(self.bucket, key)
        return None if found is None else found.size

    def forget(self, *keys: str) -> None:
        """Take off what may be there and need not."""
        for key in keys:
            self._sizes.pop(key, None)

    def forget_below(self, prefix: str) -> None:
        """Take off all that lies under a prefix: whose it is cannot be told today."""
        for key in [key for key in self._sizes if key.startswith(prefix)]:
            del self._sizes[key]

    def bytes_below(self, prefix: str) -> int:
        return sum(size for key, size in self._sizes.items() if key.startswith(prefix))

    def left(self) -> Iterator[ObjectInfo]:
        """What nobody took and is still there, by key."""
        for key in sorted(self._sizes):
            found = self._store.stat(self.bucket, key)
            if found is not None:
                yield found
