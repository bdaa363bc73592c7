"""When people write: the hours of the bank's day, its weeks, and the days on which something breaks.

What happens on a day is drawn from its date alone, so that a history and a live stream tell of the same day.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from config.demo import names
from config.demo.bank import BANK

ZONE: Final = ZoneInfo(BANK.zone)
A_DAY: Final = 700

# Share of the day's posts in each hour of the bank's clock, in thousandths; lunchtime is the peak.
HOURS: Final = (
    26, 23, 22, 22, 22, 24, 30, 44, 60, 66, 64, 68, 86, 78, 62, 58, 57, 60, 55, 47, 42, 38, 33, 29,
)  # fmt: skip
WEEKDAYS: Final = (1.06, 1.02, 1.0, 1.0, 1.1, 0.86, 0.8)
PAYDAYS: Final = (1, 15)
# Themes of an outage, each with what breaks first and what people notice next.
OUTAGES: Final = (("app-down", "login"), ("login", "app-down"), ("card-declined", "atm"), ("deposit", "transfer"))


@dataclass(frozen=True, slots=True)
class Burst:
    """A stretch of a day when one thing is on everybody's mind; `peak` posts a minute at its height."""

    start: datetime
    minutes: int
    peak: float
    themes: tuple[str, ...]
    city: str | None

    def rate(self, at: datetime) -> float:
        """Posts a minute at a moment: a steep rise and a slow fall."""
        passed = (at - self.start).total_seconds() / 60
        if not 0 <= passed < self.minutes:
            return 0.0
        rise = self.minutes * 0.2
        return self.peak * (passed / rise if passed < rise else (self.minutes - passed) / (self.minutes - rise))


@lru_cache(maxsize=64)
def bursts(day: date) -> tuple[Burst, ...]:
    """What breaks on a day of the bank's calendar: an outage now and then, a wave of phishing, a campaign's day."""
    rng = random.Random(f"bursts {day.isoformat()}")
    found = []
    if rng.random() < (0.8 if day.day in PAYDAYS else 0.3):
        city = rng.choice(names.CITIES[:14])[0] if rng.random() < 0.4 else None
        themes: tuple[str, ...] = OUTAGES[0] if day.day in PAYDAYS else rng.choice(OUTAGES)
        found.append(_burst(day, rng.randrange(7, 20), rng.randrange(20, 50), rng.uniform(2, 5), themes, city, rng))
    if rng.random() < 0.25:
        themes = ("impostor", "phishing-report", "fraud")
        found.append(_burst(day, rng.randrange(9, 21), rng.randrange(25, 70), rng.uniform(0.7, 1.6), themes, None, rng))
    if day.weekday() == 1:
        found.append(_burst(day, 11, 120, 0.8, ("campaign",), None, rng))
    return tuple(found)


def _burst(
    day: date, hour: int, minutes: int, peak: float, themes: tuple[str, ...], city: str | None, rng: random.Random
) -> Burst:
    start = datetime.combine(day, time(hour, rng.randrange(60)), ZONE).astimezone(UTC)
    return Burst(start, minutes, peak, themes, city)


def usual_rate(at: datetime) -> float:
    """Posts a minute at a moment of an ordinary day like this one."""
    local = at.astimezone(ZONE)
    hour, into = HOURS[local.hour], local.minute / 60
    smooth = hour + (HOURS[(local.hour + 1) % 24] - hour) * into
    payday = 1.15 if local.day in PAYDAYS else 1.0
    return A_DAY * smooth / sum(HOURS) / 60 * WEEKDAYS[local.weekday()] * payday


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at which somebody writes; `burst` if it is on account of one."""

    at: datetime
    burst: Burst | None = None


def moments(since: datetime, until: datetime, rng: random.Random) -> Iterator[Moment]:
    """The times between `since` and `until` (UTC) at which somebody writes, in order."""
    step = timedelta(minutes=5)
    at = since
    while at < until:
        end = min(at + step, until)
        minutes = (end - at).total_seconds() / 60
        middle = at + (end - at) / 2
        today = middle.astimezone(ZONE).date()
        found = [Moment(at + (end - at) * rng.random()) for _ in range(_poisson(usual_rate(middle) * minutes, rng))]
        for burst in bursts(today):
            count = _poisson(burst.rate(middle) * minutes, rng)
            found += [Moment(at + (end - at) * rng.random(), burst) for _ in range(count)]
        yield from sorted(found, key=lambda moment: moment.at)
        at = end


def _poisson(expected: float, rng: random.Random) -> int:
    """How often something happens that is expected so many times."""
    limit, count, product = math.exp(-min(expected, 500)), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count
