"""Checks of the work: workers, jobs, deliveries, leases, dropped files, keys that run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from api.bootstrap import Services
from api.usecases.doctor.checks import Check, Severity, Words, fine, listed, wrong
from catalog import deliveries, jobs, workers
from catalog.clock import shown_in_china
from catalog.jobs import Job, JobState
from catalog.tables import account_keys
from catalog.tables import leases as lease_table
from catalog.tables import workers as worker_table

LONG_QUEUED = timedelta(minutes=10)
LONG_UNFINISHED = timedelta(hours=1)
LONG_DROPPED = timedelta(minutes=10)
KEY_WARNING = timedelta(days=30)
_DAY = timedelta(days=1)
_MOST_JOBS = 1000
_OFTEN = 3
_FSCK: Words = ("运行 datong fsck", "run datong fsck")
_START: Words = ("启动 datong worker 或 datong serve", "start datong worker, or datong serve")


def check_hosts(services: Services) -> Iterator[Check]:
    """What is embedded belongs to one machine."""
    from lake.location import LocationKind

    with services.database.reading() as conn:
        ids = conn.scalars(sa.select(worker_table.c.worker_id))
        hosts = sorted({worker_id.partition("/")[0] for worker_id in ids})
    folder = services.location.kind is LocationKind.FOLDER
    if len(hosts) < 2 or not (services.settings.embedded or folder):
        said = f"见到 {len(hosts)} 台机器的后台进程", f"workers of {len(hosts)} machines were seen"
        yield fine("hosts", said)
        return
    part = "SQLite 目录库" if services.settings.embedded else "本地文件夹的湖"
    part_en = "a SQLite catalogue" if services.settings.embedded else "a lake in a local folder"
    said = (
        f"{part}不能由多台机器共用，而见到了 {listed(hosts)}",
        f"{part_en} serves one machine, and workers of {listed(hosts)} were seen",
    )
    following = (
        "改用 PostgreSQL（DATONG_DATABASE_URL）和 S3（DATONG_LAKE_URL），或只在一台机器上运行",
        "use PostgreSQL (DATONG_DATABASE_URL) and S3 (DATONG_LAKE_URL), or run on one machine",
    )
    yield wrong("hosts", Severity.ERROR, said, following)


def check_worker(services: Services) -> Iterator[Check]:
    """Somebody does what is queued."""
    with services.database.reading() as conn:
        alive = _alive(conn, services.clock.now())
        waits = jobs.list_jobs(conn, states=[JobState.QUEUED], limit=1)
    if alive:
        said = f"有 {len(alive)} 个后台进程在工作", f"{len(alive)} workers are alive"
        yield fine("worker", said)
    elif waits:
        said = "有任务在排队，而没有后台进程", "jobs are queued, and no worker is alive"
        yield wrong("worker", Severity.ERROR, said, _START)
    else:
        said = "没有后台进程，也没有任务在排队", "no worker is alive, and nothing is queued"
        yield fine("worker", said)


def _alive(conn: sa.Connection, now: datetime) -> list[str]:
    from ingest.writer import is_gone

    return [each for each in workers.alive(conn, now) if not is_gone(each)]


def check_jobs(services: Services) -> Iterator[Check]:
    """Jobs that wait long, fail again and again, or failed for good."""
    now = services.clock.now()
    with services.database.reading() as conn:
        queued = jobs.list_jobs(conn, states=[JobState.QUEUED], limit=_MOST_JOBS)
        failed = jobs.list_jobs(conn, states=[JobState.FAILED], limit=_MOST_JOBS)
    troubled = [job for job in queued if _fails_again(job)]
    late = [job for job in queued if job.queued_at < now - LONG_QUEUED and job not in troubled]
    given_up = [job for job in failed if job.ended_at is not None and job.ended_at > now - _DAY]
    yield _jobs("jobs_queued", Severity.WARNING, late, ("排队超过十分钟", "queued for ten minutes"))
    yield _jobs("jobs_failing", Severity.WARNING, troubled, ("反复失败", "failing repeatedly"))
    yield _jobs("jobs_failed", Severity.WARNING, given_up, ("一天内最终失败", "given up in a day"))


def _fails_again(job: Job) -> bool:
    return job.attempts >= _OFTEN and (job.error is not None or job.deaths > 0)


def _jobs(name: str, severity: Severity, found: list[Job], what: Words) -> Check:
    if not found:
        return fine(name, (f"没有{what[0]}的任务", f"no job is {what[1]}"), severity)
    ids = listed([f"{job.kind} {job.subject}" for job in found])
    told = next((job.error for job in found if job.error), None) or {"zh": "", "en": ""}
    said = (
        f"{len(found)} 个任务{what[0]}：{ids} {told.get('zh', '')}".rstrip(),
        f"{len(found)} jobs are {what[1]}: {ids} {told.get('en', '')}".rstrip(),
    )
    following = (
        "用 datong job show 查看原因并处理；只是忙不过来时增加 datong worker 的 --concurrency",
        "datong job show says why; where workers are only busy, raise their --concurrency",
    )
    return wrong(name, severity, said, following)


def check_deliveries(services: Services) -> Iterator[Check]:
    """No delivery waits for its verdict longer than an hour."""
    oldest = services.clock.now() - LONG_UNFINISHED
    with services.database.reading() as conn:
        found = [each for each in deliveries.unfinished(conn) if each.received_at < oldest]
    if not found:
        said = "没有超过一小时未完成的批次", "no delivery has been unfinished for an hour"
        yield fine("deliveries", said, Severity.WARNING)
        return
    ids = listed([each.delivery_id for each in found])
    said = (
        f"{len(found)} 个批次超过一小时没有结果：{ids}",
        f"{len(found)} deliveries have had no verdict for an hour: {ids}",
    )
    yield wrong("deliveries", Severity.WARNING, said, _FSCK)


def check_leases(services: Services) -> Iterator[Check]:
    """A lease whose holder died or fell silent stops nobody, but says that something died."""
    from ingest.writer import is_gone

    now = services.clock.now()
    columns = lease_table.c
    query = sa.select(columns.name, columns.holder, columns.expires_at)
    with services.database.reading() as conn:
        held = conn.execute(query.where(columns.holder.is_not(None))).all()
    dead = [row.name for row in held if row.expires_at <= now or is_gone(row.holder)]
    if not dead:
        said = f"{len(held)} 个租约在使用中", f"{len(held)} leases are held"
        yield fine("leases", said, Severity.NOTE)
        return
    said = (
        f"租约的持有者已不在：{listed(dead)}",
        f"the holders of these leases are gone: {listed(dead)}",
    )
    following = (
        "下一个写入者会自动接手；运行 datong fsck 完成中断的工作",
        "the next writer passes them over; datong fsck finishes what was cut off",
    )
    yield wrong("leases", Severity.NOTE, said, following)


def check_keys(services: Services) -> Iterator[Check]:
    """Accounts whose last key runs out within thirty days."""
    now, columns = services.clock.now(), account_keys.c
    last = sa.func.max(columns.expires_at).label("expires_at")
    query = (
        sa.select(columns.account, last)
        .where(columns.revoked_at.is_(None), columns.expires_at > now)
        .group_by(columns.account)
        .having(last <= now + KEY_WARNING)
        .order_by(last)
    )
    with services.database.reading() as conn:
        found = conn.execute(query).all()
    if not found:
        said = "三十天内没有密钥到期", "no key expires within thirty days"
        yield fine("keys", said, Severity.WARNING)
        return
    names = listed([f"{row.account} ({shown_in_china(row.expires_at)[:10]})" for row in found])
    said = f"密钥即将到期：{names}", f"keys are about to expire: {names}"
    following = (
        "用 datong account issue-key 为这些账号换发密钥，并交给其负责人",
        "issue new keys with datong account issue-key, and hand them to who answers for each",
    )
    yield wrong("keys", Severity.WARNING, said, following)


def check_dropped(services: Services) -> Iterator[Check]:
    """Files in incoming/ that nobody takes, or that wait for their manifest."""
    from ingest.dropped import waiting

    found = [each for each in waiting(services.intake()) if each.age > LONG_DROPPED]
    if not found:
        said = "没有滞留的投递文件", "no dropped file has been lying for ten minutes"
        yield fine("dropped", said, Severity.WARNING)
        return
    names = listed([f"{each.department_id} {each.key} ({each.waits_for})" for each in found])
    said = (
        f"{len(found)} 个投递文件滞留超过十分钟：{names}",
        f"{len(found)} dropped files have been lying for ten minutes: {names}",
    )
    following = (
        "manifest：请部门补交清单；file：清单没有对应的文件；worker：启动 datong worker；"
        "end_of_writing、other_name：名称表示没有传完或不能使用，请部门改名",
        "manifest: ask the department for it; file: a manifest without its file; worker: start "
        "datong worker; end_of_writing, other_name: the name says that it is not whole, or can not "
        "be used, so ask the department for another",
    )
    yield wrong("dropped", Severity.WARNING, said, following)
