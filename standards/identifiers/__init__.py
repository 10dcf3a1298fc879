"""Checks of identity numbers: plain Python here, the same rules as SQL text in `sql`."""

from standards.identifiers.check import check_identifier, find_scheme, normalise, normalise_any
from standards.identifiers.kinds import REASONS, IdentifierKind, IdentifierVerdict

__all__ = [
    "REASONS",
    "IdentifierKind",
    "IdentifierVerdict",
    "check_identifier",
    "find_scheme",
    "normalise",
    "normalise_any",
]
