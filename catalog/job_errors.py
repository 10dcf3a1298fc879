"""What the queue of jobs refuses."""

from __future__ import annotations

from catalog.errors import CatalogError


class JobNotFound(CatalogError):
    job_id: str

    ZH = "没有任务 {job_id}；请核对任务号"
    EN = "there is no job {job_id}; check the id"


class JobLost(CatalogError):
    """The job was given to another worker, or is ended: this one may not record anything of it."""

    job_id: str
    holder: str

    ZH = "{holder} 已不再持有任务 {job_id}；请放弃本次处理"
    EN = "{holder} no longer holds job {job_id}; give up this attempt"


class JobNotCancellable(CatalogError):
    """It is ended, or its result is being committed: from there on it goes to its end."""

    job_id: str
    state: str

    ZH = "任务 {job_id} 当前为 {state}，已不能取消；请用 datong job show {job_id} 查看其结果"
    EN = "job {job_id} is {state} and can no longer be cancelled; see datong job show {job_id}"
