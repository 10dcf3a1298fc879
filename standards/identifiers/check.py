"""Checks one identity number in plain Python: the slow version by which the SQL is judged."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from standards.identifiers import citizen, org_code, reg_no, uscc
from standards.identifiers.kinds import REASONS, IdentifierKind, IdentifierVerdict
from standards.identifiers.normalise import normalise_text

NATIONAL = "100000"  # the whole country, as registering authority: in no list of divisions


RULES: Mapping[IdentifierKind, tuple[str, ...]] = MappingProxyType(
    {
        IdentifierKind.CITIZEN: (
            "identifier.citizen.shape",
            "identifier.citizen.birth",
            "identifier.citizen.check",
        ),
        IdentifierKind.USCC: ("identifier.uscc.shape", "identifier.uscc.check"),
        IdentifierKind.ORG_CODE: ("identifier.org_code.shape", "identifier.org_code.check"),
        IdentifierKind.REG_NO: ("identifier.reg_no.shape", "identifier.reg_no.check"),
    }
)


def normalise(kind: IdentifierKind, text: str) -> str:
    """The normal form of a number of this kind; a 15-digit citizen number becomes 18 long."""
    return normalise_any((kind,), text)


def normalise_any(kinds: Sequence[IdentifierKind], text: str) -> str:
    """The normal form of a number that may be of any of the kinds."""
    number = normalise_text(text)
    if IdentifierKind.ORG_CODE in kinds:
        number = org_code.without_hyphen(number)
    return citizen.upgraded(number) if upgrades(kinds) else number


def upgrades(kinds: Sequence[IdentifierKind]) -> bool:
    """15 digits are an old citizen number, unless they may be a registration number as well."""
    return IdentifierKind.CITIZEN in kinds and IdentifierKind.REG_NO not in kinds


def failed_rule(kind: IdentifierKind, number: str, latest_birth: date | None = None) -> str | None:
    """The rule that an already normalised number breaks, or None."""
    if kind is IdentifierKind.CITIZEN:
        return citizen.failed_rule(number, latest_birth)
    return _PLAIN_RULES[kind](number)


_PLAIN_RULES: dict[IdentifierKind, Callable[[str], str | None]] = {
    IdentifierKind.USCC: uscc.failed_rule,
    IdentifierKind.ORG_CODE: org_code.failed_rule,
    IdentifierKind.REG_NO: reg_no.failed_rule,
}


def check_identifier(
    kind: IdentifierKind,
    text: str,
    regions: Collection[str] | None = None,
    *,
    latest_birth: date | None = None,
) -> IdentifierVerdict:
    """Judge a number as delivered. `regions`: known 6-digit division codes, unknown ones warn;
    `latest_birth`: nobody in this delivery can be born later."""
    number = normalise(kind, text)
    rule = failed_rule(kind, number, latest_birth)
    return IdentifierVerdict(
        input=text,
        valid=rule is None,
        normalised=number,
        rule=rule,
        reason=None if rule is None else REASONS[rule],
        warnings=() if rule is not None else _warnings(kind, number, regions),
    )


def find_scheme(text: str, kinds: Sequence[IdentifierKind]) -> IdentifierKind | None:
    """The first of the kinds, in their order, under which the text is a valid number."""
    number = normalise_any(kinds, text)
    return next((kind for kind in kinds if failed_rule(kind, number) is None), None)


def _warnings(
    kind: IdentifierKind, number: str, regions: Collection[str] | None
) -> tuple[str, ...]:
    found = []
    if kind is IdentifierKind.USCC and uscc.inner_org_code_fails(number):
        found.append("identifier.uscc.org_code")
    if kind is IdentifierKind.REG_NO and reg_no.is_legacy(number):
        found.append("identifier.reg_no.legacy")
    if regions is not None and region_unknown(kind, number, regions):
        found.append(f"identifier.{kind}.region")
    return tuple(found)


def region_unknown(kind: IdentifierKind, number: str, regions: Collection[str]) -> bool:
    """Whether a valid number names a division that is not in `regions`."""
    region = _region(kind, number)
    return region is not None and region != NATIONAL and region not in regions


def _region(kind: IdentifierKind, number: str) -> str | None:
    if kind is IdentifierKind.CITIZEN:
        return citizen.region(number)
    if kind is IdentifierKind.USCC:
        return uscc.region(number)
    return reg_no.region(number) if kind is IdentifierKind.REG_NO else None
