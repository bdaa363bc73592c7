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
_DIGIT = re.compile(r"\d")
_FEWEST = 12  # digits of a card
_LONG_NUMBER = re.compile(r"\d{12,}")


@dataclass(slots=True)
class Clean:
    """A post as it may be stored. `redacted` names what was masked in the text; for `said` see `intake.parts`."""

    post: Post
    raw: dict[str, Any]
    redacted: tuple[str, ...]
    said: str = ""


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
        return Refused(None, {"line": scrub.scrub(clean_text(repr(item))).text[:20_000]}, bad.reason)
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
    duplicates, edits and deletes still find their post, and no digit of it is written. A network's own long
    numbers stay, as long as no card begins like them: every tenth passes the Luhn test.
    """
    if (value.isascii() and len(_DIGIT.findall(value)) < _FEWEST) or not _holds_card(value):
        return value
    return f"masked-{fingerprint(value)[:32]}"


def fingerprint(text: str) -> str:
    """A keyed digest: it tells us whether words are the same, and nobody who tries all numbers what they were."""
    return hmac.new(settings.CARD_EVIDENCE_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _safe_identifiers(value: Any) -> Any:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in IDENTIFIERS or isinstance(inner, dict):
                if isinstance(inner, dict | list):
                    value[key] = _safe_identifiers(inner)
            elif isinstance(inner, list):
                value[key] = [_safe_identifiers(one) if isinstance(one, dict | list) else _safe(one) for one in inner]
            else:
                value[key] = _safe(inner)
        return value
    if isinstance(value, list):
        return [_safe_identifiers(one) for one in value]
    return value


def _safe(value: Any) -> Any:
    """A plain value under an identifier's key; numbers are read as they are written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    safe = identifier(str(value))
    return value if safe == str(value) else safe


def _holds_card(value: str) -> bool:
    spare = frozenset(long for long in _LONG_NUMBER.findall(value) if "card" not in scrub.scrub(f"post {long}").found)
    return "card" in scrub.scrub(f"post {value}", spare).found


def _external_id(item: object) -> str | None:
    found = item.get("external_id") if isinstance(item, dict) else None
    return scrub.scrub(str(found)).text[:512] if isinstance(found, str | int) and found != "" else None
