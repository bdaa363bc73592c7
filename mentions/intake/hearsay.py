"""Posts that a program brought before their network did: what becomes of them when the network tells of them itself.

Whoever may hand in posts of any network speaks for none of them. What it brought is kept until the network delivers
the same post. Where both say the same, the post is the network's from then on, and can be answered there; where they do
not, the program's gives way: its words go as those of a deleted post do, its name is free, and the network's is stored
as the new post that it is. What the network told of the post before, an edit or a deletion, has waited for that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

from django.db import OperationalError

from mentions import bulk, naming
from mentions.intake import operations
from mentions.intake.operations import SPEAKS
from mentions.intake.prepare import Clean
from mentions.intake.store import Key
from mentions.models import Mention

GAVE_WAY: Final = "its network brought it itself"
_SAME_MOMENT: Final = timedelta(seconds=1)  # some tell times in whole seconds


class Told(NamedTuple):
    """A post that a program had brought as `mention`, as its network's `source` (id) tells of it."""

    mention: int
    source: int
    clean: Clean


def among(cursor: Any, keys: Iterable[Key]) -> dict[Key, int]:
    """Those of the stored posts, deleted or not, that nobody told who speaks for their network; by their mention."""
    pairs = list(keys)
    cursor.execute(
        "SELECT m.network, m.external_id, m.id FROM unnest(%s::text[], %s::text[]) AS k(network, external_id) "
        "JOIN mentions_mention m ON m.network = k.network AND m.external_id = k.external_id AND m.drill IS NULL "
        f"JOIN mentions_source s ON s.id = m.source_id WHERE NOT {SPEAKS}",
        [bulk.array([network for network, _ in pairs]), bulk.array([external_id for _, external_id in pairs])],
    )
    return {(network, external_id): mention for network, external_id, mention in cursor.fetchall()}


def agreeing(found: Mapping[Key, int], told: Iterable[Clean]) -> set[Key]:
    """Those of the posts found `among` what is stored of which their network says the same."""
    stored = Mention.objects.select_related("author", "content").in_bulk(found.values()) if found else {}
    named = {(clean.post.network, clean.post.external_id): clean for clean in told}
    return {key for key, mention in found.items() if _agrees(stored[mention], named[key])}


def _agrees(mention: Mention, clean: Clean) -> bool:
    post = clean.post
    return (
        mention.deleted_at is None
        and mention.author.external_id == post.author.id
        and mention.visibility == post.visibility
        and mention.content.text == post.text
        and abs(mention.network_at - post.created_at) < _SAME_MOMENT
    )


def confirm(cursor: Any, told: Sequence[Told], now: datetime) -> None:
    """The posts are their network's from now on, and their conversations too, unless one is open there already.

    Raises `OperationalError` where one was changed since it was found to agree.
    """
    by_key = {(said.clean.post.network, said.clean.post.external_id): said for said in told}
    stored = operations.locked(cursor, by_key) if told else {}
    for key, said in by_key.items():
        mention, post = stored.get(key), said.clean.post
        if mention is None or mention.pk != said.mention or not _agrees(mention, said.clean):
            raise OperationalError("a post was changed while its network told of it")
        mention.source_id, mention.kind = said.source, post.kind
        mention.in_reply_to, mention.url = post.in_reply_to, post.url or mention.url
        mention.save(update_fields=["source", "kind", "in_reply_to", "url"])
        cursor.execute(
            "UPDATE mentions_conversation c SET source_id = %(source)s, thread_key = %(thread)s WHERE c.id = %(id)s "
            "AND NOT EXISTS (SELECT FROM mentions_conversation o WHERE o.author_id = c.author_id AND o.id <> c.id "
            "AND o.source_id = %(source)s AND o.visibility = c.visibility AND o.state <> 'closed' "
            "AND o.thread_key IS NOT DISTINCT FROM %(thread)s AND o.drill IS NULL)",
            about := {"source": said.source, "thread": post.conversation_id, "id": mention.conversation_id},
        )
        if cursor.rowcount:
            cursor.execute("UPDATE mentions_stretch SET source_id = %(source)s WHERE conversation_id = %(id)s", about)
        operations.touch(cursor, mention, "mention.confirmed", now)


def give_way(cursor: Any, mentions: Mapping[Key, int], now: datetime) -> None:
    """What a program said goes, and the posts' names are free for what their network says."""
    stored = operations.locked(cursor, mentions) if mentions else {}
    for mention in [found for key, found in stored.items() if found.pk == mentions[key]]:
        if mention.deleted_at is None:
            operations.delete(cursor, mention, now, why=GAVE_WAY, kind="mention.gave_way")
        # Nobody can guess it, so that nobody has brought, or brings, another post of this name.
        mention.external_id = f"{naming.GAVE_WAY}{uuid4().hex}"
        mention.save(update_fields=["external_id"])
