"""Mastodon, and whatever else speaks its client API, through the server that the bank's account is on.

Identifiers are the addresses that statuses and people have on every server; a server's own numbers stay in the
cursor and in the call. Whom the network lets everybody read is public, everything else private. A server tells
of mentions and of few edits, of no deletion: each poll asks again for some of what was heard last.

A send carries our client key, which Mastodon remembers for an hour and others do not. What became of a lost one is
seen in the thread and among our own statuses, at any time and everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

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
    Probe,
    Published,
    Quota,
    Rate,
    Refreshed,
    Streamed,
    Wanted,
    _fediverse,
    _instances,
    _timelines,
)
from mentions.networks._clientapi import (
    Query,
    ask,
    bring,
    by_number,
    decoded,
    edit_of,
    find,
    listing,
    our_number,
    own_number,
    quota_of,
    read,
)
from mentions.networks._shapes import mapping, maps
from mentions.networks._statuses import (
    HEARD,
    OPEN,
    gist,
    handle,
    heard,
    host,
    mark,
    newest,
    text,
    uri,
    whole_number,
)
from mentions.posts import BadPost, parse_time

# Kept free in every text for the name of the person who is answered: @, thirty characters, a space.
PAGE: Final = 40
PAGES: Final = 3
FIRST: Final = timedelta(days=7)
REMEMBERED: Final = 100
ASKED_TOGETHER: Final = 20
ASKED_SINGLY: Final = 4
GONE: Final = ""


class Mastodon(Network):
    """The connector. Secrets: "token", which comes by signing in, and by what our app is known on that server."""

    key = "mastodon"
    title = "Mastodon"
    media_hosts = ("{home}", "*.{home}")
    home = "https://mastodon.social"
    capabilities = Capabilities(
        fetch=True,
        search=True,
        history=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        original=True,
        retract=True,
        edit=True,
        authorise=True,
        stream=True,
        search_history=True,
        resend="search",
    )
    limits = _instances.limits({})
    rate = Rate(calls=300, per_s=300)
    recheck_every = timedelta(days=1)
    lookup_at_once = 20
    searching_streams = frozenset({"public"})
    fields = (
        Field("base_url", _("Server"), _("The server that the bank's account is on, such as https://mastodon.social.")),
        Field(
            "token",
            _("Access token"),
            _(
                "Leave it empty to sign in on that server as the bank. Or make one there: Preferences, Development, "
                "New application, with the scopes read and write."
            ),
            secret=True,
            required=False,
        ),
    )

    def limits_for(self, account: Account) -> Limits:
        """As the server said when it was last probed."""
        return _instances.limits(account.settings)

    def enrol(self, account: Account, back: str, document: str) -> Mapping[str, str]:
        """Makes our app known on the account's server."""
        return _fediverse.enrol(account, back)

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """The server's own page where the account's owner lets us act."""
        return _fediverse.authorise(account, back, state, secret)

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The token, which does not end."""
        return _fediverse.exchange(account, back, secret, code)

    def revoke(self, account: Account) -> bool:
        """Ends the token."""
        return _fediverse.revoke(account)

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """New mentions, edits and deletions of what was heard last, and what our own account wrote."""
        now = datetime.now(UTC)
        cursor = dict(cursor)
        after = str(cursor.get("after") or "")
        known = {str(number): str(seen) for number, seen in mapping(cursor.get("known")).items()}
        found: list[dict[str, Any]] = []
        more = False
        for _step in range(PAGES):
            page, quota = _notifications(account, [("min_id", after)] if after else [])
            if not after:
                page = [entry for entry in page if _at(entry, now) >= now - FIRST]
            found += reversed(page)
            reached = newest([after, *(str(entry.get("id")) for entry in page)])
            more = len(page) >= PAGE and reached != after
            after = reached
            if not more:
                break
        items = _changes(account, known, now, cursor)
        for status in heard(found):
            number, said = str(status.get("id")), f"{uri(status)} {mark(status)}"
            before = known.pop(number, None)
            known[number] = said
            if before is None:
                items.append(read(account, status))
            elif before not in (GONE, said):
                items.append(edit_of(status, now))
        ours, own = _our_own(account, mapping(cursor.get("own")))
        following = {"after": after, "own": own, "known": dict([*known.items()][-REMEMBERED:])}
        following |= {name: cursor[name] for name in ("singly", "turn") if name in cursor}
        return Fetched((*items, *ours), following, now if more else None, quota)

    def streams(self, account: Account, wanted: Wanted) -> tuple[str, ...]:
        """What concerns our account, and with searches all that is public there, where the server says that it can."""
        if not _timelines.server(account):
            return ()
        return ("user", "public") if wanted.questions else ("user",)

    def stream(
        self, account: Account, name: str, cursor: dict[str, Any], wanted: Wanted
    ) -> Generator[Streamed, None, None]:
        """Events of one timeline. The server keeps nothing of what nobody heard."""
        return _timelines.hear(account, name, cursor, wanted, silence_s=self.stream_silence_s)

    def search_history(
        self, account: Account, query: str, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Fetched:
        """Older statuses page by page, as far back as the server goes."""
        before = cursor.get("before")
        page, quota = _fitting(account, query, [("max_id", str(before))] if before else [])
        now = datetime.now(UTC)
        wanted = [status for status in page if since <= _at(status, now) <= until]
        items = tuple(read(account, status) for status in wanted)
        if len(page) >= PAGE and min(_at(status, now) for status in page) >= since:
            return Fetched(items, {"before": str(page[-1].get("id"))}, now, quota)
        return Fetched(items, {}, None, quota)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """What was addressed to us between two times, then what we wrote ourselves, page by page."""
        now = datetime.now(UTC)
        ours = cursor.get("ours") is True
        query = [("max_id", str(cursor["before"]))] if cursor.get("before") else []
        if ours:
            page, quota = listing(account, f"accounts/{our_number(account)}/statuses", [("limit", str(PAGE)), *query])
        else:
            page, quota = _notifications(account, query)
        wanted = [entry for entry in page if since <= _at(entry, now) <= until]
        statuses = wanted if ours else heard(wanted)
        items = tuple(read(account, status) for status in statuses)
        if len(page) >= PAGE and min(_at(entry, now) for entry in page) >= since:
            return Fetched(items, {"before": str(page[-1].get("id")), "ours": ours}, now, quota)
        return Fetched(items, {}, None, quota) if ours else Fetched(items, {"ours": True}, now, quota)

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """A hashtag's public timeline for "#tag", else what the server's own search finds."""
        after = str(cursor.get("after") or "")
        page, quota = _fitting(account, query, [("min_id", after)] if after else [])
        after = newest([after, *(str(status.get("id")) for status in page)])
        items = tuple(read(account, status) for status in reversed(page))
        return Fetched(items, {"after": after}, datetime.now(UTC) if len(page) >= PAGE else None, quota)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Statuses by address. That one was not found says nothing until the server has found another so."""
        found: dict[str, dict[str, Any] | None] = {}
        missing = []
        finds = False
        for external_id in dict.fromkeys(external_ids):
            number = own_number(account, external_id)
            status = by_number(account, number) if number else find(account, external_id)
            if status is not None:
                found[external_id] = read(account, status)
                finds |= not number
            elif number:
                found[external_id] = None
            else:
                missing.append(external_id)
        return found | dict.fromkeys(missing if finds else ())

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """Sends a status that names whom it answers and that nobody sees who could not see what it answers."""
        if not self.limits_for(account).fits(outgoing.text, outgoing.visibility):
            raise NetworkError(_("the text is too long for this server"), "give_up")
        private = outgoing.visibility == "private"
        name, visibility = outgoing.recipient_handle.removeprefix("@"), "direct" if private else "public"
        payload: dict[str, Any] = {}
        if outgoing.in_reply_to is not None:
            parent = _found(account, outgoing.in_reply_to)
            payload["in_reply_to_id"] = str(parent.get("id"))
            name = str(mapping(parent.get("account")).get("acct") or name)
            if not private:
                visibility = str(parent.get("visibility"))
                if visibility not in OPEN:
                    raise NetworkError(_("what was not said in public is not answered in public"), "give_up")
        elif private and not name:
            raise NetworkError(_("a private message needs somebody to go to"), "give_up")
        payload |= {"status": _naming(outgoing.text, name), "visibility": visibility}
        if outgoing.pictures:
            payload["media_ids"] = [bring(account, one) for one in outgoing.pictures]
        answer = ask(account, "POST", "statuses", payload=payload, client_key=outgoing.client_key)
        return _published(decoded(answer, acting=True))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our text in the thread and among what we wrote since the attempt."""
        me = our_number(account)
        candidates, _quota = listing(account, f"accounts/{me}/statuses", [("limit", str(PAGE))])
        if outgoing.in_reply_to is not None and (parent := find(account, outgoing.in_reply_to)) is not None:
            context = mapping(decoded(ask(account, "GET", f"statuses/{parent.get('id')}/context")))
            under = [s for s in maps(context.get("descendants")) if mapping(s.get("account")).get("id") == me]
            candidates = [
                status for status in (*under, *candidates) if str(status.get("in_reply_to_id")) == str(parent.get("id"))
            ]
        elif outgoing.recipient_handle:
            # What it answers is gone, so only who was named says whom it was for.
            candidates = [status for status in candidates if _names(status, outgoing.recipient_handle, account)]
        candidates = [status for status in candidates if not status.get("reblog")]
        earliest = outgoing.attempted_at - timedelta(minutes=1) if outgoing.attempted_at else None
        for status in candidates:
            at = _at(status, datetime.now(UTC))
            if gist(text(status)).endswith(gist(outgoing.text)) and (earliest is None or at >= earliest):
                return _published(status)
        return None

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces our text; whoever was named in it stays named."""
        if not self.limits_for(account).fits(text, "public"):
            raise NetworkError(_("the text is too long for this server"), "give_up")
        standing = _found(account, external_id)
        names = [str(one.get("acct")) for one in maps(standing.get("mentions"))]
        # What is not named again is taken off.
        shown = [str(one.get("id")) for one in maps(standing.get("media_attachments"))]
        payload = {"status": _naming(text, names[0] if names else "")} | ({"media_ids": shown} if shown else {})
        return _published(decoded(ask(account, "PUT", f"statuses/{standing.get('id')}", payload=payload), acting=True))

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes our status. "Not found" counts as done only if it is not there: some servers cannot delete."""
        number = own_number(account, external_id) or str((find(account, external_id) or {}).get("id") or "")
        if not number:
            return
        try:
            ask(account, "DELETE", f"statuses/{number}")
        except NetworkError as error:
            if error.follow != "give_up":
                raise
            if by_number(account, number) is not None:
                raise NetworkError(_("this server does not let us delete; do it on its own pages"), "give_up") from None

    def probe(self, account: Account) -> Probe:
        """Asks who the token acts as, and how long the server lets a text be."""
        me = mapping(decoded(answer := ask(account, "GET", "accounts/verify_credentials")))
        if not isinstance(uri(me), str) or not isinstance(me.get("id"), str):
            raise NetworkError(_("the server did not say who we are"), "retry")
        name = handle(me, host(account.base_url))
        settings = {"local_id": me["id"]} | _instances.asked(account)
        return Probe(str(uri(me)), str(name), settings=settings, quota=quota_of(answer))


def _notifications(account: Account, query: Query) -> tuple[list[dict[str, Any]], Quota | None]:
    """A page of notifications, newest first, with those that the server would keep back as unasked for."""
    kinds = [("types[]", kind) for kind in HEARD]
    return listing(account, "notifications", [*kinds, ("include_filtered", "true"), ("limit", str(PAGE)), *query])


def _fitting(account: Account, query: str, more: Query) -> tuple[list[dict[str, Any]], Quota | None]:
    """A page of a hashtag's public timeline, or of what the server's own search finds."""
    asked = [("limit", str(PAGE)), *more]
    words = query.strip()
    if words.startswith("#") and " " not in words:
        return listing(account, f"timelines/tag/{quote(words[1:], safe='')}", asked)
    answer = ask(account, "GET", "../v2/search", [("q", words), ("type", "statuses"), *asked])
    return maps(mapping(decoded(answer)).get("statuses")), quota_of(answer)


def _changes(account: Account, known: dict[str, str], now: datetime, cursor: dict[str, Any]) -> list[dict[str, Any]]:
    """Edits and deletions of what was heard last; `known` follows. Newer servers are asked for many at once."""
    standing = [number for number, seen in known.items() if seen != GONE]
    asked = standing[-ASKED_TOGETHER:]
    shown: dict[str, dict[str, Any] | None] = {}
    if asked and not cursor.get("singly"):
        try:
            page, _quota = listing(account, "statuses", [("id[]", number) for number in asked])
        except NetworkError as error:
            if error.follow not in ("give_up", "poison"):
                raise
            cursor["singly"] = True
        else:
            shown = {str(status.get("id")): status for status in page}
            # Not being shown is no proof; each that is missing is asked for by itself.
            shown |= {number: by_number(account, number) for number in asked if number not in shown}
    if standing and cursor.get("singly"):
        turn = whole_number(cursor.get("turn"), 0) % len(standing)
        asked = (standing[turn:] + standing[:turn])[:ASKED_SINGLY]
        shown = {number: by_number(account, number) for number in asked}
        cursor["turn"] = turn + len(asked)
    operations = []
    for number in asked:
        status, (name, _space, seen) = shown[number], known[number].rpartition(" ")
        if status is None:
            operations.append({"network": Mastodon.key, "external_id": name, "op": "delete"})
            known[number] = GONE
        elif mark(status) != seen:
            operations.append(edit_of(status, now))
            known[number] = f"{name} {mark(status)}"
    return operations


def _our_own(account: Account, state: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What our own account has written or passed on since it was connected, and what of it was told already.

    Not every server can be asked for what is newer: what was told is remembered by its address.
    """
    page, _quota = listing(account, f"accounts/{our_number(account)}/statuses", [("limit", str(PAGE))])
    shown = {str(uri(status)): status for status in reversed(page)}
    told = [str(one) for one in state.get("told") or [] if isinstance(one, str)]
    fresh = [status for name, status in shown.items() if name not in told] if "told" in state else []
    told = [name for name in told if name not in shown] + list(shown)
    return [read(account, status) for status in fresh], {"told": told[-2 * PAGE :]}


def _found(account: Account, external_id: str) -> dict[str, Any]:
    number = own_number(account, external_id)
    status = by_number(account, number) if number else find(account, external_id)
    if status is None:
        raise NetworkError(_("the post is no longer on this server"), "give_up")
    return status


def _names(status: Mapping[str, Any], wanted: str, account: Account) -> bool:
    """Whether it goes to whoever has this handle."""
    here, bare = host(account.base_url), wanted.removeprefix("@").casefold()
    told = [name for one in maps(status.get("mentions")) for name in (one.get("acct"), handle(one, here))]
    return bare in {str(name).casefold() for name in told}


def _naming(words: str, name: str) -> str:
    """The text, which must name whoever is to be told of it."""
    if not name or re.search(rf"(?<!\w)@{re.escape(name)}(?![\w@])", words, re.IGNORECASE):
        return words
    return f"@{name} {words}"


def _published(status: object) -> Published:
    found = mapping(status)
    name, page = uri(found), found.get("url")
    try:
        at = parse_time(found.get("created_at"))
    except BadPost:
        at = None
    if not isinstance(name, str) or at is None:
        raise NetworkError(_("the server stored something and did not say what"), "unknown")
    number = found.get("id")
    return Published(
        name, page if isinstance(page, str) else None, at, {"id": number} if isinstance(number, str) else {}
    )


def _at(entry: Mapping[str, Any], otherwise: datetime) -> datetime:
    try:
        return parse_time(entry.get("created_at"))
    except BadPost:
        return otherwise


NETWORK = Mastodon()
