"""FastAPI with the edge of our requests around it, outside of all that the framework adds."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class Application(FastAPI):
    """Every request comes through `edge`, which hands on what it does not answer itself."""

    edge: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.edge or self.framework)(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application without its edge."""
        await super().__call__(scope, receive, send)
