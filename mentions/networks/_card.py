"""What Bluesky shows under a post: its pictures, or the card of its only link with what the page says of itself.

Nobody makes the card for us: whoever posts reads the page. It is an ornament, read through the guarded client within a
few seconds; a page that does not answer gets a card with its host alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from mentions import http
from mentions.networks import Account, NetworkError, Picture
from mentions.networks._atproto import upload
from mentions.networks._facets import host, links
from mentions.pictures.making import NotAPicture, make

PAGE: Final = 512 * 1024
PICTURE: Final = 4 * 1024 * 1024
HEAVIEST: Final = 1_000_000  # of the picture on a card, by the network's rule
LONGEST_S: Final = 5.0
_SIDES: Final = (1000, 600, 300)
_TITLE: Final = 300
_DESCRIPTION: Final = 1000
_REDIRECTS: Final = 3


def pictured(account: Account, pictures: Sequence[Picture]) -> dict[str, Any] | None:
    """A post's pictures, left with our server; None where it has none. Raises `NetworkError`, never "unknown"."""
    if not pictures:
        return None
    shown = [
        {
            "image": upload(account, one.type, one.body).get("blob"),
            "alt": one.alt,
            "aspectRatio": {"width": one.width, "height": one.height},
        }
        for one in pictures
    ]
    if not all(isinstance(one["image"], dict) for one in shown):
        raise NetworkError(_("Bluesky took a picture and did not say what it calls it"), "retry")
    return {"$type": "app.bsky.embed.images", "images": shown}


def card(account: Account, text: str) -> dict[str, Any] | None:
    """The card for the only link of a text; None where there is none or more than one."""
    uris = {uri for _start, _end, uri in links(text)}
    if len(uris) != 1:
        return None
    uri = uris.pop()
    told = _told(account, uri)
    external: dict[str, Any] = {
        "uri": uri,
        "title": (told.get("og:title") or told.get("title") or host(uri))[:_TITLE],
        "description": (told.get("og:description") or told.get("description") or "")[:_DESCRIPTION],
    }
    if told.get("og:image") and (thumb := _thumb(account, urljoin(uri, told["og:image"]))):
        external["thumb"] = thumb
    return {"$type": "app.bsky.embed.external", "external": external}


def _told(account: Account, uri: str) -> dict[str, str]:
    """What the page says of itself in its head."""
    page = _fetched(account, uri, PAGE)
    if page is None or "html" not in page.headers.get("content-type", ""):
        return {}
    head = _Head()
    head.feed(page.body.decode(errors="replace"))
    return head.told


def _thumb(account: Account, uri: str) -> object:
    """The page's picture, drawn anew and left with our server; None if it is none or too heavy."""
    found = _fetched(account, uri, PICTURE)
    if found is None:
        return None
    try:
        made = next((made for side in _SIDES if len((made := make(found.body, side)).body) <= HEAVIEST), None)
        return upload(account, made.type, made.body).get("blob") if made is not None else None
    except (NotAPicture, NetworkError):
        return None


def _fetched(account: Account, uri: str, most: int) -> http.Response | None:
    try:
        answer = http.request(
            "GET",
            uri,
            redirects=_REDIRECTS,
            max_bytes=most,
            total_s=LONGEST_S,
            repeatable=False,
            local=account.local,
            keys=False,
        )
    except http.HttpFailure:
        return None
    return answer if answer.status == 200 else None


class _Head(HTMLParser):
    """The title and the descriptions of a page; the first of each counts."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_title = tag == "title"
        name = (given.get("property") or given.get("name") or "").lower()
        if tag == "meta" and name and given.get("content"):
            self.told.setdefault(name, " ".join(str(given["content"]).split()))

    def handle_data(self, data: str) -> None:
        if self._in_title and data.strip():
            self.told.setdefault("title", " ".join(data.split()))

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
