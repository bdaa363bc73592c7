"""What the bank's people did with a conversation: who took it when, what they answered, how they closed it.

Pure: a waiting conversation in, a piece of work out. `history` writes many of them at once and `colleagues` does
one after another by the real verbs.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from config.demo import shifts
from config.demo.bank import Person
from mentions import sla

Outcome = Literal["answered", "dismissed", "settled"]

# How long an answer takes beside what was promised: half of them come within this share of the target.
USUAL: Final = 0.3
SPREAD: Final = 0.78
# What it takes to read and to write, already within the answer's time.
WRITING_S: Final = 130
UNPROMISED: Final = timedelta(hours=5)
# An answer whose team puts a second pair of eyes on it waits this much longer.
SECOND_LOOK: Final = timedelta(minutes=9)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that waits for us, as far as the desk cares. `can_send` is False where we only listen."""

    id: int
    queue: str
    priority: int
    actionable: bool | None
    language: str
    private: bool
    since: datetime
    can_send: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody did: claimed at, ended at. `why` is a disposition or a dismissal of `agents.cases`.

    Settled is what was answered before and needs no more.
    """

    person: Person
    claimed_at: datetime
    ended_at: datetime
    outcome: Outcome
    why: str


def work(
    waiting: Waiting, policy: sla.Policy, rng: random.Random, *, slower: float = 1.0, load: Counter[str] | None = None
) -> Work:
    """Who takes the conversation when, and what comes of it; `slower` stretches the wait, as in an outage.

    `load` counts what each person has taken of late, by username, so that work is shared out.
    """
    pace = math.exp(rng.gauss(0, SPREAD)) * USUAL * slower
    promised = policy.first_response_s or UNPROMISED.total_seconds()
    wait = max(promised * policy.by_priority.get(waiting.priority, 1.0) * pace - WRITING_S, 20.0)
    if waiting.actionable is not True:
        wait *= 1.7
    ready = sla.add_business(waiting.since, round(wait), policy.calendar)
    person, claimed_at = shifts.taker(waiting.queue, waiting.language, ready, rng, load)
    outcome, why = _outcome(waiting, rng)
    seconds = rng.uniform(6, 40) if outcome == "dismissed" else min(math.exp(rng.gauss(5.0, 0.5)), 700)
    return Work(person, claimed_at, claimed_at + timedelta(seconds=seconds), outcome, why)


def again(waiting: Waiting, policy: sla.Policy, rng: random.Random, person: Person, *, asks: bool) -> Work:
    """What the owner of a conversation does whose customer came back, from when it wakes; `asks` for another answer."""
    woken_at = waiting.since + timedelta(seconds=rng.uniform(4, 9))
    promised = policy.next_response_s or UNPROMISED.total_seconds()
    pace = math.exp(rng.gauss(0, SPREAD)) * USUAL if asks else USUAL / 4
    wait = max(promised * policy.by_priority.get(waiting.priority, 1.0) * pace, 45.0)
    ended_at = sla.add_business(woken_at, round(wait), policy.calendar)
    return Work(person, woken_at, ended_at, "answered" if asks else "settled", "solved")


def _outcome(waiting: Waiting, rng: random.Random) -> tuple[Outcome, str]:
    answers = {True: 0.95, None: 0.5, False: 0.25}[waiting.actionable]
    if not waiting.can_send or rng.random() > answers:
        weights = (8, 1, 1) if waiting.actionable is not True else (6, 2, 2)
        return "dismissed", rng.choices(("no_reply_needed", "not_us", "spam"), weights=weights)[0]
    if waiting.private:
        return "answered", rng.choices(("solved", "answered", "referred"), weights=(6, 3, 1))[0]
    return "answered", rng.choices(("answered", "moved_private"), weights=(6, 3))[0]
