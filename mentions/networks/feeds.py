"""Blogs, news and forums: RSS, Atom, JSON Feed and news sitemaps, read politely and never written to.

The account's `base_url` is the feed. Identifiers are `feed#guid`, where `feed` is the configured address
without its query, which may hold a token. A changed entry becomes an edit; one that leaves the feed was not
deleted, the feed is only so long. The cursor keeps the validators for the next conditional GET, the address
that the feed permanently moved to, a print of each entry that is in the feed, and when each sitemap of an index
changed.

A feed that offers a hub (WebSub) is delivered too: what a delivery holds is stored at once, and the feed is asked
then, since a delivery may hold less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext_lazy as _

from mentions import http
from mentions.http import Response
from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Field,
    Limits,
    Malformed,
    Network,
    NetworkError,
    Offer,
    Probe,
)
from mentions.networks import _websub as websub
from mentions.networks._answers import lost, refused, wait_until
from mentions.networks._documents import (
    LARGEST,
    Document,
    Entry,
    NoDocument,
    Part,
    feed_of_page,
    of_answer,
    packed,
    read,
)
from mentions.posts import MAX_AUTHOR_ID, MAX_ID

REDIRECTS: Final = 5
LONGEST_TEXT: Final = 20_000
PARTS_AT_ONCE: Final = 5
PARTS_KNOWN: Final = 500
DELIVERED: Final = 128 * 1024
PRINTS: Final = 3_000  # of an index, whose sitemaps are not all read every time
FAULT_WAIT: Final = timedelta(minutes=10)
GONE_WAIT: Final = timedelta(hours=1)
_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, "
    "application/json;q=0.8, */*;q=0.1"
)


class _Away(Exception):
    """A sitemap cannot be had from its host now."""


class Feeds(Network):
    """The connector. It needs no secrets from anybody and publishes nothing."""

    key = "feeds"
    title = "Feeds and news"
    capabilities = Capabilities(fetch=True, subscribe=True)
    limits = Limits(max=0, private_max=0)
    tells = frozenset({"edit"})
    poll_every_s = 300
    fields = (
        Field("base_url", _("Address of the feed"), _("RSS, Atom, JSON Feed, or a sitemap of news; not of the page.")),
    )

    def probe(self, account: Account) -> Probe:
        """Whether there is a feed at the address; asked once, since after that the polling shows it."""
        if account.settings.get("feed") == account.base_url:
            return Probe(account.account_id, account.handle)
        answer = self._get(account, account.base_url, {"accept": _ACCEPT})
        try:
            of_answer(answer)
        except NoDocument as no:
            instead = _joined(answer.url, feed_of_page(answer.headers, answer.body))
            hint = _("; the page there names %(address)s as its feed") % {"address": instead} if instead else ""
            raise NetworkError(f"{no}{hint}", "give_up") from None
        return Probe(account.account_id, account.handle, settings={"feed": account.base_url})

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """Asks for the feed unless it is as it was; new entries, and edits of changed ones."""
        if cursor.get("for") != account.base_url:
            cursor = {"for": account.base_url}
        headers = {"accept": _ACCEPT}
        if cursor.get("etag"):
            headers["if-none-match"] = str(cursor["etag"])
        if cursor.get("modified"):
            headers["if-modified-since"] = str(cursor["modified"])
        answer = self._get(account, str(cursor.get("url") or account.base_url), headers)
        if answer.status == 304:
            return Fetched((), cursor, wait_until(answer), offer=_offer(cursor.get("hub"), cursor.get("topic")))
        document = self._document(answer)
        before: dict[str, str] = dict(cursor.get("seen") or {})
        following: dict[str, Any] = {"for": account.base_url}
        if document.parts:
            items, seen, following["parts"], more, away = self._parts(account, document.parts, cursor, answer.url)
        else:
            items, seen = _changes(document, account, before, answer.url)
            more, away = False, []
        # A feed in which nothing is known any more may have been longer in between than it is.
        complete = bool(document.parts) or not before or not seen or not before.keys().isdisjoint(seen)
        following["seen"] = seen
        if away:
            following["away"] = [_print(address) for address in away]
        if not more and not away:  # the index may stay as it is, and is read again all the same
            for name, header in (("etag", "etag"), ("modified", "last-modified")):
                if 0 < len(answer.headers.get(header, "")) <= 500:
                    following[name] = answer.headers[header]
        if answer.moved:
            following["url"] = answer.url
        elif cursor.get("url"):
            following["url"] = cursor["url"]
        offer = _offer(_joined(answer.url, document.hub), _joined(answer.url, document.topic) or answer.url)
        if offer is not None:
            following |= {"hub": offer.hub, "topic": offer.topic}
        again = datetime.now(UTC) if more else wait_until(answer)
        trouble = (
            _("of the sitemaps that its index names this cannot be read now: %(names)s") % {"names": ", ".join(away)}
            if away
            else ""
        )
        return Fetched(tuple(items), following, again, complete=complete, offer=offer, trouble=trouble, more=bool(away))

    def subscribe(self, account: Account, offer: Offer, callback: str, *, wanted: bool) -> None:
        """Asks the feed's hub to deliver, or to stop."""
        websub.ask(self.title, account, offer, callback, wanted=wanted)

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """The hub's signature over the raw body, under the secret that it was given."""
        websub.verify(headers, body, secrets)

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """The body's hash, since deliveries have no name."""
        return hashlib.sha256(body).hexdigest()

    def delivered(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
        """The entries of a delivery; one without a body only says that something is new.

        So does one that is long or packed: it is read while others wait to deliver, and the feed is asked for anyway.
        """
        if not body.strip() or len(body) > DELIVERED or packed(body):
            return []
        try:
            document = read(headers, body)
        except NoDocument as no:
            raise Malformed(str(no)) from None
        return _changes(document, account, {}, account.base_url)[0]

    def _get(self, account: Account, address: str, headers: Mapping[str, str]) -> Response:
        answer = self._answer(account, address, headers)
        if answer.status not in (200, 304):
            raise self._refused(answer)
        return answer

    def _answer(self, account: Account, address: str, headers: Mapping[str, str]) -> Response:
        try:
            return http.request(
                "GET",
                address,
                headers=headers,
                local=account.local,
                keys=False,
                redirects=REDIRECTS,
                max_bytes=LARGEST,
            )
        except http.HttpFailure as failure:
            error = lost(self.title, failure, acting=False)
            error.retry_at = _now() + FAULT_WAIT
            raise error from None

    def _document(self, answer: Response) -> Document:
        try:
            return of_answer(answer)
        except NoDocument as no:
            raise NetworkError(str(no), "poison") from None

    def _parts(
        self, account: Account, parts: Sequence[Part], cursor: Mapping[str, Any], index: str
    ) -> tuple[list[dict[str, Any]], dict[str, str], dict[str, str], bool, list[str]]:
        """What the sitemaps of an index hold that changed since, newest first and a few at a time.

        Only those on the index's own host are read: whoever writes an index could name any address. One that is not
        there or is no sitemap is left alone until the index says that it changed; those that their host cannot give
        now are told last, are still to come, and wait behind the others.
        """
        known, seen = dict(cursor.get("parts") or {}), dict(cursor.get("seen") or {})
        host = urlsplit(index).netloc
        own = [part for part in parts if urlsplit(_joined(index, part.address) or "").netloc == host]
        newest = sorted(own, key=lambda part: part.changed, reverse=True)[:PARTS_KNOWN]
        due = [part for part in newest if not part.changed or known.get(_print(part.address)) != part.changed]
        if not known:  # what was there before is no news
            known = {_print(part.address): part.changed for part in newest}
            due = due[:PARTS_AT_ONCE]
        waited = cursor.get("away") or ()
        due.sort(key=lambda part: _print(_joined(index, part.address) or "") in waited)
        items: list[dict[str, Any]] = []
        away: list[str] = []
        for part in due[:PARTS_AT_ONCE]:
            address = _joined(index, part.address) or ""
            try:
                document = self._part(account, address)
            except _Away:
                away.append(address)
                known[_print(part.address)] = ""
                continue
            if document is not None:
                changed, told = _changes(document, account, seen, address)
                items += changed
                seen = told | {name: kept for name, kept in seen.items() if name not in told}
            known[_print(part.address)] = part.changed
        there = {_print(part.address) for part in newest}
        known = {name: changed for name, changed in known.items() if name in there}
        undated = sum(not part.changed for part in due)
        return items, dict(list(seen.items())[:PRINTS]), known, len(due) - undated > PARTS_AT_ONCE, away

    def _part(self, account: Account, address: str) -> Document | None:
        """A sitemap of an index; None for what is not there or is none. Raises `_Away`, or `NetworkError` for 429."""
        try:
            answer = self._answer(account, address, {"accept": _ACCEPT})
        except NetworkError:
            raise _Away from None
        if answer.status == 429:
            raise self._refused(answer)
        if answer.status == 408 or answer.status >= 500:
            raise _Away
        try:
            return of_answer(answer) if answer.status == 200 else None
        except NoDocument:
            return None

    def _refused(self, answer: Response) -> NetworkError:
        if answer.status == 410:
            return NetworkError(_("the feed is gone for good"), "give_up")
        if answer.status == 404:
            return NetworkError(_("there is no feed at this address"), "retry", _now() + GONE_WAIT)
        error = refused(self.title, answer, acting=False)
        if error.follow == "retry" and error.retry_at is None:
            error.retry_at = _now() + FAULT_WAIT
        return error


def _changes(
    document: Document, account: Account, before: Mapping[str, str], address: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The new and changed entries, and the prints of all that are there now."""
    feed_id = _feed_id(account.base_url)
    items: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    for entry in document.entries:
        item = _item(entry, document.title, feed_id, address)
        if item is None:
            continue
        name, content = _print(item["external_id"]), _print(item["text"])
        if name in seen:
            continue
        seen[name] = content
        known = before.get(name)
        if known is None:
            items.append(item)
        elif known != content:
            told = {part: item[part] for part in ("network", "external_id", "text")}
            items.append(told | {"op": "edit", "edited_at": (entry.updated or _now()).isoformat()})
    return items, seen


def _item(entry: Entry, title: str, feed_id: str, address: str) -> dict[str, Any] | None:
    media = [dict(one) for one in entry.media]
    if not entry.text and not media:
        return None
    feed_title = title or feed_id
    name = entry.author or feed_title
    guid = entry.own or _print(f"{entry.title}\n{entry.body}")
    return {
        "network": Feeds.key,
        "external_id": _bounded(f"{feed_id}#{guid}", MAX_ID),
        "kind": "post",
        "visibility": "public",
        "author": {
            "id": _bounded(f"{feed_id}#{name}", MAX_AUTHOR_ID),
            "handle": feed_id.partition("/")[0],
            "name": name,
        },
        "text": entry.text[:LONGEST_TEXT],
        "created_at": (entry.published or entry.updated or _now()).isoformat(),
        "url": _joined(address, entry.link),
        "lang": entry.language,
        "media": media,
        "feed": feed_title,
    }


def _offer(hub: object, topic: object) -> Offer | None:
    return Offer(hub, topic) if isinstance(hub, str) and isinstance(topic, str) and hub and topic else None


def _feed_id(address: str) -> str:
    """The feed's name in identifiers: its host and path, and a print of its query, which may be a secret."""
    parts = urlsplit(address)
    query = f"~{_print(parts.query)}" if parts.query else ""
    return f"{parts.hostname or ''}{parts.path.rstrip('/')}{query}"[:120]


def _joined(address: str, link: str) -> str | None:
    try:
        return urljoin(address, link) if link else None
    except ValueError:
        return None


def _bounded(name: str, limit: int) -> str:
    if len(name) <= limit:
        return name
    return f"{name[: limit - 33]}~{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _print(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _now() -> datetime:
    return datetime.now(UTC)


NETWORK = Feeds()
