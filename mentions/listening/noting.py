"""Why each stored post was heard: every active search that it fits, however the post came.

Fed from the sealed events as a second step, so that intake does not pay for it: a post found by two searches and
addressed to us besides is stored once and remembers all of them. An edit is looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from mentions import events
from mentions.listening.matching import Matcher, Subject, compiled
from mentions.listening.query import BadQuery
from mentions.models import Consumer, Heard, Mention, Origin, SavedSearch

_NAME: Final = "listening"
_BATCH: Final = 1000
_KINDS: Final = ("mention.received", "mention.edited")


def note_new() -> bool:
    """Compare the posts behind the next events with all searches; True if more is waiting."""
    consumer, _ = Consumer.objects.get_or_create(name=_NAME)
    fresh = events.after(consumer.position, limit=_BATCH)
    if not fresh:
        return False
    wanted = sorted({event.mention_id for event in fresh if event.mention_id and event.kind in _KINDS})
    gone = {event.mention_id for event in fresh if event.mention_id and event.kind in events.WORDS_WENT}
    with transaction.atomic():
        if wanted:
            _note(wanted)
        # The words of a post that was deleted while it was being compared would come back here.
        Heard.objects.filter(mention__in=gone).delete()
        Consumer.objects.filter(pk=_NAME).update(position=fresh[-1].position, updated_at=timezone.now())
    return len(fresh) == _BATCH


def matchers() -> list[tuple[SavedSearch, Matcher]]:
    """The active searches, ready to compare."""
    found = []
    for search in SavedSearch.objects.filter(active=True):
        try:
            found.append((search, compiled(search.query)))
        except BadQuery:  # the language was different when it was saved
            continue
    return found


def subject(mention: Mention) -> Subject:
    """What of a stored post a query looks at."""
    content = mention.content
    return Subject(content.text, content.author_handle, mention.network, mention.language)


def _note(mention_ids: Sequence[int]) -> None:
    searches = matchers()
    now = timezone.now()
    posts = Mention.objects.filter(
        pk__in=mention_ids, origin=Origin.LIVE, visibility="public", content__isnull=False
    ).select_related("content")
    rows = []
    for mention in posts if searches else ():
        told = subject(mention)
        for search, matcher in searches:
            words = matcher.match(told)
            if words is not None:
                rows.append(Heard(mention=mention, search=search, version=search.version, words=list(words), at=now))
    Heard.objects.filter(mention__in=mention_ids).delete()
    Heard.objects.bulk_create(rows, ignore_conflicts=True)
