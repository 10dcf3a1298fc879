"""What has to be there before anything is served, and what is away where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from api.errors import DatabaseAway, DatabaseUnavailable
from api.problems import as_known, driver_line
from catalog.database_urls import place_of

if TYPE_CHECKING:
    from api.bootstrap import Services


def require_databases(services: Services) -> None:
    """Open catalogue and audit store; DatabaseAway names the one that does not answer.

    NotInitialised as everywhere.
    """
    url = services.settings.database_url
    try:
        _ = services.database
        url = services.settings.audit_url
        _ = services.audit
    except sa.exc.DBAPIError as error:
        if not isinstance(as_known(error), DatabaseUnavailable):
            raise
        raise DatabaseAway(reason=driver_line(error), place=place_of(url)) from error
