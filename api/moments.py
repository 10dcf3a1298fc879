"""Reads moments as people write them: a date, or a date with a time; China time by default."""

import re
from datetime import UTC, datetime

from api.errors import BadTime
from catalog.clock import CHINA_TIME

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)


def shown(moment: str) -> str:
    """A stored moment as a person reads it: in China time, to the second."""
    return f"{datetime.fromisoformat(moment).astimezone(CHINA_TIME):%Y-%m-%d %H:%M:%S}"


def read_moment(place: str, text: str) -> datetime:
    """The moment in UTC; a bare date is its first moment. BadTime names the place."""
    if _MOMENT.fullmatch(text) is None:
        raise BadTime(place)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=CHINA_TIME)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTime(place) from error
