"""A conversation is about what its posts are about: told anew after one of them was read anew or corrected."""

from __future__ import annotations

from typing import Any

from mentions.models import Mention

MOST_TOPICS = 12


def topics(which: str) -> str:
    """The statement that tells of each conversation (`conversation_id`) the `topics` of its posts (`m`), each once in
    the order in which they came up; `which` is the condition of the conversations' posts."""
    return (
        "SELECT g.conversation_id, (array_remove(array_agg(g.topic ORDER BY g.mention, g.place), NULL))"
        f"[1:{MOST_TOPICS}] AS topics FROM (SELECT m.conversation_id, x.topic, min(m.id) AS mention, "
        "min(x.place) AS place FROM mentions_mention m "
        f"LEFT JOIN LATERAL unnest(m.topics) WITH ORDINALITY x(topic, place) ON true WHERE {which} GROUP BY 1, 2) g "
        "GROUP BY 1"
    )


def follow(cursor: Any, mention: Mention) -> None:
    """Have its conversation, which the caller has locked, follow a post whose labels were changed: its topics are those
    of all its posts, and its language, for its waits too, is that of the first."""
    about = {"id": mention.conversation_id, "mention": mention.pk, "language": mention.language}
    cursor.execute(
        f"UPDATE mentions_conversation c SET topics = b.topics FROM ({topics('m.conversation_id = %(id)s')}) b "
        "WHERE c.id = b.conversation_id AND c.topics <> b.topics",
        about,
    )
    cursor.execute(
        "UPDATE mentions_conversation SET language = %(language)s "
        "WHERE id = %(id)s AND first_mention_id = %(mention)s AND language <> %(language)s",
        about,
    )
    if cursor.rowcount:
        cursor.execute("UPDATE mentions_stretch SET language = %(language)s WHERE conversation_id = %(id)s", about)
