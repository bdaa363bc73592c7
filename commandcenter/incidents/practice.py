"""What an incident of an exercise is about: the exercise's own posts, from their rows, and as kept when those are gone.

Nothing is usual for an exercise, and nothing real is counted in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncMinute

from commandcenter.models import Incident
from commandcenter.usual import Span
from mentions.models import Mention

_ABOUT = "(%(topic)s = '' OR {row}.topics @> ARRAY[%(topic)s]::varchar[])"


def keep(incident: Incident, now: datetime) -> dict[str, Any]:
    """Everything that its report is made of, as JSON values, before the exercise's rows are taken away."""
    minutes = [(at.isoformat(), n) for at, n in _minutes(incident)]
    return {"minutes": minutes, "during": during(incident, now)}


def hours(incident: Incident, spans: Sequence[Span]) -> list[int]:
    """How many posts of the exercise fell into each stretch."""
    minutes = _minutes(incident)
    return [sum(n for at, n in minutes if start <= at < stop) for start, stop in spans]


def during(incident: Incident, now: datetime) -> dict[str, Any]:
    """The fields of `curve.During`."""
    if (kept := _kept(incident)) is not None:
        return dict(kept["during"])
    span: dict[str, Any] = {
        "sources": _sources(incident),
        "topic": incident.topic,
        "start": incident.since,
        "stop": incident.closed_at or now,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE m.sentiment = -1 AND NOT m.spam), "
            "count(m.sentiment) FILTER (WHERE NOT m.spam) FROM mentions_mention m "
            "WHERE m.source_id = ANY(%(sources)s) AND m.occurred_at BETWEEN %(start)s AND %(stop)s "
            f"AND {_ABOUT.format(row='m')}",
            span,
        )
        mentions, negative, scored = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE c.actionable), "
            "count(*) FILTER (WHERE c.actionable AND k.at IS NOT NULL), "
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM k.at - c.opened_at)), count(k.at) "
            "FROM mentions_conversation c LEFT JOIN LATERAL (SELECT min(submitted_at) AS at FROM agents_reply r "
            "WHERE r.conversation_id = c.id) k ON true "
            "WHERE c.source_id = ANY(%(sources)s) AND c.opened_at BETWEEN %(start)s AND %(stop)s "
            f"AND {_ABOUT.format(row='c')}",
            span,
        )
        conversations, actionable, answered, median, n = cursor.fetchone()
    return {
        "mentions": mentions,
        "mentions_usual": None,
        "negative": negative,
        "scored": scored,
        "conversations": conversations,
        "actionable": actionable,
        "answered": answered,
        "first_response_s": None if median is None else float(median),
        "first_response_n": n,
    }


def _minutes(incident: Incident) -> list[tuple[datetime, int]]:
    """The minutes in which posts came, and how many."""
    if (kept := _kept(incident)) is not None:
        return [(datetime.fromisoformat(at), n) for at, n in kept["minutes"]]
    found = Mention.objects.filter(source__in=_sources(incident))
    if incident.topic:
        found = found.filter(topics__contains=[incident.topic])
    counted = found.annotate(minute=TruncMinute("occurred_at")).values("minute").annotate(n=Count("pk"))
    return list(counted.order_by("minute").values_list("minute", "n"))


def _sources(incident: Incident) -> list[int]:
    assert incident.drill is not None
    return list(incident.drill.sources().values_list("pk", flat=True))


def _kept(incident: Incident) -> dict[str, Any] | None:
    assert incident.drill is not None
    found: dict[str, Any] | None = incident.drill.figures.get("incidents", {}).get(str(incident.pk))
    return found
