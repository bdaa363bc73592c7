"""Asking the networks for what fits a search. What they bring is narrowed here before it is stored.

A search as it is asked through one account is a source of its own: it has its own cursor, stored in the transaction
of the items, and its own gaps. The calls are the account's: its budget, its circuit breaker and its quota.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from mentions import intake, networks, triage
from mentions.intake import Batch
from mentions.intake.prepare import Clean, Refused
from mentions.listening import pacing
from mentions.listening.matching import Matcher, Subject, compiled
from mentions.listening.query import BadQuery
from mentions.listening.translating import Translation, translate
from mentions.models import Gap, Mention, Source
from mentions.networks import Fetched, NetworkError
from mentions.posts import Operation
from mentions.sources import gaps, gate, quota, streams
from mentions.sources.credentials import ready
from mentions.sources.sealing import UnreadableSecrets
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

_AT_ONCE: Final = 5
_LONGEST_BACK_OFF: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What all questions of a search brought together; `again` is the earliest time that a network named.

    `unfinished` is whether more is waiting behind any of them. How often searches may be asked at all says when it is
    asked for, not whether it is there.
    """

    items: Sequence[dict[str, Any]]
    cursor: dict[str, Any]
    again: datetime | None
    unfinished: bool
    complete: bool


def poll_due() -> int:
    """Ask for each search whose time has come; returns how many were asked."""
    now = timezone.now()
    due = (
        Source.objects.filter(active=True, search__active=True, via__active=True, via__refused_at=None)
        .exclude(next_poll_at__gt=now)
        .select_related("search", "via")
        .order_by("next_poll_at", "pk")[:_AT_ONCE]
    )
    return sum(poll(source, now=now) for source in due)


def poll(source: Source, *, now: datetime) -> bool:
    """Ask for one search through one account and store what fits together with its cursor."""
    search, account = source.search, source.via
    assert search is not None
    assert account is not None
    every = timedelta(seconds=source.poll_every_s or 120)
    try:
        matcher = compiled(search.query)
    except BadQuery as bad:
        _failed(source, bad.reason, now + _LONGEST_BACK_OFF, now)
        return False
    told = translate(matcher.node, account.network)
    if not told.texts:
        Source.objects.filter(pk=source.pk).update(
            next_poll_at=now + _LONGEST_BACK_OFF, last_error="" if told.exact else told.why[-1][:300]
        )
        return False
    if (wait := gate.enter(account, "reads", now=now, cost=len(told.texts), kind="search")) is not None:
        Source.objects.filter(pk=source.pk).update(next_poll_at=wait.until)
        return False
    try:
        with gate.asking(account, "reads", now=now, taken=len(told.texts)):
            answer = _ask(source, account, told, now)
    except (NetworkError, UnreadableSecrets, networks.UnknownNetwork) as error:
        held = gate.failed(account, error, now=now, kind="search") if isinstance(error, NetworkError) else None
        wait_s = min(max(every, (now - (source.blind_since or now)) / 2), _LONGEST_BACK_OFF)
        _failed(source, str(error), max(held or now, now + wait_s), now)
        return False
    gate.succeeded(account.pk)
    batch = narrowed(Batch(stored_under(source), answer.items), matcher)
    with transaction.atomic():
        found = intake.receive_all([batch], now=now)[0].count("accepted") if batch.prepared else 0
        seen = {"last_ok_at": now, "blind_since": None, "last_error": "", "late_since": None}
        if found:
            seen["last_post_at"] = now
        following = max(answer.again or now + every, now + pacing.apart(account), now + timedelta(seconds=1))
        Source.objects.filter(pk=source.pk).update(cursor=answer.cursor, next_poll_at=following, **seen)
        if answer.again is None:
            streams.let_rest(source, now=now)
        if source.blind_since is not None:
            gaps.end(source, now=now)
            tell("source.sees_again", source, now)
        if answer.unfinished:
            gaps.count(source, found)
        else:
            gaps.caught_up(source, found=found, complete=answer.complete, now=now)
    return True


def narrowed(batch: Batch, matcher: Matcher) -> Batch:
    """The batch with only what fits; of edits and deletions those of posts that are stored."""
    batch.prepare()
    posts = [each for each in batch.prepared if isinstance(each, Clean)]
    languages = triage.assess([triage.Item(each.post.text, each.post.lang) for each in posts])
    fitting: list[Clean | Operation | Refused] = [
        each
        for each, labels in zip(posts, languages, strict=True)
        if each.post.visibility == "public"
        and matcher.match(
            Subject(each.post.text, each.post.author.handle, each.post.network, str(labels.language.value))
        )
        is not None
    ]
    changes = [each for each in batch.prepared if isinstance(each, Operation)]
    if changes:
        stored = set(
            Mention.objects.filter(
                network__in={each.network for each in changes}, external_id__in=[each.external_id for each in changes]
            ).values_list("network", "external_id")
        )
        fitting += [each for each in changes if (each.network, each.external_id) in stored]
    batch.prepared = fitting
    return batch


def _ask(source: Source, account: Source, told: Translation, now: datetime) -> _Answer:
    network, credentials = networks.get(account.network), ready(account, now=now)
    before: Mapping[str, Any] = source.cursor
    pages: dict[str, Fetched] = {}
    for text in told.texts:
        pages[text] = network.search(credentials, text, before.get(text) or {})
        quota.note(account, pages[text].quota, now=now)
    times = [page.next_at for page in pages.values() if page.next_at is not None]
    return _Answer(
        items=[item for page in pages.values() for item in page.items],
        cursor={text: page.cursor for text, page in pages.items()},
        again=min(times, default=None),
        unfinished=any(page.unfinished for page in pages.values()),
        complete=all(page.complete for page in pages.values()),
    )


def stored_under(source: Source) -> Source:
    """Whose what fits is: the account's where it enters queues, to be answered from there, else the search's own."""
    assert source.search is not None
    assert source.via is not None
    return source.via if source.search.enters_queues else source


def _failed(source: Source, reason: str, again: datetime, now: datetime) -> None:
    blind_since = source.blind_since or min(source.last_ok_at or now, now)
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(blind_since=blind_since, last_error=reason[:300], next_poll_at=again)
        if source.blind_since is None:
            gaps.begin(source, Gap.Reason.UNREACHABLE, since=blind_since)
            tell("source.blind", source, now)
    log.warning("a search could not be asked", extra={"source": source.slug})
