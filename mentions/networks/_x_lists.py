"""X's lists, newest first: mentions, our own posts, messages, what a search finds; and how far back each of them goes.

Where a list ends before what was seen the last time, posts may be missing between the two, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentions.http import billed
from mentions.networks import Account, Fetched, NetworkError
from mentions.networks import _tweets as tweets
from mentions.networks._shapes import identifier, mapping, maps, text
from mentions.networks._x_calls import PAGE, SEARCH, TITLE, ask, quota_of

FIELDS: Final = {
    "tweet.fields": "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,geo,lang,note_tweet,"
    "public_metrics,referenced_tweets",
    "expansions": "author_id,attachments.media_keys,geo.place_id,referenced_tweets.id",
    "user.fields": "created_at,profile_image_url,public_metrics,username,verified",
    "media.fields": "alt_text,preview_image_url,type,url",
    "place.fields": "country_code,full_name",
}
MESSAGE_FIELDS: Final = {
    "event_types": "MessageCreate",
    "dm_event.fields": "attachments,created_at,dm_conversation_id,entities,event_type,id,sender_id,text",
    "expansions": "attachments.media_keys,sender_id",
    "media.fields": "alt_text,preview_image_url,type,url",
    "user.fields": "public_metrics,username",
}
MESSAGES: Final = "2/dm_events"
NOTHING: Final = "0"  # the list was asked for once, and was empty
# Its search goes back seven days to the minute; a little less is safe. It takes no identifier from before that.
SEARCHED_BACK: Final = timedelta(days=7) - timedelta(minutes=5)
SEARCHED_FROM: Final = timedelta(seconds=15)  # it refuses to be asked for the last moments
MESSAGES_BACK: Final = timedelta(days=30) - timedelta(hours=1)
MENTIONS_KEPT: Final = 800
OWN_KEPT: Final = 3_200
# Pages hold fewer than they might where X leaves something out of them.
_ABOUT: Final = 0.9
_LISTS: Final = {
    "mentions": gettext_lazy("mentions"),
    "own": gettext_lazy("our own posts"),
    "messages": gettext_lazy("private messages"),
}


class Walk:
    """One list of X's, newest first: pages back from the newest until what was seen before.

    Each list has a limit of its own, so one that has nothing left is left alone and keeps no other from being read.
    `keeps` is how many entries the list has at most, `reaches` how far back it goes. What is kept of it between two
    pages: `seen`, the newest of the last time; `top`, the newest of this time; `page`, where to go on; `read`, how many
    entries that were; `at`, when it was last begun to be read to its end; `short`, that it ended before `seen`; `day`,
    on which messages were read.
    """

    def __init__(
        self,
        name: str,
        path: str,
        fields: Mapping[str, str],
        since: str = "",
        *,
        keeps: int | None = None,
        reaches: timedelta | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.fields = fields
        self.since = since
        self.keeps = keeps
        self.reaches = reaches

    def waits(self, state: Mapping[str, Any]) -> datetime | None:
        """Until when X has said that this list is not to be asked for; None if it may be."""
        until = state.get("wait")
        if not isinstance(until, int | float) or until <= datetime.now(UTC).timestamp():
            return None
        return datetime.fromtimestamp(until, UTC)

    def step(self, account: Account, state: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any], bool]:
        """One page: its items, the state to keep, and whether there is more to go back for."""
        now = datetime.now(UTC)
        seen, top, page = (text(state.get(name)) for name in ("seen", "top", "page"))
        last, began, read = (_figure(state.get(name)) for name in ("at", "began", "read"))
        if not page:
            began = now.timestamp()
        params = dict(self.fields) | {"max_results": PAGE}
        if page:
            params["pagination_token" if self.path != SEARCH else "next_token"] = page
        if seen not in ("", NOTHING) and self.since:
            params[self.since] = seen
        body, answer = ask(account, "GET", self.path, params=params)
        entries = maps(body.get("data"))
        newer = [entry for entry in entries if _later(identifier(entry.get("id")), seen)]
        newest = max((identifier(entry.get("id")) for entry in newer), key=_number, default="")
        top = max(top, newest, key=_number)
        read += len(newer)
        following = text(mapping(body.get("meta")).get("next_token"))
        met = len(newer) < len(entries)
        more = bool(following) and not met and bool(newer) and bool(seen)
        kept: dict[str, Any]
        if more:
            kept = {"seen": seen, "top": top, "page": following, "read": read, "began": began, "at": last}
        else:
            kept = {"seen": top or seen or NOTHING, "at": began}
        if self.path == MESSAGES:
            # Each is billed once a day (UTC), and the newest page is read again and again.
            kept["day"] = now.date().isoformat()
            billed(messages=len(newer if state.get("day") == kept["day"] else entries))
        if state.get("short") or (not more and bool(seen) and not met and self._ends_early(read, last)):
            kept["short"] = True
        left = quota_of(answer)
        if left is not None and left.remaining <= 0 and left.resets_at is not None:
            kept["wait"] = left.resets_at.timestamp()
        return _items(newer, mapping(body.get("includes")), account.account_id), kept, more

    def _ends_early(self, read: int | float, last: int | float) -> bool:
        """Whether a list that came to its end without what was seen may have had more before that."""
        if self.keeps is not None and read >= self.keeps * _ABOUT:
            return True
        return self.reaches is not None and datetime.now(UTC).timestamp() - last > self.reaches.total_seconds()


def news(account: Account, me: str, cursor: Mapping[str, Any], *, every: timedelta) -> Fetched:
    """Mentions, our own posts and messages: a page of each, back to what was seen before. `every` is the usual pause.

    That a list ended early is told when all of them are read, since only then a gap is closed.
    """
    walks = [
        Walk("mentions", f"2/users/{me}/mentions", FIELDS, "since_id", keeps=MENTIONS_KEPT),
        Walk("own", f"2/users/{me}/tweets", FIELDS, "since_id", keeps=OWN_KEPT),
        Walk("messages", MESSAGES, MESSAGE_FIELDS, reaches=MESSAGES_BACK),
    ]
    items: list[dict[str, Any]] = []
    state: dict[str, Any] = {}
    trouble, now = "", datetime.now(UTC)
    left: set[str] = set()  # lists that were not asked for, or not given
    for walk in walks:
        before = state[walk.name] = mapping(cursor.get(walk.name))
        if walk.waits(before) is not None:
            left.add(walk.name)
            continue
        try:
            found, state[walk.name], _more = walk.step(account, before)
        except NetworkError as error:
            # What was read already is not thrown away; when X refuses the mentions the source is blind.
            if error.holds != "kind" or error.retry_at is None or walk is walks[0]:
                raise
            state[walk.name] = {**before, "wait": error.retry_at.timestamp()}
            left.add(walk.name)
            continue
        items += found
    waiting = {walk.name: until for walk in walks if (until := walk.waits(state[walk.name])) is not None}
    if len(left) == len(walks) and waiting:
        raise NetworkError(
            _("%(network)s asks us to wait with everything") % {"network": TITLE},
            "retry",
            min(waiting.values()),
            holds="kind",
        )
    if waiting:
        trouble = _("%(network)s asks us to wait with %(names)s; the rest is read") % {
            "network": TITLE,
            "names": ", ".join(str(_LISTS[name]) for name in waiting),
        }
    # A list that has pages left and waits holds up no other.
    paged = {name for name, kept in state.items() if "page" in kept}
    unread = left | paged
    again = now if paged - left - waiting.keys() else min([now + every, *waiting.values()]) if unread else None
    short = [] if unread else [kept.pop("short", False) for kept in state.values()]
    return Fetched(tuple(items), state, again, trouble=trouble, more=bool(unread), complete=not any(short))


def mentions_between(account: Account, me: str, since: datetime, until: datetime, cursor: Mapping[str, Any]) -> Fetched:
    """Mentions between two times, page by page.

    The search has all of them for a week. What lies before that is read in the list of mentions, whose end says nothing
    of how many there were: all are here only where it goes on to what is older.
    """
    handle, now = account.handle.removeprefix("@"), datetime.now(UTC)
    if handle and cursor.get("by") != "list" and since >= now - SEARCHED_BACK:
        ids = {"since_id": str(int(tweets.first_after(since)) - 1)}
        if until < now:
            ids["until_id"] = tweets.first_after(until)
        return _found(account, f"@{handle} -is:retweet", ids, cursor)
    path, asked = f"2/users/{me}/mentions", FIELDS | {"until_id": tweets.first_after(until)}
    entries, includes, following = _read(account, path, asked, text(cursor.get("page")))
    first = int(tweets.first_after(since))
    inside = [entry for entry in entries if _number(identifier(entry.get("id"))) >= first]
    items, passed = tuple(_items(inside, includes)), len(inside) < len(entries)
    if passed or not following:
        return Fetched(items, {}, complete=passed)
    return Fetched(items, {"page": following, "by": "list"}, datetime.now(UTC))


def fitting(account: Account, query: str, cursor: Mapping[str, Any]) -> Fetched:
    """What a search finds that was not seen. What was seen before the search's week is asked for no more."""
    now = datetime.now(UTC)
    oldest = now - SEARCHED_BACK
    state, first = dict(cursor), tweets.first_after(oldest)
    seen = text(state.get("seen"))
    if seen not in ("", NOTHING) and _later(first, seen):
        state = {"seen": str(int(first) - 1), "at": state.get("at")}
    if seen and _figure(state.get("at")) < oldest.timestamp():
        state["short"] = True  # nobody asked for what came after that and has left the week by now
    items, kept, more = Walk("search", SEARCH, FIELDS | {"query": query}, "since_id").step(account, state)
    short = not more and kept.pop("short", False)
    return Fetched(tuple(items), kept, now if more else None, complete=not short)


def fitting_between(
    account: Account, query: str, since: datetime, until: datetime, cursor: Mapping[str, Any]
) -> Fetched:
    """What a search finds between two times, as far as they lie within its week, page by page."""
    now = datetime.now(UTC)
    start = max(since, now - SEARCHED_BACK)
    if start >= until:
        return Fetched((), {}, complete=False)
    times = {"start_time": stamp(start)}
    if until < now - SEARCHED_FROM:
        times["end_time"] = stamp(until)
    return _found(account, query, times, cursor, whole=start <= since)


def _found(
    account: Account, query: str, within: Mapping[str, str], cursor: Mapping[str, Any], *, whole: bool = True
) -> Fetched:
    """A page of the search's, between bounds that stay those of the first page.

    X takes a page's token only for the question that it was given for.
    """
    within = mapping(cursor.get("within")) or within
    whole = cursor.get("whole", whole) is True
    entries, includes, following = _read(account, SEARCH, FIELDS | {"query": query, **within}, text(cursor.get("page")))
    items = tuple(_items(entries, includes))
    if not following:
        return Fetched(items, {}, complete=whole)
    return Fetched(items, {"page": following, "within": dict(within), "whole": whole}, datetime.now(UTC))


def _read(
    account: Account, path: str, fields: Mapping[str, str], page: str
) -> tuple[list[dict[str, Any]], Mapping[str, Any], str]:
    """One page, the newest without a token: its entries, what is told beside them, and where to go on."""
    params = dict(fields) | {"max_results": PAGE}
    if page:
        params["pagination_token" if path != SEARCH else "next_token"] = page
    body, _answer = ask(account, "GET", path, params=params)
    return maps(body.get("data")), mapping(body.get("includes")), text(mapping(body.get("meta")).get("next_token"))


def stamp(moment: datetime) -> str:
    """A time as X is asked for it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _items(entries: Iterable[dict[str, Any]], includes: Mapping[str, Any], me: str = "") -> list[dict[str, Any]]:
    users = {identifier(user.get("id")): user for user in maps(includes.get("users"))}
    media = {text(item.get("media_key")): item for item in maps(includes.get("media"))}
    found: list[dict[str, Any] | None] = []
    for entry in entries:
        if "event_type" in entry or "dm_conversation_id" in entry:
            found.append(tweets.message(entry, users, media))
        else:
            found += [tweets.post(entry, includes, me), tweets.edit(entry)]
    return [item for item in found if item is not None]


def _later(own: str, seen: str) -> bool:
    return _number(own) > _number(seen)


def _number(own: str) -> int:
    return int(own) if own.isascii() and own.isdigit() and len(own) < 30 else 0


def _figure(kept: object) -> int | float:
    return kept if isinstance(kept, int | float) else 0
