"""What a figure means: one definition each, used by walls, reports and exports alike.

Every function says what it counts; the sentences that people read are in `commandcenter.glossary`, one an
entry of the same name. Three rules hold for all of them: live rows only (neither canary nor drill), no
rivals' posts, and a figure belongs to the bank-zone day of its start event (a mention's network time, a
conversation's first mention, the moment a wait began). Our own posts are never stored as mentions.

Counts come from the rollups (`commandcenter.rollups`), times and stocks from rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from commandcenter.periods import Period

# A percentage of fewer than this many is noise: the change is then told as a number only.
SMALL_BASE = 30
SOON_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look at; None means all. `queues` are ids: a team is told by its home queues."""

    queues: tuple[int, ...] | None = None
    network: str | None = None
    language: str | None = None
    topic: str | None = None


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Change:
    """A figure beside what it was before."""

    value: int
    base: int

    @property
    def absolute(self) -> int:
        """How much more (or less, when negative) it is."""
        return self.value - self.base

    @property
    def percent(self) -> float | None:
        """The change in per cent of the base; None when the base is too small to bear one."""
        return None if self.base < SMALL_BASE else 100 * self.absolute / self.base


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of n; `undecided` stand beside the population and are in neither number."""

    numerator: int
    n: int
    undecided: int = 0

    @property
    def percent(self) -> float | None:
        """0 to 100; None when there is nothing to take a share of."""
        return 100 * self.numerator / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class MentionsToday:
    """Mentions since the bank's midnight, and as many as there were at this minute a day and a week ago."""

    value: int
    yesterday: int
    week_ago: int
    since: datetime

    @property
    def against_yesterday(self) -> Change:
        return Change(self.value, self.yesterday)

    @property
    def against_week_ago(self) -> Change:
        return Change(self.value, self.week_ago)


@dataclass(frozen=True, slots=True)
class HourCount:
    """Mentions in one hour of the bank's clock; the running hour is not `complete`."""

    start: datetime
    value: int
    complete: bool


@dataclass(frozen=True, slots=True)
class DayVolume:
    """Mentions of one bank day; `complete` is false for today."""

    day: date
    total: int
    private: int
    spam: int
    complete: bool


@dataclass(frozen=True, slots=True)
class NetSentiment:
    """How people speak. n is the scored mentions; unscored ones are counted apart, spam is left out."""

    positive: int
    neutral: int
    negative: int
    unscored: int

    @property
    def n(self) -> int:
        return self.positive + self.neutral + self.negative

    @property
    def value(self) -> float | None:
        """-100 to +100; None when nothing is scored."""
        return 100 * (self.positive - self.negative) / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long something took, in seconds by the calendar: exact median and 90th percentile of n.

    `running` have not ended yet and `dropped` ended otherwise (closed without an answer); neither is in n.
    """

    median: float | None
    p90: float | None
    n: int
    running: int
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Attainment:
    """Promises that came due: met, or missed (one that is overdue and still open is missed already).

    `running` are not due yet and in neither number.
    """

    met: int
    missed: int
    running: int

    @property
    def n(self) -> int:
        return self.met + self.missed

    @property
    def percent(self) -> float | None:
        """0 to 100; None when nothing has come due."""
        return 100 * self.met / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue now. `queue_id` is None for the sum of all.

    `waiting`: nobody has claimed it and it needs an answer or a decision; `oldest_since` the earliest moment
    since when one of these waits; `claimed`: somebody works on it; `overdue` and `soon`: open ones past their
    due time, and due within fifteen minutes; `today`: the promises of today's waits.
    """

    queue_id: int | None
    slug: str
    name: str
    waiting: int
    oldest_since: datetime | None
    claimed: int
    overdue: int
    soon: int
    today: Attainment


@dataclass(frozen=True, slots=True)
class QueueBoard:
    """All queues in the order of the set-up, and their sum."""

    at: datetime
    queues: tuple[QueueLine, ...]
    total: QueueLine


def mentions_today(now: datetime, filters: Filters = EVERYTHING) -> MentionsToday:
    """Mentions of the bank's day so far, beside yesterday and a week ago until this minute of the clock.

    Public and private, spam included, deletions still counted.
    """
    raise NotImplementedError


def volume(period: Period, filters: Filters = EVERYTHING) -> int:
    """Mentions of the period by network time, counted as in `mentions_today`."""
    raise NotImplementedError


def volume_by_day(period: Period, filters: Filters = EVERYTHING) -> list[DayVolume]:
    """`volume` for each bank day of the period, days without any included."""
    raise NotImplementedError


def volume_by_hour(now: datetime, filters: Filters = EVERYTHING) -> list[HourCount]:
    """`volume` in each of the last 24 hours of the bank's clock, oldest first; the last is the running one."""
    raise NotImplementedError


def net_sentiment(period: Period, filters: Filters = EVERYTHING) -> NetSentiment:
    """(positive - negative) / all scored x 100 over the period's mentions, spam left out."""
    raise NotImplementedError


def response_rate(period: Period, filters: Filters = EVERYTHING, *, answered_by: datetime | None = None) -> Rate:
    """Actionable conversations opened in the period with a human reply / actionable conversations.

    With `answered_by`, only replies before that moment count: what the rate was then.
    """
    raise NotImplementedError


def first_response(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """First inbound mention (network time) to the first human reply that the network confirmed."""
    raise NotImplementedError


def next_response(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """First unanswered inbound mention after a reply to the next human reply."""
    raise NotImplementedError


def time_to_claim(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """From the moment a conversation stood in its queue to the claim, for what was queued in the period."""
    raise NotImplementedError


def attainment(period: Period, now: datetime, filters: Filters = EVERYTHING) -> Attainment:
    """Answers in time / all answers that came due, of the waits that began in the period."""
    raise NotImplementedError


def queue_board(now: datetime, queues: tuple[int, ...] | None = None) -> QueueBoard:
    """Every queue (or these) as it stands now; see `QueueLine`."""
    raise NotImplementedError
