"""Counts the numbers of the real register by length and by what the project's checks say."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from standards.identifiers import IdentifierKind, check_identifier

COLUMN: Final = "统一社会信用代码"
CREDIT_CODE_LENGTH: Final = 18


@dataclass(frozen=True, slots=True)
class RegisterCodes:
    """How many numbers there are of each length, how many pass, and one of each to look up."""

    lengths: dict[int, int]
    pass_as_written: int
    pass_after_upper: int
    old_numbers_pass: int
    repeated: int
    a_credit_code: str
    an_old_number: str

    def as_json(self) -> dict[str, int]:
        return {
            **{f"len{length}": count for length, count in self.lengths.items()},
            "pass_as_written": self.pass_as_written,
            "pass_after_upper": self.pass_after_upper,
            "old_numbers_pass": self.old_numbers_pass,
            "repeated": self.repeated,
        }


def read_codes(files: Iterable[Path]) -> RegisterCodes:
    """Judge the number of every row of the files."""
    codes = [code for file in files for code in _codes_of(file)]
    credit = [code for code in codes if len(code) == CREDIT_CODE_LENGTH]
    passing = [code for code in credit if _passes(IdentifierKind.USCC, code)]
    # What passes as it stands holds no lower-case letter: only the others need a second look.
    others = set(credit) - set(passing)
    upper = [code for code in credit if code in others and _passes_in_upper_case(code)]
    old = [code for code in codes if len(code) != CREDIT_CODE_LENGTH]
    old_passing = [code for code in old if _passes(IdentifierKind.REG_NO, code)]
    lengths = Counter(len(code) for code in codes)
    return RegisterCodes(
        lengths=dict(sorted(lengths.items(), reverse=True)),
        pass_as_written=len(passing),
        pass_after_upper=len(passing) + len(upper),
        old_numbers_pass=len(old_passing),
        repeated=len(codes) - len(set(codes)),
        a_credit_code=passing[0],
        an_old_number=old_passing[0],
    )


def _codes_of(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [row[COLUMN] for row in csv.DictReader(stream)]


def _passes_in_upper_case(code: str) -> bool:
    return _passes(IdentifierKind.USCC, code.upper())


def _passes(kind: IdentifierKind, text: str) -> bool:
    """Valid exactly as it stands; what only passes after normalising does not count."""
    verdict = check_identifier(kind, text)
    return verdict.valid and verdict.normalised == text
