"""Jobs over HTTP: where the work on a delivery or a view stands, and how to end it."""

from fastapi import APIRouter

from api.answers import JobAnswer
from api.http.context import Keyed
from api.http.problems import AUDIT_AWAY, STORE_AWAY, documented
from api.usecases.jobs import cancel_job, show_job

router = APIRouter(prefix="/v1", tags=["jobs"])

_PROBLEMS = (
    (401, "no-identity, unknown-key, revoked-key, expired-key"),
    (403, "role-not-allowed"),
    (404, "job-not-found"),
    (422, "invalid-request"),
    (500, "unexpected"),
)


@router.get("/jobs/{job_id}", responses=documented(*_PROBLEMS, AUDIT_AWAY))
def job(context: Keyed, job_id: str) -> JobAnswer:
    """一个任务的进展 · Where a job stands."""
    return show_job(context.services, context.caller(), job_id)


@router.post(
    "/jobs/{job_id}/cancel",
    responses=documented(*_PROBLEMS, (409, "job-not-cancellable"), STORE_AWAY),
)
def cancel(context: Keyed, job_id: str) -> JobAnswer:
    """取消一个任务 · Cancel a job: at once if it waits, else before its commit."""
    return cancel_job(context.services, context.caller(), job_id)
