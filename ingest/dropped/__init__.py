"""Files that departments drop into incoming/ of their buckets: found, taken, answered, removed."""

from ingest.dropped.find import DroppedFile
from ingest.dropped.folders import make_folders
from ingest.dropped.ready import ready
from ingest.dropped.stream import DropChanged, Stopped
from ingest.dropped.take import Taken, take
from ingest.dropped.waiting import Waiting, waiting
from ingest.dropped.watch import Watch

__all__ = [
    "DropChanged",
    "DroppedFile",
    "Stopped",
    "Taken",
    "Waiting",
    "Watch",
    "make_folders",
    "ready",
    "take",
    "waiting",
]
