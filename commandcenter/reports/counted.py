"""How many rows a list has on each day, from what is stored: so that its number and its first page come at once.

Only lists whose figure is stored by day; the others are counted row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from commandcenter import asof, facts, metrics, rollups, sums
from commandcenter.periods import Period
from commandcenter.populations import Filters

Days = dict[date, int]

# Of the counts that `rollups` keeps, in their order: what makes each list.
_MENTIONS: Mapping[str, Callable[..., int]] = {
    "mentions": lambda total, private, spam, positive, neutral, negative: total,
    "private": lambda total, private, spam, positive, neutral, negative: private,
    "spam": lambda total, private, spam, positive, neutral, negative: spam,
    "heard": lambda total, private, spam, positive, neutral, negative: total - spam,
    "positive": lambda total, private, spam, positive, neutral, negative: positive,
    "neutral": lambda total, private, spam, positive, neutral, negative: neutral,
    "negative": lambda total, private, spam, positive, neutral, negative: negative,
    "scored": lambda total, private, spam, positive, neutral, negative: positive + neutral + negative,
    "unscored": lambda total, private, spam, positive, neutral, negative: total - spam - positive - neutral - negative,
}
_CONVERSATIONS: Mapping[str, Callable[..., int]] = {
    "actionable": lambda total, actionable, undecided, answered: actionable,
    "answered": lambda total, actionable, undecided, answered: answered,
    "unanswered": lambda total, actionable, undecided, answered: actionable - answered,
    "undecided": lambda total, actionable, undecided, answered: undecided,
    "came_in": lambda total, actionable, undecided, answered: actionable + undecided,
}
_FACTS: Mapping[str, tuple[facts.What, str]] = {
    "first_response": ("first_response", "n"),
    "first_response_met": ("first_response", "met"),
    "next_response": ("next_response", "n"),
    "next_response_met": ("next_response", "met"),
    "resolution_met": ("promise", "met"),
    "time_to_claim": ("time_to_claim", "n"),
    "closed": ("resolution", "n"),
    "reopened": ("resolution", "again"),
    "once": ("resolution", "once"),
    "claims": ("claim", "once"),
    "given_back": ("claim", "again"),
    "replied": ("claim", "n"),
    "in_focus": ("focus", "n"),
    "replies": ("reply", "once"),
}
_TARGETS: Mapping[str, metrics.Target] = {
    "first_response": "first_response",
    "next_response": "next_response",
    "resolution": "resolution",
}


def by_day(name: str, period: Period, filters: Filters, now: datetime, *, person: int | None = None) -> Days | None:
    """Each bank day of the period with the number of its rows, days without any left out; None if nobody keeps it.

    `person` narrows what is told apart by people to one of them.
    """
    if (
        asof.at()
        or rollups.behind()
        or (person is not None and not (name in _FACTS and _FACTS[name][0] in facts.BY_PEOPLE))
    ):
        return None
    for kept, table in ((_MENTIONS, rollups.MENTIONS), (_CONVERSATIONS, rollups.CONVERSATIONS)):
        if name in kept:
            found = sums.sums(table, [(period.start, period.end)], filters, by="day")
            return {day: kept[name](*counts) for (_span, day), counts in found.items()}
    if name in _FACTS:
        what, part = _FACTS[name]
        counts, closed = part != "n", rollups.stored_until()
        read = facts.read(
            what, period.start, period.end, filters, by="day", closed=closed, counts=counts, person=person
        )
        return {day: getattr(one, part) for day, one in read.items()}
    target, _separator, part = name.rpartition("_")
    if target in _TARGETS and part in ("missed", "due"):
        promises = metrics.attainment_by("day", period, now, filters, target=_TARGETS[target])
        return {day: one.missed if part == "missed" else one.n for day, one in promises.items()}
    return None
