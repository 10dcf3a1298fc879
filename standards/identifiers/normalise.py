"""Normal form of an identity number: outer spaces off, full width to half width, capitals."""

from collections.abc import Mapping
from types import MappingProxyType

# Full-width forms U+FF01 to U+FF5E lie 0xFEE0 above their ASCII twins; U+3000 is their space.
# Only ASCII letters are raised: other scripts have capitals on which engines disagree.
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SMALL = {code: chr(code).upper() for code in range(ord("a"), ord("z") + 1)}
_FULL_SMALL = {code + 0xFEE0: capital for code, capital in _SMALL.items()}
FORMS: Mapping[int, str] = MappingProxyType({0x3000: " ", **_FULL_WIDTH, **_SMALL, **_FULL_SMALL})
OUTER_SPACES = " \t\n\v\f\r"


def normalise_text(text: str) -> str:
    """The form in which numbers are checked and compared, before what a kind adds to it."""
    return text.translate(FORMS).strip(OUTER_SPACES)
