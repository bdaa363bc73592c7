"""From whatever arrived to posts that may be written: parsed, scrubbed, nothing stored yet."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings

from mentions import posts, scrub
from mentions.models import Source
from mentions.posts import BadPost, Operation, Post
from mentions.storable import NotStorable, clean_text, cleaned

# Keys whose values name a post or a person on its network; `identifier` looks after what hides in them.
IDENTIFIERS = frozenset({"external_id", "id", "in_reply_to", "conversation_id"})
# Digits may hide behind JSON's escapes, also in a line that is not JSON as a whole.
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_LONG_DIGITS = re.compile(r"(?:\d[^\w]?){12,}")


@dataclass(slots=True)
class Clean:
    """A post as it may be stored. `redacted` names what was masked in the text."""

    post: Post
    raw: dict[str, Any]
    redacted: tuple[str, ...]


@dataclass(slots=True)
class Refused:
    """Input that is not a post: its scrubbed body and why."""

    external_id: str | None
    body: Any
    reason: str


@dataclass(slots=True)
class Batch:
    """What came in together from one source: `items` are decoded JSON objects, posts, or operations.

    `delivery` is the webhook's event identifier where there was one; the same delivery is taken once.
    `unparsed` holds lines that were not JSON, by their place among the items.
    """

    source: Source
    items: Sequence[object]
    delivery: str | None = None
    prepared: list[Clean | Operation | Refused] = field(default_factory=list)

    def prepare(self) -> None:
        """Fill `prepared`, one entry an item in the same order."""
        self.prepared = [prepare(item) for item in self.items]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is not JSON, kept among the items so that it is refused in its place."""

    line: str
    reason: str


def prepare(item: object) -> Clean | Operation | Refused:
    """Clean, scrub and read one item, in this order: what is read has been scrubbed. Never raises."""
    if isinstance(item, Unreadable):
        line = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), item.line)
        return Refused(None, {"line": scrub.scrub(clean_text(line)).text}, item.reason)
    if isinstance(item, Post | Operation):
        item = posts.dump(item)
    try:
        raw = _safe_identifiers(cleaned(item))
    except NotStorable as bad:
        return Refused(None, {"line": scrub.scrub(clean_text(repr(item)[:20_000])).text}, bad.reason)
    scrubbed, found = scrub.scrub_json(raw, keep=IDENTIFIERS)
    try:
        read = posts.read(scrubbed)
    except BadPost as bad:
        # Its identifiers may be anything, so they are not spared.
        body, _ = scrub.scrub_json(scrubbed)
        return Refused(_external_id(scrubbed), body, scrub.scrub(bad.reason).text[:300])
    if isinstance(read, Operation):
        return replace(read, raw={"redacted": list(found)})
    assert isinstance(scrubbed, dict)
    return Clean(read, scrubbed, found)


def identifier(value: str) -> str:
    """An identifier as it may be stored.

    One that reads as a card number is replaced by a keyed digest: the same identifier stays the same, so
    duplicates, edits and deletes still find their post, and no digit of it is written.
    """
    if not _LONG_DIGITS.search(value) or "card" not in scrub.scrub(value).found:
        return value
    digest = hmac.new(settings.CARD_EVIDENCE_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()
    return f"masked-{digest[:32]}"


def _safe_identifiers(value: Any) -> Any:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in IDENTIFIERS and isinstance(inner, str | int):
                if _LONG_DIGITS.search(str(inner)):
                    value[key] = identifier(str(inner))
            elif isinstance(inner, dict | list):
                value[key] = _safe_identifiers(inner)
        return value
    if isinstance(value, list):
        return [identifier(v) if isinstance(v, str) else _safe_identifiers(v) for v in value]
    return value


def _external_id(item: object) -> str | None:
    found = item.get("external_id") if isinstance(item, dict) else None
    return scrub.scrub(str(found)).text[:512] if isinstance(found, str | int) and found != "" else None
