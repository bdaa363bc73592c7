"""What a running exercise brings to the room's own scenes: beside the real thing, under its mark, and in no sum."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from commandcenter import displays, drills
from commandcenter.displays import Post
from commandcenter.figures import SOON_MINUTES, Attainment, QueueLine

NEWEST = 12
_NEEDED = "c.state = 'waiting' AND c.actionable IS NOT FALSE"


def queues(now: datetime) -> list[QueueLine]:
    """The queues as they stand with the exercise's own conversations; none while none runs."""
    if (sources := _sources()) is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT q.id, q.slug, q.name, count(*) FILTER (WHERE {_NEEDED}), "
            f"min(coalesce(c.waiting_since, c.queued_at)) FILTER (WHERE {_NEEDED}), "
            "count(*) FILTER (WHERE c.state = 'claimed'), count(*) FILTER (WHERE c.due_at < %(now)s), "
            "count(*) FILTER (WHERE c.due_at >= %(now)s AND c.due_at < %(soon)s) "
            "FROM mentions_conversation c JOIN mentions_queue q ON q.id = c.queue_id "
            "WHERE c.source_id = ANY(%(sources)s) AND c.state <> 'closed' GROUP BY q.id",
            {"sources": sources, "now": now, "soon": now + timedelta(minutes=SOON_MINUTES)},
        )
        return [
            QueueLine(key, slug, name, waiting, since, claimed, overdue, soon, Attainment(0, 0, 0))
            for key, slug, name, waiting, since, claimed, overdue, soon in cursor.fetchall()
        ]


def topics(most: int) -> list[tuple[str, int]]:
    """The topics that most of the exercise's posts are about, with their number."""
    if (sources := _sources()) is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT topic, count(*) FROM mentions_mention, unnest(topics) AS topic WHERE source_id = ANY(%s) "
            "AND NOT spam AND deleted_at IS NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s",
            [sources, most],
        )
        return [(topic, n) for topic, n in cursor.fetchall()]


def posts(now: datetime) -> list[Post]:
    """The exercise's newest public posts."""
    if (sources := _sources()) is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {displays.COLUMNS} "
            "FROM mentions_mention m JOIN mentions_mentioncontent c ON c.mention_id = m.id "
            "WHERE m.source_id = ANY(%s) AND m.occurred_at <= %s AND m.visibility = 'public' AND NOT m.spam "
            "AND m.deleted_at IS NULL AND m.hidden_at IS NULL AND c.text <> '' "
            "AND coalesce(array_length(c.redacted, 1), 0) = 0 ORDER BY m.occurred_at DESC, m.id DESC LIMIT %s",
            [sources, now, NEWEST],
        )
        return [Post(*row) for row in cursor.fetchall()]


def _sources() -> list[int] | None:
    """The sources that a running exercise speaks through, rivals' left out."""
    drill = drills.running()
    return None if drill is None else list(drill.sources().filter(rival="").values_list("pk", flat=True))
