"""Mastodon's statuses in the product's form, whatever is missing or misshapen in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from mentions.networks._plaintext import plain
from mentions.networks._shapes import mapping, maps, reposted
from mentions.networks._shapes import text as string

KEY: Final = "mastodon"
# Whatever a server says beyond these was not meant for everybody.
OPEN: Final = ("public", "unlisted")
# Of the kinds of notification those that concern us: who follows or likes us does not.
HEARD: Final = ("mention", "quote", "update")
LONGEST_MARKUP: Final = 200_000

_MEDIA: Final = {"image": "image", "video": "video", "gifv": "animation", "audio": "audio"}
_NAMED: Final = re.compile(r"@(\w+)(?:@[\w.-]+)?")


def post(status: Mapping[str, Any], thread: tuple[object, object], here: str) -> dict[str, Any]:
    """A status; `thread` is its parent and its root, `here` the host whose people are named without one."""
    account = status.get("account")
    private = status.get("visibility") not in OPEN
    quote = mapping(status.get("quote"))
    quoted = mapping(quote.get("quoted_status")) or quote
    parent, root = thread
    words = text(status)
    if passed_on := mapping(status.get("reblog")):
        words = reposted(string(handle(mapping(passed_on.get("account")), here)), string(text(passed_on)))
    item: dict[str, Any] = {
        "network": KEY,
        "external_id": uri(status),
        "kind": "message" if private else "reply" if status.get("in_reply_to_id") else "quote" if quoted else "post",
        "visibility": "private" if private else "public",
        "author": author(account, here) if isinstance(account, dict) else account,
        "text": words,
        "created_at": status.get("created_at"),
        "url": status.get("url"),
        "in_reply_to": parent,
        "conversation_id": root or uri(status),
        "lang": status.get("language"),
        "metrics": {
            "likes": status.get("favourites_count"),
            "reposts": status.get("reblogs_count"),
            "replies": status.get("replies_count"),
        },
        "media": [
            {
                "url": one.get("url") or one.get("remote_url"),
                "type": _MEDIA.get(str(one.get("type")), "other"),
                "alt": one.get("description"),
            }
            for one in maps(status.get("media_attachments"))
        ],
    }
    if quoted:
        item["quoted"] = {"external_id": uri(quoted), "text": text(quoted)}
    if options := [entry.get("title") for entry in maps(mapping(status.get("poll")).get("options"))]:
        item["options"] = options
    return item


def author(account: Mapping[str, Any], here: str) -> dict[str, Any]:
    """Whose status it is: by the address that is theirs on every server, and the name that works from every one."""
    return {
        "id": uri(account),
        "handle": handle(account, here),
        "name": account.get("display_name") or account.get("username"),
        "followers": account.get("followers_count"),
        "verified": False,
        "avatar_url": account.get("avatar_static") or account.get("avatar"),
        "created_at": account.get("created_at"),
    }


def handle(account: Mapping[str, Any], here: str) -> object:
    """user@host, for people of our own server as well."""
    acct = account.get("acct")
    return f"{acct}@{here}" if isinstance(acct, str) and acct and "@" not in acct else acct


def uri(thing: Mapping[str, Any]) -> object:
    """What a status or a person is called on every server. Older servers give people only their page."""
    return thing.get("uri") or thing.get("url")


def text(status: Mapping[str, Any]) -> object:
    """The words, with those that were put before them as a warning. What is no text stays as it is."""
    content, warning = status.get("content"), status.get("spoiler_text")
    if not isinstance(content, str):
        return content
    words = plain(content[:LONGEST_MARKUP])
    said = warning.strip() if isinstance(warning, str) else ""
    return f"{said}\n\n{words}".strip() if said else words


def mark(status: Mapping[str, Any]) -> str:
    """A print of what a status says, which changes with every edit."""
    said = f"{status.get('spoiler_text')}\n{status.get('content')}"
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]


def gist(words: object) -> str:
    """A text as it compares with what a server made of it: people without their servers, one kind of space."""
    return " ".join(_NAMED.sub(r"@\1", str(words)).split()).casefold()


def newest(ids: Iterable[str]) -> str:
    """The greatest identifier: numbers by their value, others by their letters; empty without any."""
    return max(ids, key=lambda one: (one.isdigit(), len(one) if one.isdigit() else 0, one), default="")


def host(address: object) -> str:
    """The host and port of an address, as a server names itself; nothing for what is none."""
    try:
        return urlsplit(str(address)).netloc.lower()
    except ValueError:
        return ""


def whole_number(value: object, otherwise: int) -> int:
    """A number above nought that a server or a cursor holds, if it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10_000_000 else otherwise


def heard(notifications: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The statuses of what concerns us: who follows or likes us does not."""
    wanted = [entry for entry in notifications if entry.get("type", "mention") in HEARD]
    return [status if isinstance(status := entry.get("status"), dict) else {"account": status} for entry in wanted]
