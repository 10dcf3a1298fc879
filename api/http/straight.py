"""The short way of a plain lookup: past the framework, with the very answers that it would give.

Whatever is not plain (another media type, a body that is no valid question, a strange header) goes
the long way, through FastAPI, which knows how to refuse it; what was read of it is read again.
"""

from __future__ import annotations

from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from api.http.body_limit import MOST_BYTES
from api.http.lookup_body import LOOKUPS, LookupBody, question_of
from api.usecases.lookup_batch import Call

_JSON = b"application/json"
_BEARER = b"Bearer "


async def plain_call(
    scope: Scope, receive: Receive, request_id: str
) -> tuple[Call | None, Receive]:
    """The call of a plain lookup, else None, and from where the body is to be read then.

    Raises ClientDisconnect.
    """
    key, plain = _key_of(scope)
    if not plain:
        return None, receive
    messages = await _whole_body(receive)
    body = b"".join(message.get("body", b"") for message in messages)
    try:
        asked = LookupBody.model_validate_json(body)
    except ValidationError:
        return None, _again(messages, receive)
    client = scope["client"]
    address = client[0] if client else "unknown"
    return Call(request_id, address, key, question_of(LOOKUPS[scope["path"]], asked)), receive


def _key_of(scope: Scope) -> tuple[str | None, bool]:
    """The key that was sent, and whether there is nothing else to a request than plain JSON."""
    key: str | None = None
    kinds = length = 0
    for name, value in scope["headers"]:
        if name == b"authorization":
            if key is not None or not value.startswith(_BEARER):
                return None, False
            key = value[len(_BEARER) :].decode("latin-1")
        elif name == b"content-type":
            kinds += 1 if value == _JSON else 2
        elif name == b"content-length":
            length = int(value)
    plain = kinds == 1 and 0 < length <= MOST_BYTES and scope["method"] == "POST"
    return key, plain and not scope["query_string"]


async def _whole_body(receive: Receive) -> list[Message]:
    messages = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        messages.append(message)
        more = message.get("more_body", False)
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Receive once more what was received already, then what follows."""
    ahead = iter(messages)

    async def receive_again() -> Message:
        message = next(ahead, None)
        return await receive() if message is None else message

    return receive_again
