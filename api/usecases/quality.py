"""How good the records are, and the catalogue in numbers: public, as the records are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from api.answers.quality import CountAnswer, MonthCountAnswer, ScoreAnswer, StatisticsAnswer
from api.errors import BadRequest
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from catalog import records, statistics
from catalog.errors import RecordNotFound, RecordNotPublished
from catalog.quality import scores

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.quality.scores import Score

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
_CURSOR = re.compile(r"[0-9]{1,3}/[a-z][a-z0-9-]{1,47}", re.ASCII)
# one round of the housekeeper: so much and no more, that other tasks have their turn
ROUND = 4 * scores.BATCH


def score_of_record(services: Services, resource: str) -> ScoreAnswer:
    """The stored score of a published record; one that has none yet is scored now."""
    with services.database.reading() as conn:
        try:
            resource_id = records.published(conn, resource).resource_id
        except RecordNotPublished as error:  # to the public, what is not published is not there
            raise RecordNotFound(error.resource) from None
        # where the housekeeper was not there yet: who only reads makes nobody wait for a lock
        found = scores.find(conn, resource_id) or scores.score_now(
            conn, resource_id, services.clock
        )
    return _score(found)


def score_page(
    services: Services,
    *,
    department: str | None,
    below: int | None,
    after: str | None,
    limit: int,
) -> tuple[list[ScoreAnswer], str | None]:
    """Scores, the lowest first, and the key after which the next page begins."""
    if after is not None and _CURSOR.fullmatch(after) is None:
        raise BadRequest("cursor", "应为上一页返回的值", "should be what a page gave out")
    with services.database.reading() as conn:
        page = scores.list_scores(
            conn, department=department, below=below, limit=limit, cursor=after
        )
    return [_score(each) for each in page.rows], page.next_cursor


def refresh_scores(services: Services, caller: Caller) -> int:
    """Score everything that is due, now; how many were scored."""
    with watched(services, caller, UseCase.QUALITY_REFRESH) as trail:
        trail.rows = done = score_due(services, most=None)
    return done


def score_due(services: Services, most: int | None = ROUND) -> int:
    """Score what is due, in short transactions, up to about `most`; how many were scored."""
    done = 0
    while most is None or done < most:
        with services.database.transaction() as conn:
            scored = scores.refresh_due(conn, services.clock)
        done += scored
        if scored < scores.BATCH:
            break
    return done


def catalogue_statistics(
    services: Services, *, since: str | None, department: str | None
) -> StatisticsAnswer:
    """The catalogue in numbers; `since` is a month such as 2026-01."""
    if since is not None and _MONTH.fullmatch(since) is None:
        raise BadRequest("since", "应为月份，如 2026-01", "should be a month such as 2026-01")
    with services.database.reading() as conn:
        counts = {facet.value: statistics.count_by(conn, facet) for facet in statistics.Facet}
        months = statistics.count_months(conn, since=since, department=department)
        means = scores.means(conn)
    return StatisticsAnswer(
        counted_at=services.clock.now(),
        counts={
            facet: tuple(CountAnswer(value=c.value, name=c.name, records=c.records) for c in found)
            for facet, found in counts.items()
        },
        months=tuple(
            MonthCountAnswer(
                month=each.month,
                happening=each.happening.value,
                kind=each.kind,
                department_id=each.department_id,
                records=each.records,
            )
            for each in months
        ),
        quality=tuple(
            {"department_id": owner, "records": count, "mean_score": mean}
            for owner, count, mean in means
        ),
    )


def _score(found: Score) -> ScoreAnswer:
    return ScoreAnswer(
        resource_id=found.resource_id,
        department_id=found.department_id,
        version=found.version,
        score=found.score,
        judgements=tuple(dict(each) for each in found.judgements),
        punctuality=dict(found.punctuality),
        scored_at=found.scored_at,
    )
