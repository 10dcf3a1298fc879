"""Drafts: foreign catalogues are imported as such, and stewards make records of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.answers.drafts import (
    ClaimAnswer,
    DecisionAnswer,
    DraftAnswer,
    DraftImportAnswer,
    DraftSummary,
    DuplicateAnswer,
    ListedAnswer,
)
from api.errors import FileNotReadable, NotOneOf
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from catalog import draft_rows, drafts
from catalog.draft_errors import NotACatalogue
from catalog.drafts import DraftState, Kept
from standards.elements import optional_text

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.draft_rows import KeptDraft
    from catalog.imports.portal import Imported


@dataclass(frozen=True, slots=True)
class DraftFilter:
    """Which drafts to list; None for any."""

    source: str | None = None
    department_name: str | None = None
    state: str | None = None


def import_catalogue(
    services: Services,
    caller: Caller,
    file: Path,
    mapping: str,
    source: str | None = None,
    *,
    keep: bool = True,
) -> DraftImportAnswer:
    """Read the catalogue of a portal by a mapping and keep its records as drafts.

    `source` is the mapping's name unless given; unless they are to `keep`, the drafts are only
    looked at. Raises BadMapping, NotACatalogue, FileNotReadable, InvalidSource.
    """
    from catalog.imports.mappings import mapping_named
    from catalog.imports.portal import read_portal

    with watched(services, caller, UseCase.DRAFT_IMPORT) as trail:
        used = mapping_named(mapping)
        named = drafts.check_source(source or used.id)
        trail.detail |= {"source": named, "mapping": used.id}
        imported = read_portal(_records_in(file), used, named)
        kept = Kept()
        if keep:
            with services.database.transaction() as conn:
                kept = drafts.keep_drafts(conn, imported.drafts, services.clock)
        trail.rows = len(imported.drafts)
    return import_answer(imported, used.id, kept)


def list_drafts(
    services: Services, caller: Caller, wanted: DraftFilter, after: str | None, limit: int
) -> tuple[list[DraftSummary], str | None]:
    """A page of drafts by source and position, and the id after which the next one begins."""
    if wanted.state is not None and wanted.state not in set(DraftState):
        raise NotOneOf("state", tuple(DraftState))
    with watched(services, caller, UseCase.DRAFT_READ), services.database.reading() as conn:
        page = draft_rows.list_drafts(
            conn,
            source=wanted.source,
            department_name=wanted.department_name,
            state=None if wanted.state is None else DraftState(wanted.state),
            limit=limit,
            cursor=after,
        )
    return [_summary(each) for each in page.rows], page.next_cursor


def show_draft(services: Services, caller: Caller, draft_id: str) -> DraftAnswer:
    """One draft; DraftNotFound."""
    return _answer(_read(services, caller, draft_id))


def draft_template(services: Services, caller: Caller, draft_id: str) -> str:
    """The YAML to complete, with the decisions as comments; DraftNotFound."""
    from catalog.draft_template import template_of

    return template_of(_read(services, caller, draft_id))


def claim_draft(
    services: Services, caller: Caller, draft_id: str, document: Mapping[str, Any]
) -> ClaimAnswer:
    """Make a record of the completed document; the errors of `draft_rows.claim_draft`."""
    with watched(services, caller, UseCase.DRAFT_CLAIM) as trail:
        trail.detail["draft"] = draft_id
        trail.resource = optional_text(document.get("resource_id"))
        with services.database.transaction() as conn:
            written = draft_rows.claim_draft(
                conn,
                draft_id,
                document,
                caller.require(),
                services.clock,
                code_lists=services.code_lists,
            )
    return ClaimAnswer(
        draft_id=draft_id,
        resource_id=written.resource_id,
        resource_code=written.resource_code,
        version=written.version,
        state=written.state.value,
        revision=written.revision,
    )


def drop_draft(services: Services, caller: Caller, draft_id: str, reason: str) -> DraftAnswer:
    """Settle a draft of which no record shall be made; the errors of `draft_rows.drop_draft`."""
    with watched(services, caller, UseCase.DRAFT_DROP) as trail:
        trail.detail |= {"draft": draft_id, "reason": reason}
        with services.database.transaction() as conn:
            dropped = draft_rows.drop_draft(
                conn, draft_id, reason, caller.require(), services.clock
            )
    return _answer(dropped)


def _read(services: Services, caller: Caller, draft_id: str) -> KeptDraft:
    with watched(services, caller, UseCase.DRAFT_READ) as trail:
        trail.detail["draft"] = draft_id
        with services.database.reading() as conn:
            return draft_rows.require_draft(conn, draft_id)


def _records_in(file: Path) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileNotReadable(str(file)) from error
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        zh, en = f"第 {line} 行不是合法的 JSON", f"line {line} is no valid JSON"
        raise NotACatalogue(file.name, zh, en) from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise NotACatalogue(file.name, "不是对象的列表", "it is no list of objects")
    return found


def import_answer(imported: Imported, mapping: str, kept: Kept) -> DraftImportAnswer:
    return DraftImportAnswer(
        source=imported.source,
        mapping=mapping,
        records=imported.records,
        drafts=len(imported.drafts),
        **asdict(kept),
        listed=[
            ListedAnswer(position=each.position, name=each.name, reason=each.lack.value)
            for each in imported.listed
        ],
        decisions=dict(imported.decisions),
        unknown={name: dict(counts) for name, counts in imported.unknown.items() if counts},
        unmapped=dict(imported.unmapped),
        duplicates=[
            DuplicateAnswer(
                position=each.position,
                repeats=each.repeats,
                name=each.name,
                likeness=each.likeness.value,
                as_written=each.as_written,
            )
            for each in imported.duplicates
        ],
    )


def _summary(found: KeptDraft) -> DraftSummary:
    return DraftSummary(
        draft_id=found.draft_id,
        source=found.source,
        name=found.name,
        department_name=found.department_name,
        decisions=len(found.decisions),
        duplicate_of=found.duplicate_of,
        state=found.state.value,
        resource_id=found.resource_id,
        imported_at=found.imported_at,
    )


def _answer(found: KeptDraft) -> DraftAnswer:
    return DraftAnswer(
        draft_id=found.draft_id,
        source=found.source,
        position=found.position,
        name=found.name,
        department_name=found.department_name,
        document=dict(found.document),
        found=dict(found.found),
        decisions=[DecisionAnswer(**each) for each in found.decisions],
        duplicate_of=found.duplicate_of,
        state=found.state.value,
        imported_at=found.imported_at,
        settled_by=found.settled_by,
        settled_at=found.settled_at,
        resource_id=found.resource_id,
        reason=found.reason,
    )
