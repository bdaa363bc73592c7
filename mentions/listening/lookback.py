"""What fitted a search before it was made: looked for once, page by page, as far back as the network goes.

It is a gap of the search's own source, so that everybody sees what was asked for and what it brought. What is found
so is listened to and counted; it enters no queue, since nobody promised to answer what was said before.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from mentions import intake, networks
from mentions.intake import Batch
from mentions.listening.matching import compiled
from mentions.listening.polling import narrowed
from mentions.listening.query import BadQuery
from mentions.listening.translating import translate
from mentions.models import Gap, Source
from mentions.networks import Fetched, NetworkError
from mentions.sources import gaps, gate, quota
from mentions.sources.credentials import ready
from mentions.sources.sealing import UnreadableSecrets
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

BACK: Final = timedelta(days=7)
MOST_PAGES: Final = 50  # a question; what lies behind them is left
_AGAIN: Final = timedelta(minutes=5)
_AT_ONCE: Final = 3


def begin(source: Source, *, now: datetime) -> None:
    """A search is asked through this account for the first time: it is asked for what was before, too."""
    assert source.via is not None
    if networks.get(source.via.network).capabilities.search_history:
        Gap.objects.create(
            source=source,
            reason=Gap.Reason.BEFORE,
            started_at=now - BACK,
            ended_at=now,
            state=Gap.Status.FILLING,
            next_at=now,
        )


def look_back() -> int:
    """Ask for the next page of a few searches; returns how many were asked."""
    now = timezone.now()
    due = Gap.objects.filter(
        reason=Gap.Reason.BEFORE,
        closed_at=None,
        next_at__lte=now,
        source__active=True,
        source__via__active=True,
        source__via__refused_at=None,
    ).select_related("source__search", "source__via")
    found = list(due.order_by("next_at")[:_AT_ONCE])
    for gap in found:
        _step(gap, now)
    return len(found)


def _step(gap: Gap, now: datetime) -> None:
    """One page of one question. `cursor` is the number of the question, its page, and how many pages it had."""
    source = gap.source
    search, account = source.search, source.via
    assert search is not None
    assert account is not None
    assert gap.ended_at is not None
    try:
        matcher = compiled(search.query)
    except BadQuery as bad:
        _leave(gap, bad.reason)
        return
    texts = translate(matcher.node, account.network).texts
    number, pages = int(gap.cursor.get("question", 0)), int(gap.cursor.get("pages", 0))
    if number >= len(texts):
        _done(gap, now)
        return
    # Nobody waits for it: half of what the account may ask is left to everything else.
    if (wait := gate.enter(account, "campaigns", now=now, kind="search")) is not None:
        Gap.objects.filter(pk=gap.pk).update(next_at=wait.until)
        return
    try:
        with gate.asking(account, "campaigns", now=now):
            page = networks.get(account.network).search_history(
                ready(account, now=now), texts[number], gap.started_at, gap.ended_at, gap.cursor.get("page") or {}
            )
    except (NetworkError, UnreadableSecrets) as error:
        held = gate.failed(account, error, now=now, kind="search") if isinstance(error, NetworkError) else None
        if isinstance(error, NetworkError) and error.follow == "give_up":
            _leave(gap, str(error))
            return
        Gap.objects.filter(pk=gap.pk).update(next_at=max(held or now, now + _AGAIN), error=str(error)[:300])
        return
    gate.succeeded(account.pk)
    quota.note(account, page.quota, now=now)
    batch = narrowed(Batch(source, page.items), matcher)
    more = page.next_at is not None and pages + 1 < MOST_PAGES
    with transaction.atomic():
        gap.found += intake.receive_all([batch], now=now)[0].count("accepted") if batch.prepared else 0
        if not gaps.still_unfinished(gap):
            return
        gap.cursor = _further(number, pages, page) if more else {"question": number + 1}
        gap.next_at, gap.error = max(page.next_at or now, now), ""
        gap.save(update_fields=["found", "cursor", "next_at", "error"])


def _further(number: int, pages: int, page: Fetched) -> dict[str, object]:
    return {"question": number, "page": page.cursor, "pages": pages + 1}


def _done(gap: Gap, now: datetime) -> None:
    with transaction.atomic():
        if not gaps.still_unfinished(gap):
            return
        gap.state, gap.closed_at, gap.next_at, gap.error = Gap.Status.FILLED, now, None, ""
        gap.save(update_fields=["state", "closed_at", "next_at", "error"])
        tell("source.gap_filled", gap.source, now, gap=gap.pk, found=gap.found)


def _leave(gap: Gap, why: str) -> None:
    """It cannot be had; a person may say so for good."""
    with transaction.atomic():
        if gaps.still_unfinished(gap):
            gap.state, gap.next_at, gap.error = Gap.Status.OPEN, None, why[:300]
            gap.save(update_fields=["state", "next_at", "error"])
    log.warning("a search could not look back", extra={"source": gap.source.slug})
