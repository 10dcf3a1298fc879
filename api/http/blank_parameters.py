"""Takes a query parameter without a value, as in `?q=&limit=&cursor=`, for one not given."""

from starlette.types import ASGIApp, Receive, Scope, Send


class BlankParameters:
    """Forms and templates send every parameter; the empty ones ask for nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query: bytes = scope.get("query_string", b"")
        if scope["type"] == "http" and query:
            given = (part for part in query.split(b"&") if part and not part.endswith(b"="))
            # in place: who logs the request finds its route in this very scope afterwards
            scope["query_string"] = b"&".join(given)
        await self._app(scope, receive, send)
