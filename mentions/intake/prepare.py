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
    """Parse and scrub one item. Never raises: what cannot be read is refused with its reason."""
    if isinstance(item, Unreadable):
        line = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), item.line)
        return Refused(None, {"line": scrub.scrub(posts.clean_text(line)).text}, item.reason)
    try:
        parsed = item if isinstance(item, Post | Operation) else posts.parse(item)
    except BadPost as bad:
        return _refused(item, bad.reason)
    if isinstance(parsed, Operation):
        return clean_operation(parsed)
    return clean_post(parsed)


def clean_post(post: Post) -> Clean:
    """The post with every field scrubbed, and the raw record likewise."""
    text = scrub.scrub(post.text)
    author = post.author
    scrubbed = replace(
        post,
        external_id=identifier(post.external_id),
        text=text.text,
        author=replace(
            author,
            id=identifier(author.id),
            handle=_masked(author.handle),
            name=_masked(author.name),
            avatar_url=_masked(author.avatar_url or "") or None,
        ),
        url=_masked(post.url or "") or None,
        in_reply_to=identifier(post.in_reply_to) if post.in_reply_to else None,
        conversation_id=identifier(post.conversation_id) if post.conversation_id else None,
        place=_masked(post.place or "") or None,
        lang=_masked(post.lang or "") or None,
        media=tuple(replace(m, url=_masked(m.url), alt=_masked(m.alt)) for m in post.media),
        raw=None,
    )
    return Clean(scrubbed, _clean_raw(post.raw if post.raw is not None else posts.dump(post)), text.found)


def clean_operation(operation: Operation) -> Operation:
    """The operation with its text and identifier scrubbed; `raw` carries what was masked in the text."""
    text = scrub.scrub(operation.text or "")
    return replace(
        operation,
        external_id=identifier(operation.external_id),
        text=text.text if operation.text is not None else None,
        raw={"redacted": list(text.found)},
    )


def identifier(value: str) -> str:
    """An identifier as it may be stored.

    One that reads as a card number is replaced by a keyed digest: the same identifier stays the same, so
    duplicates, edits and deletes still find their post, and no digit of it is written.
    """
    if not _LONG_DIGITS.search(value) or "card" not in scrub.scrub(value).found:
        return value
    digest = hmac.new(settings.CARD_EVIDENCE_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()
    return f"masked-{digest[:32]}"


def _clean_raw(raw: dict[str, Any]) -> dict[str, Any]:
    cleaned, _ = scrub.scrub_json(raw, keep=IDENTIFIERS)
    assert isinstance(cleaned, dict)
    return _safe_identifiers(cleaned)


def _safe_identifiers(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: identifier(str(inner))
            if key in IDENTIFIERS and isinstance(inner, str | int) and not isinstance(inner, bool)
            else _safe_identifiers(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_safe_identifiers(inner) for inner in value]
    return value


def _masked(value: str) -> str:
    return scrub.scrub(value).text if value else value


def _refused(item: object, reason: str) -> Refused:
    external_id = None
    if isinstance(item, dict) and isinstance(item.get("external_id"), str | int):
        external_id = identifier(posts.clean_text(str(item["external_id"])))[:512]
    try:
        kept = posts.cleaned(item)
    except BadPost:
        kept = {"line": posts.clean_text(repr(item)[:20_000])}
    body, _ = scrub.scrub_json(kept)
    return Refused(external_id, body, scrub.scrub(reason).text[:300])
