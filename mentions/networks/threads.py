"""Threads: replies to the bank's posts and mentions of it; replies and posts of our own.

Facts: Meta's pages on the Threads API. Publishing takes two steps, a container and its publication; only the second
can be seen by anybody. Where to deliver is said on the app's dashboard alone, topic by topic; no call for it is
documented. That the webhook is signed as Meta's other ones are is Meta's common rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

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
from mentions.networks import _oauth as oauth
from mentions.networks._length import emoji_in_bytes
from mentions.networks._meta import APP_FIELDS, MetaNetwork, is_beyond_us, usage
from mentions.networks._meta_messages import entries, fits, following, moment, raise_unless_whole
from mentions.networks._polling import Page, between, walk
from mentions.networks._shapes import identifier, mapping, maps, text

THREAD: Final = "id,text,timestamp,username,permalink,replied_to,root_post,is_quote_post,media_type,media_url,alt_text"
SIGN_IN: Final = "https://threads.net/oauth/authorize"
POSTS_LOOKED_UNDER: Final = 10
UNDER_EVERY: Final = timedelta(minutes=5)  # a call for each post; the webhook is quicker
OVERLAP: Final = timedelta(minutes=5)
LONG: Final = timedelta(minutes=20)  # after so long, somebody may have answered an older post unheard
_MOST_PAGES: Final = 20  # of the answers under one post
_NAMED: Final = {"publish": "look", "delete": "delete"}
_MEDIA: Final = {"IMAGE": "image", "VIDEO": "video", "CAROUSEL_ALBUM": "image"}


class Threads(MetaNetwork):
    """The connector. People, our profile too, go by "@handle". Secrets: "token", "webhook", "verify_token"."""

    key = "threads"
    title = "Threads"
    media_hosts = ("*.cdninstagram.com", "*.fbcdn.net")
    object_name = "threads"
    home = "https://graph.threads.net/v1.0"
    scopes = (
        "threads_basic",
        "threads_content_publish",
        "threads_delete",
        "threads_keyword_search",
        "threads_manage_mentions",
        "threads_manage_replies",
        "threads_read_replies",
    )
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        history=True,
        search=True,
        lookup=True,
        publish=frozenset({"public"}),
        original=True,
        retract=True,
        hide=True,
        refresh=True,
        authorise=True,
        resend="search",
    )
    limits = Limits(max=500, private_max=0, counter="emoji_bytes", count=emoji_in_bytes, links=5)
    fields = APP_FIELDS
    poll_every_s = 45
    tells = frozenset()
    recheck_every = timedelta(hours=24)

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """One value, in Threads' own envelope."""
        envelope = deliveries.read(body)
        if not isinstance(envelope, dict) or not ({"values", "topic"} & envelope.keys()):
            raise Malformed("the body has no values")
        values = envelope.get("values")
        found = []
        for told in maps(values if isinstance(values, list) else [values]):
            about, value = text(told.get("field")), mapping(told.get("value"))
            if about in ("replies", "mentions"):
                found.append(self._post(value))
            elif about in _NAMED:
                # What the profile published and deleted itself, by whichever app.
                found.append({"network": self.key, "external_id": identifier(value.get("id")), "op": _NAMED[about]})
        return found

    def parcels(self, account: Account, headers: Mapping[str, str], body: bytes) -> Mapping[str, list[dict[str, Any]]]:
        """A delivery names whose post it is about by a number that nothing else knows."""
        return {"": self.parse(body)}

    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """Threads delivers no entries."""
        yield from ()

    def probe(self, account: Account) -> Probe:
        """Whose profile the token writes as."""
        body, answer = self.ask(account, "GET", "me", params={"fields": "id,username"})
        handle = text(body.get("username"))
        if not handle:
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        return Probe(f"@{handle}", handle, quota=usage(answer))

    def refresh(self, account: Account) -> Refreshed:
        """Another sixty days for a token that still holds."""
        params = {"grant_type": "th_refresh_token", "access_token": account.secrets.get("token", "")}
        return self._lasting(
            self.ask(account, "GET", f"{_root(account)}/refresh_access_token", params=params, token="")[0]
        )

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """Threads' own page where the profile's owner lets us act; it wants its scopes with commas."""
        return oauth.page(SIGN_IN, account, back, state, [",".join(self.scopes)])

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """A token of an hour for the code, and one of sixty days for that."""
        given = {
            "grant_type": "authorization_code",
            "code": code.removesuffix("#_"),
            "redirect_uri": back,
            **self._app(account),
        }
        told, _answer = self.ask(
            account, "POST", f"{_root(account)}/oauth/access_token", form=given, acting=False, token=""
        )
        longer = {
            "grant_type": "th_exchange_token",
            "client_secret": account.secrets.get("webhook", ""),
            "access_token": text(told.get("access_token")),
        }
        return self._lasting(self.ask(account, "GET", f"{_root(account)}/access_token", params=longer, token="")[0])

    def _lasting(self, told: Mapping[str, Any]) -> Refreshed:
        lasts = told.get("expires_in")
        if not text(told.get("access_token")) or not isinstance(lasts, int):
            raise NetworkError(_("%(network)s gave no token") % self.named, "reauthorise")
        return Refreshed({"token": text(told["access_token"])}, datetime.now(UTC) + timedelta(seconds=lasts))

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The newest mentions, what we wrote ourselves, and what is answered under our newest posts.

        The profile's own list of replies holds only those that it wrote; others' stand under each post alone.
        """
        items: tuple[dict[str, Any], ...] = ()
        complete = True
        for name in ("mentions", "threads", "replies"):
            page = walk(partial(self._list, account, name), cursor, name=name)
            items, cursor, complete = items + page.items, page.cursor, complete and page.complete
        whole = [True]
        before, now = text(cursor.get("at")), datetime.now(UTC)
        new_since = moment(before) - OVERLAP if before else now
        if before and now - moment(before) < UNDER_EVERY:
            return Fetched(items, cursor, complete=complete)
        under = walk(lambda after: (self._conversations(account, new_since, whole), None), cursor, name="conversations")
        complete = complete and whole[0] and now - new_since < LONG
        return Fetched(items + under.items, under.cursor | {"at": now.isoformat()}, complete=complete)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """Mentions, what we wrote, and what is answered under our newest posts, each down to then."""
        whole = [True]

        def under(_after: str | None) -> Page:
            return self._conversations(account, since, whole), None

        names = ("mentions", "threads", "replies")
        found = between([*(partial(self._list, account, name) for name in names), under], since, until, cursor)
        return found if whole[0] else replace(found, complete=False)

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
                entry, _kind = self.entry(account, own, THREAD)
            except NetworkError as error:
                if not is_beyond_us(error):
                    raise
                continue
            found[own] = self._post(entry) if entry is not None else None
        return self.believed(account, found, partial(self._newest, account))

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A container, which nobody sees, and its publication."""
        if outgoing.visibility == "private":
            raise NetworkError(_("%(network)s has no private messages") % self.named, "give_up")
        if self.limits.links_over(outgoing.text):
            raise NetworkError(_("%(network)s takes five links in a post at most") % self.named, "give_up")
        form = {"media_type": "TEXT", "text": outgoing.text}
        if outgoing.in_reply_to:
            form["reply_to_id"] = outgoing.in_reply_to
        made, _answer = self.ask(account, "POST", "me/threads", payload=form, acting=False)
        container = {"creation_id": identifier(made.get("id"))}
        if not container["creation_id"]:
            raise NetworkError(_("%(network)s prepared something and did not say what") % self.named, "retry")
        body, _answer = self.ask(account, "POST", "me/threads_publish", payload=container)
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(_("%(network)s stored something and did not say what") % self.named, "unknown")
        return Published(own, None, datetime.now(UTC))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words among what we wrote."""
        path = "replies" if outgoing.in_reply_to else "threads"
        params = {"fields": "id,text,timestamp,permalink,replied_to", "limit": "100"}
        body, _answer = self.ask(account, "GET", f"me/{path}", params=params)
        for entry in entries(self.title, body):
            there = identifier(mapping(entry.get("replied_to")).get("id")) == (outgoing.in_reply_to or "")
            if there and fits(entry.get("text"), entry.get("timestamp"), outgoing):
                address = text(entry.get("permalink")) or None
                return Published(identifier(entry.get("id")), address, moment(entry.get("timestamp")))
        raise_unless_whole(self.title, body, "timestamp", outgoing)
        return None

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides a reply under our post."""
        self.ask(account, "POST", f"{external_id}/manage_reply", payload={"hide": hidden}, acting=False)

    def _conversations(self, account: Account, since: datetime, whole: list[bool]) -> list[dict[str, Any]]:
        """The answers under each of our newest posts that has any, newest first; of ours, `fetch` has them.

        Of each post all that were written since then; `whole` becomes false if those were too many.
        """
        params = {"fields": "id,has_replies", "limit": str(POSTS_LOOKED_UNDER)}
        newest, _answer = self.ask(account, "GET", "me/threads", params=params)
        found = []
        for post in maps(newest.get("data")):
            after, number = None, 0
            while post.get("has_replies") is True and number < _MOST_PAGES:
                asked = {"fields": THREAD, "reverse": "true", "limit": "50"} | ({"after": after} if after else {})
                page, after = self._page(account, f"{identifier(post.get('id'))}/conversation", asked)
                found += page
                number += 1
                if after is None or not page or moment(page[-1]["created_at"]) < since:
                    break
            else:
                whole[0] = whole[0] and number < _MOST_PAGES
        return sorted(found, key=lambda item: moment(item["created_at"]), reverse=True)

    def _newest(self, account: Account) -> Iterator[dict[str, Any]]:
        yield from self._list(account, "mentions", None)[0]
        yield from self._conversations(account, datetime.now(UTC), [True])

    def _list(self, account: Account, name: str, after: str | None) -> Page:
        params = {"fields": THREAD, "limit": "50"} | ({"after": after} if after else {})
        return self._page(account, f"me/{name}", params)

    def _page(self, account: Account, path: str, params: Mapping[str, str]) -> Page:
        body, _answer = self.ask(account, "GET", path, params=params)
        return [self._post(entry) for entry in maps(body.get("data"))], following(body)

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


def _root(account: Account) -> str:
    """Where tokens are given: beside the version that everything else is below."""
    return account.base_url.rstrip("/").removesuffix("/v1.0")


NETWORK = Threads()
