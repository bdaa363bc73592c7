"""Links, people and tags in a Bluesky text: marks beside the text, counted in the bytes of its UTF-8 form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from mentions.networks._length import graphemes

LONGEST_TAG: Final = 64
MOST_PEOPLE: Final = 10

_HANDLE: Final = re.compile(r"(?:^|(?<=[\s(]))@((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63})\b")
_LINK: Final = re.compile(r"(?:^|(?<=[\s(]))https?://\S+", re.IGNORECASE)
_UNSEEN: Final = "\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2"
_TAG: Final = re.compile(rf"(?:^|(?<=\s))[#＃](?!\ufe0f)([^\s{_UNSEEN}]+)")


def facets(text: str, resolve: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """The marks of a text, in its order. `resolve` gives the identifier behind a handle, None if nobody has it."""
    found: list[tuple[int, int, dict[str, str]]] = [(start, end, _link(uri)) for start, end, uri in links(text)]
    asked: dict[str, str | None] = {}
    for match in _HANDLE.finditer(text):
        handle = match[1].lower()
        if handle not in asked and len(asked) < MOST_PEOPLE:
            asked[handle] = resolve(handle)
        did = asked.get(handle)
        if did:
            found.append((match.start(), match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}))
    for match in _TAG.finditer(text):
        tag = _without_end(match[1])
        if any(not (sign.isdigit() or unicodedata.category(sign)[0] == "P") for sign in tag):
            mark = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
            if graphemes(tag) <= LONGEST_TAG:
                found.append((match.start(), match.start() + 1 + len(tag), mark))
    marks = []
    covered = 0
    for start, end, feature in sorted(found, key=lambda mark: mark[:2]):
        if start >= covered:
            first = len(text[:start].encode())
            index = {"byteStart": first, "byteEnd": first + len(text[start:end].encode())}
            marks.append({"index": index, "features": [feature]})
            covered = end
    return marks


def links(text: str) -> list[tuple[int, int, str]]:
    """Where each web address begins and ends, and the address, without what only ends the sentence."""
    found = []
    for match in _LINK.finditer(text):
        uri = match[0].rstrip(".,;:!?\"'")
        while uri.endswith(")") and uri.count(")") > uri.count("("):
            uri = uri[:-1].rstrip(".,;:!?\"'")
        if host(uri):
            found.append((match.start(), match.start() + len(uri), uri))
    return found


def host(uri: str) -> str:
    """The host that an address names, nothing if it names none."""
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _link(uri: str) -> dict[str, str]:
    return {"$type": "app.bsky.richtext.facet#link", "uri": uri}


def _without_end(tag: str) -> str:
    while tag and unicodedata.category(tag[-1])[0] == "P":
        tag = tag[:-1]
    return tag
