"""`datong fsck`: what the registers say, held against the store; mended where that is safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from api.usecases.views import RECORDS

if TYPE_CHECKING:
    from api.bootstrap import Services
    from ingest.fsck import Findings


def check_lake(
    services: Services,
    *,
    dry_run: bool = False,
    quick: bool = False,
    progress: Callable[[str, float | None], None] | None = None,
) -> Findings:
    """Check all that is stored, beside workers and API that go on.

    `dry_run` changes nothing; `quick` compares sizes and reads no content. It is for the operator
    on the server, who has the files in hand anyway: no account is asked for, no line audited.
    """
    from ingest.fsck import Options, check_everything

    return check_everything(
        services.intake(progress=progress),
        serving=services.settings.serving,
        views=tuple(RECORDS),
        options=Options(dry_run=dry_run, quick=quick),
    )
