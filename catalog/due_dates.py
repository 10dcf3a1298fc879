"""When the next update of a resource is due, by the update cycle that its record promises."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from catalog.deliveries import DeliveryState
from catalog.periods import is_periodic, next_start, period_start
from catalog.tables import deliveries


def next_due(update_cycle: str, last: date | None, today: date) -> date | None:
    """The day by whose end the next update is to be there; None where the cycle names none.

    A cycle is one of calendar periods: "monthly" promises an update in each month. So what came
    in one period is followed in the next, at the latest on its last day; where nothing has come
    yet, the period of `today` is the first. `last` is the day, in China, of the newest delivery or
    else of the publication. A due day before `today` is overdue. What is offered in real time has
    no due day: it is asked for, not delivered.
    """
    if not is_periodic(update_cycle):
        return None
    first = period_start(update_cycle, today if last is None else last)
    return next_start(update_cycle, first, 1 if last is None else 2) - timedelta(days=1)


def last_update(conn: sa.Connection, resource_id: str) -> datetime | None:
    """When the newest delivery came that was loaded and brought anything."""
    query = sa.select(deliveries.c.received_at).where(
        deliveries.c.resource_id == resource_id,
        deliveries.c.state == DeliveryState.LOADED,
        (deliveries.c.accepted > 0) | (deliveries.c.files > 0),
    )
    return conn.scalar(query.order_by(deliveries.c.delivery_id.desc()).limit(1))
