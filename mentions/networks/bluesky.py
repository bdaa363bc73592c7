"""Bluesky and whatever else speaks its protocol, by the account's own server: signed in there, or by an app password.

Identifiers are AT-URIs, authors are DIDs, and a conversation is named by its root's AT-URI. The network tells
of mentions, replies and quotes, newest first; it tells of no edit and no deletion. Each poll therefore asks again
for the posts that were heard last: one with another content identifier was edited, one that is missing and that
the network says it does not have was deleted, taken down, or went with its author's account. Jetstream tells of all
of that as it happens; see `_jetstream`.

A reply's record key is derived from our client key and may only be written where nothing stands: whatever
happens to an answer, a reply goes out once. The network has no edits of our own. Its private messages are another
service's; see `_chat`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Field,
    Limits,
    Network,
    NetworkError,
    Outgoing,
    Pictures,
    Probe,
    Published,
    Rate,
    Refreshed,
    Streamed,
    Wanted,
    _chat,
    _jetstream,
)
from mentions.networks import _atproto_oauth as sign_in
from mentions.networks._appview import TOGETHER, is_gone, posts_of, record_of, uri_of, views_of
from mentions.networks._atproto import Answer, Refusal, ask, do, renew, session
from mentions.networks._card import card, pictured
from mentions.networks._facets import facets
from mentions.networks._length import graphemes
from mentions.networks._newest import Page, walk
from mentions.networks._shapes import listed, mapping, text
from mentions.networks._views import address, moment, parts, post, repost, stamp

POSTS: Final = "app.bsky.feed.post"
REPOST: Final = "app.bsky.feed.defs#reasonRepost"
REASONS: Final = ("mention", "reply", "quote")
PAGE: Final = 100
REMEMBERED: Final = 250
ASKED_AGAIN: Final = 100
GONE: Final = ""
_SIGNS: Final = "234567abcdefghijklmnopqrstuvwxyz"


class Bluesky(Network):
    """The connector. Secrets: those of a sign-in (`_atproto_oauth`), or an app password ("password") and what it was
    made into ("token", "renewal")."""

    key = "bluesky"
    title = "Bluesky"
    media_hosts = ("cdn.bsky.app", "{home}")
    home = "https://bsky.social"
    capabilities = Capabilities(
        fetch=True,
        search=True,
        history=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        original=True,
        retract=True,
        refresh=True,
        authorise=True,
        stream=True,
        search_history=True,
        resend="key",
    )
    limits = Limits(
        max=300,
        private_max=_chat.LONGEST,
        counter="graphemes",
        count=graphemes,
        max_bytes=3000,
        pictures=Pictures(most=4, max_bytes=1_000_000, alt=2_000),
    )
    poll_every_s = 30
    rate = Rate(calls=3000, per_s=300)
    recheck_every = timedelta(days=1)
    lookup_at_once = TOGETHER
    stream_keeps = timedelta(hours=24)
    streams_own = False  # what our own account passes on comes among the reposts of everybody
    searching_streams = frozenset({"jetstream"})
    fields = (
        Field("handle", _("Handle"), _("The account's name, such as bank.bsky.social or bank.example, without the @.")),
        Field(
            "password",
            _("App password"),
            _(
                "Leave it empty to sign in at Bluesky. Or, signed in there as the bank: Settings, Privacy and "
                "security, App passwords, Add app password. Allow access to direct messages if they are to be "
                "answered here. Copy the four groups of letters. Never enter the account's own password."
            ),
            secret=True,
            required=False,
        ),
        Field(
            "base_url",
            _("Server"),
            _("Leave it empty for an account at bsky.social. If the bank hosts its account itself: its server."),
            required=False,
        ),
        Field(
            "jetstream",
            _("Stream"),
            _("The Jetstream server to listen to. Leave it empty for Bluesky's own, or write none to do without."),
            required=False,
        ),
    )

    def limits_for(self, account: Account) -> Limits:
        """Without access to messages none can be written."""
        return replace(self.limits, private_max=0) if account.settings.get("chat") is False else self.limits

    def enrol(self, account: Account, back: str, document: str) -> Mapping[str, str]:
        """The keys of our app and of the session that will be opened."""
        return sign_in.enrol(account, back, document)

    def client(self, account: Account, document: str, back: str) -> dict[str, Any] | None:
        """What our app publishes of itself."""
        return sign_in.client(account, document, back)

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """The page of whoever lets people in for the account."""
        return sign_in.authorise(account, back, state, secret)

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The first tokens, in place of an app password."""
        return sign_in.exchange(account, back, secret, code, issuer)

    def revoke(self, account: Account) -> bool:
        """Ends the session. An app password is taken back by its owner alone."""
        return sign_in.holds(account) and sign_in.revoke(account)

    def streams(self, account: Account, wanted: Wanted) -> tuple[str, ...]:
        """Everything that is written, where there is a server to hear it from."""
        return ("jetstream",) if _jetstream.server(account) else ()

    def stream(
        self, account: Account, name: str, cursor: dict[str, Any], wanted: Wanted
    ) -> Generator[Streamed, None, None]:
        """Jetstream, narrowed to what concerns us."""
        return _jetstream.hear(account, cursor, wanted, silence_s=self.stream_silence_s)

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """New mentions, replies and quotes, what our own account wrote, and what became of what was heard last."""
        now = datetime.now(UTC)
        heard = walk(lambda page: _notifications(account, page, now), mapping(cursor.get("heard")), now)
        known = _known(cursor)
        fresh = {uri: entry for entry in reversed(heard.found) if (uri := uri_of(entry)) not in known}
        again = [uri for uri, print_ in known.items() if print_ != GONE][-ASKED_AGAIN:]
        views = views_of(account, [*fresh, *again])
        shown = [views.get(uri, entry) for uri, entry in fresh.items()]
        items = posts_of(account, shown)
        for uri in again:
            view = views.get(uri)
            if view is None and is_gone(account, uri):
                items.append({"network": self.key, "external_id": uri, "op": "delete"})
                known[uri] = GONE
            elif view is not None and _print(view) != known[uri]:
                items.append(_edit(view, now))
                known[uri] = _print(view)
        known |= {uri: _print(view) for uri, view in zip(fresh, shown, strict=True)}
        ours, own = _our_own(account, mapping(cursor.get("own")), now)
        said, chat, more = (
            _chat.news(account, mapping(cursor.get("chat"))) if _chat.connected(account) else ([], {}, False)
        )
        following = {"heard": heard.state, "known": dict([*known.items()][-REMEMBERED:]), "own": own, "chat": chat}
        return Fetched((*items, *ours, *said), following, now if heard.more or more else None, heard.quota)

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """Public posts that fit, in the network's words: phrases in quotes, `from:`, `lang:`, `#tag`."""
        now = datetime.now(UTC)
        heard = walk(lambda page: _hits(account, query, page, now), mapping(cursor.get("heard")), now)
        known = _known(cursor)
        fresh = {uri: view for view in reversed(heard.found) if (uri := uri_of(view)) not in known}
        known |= {uri: _print(view) for uri, view in fresh.items()}
        following = {"heard": heard.state, "known": dict([*known.items()][-REMEMBERED:])}
        return Fetched(tuple(posts_of(account, fresh.values())), following, now if heard.more else None, heard.quota)

    def leaves_out(self, account: Account, *, delivered: bool) -> bool:
        """Messages are not streamed: they are asked for as before, where they are connected."""
        return _chat.connected(account)

    def search_history(
        self, account: Account, query: str, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Fetched:
        """What fitted between two times, page by page, newest first."""
        now = datetime.now(UTC)
        at = cursor.get("page")
        page = _hits(account, query, at if isinstance(at, str) else None, now, since=since, until=until)
        found = [view for time, view in page.entries if since <= time <= until]
        more = page.following is not None and page.oldest is not None and page.oldest >= since
        items = tuple(posts_of(account, found))
        return Fetched(items, {"page": page.following} if more else {}, now if more else None, page.quota)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """What was addressed to us between two times, then what we wrote ourselves, page by page."""
        now = datetime.now(UTC)
        at, ours = cursor.get("page"), cursor.get("ours") is True
        page = (_written if ours else _notifications)(account, at if isinstance(at, str) else None, now)
        found = [entry for time, entry in page.entries if since <= time <= until]
        views = {} if ours else views_of(account, [uri_of(entry) for entry in found])
        items = tuple(
            [_own(entry) for entry in found]
            if ours
            else posts_of(account, [views.get(uri_of(entry), entry) for entry in found])
        )
        if page.following is not None and page.oldest is not None and page.oldest >= since:
            return Fetched(items, {"page": page.following, "ours": ours}, now, page.quota)
        return Fetched(items, {}, None, page.quota) if ours else Fetched(items, {"ours": True}, now, page.quota)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Posts by AT-URI. Gone is what the network says it does not have; what it hides from us is left out."""
        asked = [uri for uri in dict.fromkeys(external_ids) if parts(uri)[2]]
        views = views_of(account, asked)
        found: dict[str, dict[str, Any] | None] = dict(zip(views, posts_of(account, views.values()), strict=True))
        return found | {uri: None for uri in asked if uri not in views and is_gone(account, uri)}

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """Sends a message, or writes a post or reply where our client key says, unless one stands there already."""
        if outgoing.visibility == "private" and not self.limits_for(account).private_max:
            raise NetworkError(_("the app password was made without access to direct messages"), "give_up")
        if not self.limits.fits(outgoing.text, outgoing.visibility):
            raise NetworkError(_("the text is too long for Bluesky"), "give_up")
        if outgoing.visibility == "private":
            return _chat.send(account, outgoing)
        now = datetime.now(UTC)
        record: dict[str, Any] = {"$type": POSTS, "text": outgoing.text, "createdAt": stamp(now)}
        if outgoing.in_reply_to is not None:
            record["reply"] = _reply_to(account, outgoing.in_reply_to)
        if marks := facets(outgoing.text, lambda handle: _did_of(account, handle)):
            record["facets"] = marks
        if shown := pictured(account, outgoing.pictures) or card(account, outgoing.text):
            record["embed"] = shown
        place = {"repo": session(account).did, "collection": POSTS, "rkey": record_key(outgoing.client_key)}
        try:
            # `swapRecord` null: only where nothing stands. Creating would answer the second time with a fault.
            written = do(account, "com.atproto.repo.putRecord", {**place, "record": record, "swapRecord": None}).body
        except Refusal as refusal:
            standing = self.reconcile(account, outgoing.client_key, outgoing) if refusal.name == "InvalidSwap" else None
            if standing is None:
                raise
            return standing
        if not parts(written.get("uri"))[2]:
            raise NetworkError(_("Bluesky stored something and did not say what"), "unknown")
        return Published(written["uri"], address(written["uri"]), now)

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Reads the record that our client key leads to from our own server, or looks for our message."""
        if outgoing.visibility == "private":
            return _chat.find(account, outgoing)
        found = record_of(account, f"at://{session(account).did}/{POSTS}/{record_key(client_key)}")
        if found is None:
            return None
        uri = str(found.get("uri"))
        written = mapping(found.get("value")).get("createdAt")
        return Published(uri, address(uri), moment(written, datetime.now(UTC)))

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes our post."""
        did, collection, rkey = parts(external_id)
        if not rkey or did != session(account).did:
            raise NetworkError(_("that is not a post of this account"), "give_up")
        do(account, "com.atproto.repo.deleteRecord", {"repo": did, "collection": collection, "rkey": rkey})

    def probe(self, account: Account) -> Probe:
        """Asks whose session it is. It has no end while an app password can open the next one."""
        answer = ask(account, "com.atproto.server.getSession")
        did, handle = answer.body.get("did"), answer.body.get("handle")
        if not isinstance(did, str) or not isinstance(handle, str):
            raise NetworkError(_("Bluesky did not say who we are"), "retry")
        ends_at = None if account.secrets.get("password") else session(account).ends_at
        return Probe(did, handle, ends_at, settings={"chat": _chat.probed(account)}, quota=answer.quota)

    def refresh(self, account: Account) -> Refreshed:
        """New tokens by the old renewal token or the app password; both are to be stored."""
        if sign_in.holds(account):
            return sign_in.refresh(account)
        opened = renew(account)
        return Refreshed({"token": opened.token, "renewal": opened.renewal}, opened.ends_at)


def record_key(client_key: str) -> str:
    """The record key that belongs to a client key, in the form of a TID: a time and a clock in base 32.

    The time is chance and before 2005, so that it can never be that of a post which somebody writes.
    """
    number = int.from_bytes(hashlib.sha256(client_key.encode()).digest()[:8]) & (2**60 - 1)
    return "".join(_SIGNS[number >> shift & 31] for shift in range(60, -1, -5))


def _page(answer: Answer, name: str, now: datetime) -> Page:
    entries = answer.body.get(name)
    if not isinstance(entries, list):
        raise NetworkError(_("Bluesky answered with something else than asked for"), "poison")
    following = answer.body.get("cursor")
    read = [entry if isinstance(entry, dict) else {"uri": None, "record": entry} for entry in entries]
    times = [moment(mapping(entry.get("post", entry)).get("indexedAt"), now) for entry in read]
    found = list(zip(times, read, strict=True))
    return Page(found, min(times, default=None), following if isinstance(following, str) else None, answer.quota)


def _notifications(account: Account, at: str | None, now: datetime) -> Page:
    query = [("limit", str(PAGE)), *(("reasons", reason) for reason in REASONS)]
    answer = ask(account, "app.bsky.notification.listNotifications", [*query, ("cursor", at)] if at else query)
    page = _page(answer, "notifications", now)
    # A server that does not know the filter sends likes and follows as well.
    wanted = [(time, entry) for time, entry in page.entries if entry.get("reason", "mention") in REASONS]
    return replace(page, entries=wanted)


def _hits(
    account: Account,
    query: str,
    at: str | None,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page:
    asked = [("q", query), ("sort", "latest"), ("limit", str(PAGE))]
    asked += [(name, stamp(time)) for name, time in (("since", since), ("until", until)) if time is not None]
    return _page(ask(account, "app.bsky.feed.searchPosts", [*asked, ("cursor", at)] if at else asked), "posts", now)


def _written(account: Account, at: str | None, now: datetime) -> Page:
    """The feed of our own account: what it wrote, and what it passed on."""
    query = [("actor", session(account).did), ("limit", "50"), ("filter", "posts_with_replies")]
    answer = ask(account, "app.bsky.feed.getAuthorFeed", [*query, ("cursor", at)] if at else query)
    page = _page(answer, "feed", now)
    timed = [
        (moment((mapping(entry.get("reason")) or mapping(entry.get("post"))).get("indexedAt"), now), entry)
        for _time, entry in page.entries
        if text(mapping(entry.get("reason")).get("$type")) in ("", REPOST)
    ]
    return replace(page, entries=timed, oldest=min((time for time, _entry in timed), default=page.oldest))


def _our_own(account: Account, state: Mapping[str, Any], now: datetime) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What our own account has written since it was connected, and what of it was told already."""
    since = moment(state.get("since"), now)
    told = [str(uri) for uri in listed(state.get("told"))]
    shown = [_own(entry) for time, entry in reversed(_written(account, None, now).entries) if time >= since]
    fresh = [item for item in shown if item["external_id"] not in told]
    told += [str(item["external_id"]) for item in fresh]
    return fresh, {"since": stamp(since), "told": told[-100:]}


def _own(entry: Mapping[str, Any]) -> dict[str, Any]:
    return repost(entry) if "reason" in entry else post(mapping(entry.get("post")), {})


def _edit(view: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    text = mapping(view.get("record")).get("text")
    return {
        "network": Bluesky.key,
        "external_id": view.get("uri"),
        "op": "edit",
        "text": text,
        "edited_at": now.isoformat(),
    }


def _reply_to(account: Account, uri: str) -> dict[str, Any]:
    """The parent and the root of a reply, each with the content that we saw."""
    view = views_of(account, [uri]).get(uri)
    if view is None:
        if is_gone(account, uri):
            raise NetworkError(_("the post is no longer on Bluesky"), "give_up")
        raise NetworkError(_("the post's author and we have blocked each other"), "give_up")
    if mapping(view.get("viewer")).get("replyDisabled") is True:
        raise NetworkError(_("the author does not let us reply"), "give_up")
    parent = {"uri": uri, "cid": view.get("cid")}
    root = mapping(mapping(mapping(view.get("record")).get("reply")).get("root"))
    named = {"uri": root.get("uri"), "cid": root.get("cid")}
    return {"parent": parent, "root": named if all(named.values()) else parent}


def _did_of(account: Account, handle: str) -> str | None:
    try:
        did = ask(account, "com.atproto.identity.resolveHandle", [("handle", handle)]).body.get("did")
    except NetworkError as error:
        if error.follow == "give_up":
            return None
        raise
    return did if isinstance(did, str) else None


def _known(cursor: Mapping[str, Any]) -> dict[str, str]:
    """The posts heard last, oldest first, with a print of what they said; `GONE` for those that went."""
    return {str(uri): str(print_) for uri, print_ in mapping(cursor.get("known")).items()}


def _print(view: Mapping[str, Any]) -> str:
    """The end of a post's content identifier, which changes with its content."""
    return str(view.get("cid"))[-12:]


NETWORK = Bluesky()
