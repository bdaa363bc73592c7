"""Posts that a program brought before their network did: what becomes of them when the network tells of them itself.

Whoever may hand in posts of any network speaks for none of them. What it brought is kept until the network delivers the
same post. Where both say the same, the post is the network's from then on, and can be answered there; where they do not,
the program's gives way: its words go as those of a deleted post do, its name is free, and the network's is stored as
the new post that it is. What the network told of the post meanwhile, an edit or a deletion, waits for the latter too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

from mentions import bulk
from mentions.intake import operations
from mentions.intake.prepare import Clean
from mentions.intake.store import Key
from mentions.models import Conversation, Mention, State

# SQL: source `s` brings a post of `network` by that network's word, as `sorting.speaks_for`.
SPEAKS: Final = "(s.network = {network} OR s.via_id IS NOT NULL)"
GAVE_WAY: Final = "its network brought the post itself"
_SAME_MOMENT: Final = timedelta(seconds=1)  # some tell times in whole seconds


class Told(NamedTuple):
    """What a network says of a post that a program had brought as `mention`, by the network's `source`."""

    mention: int
    source: int
    clean: Clean


def among(cursor: Any, keys: Iterable[Key]) -> dict[Key, int]:
    """Those of the stored posts, deleted or not, that none told who speaks for their network; by their mention."""
    pairs = list(keys)
    cursor.execute(
        "SELECT m.network, m.external_id, m.id FROM unnest(%s::text[], %s::text[]) AS k(network, external_id) "
        "JOIN mentions_mention m ON m.network = k.network AND m.external_id = k.external_id AND m.drill IS NULL "
        f"JOIN mentions_source s ON s.id = m.source_id AND NOT {SPEAKS.format(network='m.network')}",
        [bulk.array([network for network, _ in pairs]), bulk.array([external_id for _, external_id in pairs])],
    )
    return {(network, external_id): mention for network, external_id, mention in cursor.fetchall()}


def confirmed(found: dict[Key, int], told: Iterable[Clean]) -> set[Key]:
    """Those of the posts found `among` what is stored of which their network says the same."""
    stored = Mention.objects.select_related("author", "content").in_bulk(found.values())
    return {
        key
        for clean in told
        if (key := (clean.post.network, clean.post.external_id)) in found and _agree(stored[found[key]], clean)
    }


def _agree(mention: Mention, clean: Clean) -> bool:
    post = clean.post
    return (
        mention.deleted_at is None
        and (mention.author.external_id, mention.visibility, mention.kind, mention.in_reply_to or None)
        == (post.author.id, post.visibility, post.kind, post.in_reply_to or None)
        and mention.content.text == post.text
        and abs(mention.network_at - post.created_at) < _SAME_MOMENT
    )


def confirm(cursor: Any, told: Sequence[Told]) -> None:
    """The posts are their network's from now on, and so are their conversations, unless one is open there already."""
    for mention, source, clean in sorted(told):
        cursor.execute("UPDATE mentions_mention SET source_id = %s WHERE id = %s", [source, mention])
        cursor.execute(
            "UPDATE mentions_conversation c SET source_id = %(source)s, thread_key = %(thread)s, version = version + 1 "
            "FROM mentions_mention m WHERE m.id = %(mention)s AND c.id = m.conversation_id "
            "AND NOT EXISTS (SELECT FROM mentions_conversation o WHERE o.author_id = c.author_id AND o.id <> c.id "
            "AND o.source_id = %(source)s AND o.visibility = c.visibility AND o.state <> 'closed' "
            "AND o.thread_key IS NOT DISTINCT FROM %(thread)s AND o.drill IS NULL) RETURNING c.id",
            {"source": source, "thread": clean.post.conversation_id, "mention": mention},
        )
        if (row := cursor.fetchone()) is not None:
            cursor.execute("UPDATE mentions_stretch SET source_id = %s WHERE conversation_id = %s", [source, *row])


def give_way(cursor: Any, mentions: Iterable[int], now: datetime) -> None:
    """What a program said goes, and the posts' names are free for what their network says."""
    for mention in Mention.objects.filter(pk__in=list(mentions)).select_for_update(of=("self",)).order_by("id"):
        if mention.deleted_at is None:
            operations.delete(cursor, mention, now, why=GAVE_WAY)
        # Nobody can guess it, so that nobody else brings a post of this name.
        mention.external_id = f"gave-way-{uuid4().hex}"
        mention.save(update_fields=["external_id"])
