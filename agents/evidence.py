"""What was approved and what left under the bank's name, as the event chain proves it without keeping a word.

Events of a reply carry a keyed digest of its words and pictures. Whoever changes the stored words afterwards, or what
was approved before it leaves, has the chain against them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from django.db import connection

from agents.models import Reply, ReplyPicture, ReplyState
from mentions.events import Break
from mentions.intake.prepare import fingerprint

# The kinds of events that tell of words; a post of our own has its own names for them.
TELLING: Final = frozenset({"reply.submitted", "reply.held", "reply.approved", "reply.sending", "reply.sent"})
_LEFT: Final = ["reply.sent", "post.sent", "reply.edited"]


def words(text: str, shown: Sequence[ReplyPicture]) -> str:
    """A keyed digest of a text and of its pictures with what is said of them."""
    return fingerprint(json.dumps([text, [[one.digest, one.alt] for one in shown]]))


def verify() -> list[Break]:
    """Compare what is stored of every sent reply with the last event that told which words left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (e.reply_id) e.reply_id, e.data->>'words', coalesce(s.position, 0), e.id"
            " FROM mentions_event e"
            " LEFT JOIN mentions_seal s ON s.event_id = e.id AND s.recorded_at = e.recorded_at"
            " WHERE e.kind = ANY(%s) AND e.data ? 'words' ORDER BY e.reply_id, e.id DESC",
            [_LEFT],
        )
        told = {reply: (said, position, event) for reply, said, position, event in cursor.fetchall()}
    breaks = []
    sent = Reply.objects.filter(state=ReplyState.SENT).order_by("pk").prefetch_related("pictures")
    for reply in sent.iterator(chunk_size=1000):
        said, position, event = told.get(reply.pk, ("", 0, None))
        if said and said != words(reply.text, list(reply.pictures.all())):
            breaks.append(Break(position, event, f"reply {reply.pk} does not say what was sent"))
    return breaks
