"""Name every step from "bytes arrive" to "verdict recorded", so that a test can stop at each."""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """A point that a delivery has passed; what is before it is durable when the hook is called."""

    DROP_FOUND = "drop_found"
    BYTES_STAGED = "bytes_staged"
    DELIVERY_REGISTERED = "delivery_registered"
    RAW_KEPT = "raw_kept"
    DROP_REMOVED = "drop_removed"
    JOB_CLAIMED = "job_claimed"
    ROWS_CHECKED = "rows_checked"
    FILE_JUDGED = "file_judged"
    QUARANTINE_WRITTEN = "quarantine_written"
    ROWS_STAGED = "rows_staged"
    ROWS_COMMITTED = "rows_committed"
    REPORT_WRITTEN = "report_written"
    RESULT_RECORDED = "result_recorded"
    JOB_ENDED = "job_ended"


OnStep = Callable[[Step], None]


def pass_by(step: Step) -> None:
    """Do nothing at a step: what runs outside tests."""
