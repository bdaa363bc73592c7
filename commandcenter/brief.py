"""The morning brief: what happened since yesterday, what drives this morning, what was missed, who is on.

Figures only, each with what it was before and the list that it opens; the page, the mail and the wall say it in words
of their own. What counts and what not is said in `commandcenter.metrics`, what is usual in `commandcenter.usual`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.alerts import duty
from agents.models import Case, Rota
from commandcenter import gaps, metrics, periods, rollups, usual
from commandcenter.figures import Attainment, Backlog, Change, NetSentiment, Rate, Waits
from commandcenter.gaps import Blind
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters
from commandcenter.sums import sums
from commandcenter.usual import Against
from mentions.models import Origin

DRIVERS = 5
_NOBODY = Backlog(0, 0, 0, 0, 0, None, None, None, (0, 0, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Driver:
    """A topic of this morning beside what is usual by this hour, and how many of its mentions are negative."""

    against: Against
    negative: int
    scored: int

    @property
    def topic(self) -> str:
        return self.against.key


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the morning's meeting needs. `day` is yesterday, `before` the same weekday a week earlier; what was
    answered of that is told as it was a week ago at this time, since an answer may take a night.

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
    kept_before: Attainment
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
    holding = Case.objects.filter(ended_at=None, conversation__origin=Origin.LIVE)
    if filters.queues is not None:
        holding = holding.filter(queue__in=filters.queues)
    return Brief(
        at=now,
        day=day,
        before=before,
        mentions=Change(metrics.volume(day, filters).total, metrics.volume(before, filters).total),
        since=Change(metrics.volume(today, filters).total, metrics.volume(today.back(7), filters).total),
        rate=rate,
        rate_before=metrics.response_rate(before, filters, answered_by=periods.as_far(now, day, before)),
        first=metrics.first_response(day, filters),
        first_before=metrics.first_response(before, filters),
        kept=metrics.attainment(day, now, filters),
        kept_before=metrics.attainment(before, now, filters),
        tone=metrics.net_sentiment(day, filters),
        tone_before=metrics.net_sentiment(before, filters),
        drivers=drivers(now, filters),
        missed=rate.n - rate.numerator,
        open=metrics.backlog(now, filters).get(None, _NOBODY),
        blind=gaps.blind(Period.of(day.first, today.last, now=now), filters, now),
        on=duty.on_duty(now),
        holding=holding.values("owner").distinct().count(),
    )


def drivers(now: datetime, filters: Filters = EVERYTHING) -> list[Driver]:
    """Topics since midnight that are above usual, the strongest rise first; where none is, what most is said about."""
    today = Period.today(now)
    span = (today.start, today.end)
    counted = {topic: counts for (_, topic), counts in sums(rollups.MENTIONS, [span], filters, by="topic").items()}
    values = {topic: counts[0] for topic, counts in counted.items()}
    if filters == EVERYTHING:
        before = usual.once_a_minute("topics today", span, usual.usual_topics)
    else:
        before = usual.usual_topics(span, filters)
    found = usual.beside(values, before)
    chosen = [one for one in found if one.rises] or sorted(found, key=lambda one: (-one.value, one.key))
    return [Driver(one, counted[one.key][5], sum(counted[one.key][3:6])) for one in chosen[:DRIVERS]]
