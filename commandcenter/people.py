"""What each person did, credited by the deed: claims, replies, and how long they took."""

from __future__ import annotations

from commandcenter import facts
from commandcenter.earlier import counted
from commandcenter.facts import Facts, What
from commandcenter.figures import PersonsWork, Waits
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters


@counted
def work(period: Period, filters: Filters = EVERYTHING) -> list[PersonsWork]:
    """Everybody who claimed or replied in the period."""

    def read(what: What) -> dict[int, Facts]:
        return facts.read(what, period.start, period.end, filters, by="person")

    claims, focus, replies = read("claim"), read("focus"), read("reply")
    nothing = Facts()
    told = []
    for person in sorted(claims.keys() | replies.keys()):
        claimed, held, sent = (of.get(person, nothing) for of in (claims, focus, replies))
        told.append(
            PersonsWork(
                person,
                claimed.once,
                claimed.again,
                sent.once,
                Waits(claimed.median, claimed.p90, claimed.n, 0),
                Waits(held.median, held.p90, held.n, 0),
            )
        )
    return told
