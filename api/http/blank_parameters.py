"""Takes a query parameter without a value, as in `?q=&limit=&cursor=`, for one not given."""


def without_blanks(query: bytes) -> bytes:
    """Forms and templates send every parameter; the empty ones ask for nothing."""
    return b"&".join(part for part in query.split(b"&") if part and not part.endswith(b"="))
