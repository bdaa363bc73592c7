"""Lists that are asked for newest first and hold no log of changes: what is new in them, and what reads differently.

The cursor keeps a print of each entry that was seen lately, newest first, as pairs: the order of an object's names is
lost where cursors are stored. An entry that left the list was not deleted; lists are only so long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mentions.networks import Fetched, Quota
from mentions.networks._shapes import listed
from mentions.posts import BadPost, parse_time

KEPT: Final = 600
PAGES: Final = 5  # of one list in one go; what lies further back is said to be missing

Page = tuple[list[dict[str, Any]], str | None]


def walk(
    read: Callable[[str | None], Page],
    cursor: Mapping[str, Any],
    *,
    name: str = "seen",
    pages: int = PAGES,
    quota: Quota | None = None,
) -> Fetched:
    """Reads pages of posts back to where everything is known, and tells what is new and what changed.

    Lists that give the last changed first put known entries above new ones: what reads differently is no end. The end
    is a page on which something is as it was and whose last entry is known.
    `read` takes the page's token, None for the newest. `name` keeps the prints of several lists apart in one cursor.
    The first time the newest page is enough: what was there before is `history`.
    """
    known = {key: print_ for key, print_ in pairs(cursor.get(name)) if isinstance(print_, str)}
    items: list[dict[str, Any]] = []
    prints: dict[str, str] = {}
    token: str | None = None
    complete = True
    for number in range(1, pages + 1):
        entries, token = read(token)
        fresh = [change for entry in entries if (change := _change(entry, known)) is not None]
        prints |= {str(entry.get("external_id")): print_of(entry) for entry in entries}
        items += fresh
        as_it_was = len(fresh) < len(entries) and str(entries[-1].get("external_id")) in known
        if token is None or not known or as_it_was:
            break
        complete = number < pages
    kept = [*prints.items(), *((k, p) for k, p in known.items() if k not in prints)][:KEPT]
    state = {**cursor, name: [list(pair) for pair in kept]}
    return Fetched(tuple(items), state, quota=quota, complete=complete)


def between(
    lists: Sequence[Callable[[str | None], Page]],
    since: datetime,
    until: datetime,
    cursor: Mapping[str, Any],
    *,
    back: timedelta = timedelta(0),
    longest: int | None = None,
) -> Fetched:
    """What was written between two times, a page a call, one list after another, each down to the earlier time.

    Lists are read `back` further than that, where what is newer hangs below what is older. `longest` is how many
    entries a list has at most: one that ends there before that time does not hold all.
    """
    number, read, whole = (cursor.get(name) for name in ("list", "read", "whole"))
    number = number if isinstance(number, int) and 0 <= number < len(lists) else 0
    after = cursor.get("after")
    entries, following = lists[number](after if isinstance(after, str) else None)
    times = [_written(entry) for entry in entries]
    start = since.replace(microsecond=0)
    items = tuple(e for e, at in zip(entries, times, strict=True) if at is not None and start <= at <= until)
    oldest = min((at for at in times if at is not None), default=None)
    count = (read if isinstance(read, int) else 0) + len(entries)
    deeper = following is not None and oldest is not None and oldest >= start - back
    ended_early = not deeper and oldest is not None and oldest >= start and longest is not None and count >= longest
    complete = whole is not False and not ended_early
    now = datetime.now(UTC)
    if deeper:
        return Fetched(items, {"list": number, "after": following, "read": count, "whole": complete}, now)
    if number + 1 < len(lists):
        return Fetched(items, {"list": number + 1, "whole": complete}, now)
    return Fetched(items, {}, complete=complete)


def _written(entry: Mapping[str, Any]) -> datetime | None:
    """By which lists put it: when it was changed, for those that give the last changed first."""
    try:
        return parse_time(entry.get("edited_at") or entry.get("created_at"))
    except BadPost:
        return None


def pairs(kept: object) -> list[tuple[str, object]]:
    """Names with what is kept of them, in their order, as a cursor gives them back."""
    return [(str(pair[0]), pair[1]) for pair in listed(kept) if isinstance(pair, list) and len(pair) == 2]


def print_of(entry: Mapping[str, Any]) -> str:
    """A short print of what a post says; a review says it with its stars as well."""
    said = (entry.get("text"), entry["rating"]) if entry.get("rating") else entry.get("text")
    return hashlib.blake2b(str(said).encode(errors="replace"), digest_size=6).hexdigest()


def _change(entry: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any] | None:
    before = known.get(str(entry.get("external_id")))
    if before == print_of(entry):
        return None
    if before is None or "op" in entry:
        return entry
    told = {name: entry.get(name) for name in ("network", "external_id", "text", "rating") if name in entry}
    return told | {"op": "edit", "edited_at": entry.get("edited_at") or datetime.now(UTC).isoformat()}
