"""Numbers that an author spread over several posts: masked in all of them, and in whatever is told of them later.

A part alone looks like nothing, so the neighbours are read with it, the stored ones too. The network goes on saying
what was masked here: a keyed digest of its words (`MentionContent.said`) tells whether it says anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from mentions import events, scrub
from mentions.events import Fact
from mentions.intake.prepare import Clean, fingerprint
from mentions.models import Mention, MentionContent, MentionVersion

WITHIN: Final = timedelta(hours=24)
_REACH: Final = 2  # messages before the one that completes a number
_LOOKED_THROUGH: Final = 200  # messages of one author in that time; who writes more is no customer

_COLUMNS: Final = "m.id, m.network_at, c.text, c.said, m.conversation_id, m.origin, m.source_id"


class Masked(NamedTuple):
    """A text as it may be stored, what was found in it, and its own words' digest where its neighbours cost it some."""

    text: str
    kinds: tuple[str, ...] = ()
    said: str = ""


class _Stored(NamedTuple):
    """A stored text, and where its post belongs."""

    mention: int
    at: datetime
    text: str
    said: str
    conversation: int | None
    origin: str
    source: int


def may_be_one(text: str) -> bool:
    """Whether a text could hold a part of a number; most cannot."""
    return sum(map(str.isdigit, text)) >= 2


def mask_arriving(
    cursor: Any, by_author: Mapping[int, Sequence[Clean]], returning: set[int], now: datetime
) -> dict[tuple[str, str], Clean]:
    """Mask what posts complete that are about to be stored: the stored ones at once; those that change are returned.

    `by_author` holds each author's new posts in the order of their times; `returning` has who has posts already.
    """
    suspects = [
        author
        for author, own in by_author.items()
        if (author in returning or len(own) > 1) and any(may_be_one(clean.post.text) for clean in own)
    ]
    places = [
        (author, clean.post.created_at)
        for author in suspects
        if author in returning
        for clean in by_author[author]
        if may_be_one(clean.post.text)
    ]
    stored = _around(cursor, places, now - WITHIN, now + WITHIN)
    changed: dict[tuple[str, str], Clean] = {}
    for author in suspects:
        # In the order in which they were written: what comes out of it is read in its place.
        row: list[_Stored | Clean] = sorted([*stored.get(author, []), *by_author[author]], key=_written_at)
        first = next(place for place, each in enumerate(row) if isinstance(each, Clean))
        for place, (text, kinds) in _across([*map(_text, row)], first).items():
            each = row[place]
            if isinstance(each, _Stored):
                _mask_stored(cursor, each, text, kinds, now)
                continue
            changed[each.post.network, each.post.external_id] = Clean(
                replace(each.post, text=text),
                each.raw | {"text": text},
                tuple(sorted({*each.redacted, *kinds})),
                fingerprint(each.post.text),
            )
    return changed


def mask_edited(cursor: Any, mention: Mention, content: MentionContent, text: str, now: datetime) -> Masked:
    """The new words of a stored post, read with what its author wrote before and since; those are masked as well.

    Of a post that held a part the other parts are masked here and cannot be read with it: what the network has said
    of it all the time is masked as it was, and in other words every number goes.
    """
    if not may_be_one(text):
        return Masked(text)
    if content.said:
        blank = content.text if fingerprint(text) == content.said else scrub.without_digits(text)
        return Masked(blank, said=fingerprint(text) if blank != text else "")
    place, came = (mention.author_id, mention.network_at), mention.received_at
    near = _around(cursor, [place], came - WITHIN, came + WITHIN, mention.pk).get(mention.author_id, [])
    here = sum((row.at, row.mention) < (mention.network_at, mention.pk) for row in near)
    texts = [row.text for row in near]
    found = _across([*texts[:here], text, *texts[here:]], here)
    own = found.pop(here, None)
    for index, (masked, kinds) in found.items():
        _mask_stored(cursor, near[index - (index > here)], masked, kinds, now)
    if own is None:
        return Masked(text)
    _mask_copies(cursor, mention.pk, own[0])
    return Masked(*own, fingerprint(text))


def _written_at(each: _Stored | Clean) -> datetime:
    return each.at if isinstance(each, _Stored) else each.post.created_at


def _text(each: _Stored | Clean) -> str:
    return each.text if isinstance(each, _Stored) else each.post.text


def _across(texts: Sequence[str], first: int) -> dict[int, tuple[str, tuple[str, ...]]]:
    """What becomes of the texts, by place, when every number is masked that is complete with one from `first` on."""
    masked, kinds = list(texts), dict[int, tuple[str, ...]]()
    for place in range(first, len(texts)):
        since = max(0, place - _REACH)
        split = scrub.scrub_sequence(masked[since:place], masked[place])
        if split.found:
            masked[since : place + 1] = [*split.previous, split.text]
            kinds |= dict.fromkeys(range(since, place + 1), split.found)
    return {place: (masked[place], found) for place, found in kinds.items() if masked[place] != texts[place]}


def _around(
    cursor: Any, places: Sequence[tuple[int, datetime]], since: datetime, until: datetime, but: int = 0
) -> dict[int, list[_Stored]]:
    """What each author wrote just before and after those moments, oldest first, of what came between the two times.

    By the times of the network: what was delivered late belongs where it was written, not behind all that came first.
    `places` are authors (ids) with a moment; the mention `but` is left out.
    """
    if not places:
        return {}
    cursor.execute(
        "WITH near AS (SELECT DISTINCT a.author, n.id FROM unnest(%(authors)s::bigint[], %(times)s::timestamptz[]) "
        "AS a(author, at), LATERAL (WITH came AS (SELECT id, network_at FROM mentions_mention WHERE "
        "author_id = a.author AND received_at BETWEEN %(since)s AND %(until)s AND id <> %(but)s "
        "ORDER BY id DESC LIMIT %(most)s) "
        "(SELECT id FROM came WHERE network_at <= a.at ORDER BY network_at DESC, id DESC LIMIT %(reach)s) UNION ALL "
        "(SELECT id FROM came WHERE network_at > a.at ORDER BY network_at, id LIMIT %(reach)s)) n) "
        f"SELECT near.author, {_COLUMNS} FROM near JOIN mentions_mention m ON m.id = near.id "
        "JOIN mentions_mentioncontent c ON c.mention_id = m.id ORDER BY near.author, m.network_at, m.id",
        {
            "authors": [author for author, _ in places],
            "times": [at for _, at in places],
            "since": since,
            "until": until,
            "but": but,
            "most": _LOOKED_THROUGH,
            "reach": _REACH,
        },
    )
    found: dict[int, list[_Stored]] = {}
    for author, *row in cursor.fetchall():
        found.setdefault(author, []).append(_Stored(*row))
    return found


def _mask_stored(cursor: Any, stored: _Stored, text: str, kinds: tuple[str, ...], now: datetime) -> None:
    """A stored text turned out to hold a part of a number: mask it where it lies, and tell who copies it."""
    cursor.execute(
        "UPDATE mentions_mentioncontent SET text = %s, said = %s, "
        "redacted = ARRAY(SELECT DISTINCT unnest(redacted || %s::varchar[]) ORDER BY 1) WHERE mention_id = %s",
        [text, stored.said or fingerprint(stored.text), list(kinds), stored.mention],
    )
    cursor.execute(
        "UPDATE mentions_searchentry s SET text = c.text, "
        "words = to_tsvector('simple', c.text || ' ' || c.author_handle || ' ' || c.author_name) "
        "FROM mentions_mentioncontent c WHERE s.mention_id = %s AND c.mention_id = s.mention_id",
        [stored.mention],
    )
    _mask_copies(cursor, stored.mention, text)
    events.record_many(
        [
            Fact(
                "mention.masked",
                now,
                events.SYSTEM,
                origin=stored.origin,
                conversation_id=stored.conversation,
                mention_id=stored.mention,
                source_id=stored.source,
            )
        ]
    )


def _mask_copies(cursor: Any, mention: int, text: str) -> None:
    """The raw record and earlier words of a post with a part of a number hold it too."""
    cursor.execute(
        "UPDATE mentions_rawrecord SET body = jsonb_set(body, '{text}', to_jsonb(%s::text)) WHERE mention_id = %s",
        [text, mention],
    )
    for version in MentionVersion.objects.filter(mention=mention):
        version.text = scrub.without_digits(version.text)
        version.save(update_fields=["text"])
