"""The bank's voice beside its rivals': how people speak minute by minute, and who is spoken of day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from commandcenter import periods, rivals, rollups, usual
from commandcenter.figures import NetSentiment
from commandcenter.models import Grain
from commandcenter.periods import Period
from commandcenter.sums import sums

OURS = ""
SPELL = timedelta(minutes=30)  # a single minute has too few posts to say how people speak
SHOWN = timedelta(hours=3)
_HEARD = rollups.MENTIONS.counts.index("heard")
FEWEST = 5  # scored posts of a spell, below which it has no tone


@dataclass(frozen=True, slots=True)
class Tone:
    """How people speak of one bank: the half hour up to each minute, oldest first, and the newest of these."""

    name: str
    minutes: tuple[NetSentiment, ...]

    @property
    def now(self) -> NetSentiment:
        return self.minutes[-1]

    @property
    def points(self) -> list[float | None]:
        """Net sentiment of each minute's half hour; None where too few were scored."""
        return [one.value if one.n >= FEWEST else None for one in self.minutes]


def tones(now: datetime) -> list[Tone]:
    """Net sentiment of the half hour up to each minute of the last three hours: ours first, then each rival."""
    last = periods.minute(now)
    first = last - SHOWN
    others = rivals.listened()
    counted: dict[str, dict[datetime, list[int]]] = {name: {} for name in (OURS, *others.names)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source_id, start, positive, neutral, negative, total - spam - positive - neutral - negative "
            "FROM commandcenter_mentionrollup WHERE grain = %s AND topic = %s AND start > %s AND start <= %s",
            [Grain.MINUTE, rollups.BY_SOURCE, first - SPELL, last],
        )
        for source, start, *counts in cursor.fetchall():
            if source in others.industry:
                continue
            of = counted[others.rivals.get(source, OURS)].setdefault(start, [0, 0, 0, 0])
            for place, count in enumerate(counts):
                of[place] += count
    return [Tone(name, _spells(minutes, first, last)) for name, minutes in counted.items()]


def _spells(minutes: Mapping[datetime, list[int]], first: datetime, last: datetime) -> tuple[NetSentiment, ...]:
    """The sums of a window that slides by minutes."""
    running = [0, 0, 0, 0]
    step, found = timedelta(minutes=1), []
    at = first - SPELL + step
    while at <= last:
        for sign, moment in ((1, at), (-1, at - SPELL)):
            for place, count in enumerate(minutes.get(moment, ())):
                running[place] += sign * count
        if at > first:
            found.append(NetSentiment(*running))
        at += step
    return tuple(found)


def by_day(now: datetime, days: int) -> tuple[list[Period], dict[str, list[int]]]:
    """`metrics.share_of_voice` on each of the last days that are over: ours first, then each rival."""
    today = Period.today(now)
    week = [*Period.of(today.back(days).first, today.back(1).first, now=now).days()]
    counted = usual.once_a_minute("voices by day", (week[0].start, periods.minute(now)), lambda _span: _by_day(week))
    return week, counted


def _by_day(week: list[Period]) -> dict[str, list[int]]:
    others = rivals.listened()
    found = {name: [0] * len(week) for name in (OURS, *others.names)}
    spans = [(day.start, day.end) for day in week]
    for (place, _), counts in sums(rollups.MENTIONS, spans, networks=others.networks).items():
        found[OURS][place] += counts[_HEARD]
    for (place, source), counts in sums(rollups.MENTIONS, spans, by="source", rivals=True).items():
        if source in others.rivals:
            found[others.rivals[source]][place] += counts[_HEARD]
    return found


def any_rival(now: datetime) -> bool:
    """Whether anything was heard of a rival in the last hours."""
    span = (periods.hour(now) - timedelta(hours=24), periods.minute(now) + timedelta(minutes=1))
    return bool(sums(rollups.MENTIONS, [span], rivals=True, sources=list(rivals.listened().rivals)))
