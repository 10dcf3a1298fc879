"""Departments, their places in the store, accounts."""

from pydantic import Field

from api.answers.base import Answer


class DepartmentAnswer(Answer):
    department_id: str
    code: str
    name: str
    duty: str | None = None
    division_code: str | None = None
    parent: str | None = None


class ProvisionAnswer(Answer):
    """Where a department puts its files and gets its receipts; the secret is here and nowhere else.

    `prefixes` lists the places by what may be done there; a local folder has no keys.
    """

    department_id: str
    bucket: str
    endpoint: str
    region: str | None = None
    access_key: str | None = Field(default=None, repr=False)
    secret_key: str | None = Field(default=None, repr=False)
    prefixes: dict[str, tuple[str, ...]]


class RevocationAnswer(Answer):
    """`revoked` counts the holders of keys that were ended."""

    department_id: str
    bucket: str
    revoked: int


class AccountAnswer(Answer):
    """An account; a new one has its key here and never again."""

    account: str
    department_id: str
    kind: str
    roles: tuple[str, ...]
    key: str | None = Field(default=None, repr=False)
