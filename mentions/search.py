"""Full-text search, fed from the sealed events as a second step, so that intake does not pay for it."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from mentions import events
from mentions.models import Consumer, Mention, SearchEntry

_NAME = "search"
_BATCH = 1000
_KINDS = ("mention.received", "mention.edited", "mention.masked")
_BEGUN = re.compile(r"\w{3,}")
# Scripts that put no space between words: the parser sees one long word, so letters are compared instead.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3040-\u30ff\u3400-\u9fff]")


def index_new() -> bool:
    """Index the mentions behind the last event indexed; True if more is waiting."""
    consumer, _ = Consumer.objects.get_or_create(name=_NAME)
    fresh = events.after(consumer.position, limit=_BATCH)
    if not fresh:
        return False
    wanted = sorted({e.mention_id for e in fresh if e.mention_id and e.kind in _KINDS})
    gone = sorted({e.mention_id for e in fresh if e.mention_id and e.kind == "mention.deleted"})
    with transaction.atomic(), connection.cursor() as cursor:
        if wanted:
            cursor.execute(
                "INSERT INTO mentions_searchentry (mention_id, visibility, words, text) "
                "SELECT m.id, m.visibility, "
                "to_tsvector('simple', c.text || ' ' || c.author_handle || ' ' || c.author_name), c.text "
                "FROM mentions_mention m JOIN mentions_mentioncontent c ON c.mention_id = m.id "
                "WHERE m.id = ANY(%s) AND m.origin = 'live' ORDER BY m.id "
                "ON CONFLICT (mention_id) DO UPDATE SET words = EXCLUDED.words, text = EXCLUDED.text",
                [wanted],
            )
        # A post that was deleted while it was being indexed would come back here.
        cursor.execute("DELETE FROM mentions_searchentry WHERE mention_id = ANY(%s)", [gone])
        Consumer.objects.filter(pk=_NAME).update(position=fresh[-1].position, updated_at=timezone.now())
    return len(fresh) == _BATCH


def behind() -> int:
    """How many sealed events have not been indexed yet."""
    done = Consumer.objects.filter(pk=_NAME).values_list("position", flat=True).first()
    return events.last_position() - (done or 0)


def matching(words: str, *, private: bool) -> QuerySet[Mention]:
    """The mentions that hold all the words (a phrase in quotes, a word after "-" not), private ones on request.

    Whoever wrote it is found like its words; the last word may be the beginning of one.
    """
    entries = SearchEntry.objects.all()
    if _UNSPACED.search(words):
        match = Q()
        for part in words.split():
            match &= Q(text__icontains=part)
        entries = entries.filter(match)
    else:
        *whole, last = words.split() or [""]
        begun = _BEGUN.fullmatch(last) and "or" not in words.lower().split()
        query = SearchQuery(" ".join(whole) if begun else words, config="simple", search_type="websearch")
        if begun:
            beginning = SearchQuery(f"{last}:*", config="simple", search_type="raw")
            query = query & beginning if whole else beginning
        entries = entries.filter(words=query)
    if not private:
        entries = entries.filter(visibility="public")
    return Mention.objects.filter(pk__in=entries.values("mention_id"))
