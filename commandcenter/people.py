"""What each person did, credited by the deed: claims, replies, and how long they took."""

from __future__ import annotations

from typing import Any

from django.db import connection

from commandcenter import populations
from commandcenter.figures import PersonsWork, Waits
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters

_NOTHING = (0, 0, None, None, 0, None, None, 0)


def work(period: Period, filters: Filters = EVERYTHING) -> list[PersonsWork]:
    """Everybody who claimed or replied in the period."""
    cases, replies = populations.cases(period, filters), populations.replies(period, filters)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner_id, count(*), count(*) FILTER (WHERE given_back), "
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY to_reply), "
            "percentile_cont(0.9) WITHIN GROUP (ORDER BY to_reply), count(to_reply), "
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY focus), percentile_cont(0.9) WITHIN GROUP (ORDER BY focus), "
            f"count(focus) FROM (SELECT k.owner_id, {populations.GIVEN_BACK} AS given_back, "
            f"{populations.TO_REPLY} AS to_reply, CASE WHEN k.focus_s > 0 THEN floor(k.focus_s)::int END AS focus "
            f"{cases.sql}) g GROUP BY 1",
            cases.values,
        )
        claimed: dict[int, tuple[Any, ...]] = {person: figures for person, *figures in cursor.fetchall()}
        cursor.execute(f"SELECT r.author_id, count(*) {replies.sql} GROUP BY 1", replies.values)
        replied: dict[int, int] = dict(cursor.fetchall())
    told = []
    for person in claimed.keys() | replied.keys():
        claims, given_back, median, p90, n, focus, focus_p90, focused = claimed.get(person, _NOTHING)
        told.append(
            PersonsWork(
                person,
                claims,
                given_back,
                replied.get(person, 0),
                Waits(median, p90, n, 0),
                Waits(focus, focus_p90, focused, 0),
            )
        )
    return told
