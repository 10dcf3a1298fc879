"""How the platform is addressed: by its setting, else as the request did."""

from typing import Annotated

from fastapi import Depends, Request

from api.http.context import services_of


async def address_of(request: Request) -> str:
    """The beginning of every address in an answer, without a slash at its end."""
    return services_of(request).settings.url or str(request.base_url).rstrip("/")


Address = Annotated[str, Depends(address_of)]
