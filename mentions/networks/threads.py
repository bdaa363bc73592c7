"""Threads: replies to the bank's posts and mentions of it; replies and posts of our own.

Facts: Meta's pages on the Threads API. Publishing takes two steps, a container and its publication; only the second
can be seen by anybody. That the webhook is signed as Meta's other ones are is Meta's common rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Limits,
    Malformed,
    NetworkError,
    Outgoing,
    Probe,
    Published,
    Refreshed,
)
from mentions.networks import _deliveries as deliveries
from mentions.networks._meta import APP_FIELDS, MetaNetwork, fits, moment, usage
from mentions.networks._polling import Page, walk
from mentions.networks._shapes import identifier, mapping, maps, text

THREAD: Final = "id,text,timestamp,username,permalink,replied_to,root_post,is_quote_post,media_type,media_url,alt_text"
_MEDIA: Final = {"IMAGE": "image", "VIDEO": "video", "CAROUSEL_ALBUM": "image"}


class Threads(MetaNetwork):
    """The connector. People, our profile too, go by "@handle". Secrets: "token", "webhook", "verify_token"."""

    key = "threads"
    title = "Threads"
    media_hosts = ("*.cdninstagram.com", "*.fbcdn.net")
    object_name = "threads"
    home = "https://graph.threads.net/v1.0"
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        search=True,
        lookup=True,
        publish=frozenset({"public"}),
        original=True,
        retract=True,
        hide=True,
        refresh=True,
        resend="search",
    )
    limits = Limits(max=500, private_max=0)
    fields = APP_FIELDS
    poll_every_s = 300
    tells = frozenset()
    recheck_every = timedelta(hours=24)

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """One value, in Threads' own envelope."""
        envelope = deliveries.read(body)
        if not isinstance(envelope, dict) or not ({"values", "topic"} & envelope.keys()):
            raise Malformed("the body has no values")
        values = envelope.get("values")
        return [
            self._post(mapping(told.get("value")))
            for told in maps(values if isinstance(values, list) else [values])
            if told.get("field") in ("replies", "mentions")
        ]

    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """Threads delivers no entries."""
        yield from ()

    def probe(self, account: Account) -> Probe:
        """Whose profile the token writes as."""
        body, answer = self.ask(account, "GET", "me", params={"fields": "id,username"})
        handle = text(body.get("username"))
        if not handle:
            raise NetworkError(f"{self.title} did not say who we are", "retry")
        return Probe(f"@{handle}", handle, quota=usage(answer))

    def refresh(self, account: Account) -> Refreshed:
        """Another sixty days for a token that still holds."""
        body, _answer = self.ask(account, "GET", "refresh_access_token", params={"grant_type": "th_refresh_token"})
        lasts = body.get("expires_in")
        if not text(body.get("access_token")) or not isinstance(lasts, int):
            raise NetworkError(f"{self.title} gave no token", "reauthorise")
        return Refreshed({"token": text(body["access_token"])}, datetime.now(UTC) + timedelta(seconds=lasts))

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The newest mentions, and the newest replies in our own threads, ours included."""
        mentions = walk(lambda after: self._list(account, "mentions", after), cursor, name="mentions")
        replies = walk(lambda after: self._list(account, "replies", after), mentions.cursor, name="replies")
        return Fetched(mentions.items + replies.items, replies.cursor, complete=mentions.complete and replies.complete)

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """Public posts with these words, newest first."""

        def read(after: str | None) -> Page:
            params = {"q": query, "search_type": "RECENT", "fields": THREAD} | ({"after": after} if after else {})
            return self._page(account, "keyword_search", params)

        return walk(read, cursor)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Posts, one call each."""
        found: dict[str, dict[str, Any] | None] = {}
        for own in external_ids:
            try:
                entry, _answer = self.ask(account, "GET", own, params={"fields": THREAD})
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
                found[own] = None
            else:
                found[own] = self._post(entry)
        return found

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A container, which nobody sees, and its publication."""
        if outgoing.visibility == "private":
            raise NetworkError(f"{self.title} has no private messages", "give_up")
        form = {"media_type": "TEXT", "text": outgoing.text}
        if outgoing.in_reply_to:
            form["reply_to_id"] = outgoing.in_reply_to
        made, _answer = self.ask(account, "POST", "me/threads", payload=form, acting=False)
        container = {"creation_id": identifier(made.get("id"))}
        body, _answer = self.ask(account, "POST", "me/threads_publish", payload=container)
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(f"{self.title} stored something and did not say what", "unknown")
        return Published(own, None, datetime.now(UTC))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words among what we wrote."""
        path = "replies" if outgoing.in_reply_to else "threads"
        params = {"fields": "id,text,timestamp,permalink,replied_to", "limit": "100"}
        body, _answer = self.ask(account, "GET", f"me/{path}", params=params)
        for entry in maps(body.get("data")):
            there = identifier(mapping(entry.get("replied_to")).get("id")) == (outgoing.in_reply_to or "")
            if there and fits(entry.get("text"), entry.get("timestamp"), outgoing):
                address = text(entry.get("permalink")) or None
                return Published(identifier(entry.get("id")), address, moment(entry.get("timestamp")))
        return None

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides a reply under our post."""
        self.ask(account, "POST", f"{external_id}/manage_reply", payload={"hide": hidden}, acting=False)

    def _list(self, account: Account, name: str, after: str | None) -> Page:
        params = {"fields": THREAD, "limit": "50"} | ({"after": after} if after else {})
        return self._page(account, f"me/{name}", params)

    def _page(self, account: Account, path: str, params: Mapping[str, str]) -> Page:
        body, _answer = self.ask(account, "GET", path, params=params)
        paging = mapping(body.get("paging"))
        following = text(mapping(paging.get("cursors")).get("after")) if paging.get("next") else ""
        return [self._post(entry) for entry in maps(body.get("data"))], following or None

    def _post(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        handle = entry.get("username")
        parent = identifier(mapping(entry.get("replied_to")).get("id"))
        own = identifier(entry.get("id"))
        picture = entry.get("media_url")
        return {
            "network": self.key,
            "external_id": own,
            "kind": "reply" if parent else "quote" if entry.get("is_quote_post") is True else "post",
            "visibility": "public",
            # Threads names people by their handle alone.
            "author": {"id": f"@{text(handle)}", "handle": handle},
            "text": entry.get("text") or "",
            "created_at": entry.get("timestamp"),
            "url": entry.get("permalink"),
            "in_reply_to": parent or None,
            "conversation_id": identifier(mapping(entry.get("root_post")).get("id")) or own,
            "media": [{"url": picture, "type": _MEDIA.get(text(entry.get("media_type")), "other")}] if picture else [],
        }


NETWORK = Threads()
