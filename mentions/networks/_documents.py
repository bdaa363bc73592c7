"""The documents in which sites tell what is new: RSS, Atom, JSON Feed and sitemaps, read into one shape.

Whoever wrote them is a stranger. No entity of their own is expanded, nothing is unpacked past a bound, and what has
another shape than hoped for is left out.
"""

from __future__ import annotations

import calendar
import codecs
import io
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Final
from xml.etree import ElementTree

import feedparser
from django.utils.translation import gettext as _

from mentions.http import Response
from mentions.networks._plaintext import plain
from mentions.networks._shapes import identifier, mapping, maps, text
from mentions.posts import MAX_MEDIA, BadPost, parse_time

LARGEST: Final = 3 * 1024 * 1024
UNPACKED: Final = 12 * 1024 * 1024
LONGEST_MARKUP: Final = 100_000
ENTRIES: Final = 200
NEWS: Final = 1_000  # what a news sitemap may hold

_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
# Python knows codecs that take quadratic time; feeds are written in these.
_KNOWN: Final = re.compile(
    r"utf-?(8|16|32)([-_]?[lb]e)?|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|windows-12\d\d|cp125\d|koi8-[ru]"
    r"|gb2312|gbk|gb18030|big5|shift[_-]jis|euc-(jp|kr)",
    re.IGNORECASE,
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ROOT: Final = re.compile(r"<(?:\w{1,20}:)?(urlset|sitemapindex)[\s>]")
_LINK: Final = re.compile(r'<([^<>]{1,1000})>((?:\s*;\s*[\w*!-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_REL: Final = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)
_GZIP: Final = b"\x1f\x8b"
_HEAD_OF_PAGE: Final = 200_000
_FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})


class NoDocument(ValueError):
    """It cannot be read as any of the forms, or is refused; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article. `own` names it within its document; `author` is empty where only the site is known."""

    own: str
    title: str
    body: str
    link: str = ""
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    media: tuple[dict[str, str], ...] = ()

    @property
    def text(self) -> str:
        """Headline and body. Many bodies open with the headline, or the headline is only the body's beginning."""
        said = self.body.startswith(self.title) and not self.body[len(self.title) : len(self.title) + 1].isalnum()
        return self.body if said else f"{self.title}\n\n{self.body}".strip()


@dataclass(frozen=True, slots=True)
class Part:
    """One sitemap that an index names, and when it changed, in the index's own words."""

    address: str
    changed: str


@dataclass(frozen=True, slots=True)
class Document:
    """What was read. `hub` and `topic` are offered for WebSub; `parts` are the sitemaps of an index."""

    title: str = ""
    entries: tuple[Entry, ...] = ()
    parts: tuple[Part, ...] = ()
    hub: str = ""
    topic: str = ""


@dataclass(slots=True)
class _Links:
    """Addresses by their relation; the first of each counts."""

    found: dict[str, str] = field(default_factory=dict)

    def add(self, relation: object, address: object) -> None:
        for name in text(relation).lower().split():
            if text(address):
                self.found.setdefault(name, text(address))


def read(headers: Mapping[str, str], body: bytes) -> Document:
    """The document of an answer or a delivery. Raises `NoDocument`."""
    content = _decoded(headers, _unpacked(body))
    links = _Links()
    for address, told in _LINK.findall(headers.get("link", "")[:8_000]):
        for relation in _REL.findall(told):
            links.add(relation[0] or relation[1], address)
    start = content.lstrip("\ufeff \t\r\n")[:2_000]
    if start.startswith("{"):
        return _json_feed(content, links)
    # Entities are how a small document becomes a huge one or reads local files; no site has a use for its own.
    if "<!entity" in content.lower():
        raise NoDocument(_("the document defines entities, which is refused"))
    if found := _ROOT.search(start):
        return _sitemap(content, index=found[1] == "sitemapindex")
    return _feed(content, links)


def of_answer(answer: Response) -> Document:
    """The document that a site answered with. Raises `NoDocument`."""
    return read(answer.headers, answer.body)


def feed_of_page(headers: Mapping[str, str], body: bytes) -> str:
    """The address that a page names as its feed, as it stands there; empty without one."""
    reader = _Alternates()
    reader.feed(_decoded(headers, body)[:_HEAD_OF_PAGE])
    return reader.found


class _Alternates(HTMLParser):
    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        feed = told.get("type", "").lower() in _FEED_TYPES and "alternate" in told.get("rel", "").lower().split()
        if tag == "link" and feed and not self.found:
            self.found = told.get("href", "")[:500]


def _feed(content: str, links: _Links) -> Document:
    # Bytes in a file, since the parser takes a plain string for an address or a path.
    document = io.BytesIO(content.encode("utf-8", "replace"))
    headers = {"content-type": "application/xml; charset=utf-8"}
    parsed = feedparser.parse(document, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        raise NoDocument(_("that is no feed"))
    for link in parsed.feed.get("links") or []:
        links.add(link.get("rel"), link.get("href"))
    language = parsed.feed.get("language")
    entries = tuple(_entry(entry, language) for entry in parsed.entries[:ENTRIES])
    title = plain(str(parsed.feed.get("title") or ""))
    return Document(title, entries, hub=links.found.get("hub", ""), topic=links.found.get("self", ""))


def _entry(entry: Any, language: object) -> Entry:
    bodies = [str(part.get("value") or "") for part in entry.get("content") or []]
    detail = entry.get("author_detail") or {}
    attached = [*(entry.get("enclosures") or []), *(entry.get("media_content") or [])]
    link = str(entry.get("link") or "")
    return Entry(
        own=str(entry.get("id") or link),
        title=plain(str(entry.get("title") or "")[:LONGEST_MARKUP]),
        body=plain(max([*bodies, str(entry.get("summary") or "")], key=len)[:LONGEST_MARKUP]),
        link=link,
        author=plain(str(detail.get("name") or entry.get("author") or "")),
        published=_parsed_time(entry.get("published_parsed")),
        # Asked for outright, the parser gives the time of publication for one that is missing.
        updated=_parsed_time(entry["updated_parsed"]) if "updated_parsed" in entry else None,
        language=text(entry.get("language") or language) or None,
        media=_media([(one.get("href") or one.get("url"), one.get("type") or one.get("medium")) for one in attached]),
    )


def _json_feed(content: str, links: _Links) -> Document:
    try:
        feed = mapping(json.loads(content))
    except (ValueError, RecursionError):
        raise NoDocument(_("that is no feed")) from None
    if not text(feed.get("version")).startswith("https://jsonfeed.org/version/1"):
        raise NoDocument(_("that is no feed"))
    for hub in maps(feed.get("hubs")):
        if text(hub.get("type")).lower() == "websub":
            links.add("hub", hub.get("url"))
    links.add("self", feed.get("feed_url"))
    entries = tuple(_json_entry(item, feed) for item in maps(feed.get("items"))[:ENTRIES])
    title = plain(text(feed.get("title")))
    return Document(title, entries, hub=links.found.get("hub", ""), topic=links.found.get("self", ""))


def _json_entry(item: Mapping[str, Any], feed: Mapping[str, Any]) -> Entry:
    link = text(item.get("url")) or text(item.get("external_url"))
    written = text(item.get("content_text")) or plain(text(item.get("content_html"))[:LONGEST_MARKUP])
    # Version 1 has one `author`, version 1.1 a list; an entry without one is the feed's author's.
    authors = [*maps(item.get("authors")), mapping(item.get("author")), *maps(feed.get("authors"))]
    attached = [(one.get("url"), one.get("mime_type")) for one in maps(item.get("attachments"))]
    return Entry(
        own=identifier(item.get("id")) or link,
        title=plain(text(item.get("title"))[:LONGEST_MARKUP]),
        body=(written or plain(text(item.get("summary"))))[:LONGEST_MARKUP],
        link=link,
        author=next((plain(text(one.get("name"))) for one in authors if text(one.get("name"))), ""),
        published=_written_time(item.get("date_published")),
        updated=_written_time(item.get("date_modified")),
        language=text(item.get("language") or feed.get("language")) or None,
        media=_media([(item.get("image") or item.get("banner_image"), "image"), *attached]),
    )


def _sitemap(content: str, *, index: bool) -> Document:
    try:
        root = ElementTree.fromstring(content)  # noqa: S314  entities are refused above, and nothing else expands
    except (ElementTree.ParseError, ValueError):
        raise NoDocument(_("the sitemap is no well-formed document")) from None
    if index:
        return Document(parts=tuple(Part(_said(one, "loc"), _said(one, "lastmod")) for one in _named(root, "sitemap")))
    entries = []
    title = ""
    for url in _named(root, "url"):
        news = next(_named(url, "news"), None)
        if news is None:
            continue
        publication = next(_named(news, "publication"), news)
        title = title or _said(publication, "name")
        pictures = [(_said(image, "loc"), "image") for image in _named(url, "image")]
        published = _written_time(_said(news, "publication_date"))
        entries.append(
            Entry(
                own=_said(url, "loc"),
                title=plain(_said(news, "title")),
                body="",
                link=_said(url, "loc"),
                author=plain(_said(publication, "name")),
                published=published,
                updated=_written_time(_said(url, "lastmod")),
                language=_said(publication, "language") or None,
                media=_media(pictures),
            )
        )
    return Document(title, tuple(entries[:NEWS]))


def _named(element: ElementTree.Element, name: str) -> Any:
    """The children of this name; every name of a sitemap and its extensions means one thing."""
    return (child for child in element if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name)


def _said(element: ElementTree.Element, name: str) -> str:
    found = next(_named(element, name), None)
    return (found.text or "").strip() if found is not None else ""


def _media(attached: Sequence[tuple[object, object]]) -> tuple[dict[str, str], ...]:
    found: dict[str, dict[str, str]] = {}
    for address, told in attached[:MAX_MEDIA]:
        kind = text(told).partition("/")[0]
        if text(address) and kind in {"image", "video", "audio"}:
            found.setdefault(text(address), {"url": text(address), "type": kind, "alt": ""})
    return tuple(found.values())


def packed(body: bytes) -> bool:
    """Whether a document is packed, whatever the headers say."""
    return body.startswith(_GZIP)


def _unpacked(body: bytes) -> bytes:
    """What a packed file holds: sitemaps often lie packed on the server."""
    if not packed(body):
        return body
    unpack = zlib.decompressobj(wbits=31)
    try:
        content = unpack.decompress(body, UNPACKED)
    except zlib.error:
        raise NoDocument(_("the packed document is broken")) from None
    if unpack.unconsumed_tail:
        raise NoDocument(_("the packed document holds more than %(most)d bytes") % {"most": UNPACKED})
    return content


def _decoded(headers: Mapping[str, str], body: bytes) -> str:
    """The document as text, by its byte order mark, else its headers, else its own word, else UTF-8."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    told = _CHARSET.search(headers.get("content-type", ""))
    declared = _DECLARED.match(body.lstrip()[:300])
    for name in (told and told[1], declared and declared[1].decode()):
        if name and _KNOWN.fullmatch(name):
            try:
                return body.decode(name, "replace")
            except LookupError:
                continue
    return body.decode("utf-8", "replace")


def _parsed_time(parsed: Any) -> datetime | None:
    """The time that the parser read, as UTC; nothing for one that cannot be."""
    if not parsed:
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return moment if 1990 <= moment.year < 2100 else None


def _written_time(value: object) -> datetime | None:
    """A time of RFC 3339, or a day; nothing for one that cannot be."""
    try:
        return parse_time(value)
    except BadPost:
        pass
    try:
        day = datetime.fromisoformat(text(value)).replace(tzinfo=UTC)
    except ValueError:
        return None
    return day if 1990 <= day.year < 2100 else None
