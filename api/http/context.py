"""What a route knows of its request: the services, who calls, and the id of the request."""

from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.bootstrap import Services
from api.usecases.access import Caller, Credential, identify

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="账号的密钥 · the key of an account: `Authorization: Bearer dt_…`",
)


class Context:
    """One request; `caller()` reads the database, so it is called in a worker thread."""

    __slots__ = ("address", "key", "request_id", "services")

    def __init__(self, request: Request, key: str | None) -> None:
        self.services = services_of(request)
        self.request_id: str = request.state.request_id
        self.address = request.client.host if request.client else "unknown"
        self.key = key

    def caller(self) -> Caller:
        """The account of the key; the public where none was sent."""
        credential = Credential(key=self.key)
        return identify(self.services, credential, request_id=self.request_id, address=self.address)


def services_of(request: Request) -> Services:
    return cast(Services, request.app.state.services)


async def keyed(
    request: Request,
    sent: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Context:
    """A route that needs a key; a missing one is refused where the right is checked."""
    return Context(request, None if sent is None else sent.credentials)


async def public(request: Request) -> Context:
    """A route of the public catalogue: a key is neither asked for nor looked at."""
    return Context(request, None)


Keyed = Annotated[Context, Depends(keyed)]
Public = Annotated[Context, Depends(public)]
