"""Stretches of time as the bank counts them: whole days in its own zone, and what to compare them with."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.conf import settings

WEEK = timedelta(days=7)
Grain = Literal["day", "week", "month"]


def bank_zone() -> ZoneInfo:
    """The zone in which the bank's days begin and end."""
    return ZoneInfo(settings.BANK_TIME_ZONE)


def bank_day(moment: datetime) -> date:
    """The day of a moment by the bank's clock."""
    return moment.astimezone(bank_zone()).date()


def midnight(day: date) -> datetime:
    """The moment a day begins by the bank's clock, in UTC; days of daylight saving have 23 or 25 hours."""
    return datetime.combine(day, time(), bank_zone()).astimezone(UTC)


def minute(moment: datetime) -> datetime:
    """The full minute that a moment lies in, in UTC: the precision of every comparison "at this time"."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def hour(moment: datetime) -> datetime:
    """The start of the hour of the bank's clock that a moment lies in, in UTC."""
    local = moment.astimezone(bank_zone())
    return (moment - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(
        UTC
    )


def moved(moment: datetime, days: int) -> datetime:
    """The same time on the bank's clock so many days later (or earlier, when negative), in UTC."""
    local = moment.astimezone(bank_zone())
    return datetime.combine(local.date() + timedelta(days=days), local.time(), bank_zone()).astimezone(UTC)


def as_far(now: datetime, period: Period, before: Period) -> datetime:
    """The moment, without it, up to which what came about in an earlier period has had as long as it has now in this
    one: the end of the running minute of the clock, as many days earlier as the period is."""
    return moved(minute(now) + timedelta(minutes=1), (before.first - period.first).days)


def month_before(day: date) -> tuple[date, date]:
    """The first and the last day of the calendar month before the one that a day lies in."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


@dataclass(frozen=True, slots=True)
class Period:
    """Whole bank days `first` to `last`, counted from `start` up to and without `end` (aware, UTC).

    `end` is the end of `last`; where that has not come yet it is the end of the running minute, `complete` is
    false, and whoever shows it says "so far".

    Its `parts` are days, ISO weeks or calendar months as its `grain` says. A period that stands beside another has
    parts as long as those of the other: its calendar is `moved` by the days that it lies earlier.
    """

    first: date
    last: date
    start: datetime
    end: datetime
    complete: bool
    grain: Grain = "day"
    moved: int = field(default=0, compare=False)

    @classmethod
    def of(cls, first: date, last: date, *, now: datetime) -> Period:
        """The days from `first` to `last` as far as they have passed.

        Raises:
            ValueError: `last` lies before `first`.
        """
        if last < first:
            raise ValueError("a period ends before it begins")
        start, end = midnight(first), midnight(last + timedelta(days=1))
        complete = end <= now
        return cls(first, last, start, end if complete else max(start, minute(now) + timedelta(minutes=1)), complete)

    @classmethod
    def today(cls, now: datetime) -> Period:
        """The bank's day so far."""
        return cls.of(bank_day(now), bank_day(now), now=now)

    def back(self, days: int) -> Period:
        """The same stretch so many days earlier; one that is not over ends at the same minute of the clock."""
        end = midnight(self.last + timedelta(days=1 - days)) if self.complete else moved(self.end, -days)
        first = self.first - timedelta(days=days)
        return replace(
            self,
            first=first,
            last=self.last - timedelta(days=days),
            start=midnight(first),
            end=end,
            moved=self.moved + days,
        )

    def before(self) -> Period:
        """The period before of the same length, moved back by whole weeks so that weekday meets weekday."""
        weeks = -(-self.length // 7)
        return self.back(7 * weeks)

    @property
    def length(self) -> int:
        """How many days it spans."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[Period]:
        """Its days one by one; the last may be incomplete, and days still to come are left out."""
        return replace(self, grain="day").parts()

    def parts(self) -> Iterator[Period]:
        """Its parts one by one, cut off where it begins and ends; the last may be incomplete, and none is still to
        come."""
        first = self.first
        while first <= self.last:
            after = self._cut(first, ahead=True)
            last = min(after - timedelta(days=1), self.last)
            start, end = midnight(first), midnight(last + timedelta(days=1))
            if start >= self.end and first != self.first:
                return
            yield replace(self, first=first, last=last, start=start, end=min(end, self.end), complete=end <= self.end)
            first = after

    def part_of(self, day: date) -> date:
        """The first day of the part that one of its days lies in."""
        return day if self.grain == "day" else max(self._cut(day), self.first)

    def part_after(self) -> date:
        """The first day of the calendar's part after the one that it ends in."""
        return self._cut(self.last, ahead=True)

    def _cut(self, day: date, *, ahead: bool = False) -> date:
        """The first day of the calendar's part that a day lies in, or of the next one."""
        moved = timedelta(days=self.moved)
        own = day + moved
        if self.grain == "day":
            begun, length = own, 1
        elif self.grain == "week":
            begun, length = own - timedelta(days=own.weekday()), 7
        else:
            begun, length = own.replace(day=1), monthrange(own.year, own.month)[1]
        return begun + timedelta(days=length if ahead else 0) - moved
