"""Full-text search, fed from the sealed events as a second step, so that intake does not pay for it."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeVar, cast

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection, transaction
from django.db.models import Func, Model, Q, QuerySet, TextField
from django.utils import timezone

from mentions import events
from mentions.models import Consumer, Mention, SearchEntry

_NAME = "search"
_BATCH = 1000
_KINDS = ("mention.received", "mention.edited", "mention.masked")
_BEGUN = re.compile(r"\w{3,}")
# Scripts that put no space between words: the parser sees one long word, so letters are compared instead.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3040-\u30ff\u3400-\u9fff]")
_SAID = "c.text || ' ' || c.author_handle || ' ' || c.author_name"
# Accents, umlauts and their kind, in the alphabets whose readers leave them out when they are in a hurry.
_FOLDED = r"normalize(regexp_replace(normalize({}, NFD), '[\u0300-\u036f]', '', 'g'), NFC)"

Written = TypeVar("Written", bound=Model)


class Folded(Func):
    """A text as it is compared: "café" is found by "cafe", and the other way round."""

    template = _FOLDED.format("%(expressions)s")
    output_field = TextField()


def indexed(field: str) -> SearchVector:
    """The words of a field, as an index of a model holds them for `holding`."""
    return SearchVector(Folded(field), config="simple")


def index_new() -> bool:
    """Index the mentions behind the last event indexed; True if more is waiting."""
    consumer, _ = Consumer.objects.get_or_create(name=_NAME)
    fresh = events.after(consumer.position, limit=_BATCH)
    if not fresh:
        return False
    wanted = sorted({e.mention_id for e in fresh if e.mention_id and e.kind in _KINDS})
    gone = sorted({e.mention_id for e in fresh if e.mention_id and e.kind in events.WORDS_WENT})
    with transaction.atomic(), connection.cursor() as cursor:
        if wanted:
            cursor.execute(
                "INSERT INTO mentions_searchentry (mention_id, visibility, words, text) "
                "SELECT m.id, m.visibility, "
                f"to_tsvector('simple', {_FOLDED.format(_SAID)}), c.text "
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
    entries = entries.filter(_unspaced(words)) if _UNSPACED.search(words) else entries.filter(words=_query(words))
    if not private:
        entries = entries.filter(visibility="public")
    return Mention.objects.filter(pk__in=entries.values("mention_id"))


def holding(rows: QuerySet[Written], words: str) -> QuerySet[Written]:
    """Those of the rows whose `text`, which is `indexed`, holds all the words, as in `matching`."""
    if _UNSPACED.search(words):
        return rows.filter(_unspaced(words))
    return cast("QuerySet[Written]", rows.annotate(words=indexed("text")).filter(words=_query(words)))


def _unspaced(words: str) -> Q:
    match = Q()
    for part in words.split():
        match &= Q(text__icontains=part)
    return match


def _query(words: str) -> SearchQuery:
    *whole, last = _folded(words).split() or [""]
    begun = _BEGUN.fullmatch(last) and "or" not in words.lower().split()
    query = SearchQuery(" ".join(whole if begun else [*whole, last]), config="simple", search_type="websearch")
    if begun:
        beginning = SearchQuery(f"{last}:*", config="simple", search_type="raw")
        query = query & beginning if whole else beginning
    return query


def _folded(words: str) -> str:
    """Words as `Folded` has them in the database."""
    apart = unicodedata.normalize("NFD", words)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f"))
