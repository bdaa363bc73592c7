"""Who of the bank's people is at work when, and who takes what."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from config.demo import bank
from config.demo.bank import Person

ZONES: Final = {site.slug: ZoneInfo(site.zone) for site in bank.SITES}
TEAMS_OF: Final = {queue.slug: (queue.team, *queue.helpers) for queue in bank.QUEUES}
WORKERS: Final = tuple(person for person in bank.PEOPLE if person.role in ("agent", "supervisor"))
OFFICE_TEAMS: Final = frozenset({"lending-legal", "marketing", "pr"})
STEP: Final = timedelta(minutes=20)
PATIENCE: Final = timedelta(days=4)


def at_work(person: Person, at: datetime) -> bool:
    """Whether the person is on shift: five days a week, the office teams never on a weekend."""
    local = at.astimezone(ZONES[person.site])
    start, stop = person.hours
    hour = local.hour + local.minute / 60
    day = local.weekday()
    if hour < start:
        # A night shift that began yesterday.
        hour, day = hour + 24, (day - 1) % 7
    if not start <= hour < stop:
        return False
    if not OFFICE_TEAMS.isdisjoint(person.teams):
        return day < 5
    first_off = WORKERS.index(person) * 3 % 7
    return day not in (first_off, (first_off + 1) % 7)


@lru_cache(maxsize=64)
def crew(queue: str) -> tuple[Person, ...]:
    """Those who work a queue; supervisors lend a hand where only few do."""
    teams = set(TEAMS_OF[queue])
    return tuple(person for person in WORKERS if not teams.isdisjoint(person.teams))


def taker(
    queue: str, language: str, at: datetime, rng: random.Random, load: Counter[str] | None = None
) -> tuple[Person, datetime]:
    """Who claims next from a queue, and when: at once if somebody is there, else when the next shift has begun."""
    until = at + PATIENCE
    moment = at
    while moment < until:
        here = [person for person in crew(queue) if at_work(person, moment)]
        if here:
            late = timedelta(0) if moment == at else timedelta(seconds=rng.randrange(60, 1500))
            return _best(here, language, rng, load or Counter()), moment + late
        moment += STEP
    return crew(queue)[0], at


def _best(here: Sequence[Person], language: str, rng: random.Random, load: Counter[str]) -> Person:
    """Somebody who writes the language if there is one; agents before supervisors."""
    fluent = [person for person in here if language in person.languages] if language != "en" else []
    able = fluent or here
    weights = [(1.0 if person.role == "agent" else 0.15) / (1 + load[person.username]) for person in able]
    return rng.choices(able, weights=weights)[0]
