"""What a network said, when it was last asked, of delivering to our address. Its home in the row is `Source.hook`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from mentions.models import Source
from mentions.networks import Registration


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether a network delivers, by its own account.

    `problem` is what stops it, in a sentence, empty while nothing does; `since` when that began, `at` when it was
    asked, `tries` how often in a row it did not. `waiting` is how much it holds back, where it says so. `left` says
    that we gave it up for asking by the clock, `elsewhere` that somebody else is delivered to.
    """

    problem: str
    since: datetime
    at: datetime
    tries: int = 0
    waiting: int | None = None
    left: bool = False
    elsewhere: bool = False

    @property
    def delivers(self) -> bool:
        """Whether nothing stops it."""
        return not self.problem

    def stored(self) -> dict[str, Any]:
        """As it is kept in the row."""
        return asdict(self) | {"since": self.since.isoformat(), "at": self.at.isoformat()}


def of(source: Source) -> Delivery | None:
    """What was said of a source; None while its network was not asked yet."""
    told = dict(source.hook)
    if not told:
        return None
    since, at = (datetime.fromisoformat(told.pop(name)) for name in ("since", "at"))
    return Delivery(since=since, at=at, **told)


def following(before: Delivery | None, found: Registration, *, now: datetime) -> Delivery:
    """What is to be kept now that the network has said this."""
    told = Delivery(found.problem[:300], now, now, waiting=found.waiting, elsewhere=found.elsewhere)
    if before is not None and before.delivers == told.delivers:
        told = replace(told, since=before.since)
    return replace(told, tries=(before.tries if before else 0) + 1) if found.problem else told
