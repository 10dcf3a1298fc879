"""The kinds of identity number, the verdict on one, and the rules with their reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class IdentifierKind(StrEnum):
    CITIZEN = "citizen"
    USCC = "uscc"
    ORG_CODE = "org_code"
    REG_NO = "reg_no"


@dataclass(frozen=True, slots=True)
class IdentifierVerdict:
    """`rule` and `reason` are None for a valid number; `warnings` are rule codes.

    A reason never holds the number. That `normalised` differs from `input` is for the caller to
    warn about.
    """

    input: str
    valid: bool
    normalised: str
    rule: str | None
    reason: str | None
    warnings: tuple[str, ...] = ()


REASONS: Mapping[str, str] = MappingProxyType(
    {
        "identifier.citizen.shape": (
            "公民身份号码应为 17 位数字加 1 位数字或 X，或旧的 15 位数字 / "
            "a citizen number is 17 digits and a digit or X, or the old 15 digits"
        ),
        "identifier.citizen.birth": (
            "公民身份号码中的出生日期不存在或不可能 / "
            "the birth date within the citizen number does not exist or cannot be"
        ),
        "identifier.citizen.check": (
            "公民身份号码的校验码不对（GB 11643-1999） / "
            "the check digit of the citizen number is wrong (GB 11643-1999)"
        ),
        "identifier.citizen.region": (
            "公民身份号码前六位不在行政区划代码中 / "
            "the first six digits of the citizen number are no known division"
        ),
        "identifier.uscc.shape": (
            "统一社会信用代码应为 18 位数字或大写字母（无 I O S V Z），第 3 至 8 位为数字 / "
            "a unified social credit code is 18 digits or capitals (no I O S V Z), "
            "positions 3 to 8 digits"
        ),
        "identifier.uscc.check": (
            "统一社会信用代码的校验码不对（GB 32100-2015） / "
            "the check character of the unified social credit code is wrong (GB 32100-2015)"
        ),
        "identifier.uscc.org_code": (
            "统一社会信用代码第 9 至 17 位不合组织机构代码校验（GB 11714-1997） / "
            "positions 9 to 17 of the unified social credit code fail the GB 11714-1997 check"
        ),
        "identifier.uscc.region": (
            "统一社会信用代码第 3 至 8 位不在行政区划代码中 / "
            "positions 3 to 8 of the unified social credit code are no known division"
        ),
        "identifier.org_code.shape": (
            "组织机构代码应为 8 位数字或大写字母加 1 位数字或 X / "
            "an organisation code is 8 digits or capitals and a digit or X"
        ),
        "identifier.org_code.check": (
            "组织机构代码的校验码不对（GB 11714-1997） / "
            "the check character of the organisation code is wrong (GB 11714-1997)"
        ),
        "identifier.reg_no.shape": (
            "工商注册号应为 15 位数字、旧的 13 位数字，或“企…字第…号”形式 / "
            "a registration number is 15 digits, the old 13 digits, or of the form 企…字第…号"
        ),
        "identifier.reg_no.check": (
            "工商注册号的校验码不对（GS 15-2006） / "
            "the check digit of the registration number is wrong (GS 15-2006)"
        ),
        "identifier.reg_no.legacy": (
            "旧式工商注册号，没有校验码可查 / a legacy registration number without a check digit"
        ),
        "identifier.reg_no.region": (
            "工商注册号前六位不在行政区划代码中 / "
            "the first six digits of the registration number are no known division"
        ),
    }
)
