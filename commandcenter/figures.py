"""The shapes of figures: what a number carries along so that nobody has to guess what it means.

Made by `commandcenter.metrics`, shown by walls, reports and exports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# A percentage of fewer than this many is noise: the change is then told as a number only.
SMALL_BASE = 30
SOON_MINUTES = 15


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
class Volume:
    """Mentions, and how many of them were private messages or spam; `reach` is how many followers the authors of the
    public ones without spam had, each post anew."""

    total: int
    private: int
    spam: int
    reach: int = 0


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

    `running` have not ended yet; `dropped` were closed without an answer or found to need none. Neither is in n.
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
class Resolution:
    """How long conversations took until their last close, in seconds: exact median and 90th percentile of n.

    Of n, `once` were solved with a single reply, and `handed_on` went to another queue or person at least once.
    """

    median: float | None
    p90: float | None
    n: int
    once: int
    handed_on: int


# Up to these ages in seconds, and beyond: the bands of a backlog.
BANDS = (15 * 60, 60 * 60, 4 * 60 * 60, 24 * 60 * 60)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open conversations that need an answer or a decision, at a moment: how many, and for how many seconds.

    `bands` count those that wait up to 15 minutes, an hour, four hours, a day, and longer.
    """

    n: int
    waiting: int
    claimed: int
    pending: int
    overdue: int
    oldest: float | None
    median: float | None
    p90: float | None
    bands: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Voice:
    """How much is said about one name in public, without spam; the sources that listen to it, and by which words."""

    name: str
    mentions: int
    searches: tuple[str, ...]
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonsWork:
    """What one person did, credited by the deed: claims, of these released or run out without an answer, replies.

    `to_reply` is how long from a claim to the first confirmed reply in that spell of work; `focus` how long a spell
    was in focus (seconds, spells without any left out).
    """

    person: int
    claims: int
    given_back: int
    replies: int
    to_reply: Waits
    focus: Waits


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
