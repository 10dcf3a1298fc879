"""What a file is by its content, and whether its name and its resource expect that."""

from ingest.media.judge import Judged, judge
from ingest.media.tell import tell

__all__ = ["Judged", "judge", "tell"]
