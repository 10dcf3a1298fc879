"""Checks a metadata record: by its schema, then by the rules that JSON Schema cannot say."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import tee

from standards.code_lists import CodeLists
from standards.department_check import check_department
from standards.manifest_check import check_manifest
from standards.record_rules import check_rules, check_writable
from standards.registers import Registers, shipped_registers
from standards.schema_check import MOST_EXPLAINED, check_many, check_schema
from standards.view_check import check_view
from standards.violations import Violation

__all__ = ["check_department", "check_manifest", "check_record", "check_records", "check_view"]


def check_record(
    document: Mapping[str, object],
    code_lists: CodeLists,
    *,
    registers: Registers | None = None,
    imported: bool = False,
) -> tuple[Violation, ...]:
    """All violations of a metadata record as written; it is valid where none is an error.

    Rules: 发改高技〔2017〕1272号 with its conditions, GB 32100-2015 for the provider's code.
    `registers`: the shipped elements where None is given. `imported`: the record comes from
    another platform and may bring its resource code, which an author never writes.
    """
    unwritable = check_writable(document)
    if unwritable:
        return unwritable  # neither engine could judge it, and no answer could repeat it
    found = check_schema("record", document)
    return _with_rules(document, found, code_lists, registers, imported=imported)


def check_records(
    documents: Iterable[Mapping[str, object]],
    code_lists: CodeLists,
    *,
    registers: Registers | None = None,
    imported: bool = True,
    explained: int = MOST_EXPLAINED,
    read: bool = False,
) -> Iterator[tuple[Violation, ...]]:
    """The violations of each record in turn, quickly: for imports of many (`check_many`).

    `read`: they were read from text and will be written as JSON by who asks, who is told there
    and then of a number that is none, and need not wait for it to be tried here as well.
    """
    ours, theirs = tee(documents)
    for document, found in zip(ours, check_many("record", theirs, explained), strict=True):
        unwritable = () if read else check_writable(document)
        yield unwritable or _with_rules(document, found, code_lists, registers, imported=imported)


def _with_rules(
    document: Mapping[str, object],
    found: tuple[Violation, ...],
    code_lists: CodeLists,
    registers: Registers | None,
    *,
    imported: bool,
) -> tuple[Violation, ...]:
    # where no resource code may stand at all, how a right one looks is of no use
    of_schema = (fault for fault in found if imported or fault.path != "resource_code")
    known = registers or shipped_registers()
    return (*of_schema, *check_rules(document, code_lists, known, imported=imported))
