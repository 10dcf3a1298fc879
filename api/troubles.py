"""Whether things are well: one log line when that changes, and a longer wait each time they are
not."""

import structlog

from api.logs import frames_of
from api.problems import problem_of

_LONGEST = 5.0


class Troubles:
    """The state of one thing that is tried again and again: well, or in trouble since when."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._trouble: str | None = None
        self._wait = 0.5

    @property
    def well(self) -> bool:
        return self._trouble is None

    def over(self) -> None:
        """It worked."""
        if self._trouble is not None:
            structlog.get_logger().info("going-on", what=self._what, after=self._trouble)
        self._trouble, self._wait = None, 0.5

    def met(self, error: Exception) -> float:
        """It failed; the seconds to wait before the next try."""
        name, problem = type(error).__name__, problem_of(error)
        kind = name if problem is None else problem.type_uri  # a thing is away in several classes
        if kind != self._trouble:
            log = structlog.get_logger()
            if problem is None:
                log.error(
                    "stalled",
                    what=self._what,
                    error=name,
                    says=str(error),
                    frames=frames_of(error),
                )
            else:
                log.warning("stalled", what=self._what, error=name, says=str(error))
        self._trouble = kind
        self._wait = min(_LONGEST, self._wait * 2)
        return self._wait
