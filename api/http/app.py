"""The HTTP application: its routes, its errors, and what happens when it starts and ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import anyio.to_thread
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api.bootstrap import Services, open_services
from api.http.application import Application
from api.http.documentation import add_documentation
from api.http.lookup_batches import LookupBatches
from api.http.middleware import RequestEdge
from api.http.problems import add_handlers
from api.http.request_log import RequestLog
from api.http.routes import (
    catalogue,
    ckan,
    contracts,
    data_json,
    dcat,
    deliveries,
    drafts,
    files,
    health,
    jobs,
    likeness,
    lookups,
    publishing,
    quality,
    records,
    registers,
    search,
)
from api.http.runner import DeliveryRunner
from api.http.search_following import SearchFollowing
from api.logs import configure_logs
from api.settings import load_settings

# Lookups are short and share one interpreter: more threads would only wait for each other.
LOOKUP_THREADS = 16
UPLOADS_AT_ONCE = 4

_DESCRIPTION = """
大同：政务信息资源共享数据湖的接口。公开目录和 `/healthz` 无需密钥，其余均需
`Authorization: Bearer 密钥`。错误一律为 RFC 9457 problem，`type` 稳定不变。

The API of Datong. The public catalogue and `/healthz` need no key, everything else does.
Errors are RFC 9457 problems whose `type` is stable. Identity numbers travel in bodies, never in
URLs.
"""


def create_app(services: Services) -> FastAPI:
    """The application over these services; the caller closes them."""
    app = Application(
        title="大同 Datong",
        version="1",
        description=_DESCRIPTION,
        lifespan=partial(_lifespan, services),
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False},
    )
    app.state.services = services
    app.state.lookups = LookupBatches(services)
    app.state.request_log = RequestLog(services.clock)
    for router in (
        health.router,
        catalogue.router,
        registers.router,
        deliveries.router,
        files.router,
        records.router,
        likeness.router,
        publishing.router,
        jobs.router,
        lookups.router,
        quality.router,
        drafts.router,
        dcat.router,
        data_json.router,
        contracts.router,
        ckan.router,
        search.router,
    ):
        app.include_router(router)
    add_documentation(app)
    add_handlers(app)
    app.edge = RequestEdge(app.framework, services, app.state.lookups, app.state.request_log)
    return app


def app_of_environment() -> FastAPI:
    """The application over the home that the environment names: what a server process runs."""
    settings = load_settings()
    configure_logs(settings.logs)
    return create_app(open_services(settings))


@asynccontextmanager
async def _lifespan(services: Services, app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = LOOKUP_THREADS
    await run_in_threadpool(services.warm_up)
    app.state.runner = DeliveryRunner(services, UPLOADS_AT_ONCE)
    following = SearchFollowing(services)
    following.start()
    try:
        yield
    finally:
        await run_in_threadpool(following.stop)
        await app.state.lookups.close()
        app.state.request_log.flush()
        await run_in_threadpool(app.state.runner.close)
