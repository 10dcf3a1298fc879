"""What a record passes before it is written: its check, also against what is registered here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from catalog import departments, registers
from catalog.errors import InvalidRecord
from standards.code_lists import CodeLists, load_code_lists
from standards.elements import optional_text
from standards.record_check import check_record
from standards.violations import errors_of


def provider_of(
    conn: sa.Connection, document: Mapping[str, Any], code_lists: CodeLists | None
) -> str:
    """The id of the department that a record without errors names as its provider.

    Raises InvalidRecord with all violations, and DepartmentNotFound.
    """
    violations = tuple(
        check_record(
            document, code_lists or load_code_lists(), registers=registers.read_for(conn, document)
        )
    )
    if errors_of(violations):
        raise InvalidRecord(optional_text(document.get("resource_id")), violations)
    return departments.require(conn, str(document["provider_code"])).department_id
