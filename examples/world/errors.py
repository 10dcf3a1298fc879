"""The ways to spoil a cell, each a small function from the true value to a worse one."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Final

from examples.world.numbers import USCC_CHARACTERS, old_citizen_number


class Outcome(StrEnum):
    """What a lake should do with the row that holds the cell."""

    QUARANTINE = "quarantine"
    ACCEPTED = "accepted"  # read as another spelling of the same value
    DISAGREES = "disagrees"  # a good row that says something else than the truth
    REFUSED = "refused"  # the whole file


class Spoil(StrEnum):
    """Every kind of error and disagreement that the sample world knows."""

    WRONG_CHECK = "wrong_check"
    BAD_DATE = "bad_date"
    UNKNOWN_CODE = "unknown_code"
    MISSING = "missing"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    MOJIBAKE = "mojibake"
    NUMBER_CELL = "number_cell"
    DUPLICATE_KEY = "duplicate_key"
    REPEATED_ROW = "repeated_row"
    RAGGED = "ragged"
    FIFTEEN_DIGITS = "fifteen_digits"
    FULL_WIDTH = "full_width"
    LOWER_CASE = "lower_case"
    UNKNOWN_REGION = "unknown_region"
    NAME_TYPO = "name_typo"
    NAME_VARIANT = "name_variant"
    OLD_ADDRESS = "old_address"
    MARITAL_DIFFERS = "marital_differs"
    SEX_DIFFERS = "sex_differs"
    DEAD_BUT_INSURED = "dead_but_insured"
    CANCELLED_BUT_TAX_ACTIVE = "cancelled_but_tax_active"
    MIXED_ENCODING = "mixed_encoding"


OUTCOMES: Final[Mapping[Spoil, Outcome]] = MappingProxyType(
    {
        **dict.fromkeys(tuple(Spoil)[:11], Outcome.QUARANTINE),
        **dict.fromkeys(tuple(Spoil)[11:15], Outcome.ACCEPTED),
        **dict.fromkeys(tuple(Spoil)[15:22], Outcome.DISAGREES),
        Spoil.MIXED_ENCODING: Outcome.REFUSED,
    }
)


def _pairs(listed: str) -> Mapping[str, str]:
    return MappingProxyType({pair[0]: pair[1] for pair in listed.split()})


_TYPOS: Final = _pairs(
    "玲铃 娟鹃 英瑛 志智 波博 婷亭 晓小 燕艳 文雯 颖影 霞侠 军君 强墙 伟玮 静晶 梅玫"
    " 勇永 磊垒 明民 佳家 涵函 浩皓 轩宣 梓子 欣心 怡宜 宇雨 敏闽"
)
_VARIANTS: Final = _pairs(
    "国國 达達 峰峯 群羣 启啓 杰傑 伟偉 丽麗 兰蘭 云雲 凤鳳 龙龍 刘劉 陈陳 张張 杨楊 赵趙"
    " 黄黃 吴吳 孙孫 马馬 华華 庆慶 静靜 红紅 强強 辉輝 宁寧"
)
_FULL_WIDTH: Final = str.maketrans(
    "0123456789ABCDEFGHJKLMNPQRTUWXYZ",
    "０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹＺ",
)
_OTHER_STATUS: Final = {"20": ("10", "40"), "10": ("20",), "30": ("20",), "40": ("20",)}


def change(how: Spoil, rng: Random, value: str) -> str | int | None:
    """The spoiled value; equal to `value` where this cell cannot be spoiled in that way."""
    return CHANGES[how](rng, value)


def has_variant(name: str) -> bool:
    """Whether a name holds a character that has a traditional form here."""
    return _swapped(_VARIANTS, name) != name


def _wrong_check(rng: Random, value: str) -> str:
    last = value[-1]
    characters = "0123456789" if len(value) == 18 and value[:2] == "99" else USCC_CHARACTERS
    return value[:-1] + rng.choice(characters.replace(last, ""))


def _bad_date(rng: Random, value: str) -> str:
    year = value[:4]
    return rng.choice((f"{year}-02-30", f"{year}-13-01", f"{year}年", "0000-00-00"))


def _mojibake(rng: Random, value: str) -> str:
    place = rng.randrange(len(value))
    return value[:place] + "\ufffd" + value[place + 1 :]


def _swapped(table: Mapping[str, str], value: str) -> str:
    for character in reversed(value):
        if character in table:
            return value.replace(character, table[character])
    return value


def _fifteen(_: Random, value: str) -> str:
    return old_citizen_number(value) if value[6:8] == "19" else value


def _other_house(rng: Random, value: str) -> str:
    head, found, _ = value.partition("路")
    return (
        f"{head}{found}{rng.randint(1, 99)}号旧楼"
        if found
        else f"{value[:9]}老街{rng.randint(1, 99)}号"
    )


def _as_number(_: Random, value: str) -> str | int:
    return int(value) if value.isdecimal() else value


CHANGES: Final[Mapping[Spoil, Callable[[Random, str], str | int | None]]] = MappingProxyType(
    {
        Spoil.WRONG_CHECK: _wrong_check,
        Spoil.BAD_DATE: _bad_date,
        Spoil.UNKNOWN_CODE: lambda _, value: "7Z"[: max(1, len(value))],
        Spoil.MISSING: lambda _, value: None,
        Spoil.TOO_LONG: lambda _, value: value * 6,
        Spoil.NOT_A_NUMBER: lambda _, value: f"约{value.split('.')[0]}万",
        Spoil.MOJIBAKE: _mojibake,
        Spoil.NUMBER_CELL: _as_number,
        Spoil.FIFTEEN_DIGITS: _fifteen,
        Spoil.FULL_WIDTH: lambda _, value: value.translate(_FULL_WIDTH),
        Spoil.LOWER_CASE: lambda _, value: value.lower(),
        Spoil.NAME_TYPO: lambda _, value: _swapped(_TYPOS, value),
        Spoil.NAME_VARIANT: lambda _, value: _swapped(_VARIANTS, value),
        Spoil.OLD_ADDRESS: _other_house,
        Spoil.MARITAL_DIFFERS: lambda rng, value: rng.choice(_OTHER_STATUS.get(value, (value,))),
        Spoil.SEX_DIFFERS: lambda _, value: {"1": "2", "2": "1"}.get(value, value),
        Spoil.DEAD_BUT_INSURED: lambda _, value: value.replace("终止参保", "正常参保"),
        Spoil.CANCELLED_BUT_TAX_ACTIVE: lambda _, value: value.replace("注销", "正常"),
    }
)
