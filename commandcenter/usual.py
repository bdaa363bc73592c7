"""What is usual: the same hours of the bank's clock in earlier weeks, beside what is now.

A scene that shows what rises reads counts of the running hour and the one before it, and what the same stretch of
the last four weeks held. A week in which nothing at all was heard says nothing about what is usual and is left out.
What was usual changes only as the clock goes on, so it is counted once a minute in each process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from commandcenter import periods, rollups
from commandcenter.populations import EVERYTHING, Filters
from commandcenter.sums import sums

WEEKS = 4
FEWEST = 5  # fewer than this rise for no reason at all
FAR = 2.0  # times as many as usual is far from it
FAR_FEWEST = 10
Span = tuple[datetime, datetime]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Against:
    """A count beside what is usual at this time; `usual` is None where no earlier week was heard."""

    key: str
    value: int
    usual: float | None

    @property
    def times(self) -> float | None:
        """How many times as many as usual; None where usual is less than one, which bears no factor."""
        return self.value / self.usual if self.usual is not None and self.usual >= 1 else None

    @property
    def strength(self) -> float:
        """How far above usual it is, in units of what chance alone makes of a count of that size."""
        usual = self.usual or 0.0
        return (self.value - usual) / math.sqrt(usual + 1)

    @property
    def rises(self) -> bool:
        """Whether there are enough of them and more than usual."""
        return self.usual is not None and self.value >= FEWEST and self.value > self.usual

    @property
    def far(self) -> bool:
        """Whether it is so far above usual that somebody should look."""
        return self.usual is not None and self.value >= FAR_FEWEST and self.value >= FAR * max(self.usual, 1)


def window(now: datetime) -> Span:
    """The running hour of the bank's clock and the one before it, up to and with the running minute."""
    return periods.hour(now) - timedelta(hours=1), periods.minute(now) + timedelta(minutes=1)


def earlier(span: Span) -> list[Span]:
    """The same stretch of the clock in each of the last weeks, newest first."""
    return [(periods.moved(span[0], -7 * week), periods.moved(span[1], -7 * week)) for week in range(1, WEEKS + 1)]


def topics(now: datetime) -> tuple[int, list[Against]]:
    """All mentions of the window, and each topic beside what is usual, the strongest rise first."""
    span = window(now)
    counted = sums(rollups.MENTIONS, [span], by="topic")
    total = sums(rollups.MENTIONS, [span]).get((0, None), (0,))[0]
    values = {topic: counts[0] for (_, topic), counts in counted.items()}
    return total, beside(values, once_a_minute("topics", span, usual_topics))


def beside(values: Mapping[str, int], usual: tuple[int, Mapping[str, int]]) -> list[Against]:
    """Counts beside their means over so many `(weeks, sums)`, the strongest rise first."""
    weeks, before = usual
    found = [Against(key, value, before.get(key, 0) / weeks if weeks else None) for key, value in values.items()]
    return sorted(found, key=lambda one: (-one.strength, -one.value, one.key))


def usual_topics(span: Span, filters: Filters = EVERYTHING) -> tuple[int, dict[str, int]]:
    """In how many earlier weeks anything was heard, and the sum of each topic over these."""
    spans = earlier(span)
    heard = heard_weeks(spans)
    summed: dict[str, int] = {}
    for (week, topic), counts in sums(rollups.MENTIONS, spans, filters, by="topic").items():
        if week in heard:
            summed[topic] = summed.get(topic, 0) + counts[0]
    return len(heard), summed


def heard_weeks(spans: list[Span]) -> set[int]:
    """Which of these stretches anything was heard in, by their place in the list."""
    return {week for (week, _), counts in sums(rollups.MENTIONS, spans).items() if counts[0]}


_kept: dict[str, tuple[Span, Any]] = {}


def once_a_minute(name: str, span: Span, count: Callable[[Span], T]) -> T:
    """What `count` says of the stretch, asked once a minute: the stretch ends with the running one."""
    kept = _kept.get(name)
    if kept is None or kept[0] != span:
        kept = _kept[name] = (span, count(span))
    found: T = kept[1]
    return found


def forget() -> None:
    """Count again at the next question; for whoever has just changed what happened weeks ago."""
    _kept.clear()
