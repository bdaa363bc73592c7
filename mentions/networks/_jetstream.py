"""Jetstream: everything that is written on Bluesky, as it is written, of which we keep what concerns us.

It is a service of its own beside the account's server, and asks nobody who they are: what it says of a post is a
hint. The post itself is read from the index, and only what the index does not show yet is taken as it came. The
cursor is a time in microseconds, so that any of the service's servers can go on where another ended.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from mentions import connections
from mentions.networks import Account, NetworkError, Streamed, Wanted
from mentions.networks._answers import listened
from mentions.networks._appview import posts_of, profiles_of, views_of
from mentions.networks._atproto import session
from mentions.networks._identity import TITLE
from mentions.networks._shapes import listed, mapping, maps, text, unread
from mentions.networks._views import KEY, parts

PUBLIC: Final = "wss://jetstream2.us-east.bsky.network/subscribe"
POSTS: Final = "app.bsky.feed.post"
# Servers see the same event at slightly different times.
OVERLAP_US: Final = 3_000_000
_SHOWN_TOGETHER: Final = 100


def server(account: Account) -> str | None:
    """The address to listen to; None where the account is to be asked by the clock alone."""
    told = account.settings.get("jetstream")
    if isinstance(told, str) and told:
        return None if told == "none" else told
    return None if account.local else PUBLIC


def hear(
    account: Account, cursor: Mapping[str, Any], wanted: Wanted, *, silence_s: float
) -> Generator[Streamed, None, None]:
    """Posts that name, answer or quote us, what we write, what may fit a search, and what becomes of what is kept."""
    me = account.account_id or session(account).did
    at = cursor.get("at")
    asked = [("wantedCollections", POSTS)]
    if isinstance(at, int):
        asked.append(("cursor", str(at - OVERLAP_US)))
    heard = connections.messages(str(server(account)), params=asked, local=account.local, silence_s=silence_s)
    reached = at if isinstance(at, int) else 0
    for batch in listened(f"{TITLE}'s stream", heard):
        found = _Found()
        for message in batch:
            reached = max(reached, found.take(message, me, wanted))
        yield _streamed(account, found, wanted, {"at": reached} if reached else {}, len(batch))


@dataclass
class _Found:
    """What of a batch of events may concern us, by AT-URI and in its order."""

    ours: dict[str, dict[str, Any]] = field(default_factory=dict)
    fitting: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    broken: list[dict[str, Any]] = field(default_factory=list)

    def take(self, message: str | bytes, me: str, wanted: Wanted) -> int:
        """Look at one event; its time."""
        try:
            event = orjson.loads(message)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            self.broken.append(unread(KEY, message))
            return 0
        commit, account = mapping(event.get("commit")), mapping(event.get("account"))
        if commit.get("collection") == POSTS:
            self._post(event, commit, me, wanted)
        elif account.get("active") is False:
            self.closed.append(text(event.get("did")))
        at = event.get("time_us")
        return at if isinstance(at, int) and not isinstance(at, bool) else 0

    def _post(self, event: Mapping[str, Any], commit: Mapping[str, Any], me: str, wanted: Wanted) -> None:
        uri = f"at://{text(event.get('did'))}/{POSTS}/{text(commit.get('rkey'))}"
        if commit.get("operation") == "delete":
            self.deleted.append(uri)
            return
        record = mapping(commit.get("record"))
        told = {"uri": uri, "cid": commit.get("cid"), "record": record, "at": event.get("time_us")}
        if commit.get("operation") == "update" or uri in self.deleted:
            self.deleted = [each for each in self.deleted if each != uri]
            self.changed[uri] = told
        if concerns(uri, record, me):
            self.ours[uri] = told
        elif wanted.may_fit(text(record.get("text"))):
            self.fitting[uri] = told


def concerns(uri: str, record: Mapping[str, Any], me: str) -> bool:
    """Whether a post is ours, or names, answers or quotes us."""
    reply, embed = mapping(record.get("reply")), mapping(record.get("embed"))
    inner = mapping(embed.get("record"))
    quoted = inner.get("uri") or mapping(inner.get("record")).get("uri")
    related = [uri, quoted, *(mapping(reply.get(side)).get("uri") for side in ("parent", "root"))]
    if any(parts(each)[0] == me for each in related):
        return True
    return any(
        feature.get("did") == me for mark in maps(record.get("facets")) for feature in maps(mark.get("features"))
    )


def _streamed(account: Account, found: _Found, wanted: Wanted, cursor: dict[str, Any], delivered: int) -> Streamed:
    kept = _kept(found, wanted)
    new = {uri: told for uri, told in found.ours.items() if uri not in kept}
    fitting = {uri: told for uri, told in found.fitting.items() if uri not in kept}
    # What was deleted while we looked is not to be read from the index any more, and was never here.
    gone = set(found.deleted) - kept
    shown = _shown(account, [told for uri, told in (new | fitting).items() if uri not in gone])
    operations: list[dict[str, Any]] = [
        {
            "network": KEY,
            "external_id": uri,
            "op": "edit",
            "text": told["record"].get("text"),
            "edited_at": _time(told["at"]),
        }
        for uri, told in found.changed.items()
        if uri in kept
    ]
    operations += [{"network": KEY, "external_id": uri, "op": "delete"} for uri in found.deleted if uri in kept]
    closed = [uri for did in found.closed for uri in wanted.by(did)]
    operations += [{"network": KEY, "external_id": uri, "op": "delete"} for uri in closed]
    return Streamed(
        cursor,
        (*(shown[uri] for uri in new if uri in shown), *operations, *found.broken),
        tuple(shown[uri] for uri in fitting if uri in shown),
        delivered,
    )


def _kept(found: _Found, wanted: Wanted) -> set[str]:
    asked = {*found.deleted, *found.changed}
    return set(wanted.stored(asked)) if asked else set()


def _shown(account: Account, told: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The posts as the index shows them, with what lies in them; as they came where it does not, or not yet."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(told), _SHOWN_TOGETHER):
        some = told[start : start + _SHOWN_TOGETHER]
        views: dict[str, dict[str, Any]] = {}
        try:
            views = views_of(account, [each["uri"] for each in some])
        except NetworkError as error:
            if error.follow == "reauthorise":
                raise
        missing = [each for each in some if each["uri"] not in views]
        people = profiles_of(account, list(dict.fromkeys(parts(each["uri"])[0] for each in missing)))
        bare = {each["uri"]: _view(each, people) for each in missing}
        whole = views | bare
        found |= dict(zip(whole, posts_of(account, whole.values()), strict=True))
    return found


def _view(told: Mapping[str, Any], people: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    did = parts(told["uri"])[0]
    author = people.get(did) or {"did": did, "handle": did}
    langs = listed(told["record"].get("langs"))
    return {
        "uri": told["uri"],
        "cid": told["cid"],
        "author": author,
        "record": {**told["record"], "langs": langs},
        "indexedAt": _time(told["at"]),
    }


def _time(at: object) -> str:
    try:
        return datetime.fromtimestamp(int(str(at)) / 1_000_000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC).isoformat()
