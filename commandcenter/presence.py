"""Who was at a desk, and how long: spells in which a person had a console open, without those said to be away.

A console's socket is the witness: while it is open, each process says so once a minute for all of its people. So a
spell ends at most a minute before somebody left, and two open windows are one person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from agents.access import ACTIONS
from commandcenter import facts, populations
from commandcenter.earlier import counted
from commandcenter.models import Absence, Presence
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters

EVERY = timedelta(minutes=1)
# Who was not heard of for so long had left in between.
_GAP = timedelta(minutes=2, seconds=30)
# Work that somebody else gave them, or a reply that was written before and left later, is no sign of them.
_BACK = """
UPDATE commandcenter_absence a SET ended_at = d.at FROM commandcenter_absence o, LATERAL (
    SELECT min(w.at) AS at FROM (
        SELECT c.claimed_at AS at FROM agents_case c WHERE c.owner_id = o.person_id AND c.claimed_at > o.started_at
        AND EXISTS (SELECT FROM mentions_event e WHERE e.conversation_id = c.conversation_id
                    AND e.case_id = c.id AND e.kind = 'case.claimed')
        UNION ALL
        SELECT r.submitted_at FROM agents_reply r WHERE r.author_id = o.person_id AND r.sent_at > o.started_at
        AND r.submitted_at > o.started_at
    ) w
) d WHERE a.id = o.id AND o.ended_at IS NULL AND a.ended_at IS NULL AND o.person_id = ANY(%(people)s)
AND d.at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's seconds: at the desk and not away, away, and with a conversation in focus.

    Not `whole` where the question is narrowed to some work: time at the desk is nobody's queue.
    """

    person: int
    available: int
    away: int
    focus: int
    whole: bool

    @property
    def occupancy(self) -> float | None:
        """0 to 100; None where nobody was there, or where it cannot be told."""
        return 100 * self.focus / self.available if self.whole and self.available else None


def seen(people: Collection[int], now: datetime) -> None:
    """These people (ids) have a console open; of who works no cases nothing is kept.

    Whoever was away and has claimed or answered something since is back from that moment, also if they did not say so.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH newest AS (SELECT u.id AS person_id, p.id, p.seen_at FROM agents_user u LEFT JOIN LATERAL "
            "(SELECT id, seen_at FROM commandcenter_presence WHERE person_id = u.id ORDER BY seen_at DESC LIMIT 1) p "
            "ON true WHERE u.id = ANY(%(people)s) AND u.role = ANY(%(roles)s) AND u.is_active), "
            "moved AS (UPDATE commandcenter_presence p SET seen_at = greatest(p.seen_at, %(now)s) FROM newest n "
            "WHERE p.id = n.id AND n.seen_at >= %(since)s) "
            "INSERT INTO commandcenter_presence (person_id, started_at, seen_at) SELECT person_id, %(now)s, %(now)s "
            "FROM newest WHERE seen_at IS NULL OR seen_at < %(since)s",
            {"people": list(people), "roles": list(ACTIONS["work cases"]), "now": now, "since": now - _GAP},
        )
        cursor.execute(_BACK, {"people": list(people)})


def last_seen(people: Collection[int]) -> dict[int, datetime]:
    """When each of these people (ids) was at a desk last; of who never was there is nothing."""
    newest = Presence.objects.filter(person__in=people).order_by("person", "-seen_at").distinct("person")
    return dict(newest.values_list("person", "seen_at"))


def is_here(seen_at: datetime | None, now: datetime) -> bool:
    """Whether somebody who was seen at a desk at a moment sits there now."""
    return seen_at is not None and now - seen_at <= _GAP


def absent(now: datetime) -> QuerySet[Absence]:
    """Who is away now."""
    return Absence.objects.filter(ended_at=None, started_at__gt=now - Absence.LONGEST)


@counted
def desks(period: Period, now: datetime, filters: Filters = EVERYTHING) -> list[Desk]:
    """Everybody who was at a desk or away in the period; with queues, of the people of their teams."""
    told: dict[str, dict[int, int]] = {}
    with connection.cursor() as cursor:
        for what in ("available", "away"):
            spells = populations.spells(what == "away", period, filters, now)
            cursor.execute(f"SELECT k.person_id, sum(k.seconds) {spells.sql} GROUP BY 1", spells.values)
            told[what] = {person: int(seconds) for person, seconds in cursor.fetchall()}
    available, away = told["available"], told["away"]
    focus = facts.read("focus", period.start, period.end, filters, by="person", counts=True)
    return [
        Desk(
            person,
            available.get(person, 0),
            away.get(person, 0),
            focus[person].total if person in focus else 0,
            filters == EVERYTHING,
        )
        for person in sorted(available.keys() | away.keys())
    ]
