"""What a watcher of incoming/ remembers between two looks: what it saw, and what went wrong."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingest.dropped.find import Found

# How long a file on a local disk must lie unchanged: nothing there says that it is whole.
QUIET = timedelta(seconds=2)
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=5)
# A bucket that cannot be listed is soon asked again: it was the store, and it may be back.
_LONGEST_PAUSE_OF_A_BUCKET = timedelta(seconds=10)

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Trouble:
    said: str
    times: int
    not_before: datetime


@dataclass(slots=True)
class Watch:
    """The memory of one process; another process that takes over begins with an empty one."""

    _seen: dict[Place, tuple[Found, datetime]] = field(default_factory=dict)
    _troubles: dict[Place, _Trouble] = field(default_factory=dict)
    _restless: set[str] = field(default_factory=set)

    def is_quiet(self, found: Found, now: datetime) -> bool:
        """Whether a local file was seen before as it is now, and has not changed for 2 seconds.

        The times of the file say so, or, where they are no guide because they are ahead of this
        clock, the time since it was first seen like this.
        """
        quiet = self._quiet_for(found, now) >= QUIET
        if not quiet:
            self._restless.add(found.bucket)
        return quiet

    def _quiet_for(self, found: Found, now: datetime) -> timedelta:
        place = (found.bucket, found.key)
        before, since = self._seen.get(place, (None, now))
        if before != found or since >= now:
            self._seen[place] = (found, now)
            return timedelta()
        changed = datetime.fromtimestamp(found.changed_ns / 1e9, UTC)
        return max(now - max(changed, found.info.modified), now - since)

    def was_restless(self, bucket: str) -> bool:
        """Whether a file of the bucket had not kept still, or was new, at the last look."""
        return bucket in self._restless

    def keep_only(self, bucket: str, keys: Collection[str]) -> None:
        """Begin a look: forget what no longer lies in a bucket."""
        self._restless.discard(bucket)
        for memory in (self._seen, self._troubles):
            # a copy, made at one stroke: other threads note what they see of other buckets
            places = list(memory)
            gone = [place for place in places if place[0] == bucket and place[1] not in keys]
            for place in gone:
                memory.pop(place, None)

    def may_try(self, bucket: str, key: str, now: datetime) -> bool:
        """Whether it is time to try again what failed before."""
        trouble = self._troubles.get((bucket, key))
        return trouble is None or now >= trouble.not_before

    def failed(self, bucket: str, key: str, said: str, now: datetime) -> bool:
        """Note a failure and put off the next try; say whether it is news."""
        before = self._troubles.get((bucket, key))
        times = 0 if before is None else before.times + 1
        longest = _LONGEST_PAUSE if key else _LONGEST_PAUSE_OF_A_BUCKET
        pause = min(_FIRST_PAUSE * 2 ** min(times, 10), longest)
        self._troubles[bucket, key] = _Trouble(said, times, now + pause)
        return before is None or before.said != said

    def succeeded(self, bucket: str, key: str) -> None:
        """Forget what went wrong before."""
        self._troubles.pop((bucket, key), None)
