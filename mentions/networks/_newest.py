"""Lists that networks give newest first: read down to where the last reading began, in as many steps as it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from mentions.networks import Quota
from mentions.networks._views import moment, stamp

PAGES: Final = 5
FIRST: Final = timedelta(days=7)
LATE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Walk:
    """Entries newest first, what to remember, whether older ones are still unread, and what is left to ask."""

    found: list[dict[str, Any]]
    state: dict[str, Any]
    more: bool
    quota: Quota | None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries with their times, the oldest time among all that it held, and what the next page is called."""

    entries: list[tuple[datetime, dict[str, Any]]]
    oldest: datetime | None
    following: str | None
    quota: Quota | None


def walk(read: Callable[[str | None], Page], state: Mapping[str, Any], now: datetime) -> Walk:
    """Goes down a list that is sorted newest first, to where the last walk began or as far as one poll may.

    The newest page is always looked at whole: a post may name an earlier time than others that came before it.
    """
    since = moment(state.get("since"), now) if state.get("since") else now - FIRST
    until = moment(state.get("until"), now) if state.get("until") else since
    top = moment(state.get("top"), now) if state.get("top") else until
    at = state.get("page")
    found: list[dict[str, Any]] = []
    for _number in range(PAGES):
        page = read(at if isinstance(at, str) else None)
        found += [entry for time, entry in page.entries if time >= since]
        top = max([top, *(time for time, _entry in page.entries)])
        at = page.following
        if at is None or page.oldest is None or page.oldest < max(until - LATE, since):
            return Walk(found, {"since": stamp(since), "until": stamp(top)}, False, page.quota)
    state = {"since": stamp(since), "until": stamp(until), "top": stamp(top), "page": at}
    return Walk(found, state, True, page.quota)
