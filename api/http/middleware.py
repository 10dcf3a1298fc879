"""Around every request: its id, one line in the log, and an answer where everything else failed."""

import time

import sqlalchemy as sa
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bootstrap import Services
from api.http.blank_parameters import without_blanks
from api.http.body_limit import limited
from api.http.lookup_batches import LookupBatches
from api.http.lookup_body import LOOKUPS
from api.http.problems import refusal, unexpected_problem
from api.http.request_log import RequestLog
from api.http.straight import plain_call
from api.logs import frames_of
from api.troubles import Troubles
from api.usecases.lookup_batch import Call

CLIENT_GONE = 499  # what the log says where nobody was left to answer
_ASKS_DATABASE = ("/v1/", "/healthz")
_JSON = (b"content-type", b"application/json")


class RequestEdge:
    """Gives each request an id, logs method, route and status, and answers 500 as a problem.

    A plain lookup is answered here; whatever else goes on to the application.
    """

    def __init__(
        self, app: ASGIApp, services: Services, lookups: LookupBatches, log: RequestLog
    ) -> None:
        self._app, self._services = app, services
        self._lookups, self._log = lookups, log
        self._database = Troubles("database")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._services.ids.new()
        started = time.perf_counter()
        status = 0
        call: Call | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            if scope["path"] in LOOKUPS:
                call, receive = await plain_call(scope, receive, request_id)
            if call is None:
                await self._go_on(scope, receive, send_with_id, request_id)
            else:
                await self._look_up(call, scope, receive, send_with_id)
        except ClientDisconnect:
            status = status or CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - the edge of a request
            _log_unexpected(error, request_id)
            if status == 0:
                await unexpected_problem(request_id)(scope, receive, send_with_id)
        self._note_database(scope, status)
        # the template, not the URL: nothing that a caller wrote gets into the log
        route = getattr(scope.get("route"), "path", None) if call is None else scope["path"]
        seconds = time.perf_counter() - started
        self._log.add(request_id, scope["method"], route, status, seconds)

    async def _look_up(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        outcome = await self._lookups.answer(call)
        if outcome.error is not None:
            scope.setdefault("state", {})["refused"] = outcome.error
            await refusal(outcome.error, call.request_id)(scope, receive, send)
            return
        body = outcome.text.encode()
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": (length, _JSON)})
        await send({"type": "http.response.body", "body": body})

    async def _go_on(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        scope.setdefault("state", {})["request_id"] = request_id
        if scope["query_string"]:
            # in place: who logs the request finds its route in this very scope afterwards
            scope["query_string"] = without_blanks(scope["query_string"])
        await self._app(scope, limited(scope, receive), send)

    def _note_database(self, scope: Scope, status: int) -> None:
        """Callers are told that the database is away, the operator why: once, not at each call."""
        away = _of_the_database(scope.get("state", {}).get("refused"))
        if away is not None:
            self._database.met(away)
        elif not self._database.well and status < 400 and scope["path"].startswith(_ASKS_DATABASE):
            self._database.over()


def _of_the_database(error: BaseException | None) -> Exception | None:
    """What the database said, somewhere below the error that a caller was refused with."""
    while error is not None and not isinstance(error, sa.exc.SQLAlchemyError):
        error = error.__cause__
    return error


def _log_unexpected(error: Exception, request_id: str) -> None:
    structlog.get_logger().error(
        "unexpected",
        request_id=request_id,
        error=type(error).__name__,
        says=str(error),
        frames=frames_of(error),
    )
