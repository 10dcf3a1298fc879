"""Around every request: its id, one line in the log, and an answer where everything else failed."""

import time

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bootstrap import Services
from api.http.problems import unexpected_problem
from api.logs import frames_of

CLIENT_GONE = 499  # what the log says where nobody was left to answer


class RequestEdge:
    """Gives each request an id, logs method, route and status, and answers 500 as a problem.

    The log names the route's template, not the URL, so nothing a caller wrote gets into it.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._services.ids.new()
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            status = status or CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - the edge of a request
            _log_unexpected(error, request_id)
            if status == 0:
                await unexpected_problem(request_id)(scope, receive, send_with_id)
        _log_request(scope, status, time.perf_counter() - started)


def _log_unexpected(error: Exception, request_id: str) -> None:
    structlog.get_logger().error(
        "unexpected",
        request_id=request_id,
        error=type(error).__name__,
        says=str(error),
        frames=frames_of(error),
    )


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("route")
    structlog.get_logger().info(
        "request",
        request_id=scope["state"]["request_id"],
        method=scope["method"],
        route=getattr(route, "path", None),
        status=status,
        ms=round(seconds * 1000, 2),
    )
