"""The morning brief: what happened since yesterday, what drives it, what was missed, who is on.

Figures only, each with what it was before and the list that it opens; the page, the mail and the wall say it in words
of their own. What counts and what not is said in `commandcenter.metrics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.alerts import duty
from agents.models import Case, Rota
from commandcenter import gaps, metrics
from commandcenter.figures import Attainment, Backlog, Change, NetSentiment, Rate, Waits
from commandcenter.gaps import Blind
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters

DRIVERS = 5
_NOBODY = Backlog(0, 0, 0, 0, 0, None, None, None, (0, 0, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Driver:
    """A topic of yesterday beside the same weekday of the week before, and how many of its mentions are negative."""

    topic: str
    change: Change
    negative: int
    scored: int


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the morning's meeting needs. `day` is yesterday, `before` the same weekday a week earlier.

    `since` are mentions from midnight until now. `missed` are yesterday's conversations that needed an answer and
    have none; `open` is what stands now. `on` are the rows of the rota that cover this moment, `holding` how many
    people hold a conversation.
    """

    at: datetime
    day: Period
    before: Period
    mentions: Change
    since: Change
    rate: Rate
    rate_before: Rate
    first: Waits
    first_before: Waits
    kept: Attainment
    tone: NetSentiment
    tone_before: NetSentiment
    drivers: Sequence[Driver]
    missed: int
    open: Backlog
    blind: Sequence[Blind]
    on: Sequence[Rota]
    holding: int


def make(now: datetime, filters: Filters = EVERYTHING) -> Brief:
    """The brief at a moment, over what the filters leave."""
    today = Period.today(now)
    day = Period.of(today.first - metrics.ONE_DAY, today.first - metrics.ONE_DAY, now=now)
    before = day.back(7)
    rate = metrics.response_rate(day, filters)
    holding = Case.objects.filter(ended_at=None)
    if filters.queues is not None:
        holding = holding.filter(queue__in=filters.queues)
    return Brief(
        at=now,
        day=day,
        before=before,
        mentions=Change(metrics.volume(day, filters).total, metrics.volume(before, filters).total),
        since=Change(metrics.volume(today, filters).total, metrics.volume(today.back(7), filters).total),
        rate=rate,
        rate_before=metrics.response_rate(before, filters),
        first=metrics.first_response(day, filters),
        first_before=metrics.first_response(before, filters),
        kept=metrics.attainment(day, now, filters),
        tone=metrics.net_sentiment(day, filters),
        tone_before=metrics.net_sentiment(before, filters),
        drivers=_drivers(day, before, filters),
        missed=rate.n - rate.numerator,
        open=metrics.backlog(now, filters).get(None, _NOBODY),
        blind=gaps.blind(Period.of(day.first, today.last, now=now), filters, now),
        on=duty.on_duty(now),
        holding=holding.values("owner").distinct().count(),
    )


def _drivers(day: Period, before: Period, filters: Filters) -> list[Driver]:
    """What most was said about, those that grew most first."""
    now, then = metrics.volume_by("topic", day, filters), metrics.volume_by("topic", before, filters)
    tones = metrics.net_sentiment_by("topic", day, filters)
    nothing = NetSentiment(0, 0, 0, 0)
    found = [
        Driver(
            topic,
            Change(count.total, then[topic].total if topic in then else 0),
            tones.get(topic, nothing).negative,
            tones.get(topic, nothing).n,
        )
        for topic, count in now.items()
    ]
    loudest = sorted(found, key=lambda one: (-one.change.value, one.topic))[: 2 * DRIVERS]
    return sorted(loudest, key=lambda one: (-one.change.absolute, one.topic))[:DRIVERS]
