"""RSS and Atom: blogs and news, read politely and never written to.

The account's `base_url` is the feed. Identifiers are `feed#guid`, where `feed` is the configured address
without its query, which may hold a token. A changed entry becomes an edit; one that leaves the feed was not
deleted, the feed is only so long. The cursor keeps the validators for the next conditional GET, the address
that the feed permanently moved to, and a print of each entry that is in the feed.
"""

from __future__ import annotations

import calendar
import codecs
import hashlib
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import feedparser

from mentions import http
from mentions.http import Response
from mentions.networks import Account, Capabilities, Fetched, Limits, Network, NetworkError
from mentions.networks._answers import lost, refused, wait_until
from mentions.networks._plaintext import plain
from mentions.posts import MAX_AUTHOR_ID, MAX_ID, MAX_MEDIA

REDIRECTS: Final = 5
LARGEST: Final = 3 * 1024 * 1024
ENTRIES: Final = 200
LONGEST_TEXT: Final = 20_000
LONGEST_MARKUP: Final = 100_000
FAULT_WAIT: Final = timedelta(minutes=10)
GONE_WAIT: Final = timedelta(hours=1)

_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
# Python knows codecs that take quadratic time; feeds are written in these.
_KNOWN: Final = re.compile(
    r"utf-?(8|16|32)([-_]?[lb]e)?|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|windows-12\d\d|cp125\d|koi8-[ru]"
    r"|gb2312|gbk|gb18030|big5|shift[_-]jis|euc-(jp|kr)",
    re.IGNORECASE,
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Feeds(Network):
    """The connector. It needs no secrets and publishes nothing."""

    key = "feeds"
    title = "RSS and Atom"
    capabilities = Capabilities(fetch=True)
    limits = Limits(max=0, private_max=0)
    tells = frozenset({"edit"})

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """Asks for the feed unless it is as it was; new entries, and edits of changed ones."""
        if cursor.get("for") != account.base_url:
            cursor = {"for": account.base_url}
        headers = {
            "accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
        }
        if cursor.get("etag"):
            headers["if-none-match"] = str(cursor["etag"])
        if cursor.get("modified"):
            headers["if-modified-since"] = str(cursor["modified"])
        try:
            answer = http.request(
                "GET",
                str(cursor.get("url") or account.base_url),
                headers=headers,
                local=account.local,
                redirects=REDIRECTS,
                max_bytes=LARGEST,
            )
        except http.HttpFailure as failure:
            error = lost(self.title, failure, acting=False)
            error.retry_at = _now() + FAULT_WAIT
            raise error from None
        if answer.status == 304:
            return Fetched((), cursor, wait_until(answer))
        if answer.status != 200:
            raise self._refused(answer)
        items, seen = _read(answer, account, dict(cursor.get("seen") or {}))
        following: dict[str, Any] = {"for": account.base_url, "seen": seen}
        for name, header in (("etag", "etag"), ("modified", "last-modified")):
            if 0 < len(answer.headers.get(header, "")) <= 500:
                following[name] = answer.headers[header]
        if answer.moved:
            following["url"] = answer.url
        elif cursor.get("url"):
            following["url"] = cursor["url"]
        return Fetched(tuple(items), following, wait_until(answer))

    def _refused(self, answer: Response) -> NetworkError:
        if answer.status == 410:
            return NetworkError("the feed is gone for good", "give_up")
        if answer.status == 404:
            return NetworkError("there is no feed at this address", "retry", _now() + GONE_WAIT)
        error = refused(self.title, answer, acting=False)
        if error.follow == "retry" and error.retry_at is None:
            error.retry_at = _now() + FAULT_WAIT
        return error


def _read(answer: Response, account: Account, before: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The new and changed entries, and the prints of all that are there now."""
    text = _decoded(answer)
    # Entities are how a small document becomes a huge one or reads local files; no feed has a use for its own.
    if "<!entity" in text.lower():
        raise NetworkError("the feed defines entities, which is refused", "poison")
    # Bytes in a file, since the parser takes a plain string for an address or a path.
    document = io.BytesIO(text.encode("utf-8", "replace"))
    headers = {"content-type": "application/xml; charset=utf-8"}
    parsed = feedparser.parse(document, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        raise NetworkError("that is no feed", "poison")
    feed_id = _feed_id(account.base_url)
    items: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    for entry in parsed.entries[:ENTRIES]:
        item = _item(entry, parsed.feed, feed_id, answer.url)
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
            items.append(
                {
                    "network": Feeds.key,
                    "external_id": item["external_id"],
                    "op": "edit",
                    "text": item["text"],
                    "edited_at": (_moment(entry.get("updated_parsed")) or _now()).isoformat(),
                }
            )
    return items, seen


def _item(entry: Any, feed: Any, feed_id: str, address: str) -> dict[str, Any] | None:
    title = plain(str(entry.get("title") or "")[:LONGEST_MARKUP])
    bodies = [str(part.get("value") or "") for part in entry.get("content") or []]
    body = plain(max([*bodies, str(entry.get("summary") or "")], key=len)[:LONGEST_MARKUP])
    # Many feeds open the body with the title, or have no title but the body's beginning.
    said = body.startswith(title) and not body[len(title) : len(title) + 1].isalnum()
    text = body if said else f"{title}\n\n{body}".strip()
    link = str(entry.get("link") or "")
    guid = str(entry.get("id") or link) or _print(f"{title}\n{body}")
    media = _media(entry)
    if not text and not media:
        return None
    detail = entry.get("author_detail") or {}
    feed_title = plain(str(feed.get("title") or "")) or feed_id
    name = plain(str(detail.get("name") or entry.get("author") or "")) or feed_title
    created_at = _moment(entry.get("published_parsed")) or _moment(entry.get("updated_parsed")) or _now()
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
        "text": text[:LONGEST_TEXT],
        "created_at": created_at.isoformat(),
        "url": _joined(address, link),
        "lang": entry.get("language") or feed.get("language"),
        "media": media,
        "feed": feed_title,
    }


def _media(entry: Any) -> list[dict[str, str]]:
    attached = [*(entry.get("enclosures") or []), *(entry.get("media_content") or [])]
    found: dict[str, dict[str, str]] = {}
    for one in attached[:MAX_MEDIA]:
        url = str(one.get("href") or one.get("url") or "")
        kind = str(one.get("type") or one.get("medium") or "").partition("/")[0]
        if url and kind in {"image", "video", "audio"}:
            found.setdefault(url, {"url": url, "type": kind, "alt": ""})
    return list(found.values())


def _decoded(answer: Response) -> str:
    """The document as text, by its byte order mark, else its headers, else its own word, else UTF-8."""
    body = answer.body
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    told = _CHARSET.search(answer.headers.get("content-type", ""))
    declared = _DECLARED.match(body.lstrip()[:300])
    for name in (told and told[1], declared and declared[1].decode()):
        if name and _KNOWN.fullmatch(name):
            try:
                return body.decode(name, "replace")
            except LookupError:
                continue
    return body.decode("utf-8", "replace")


def _moment(parsed: Any) -> datetime | None:
    """The time that the parser read, as UTC; nothing for one that cannot be."""
    if not parsed:
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return moment if 1990 <= moment.year < 2100 else None


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
