"""The one door: whatever arrives, by webhook, API, command or feed, becomes rows here.

`receive(source, posts)` parses, scrubs, labels and routes outside any transaction, then writes a batch
in one transaction of a handful of statements. When it returns, every accepted post is committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import psycopg
from django.db import Error, connection, transaction
from django.utils import timezone

from mentions import events, routing, rulebook, scrub, triage
from mentions.events import Fact
from mentions.intake import operations, own, store
from mentions.intake.prepare import Batch, Clean, Refused, Unreadable
from mentions.intake.threads import Arrival, Arriving, Threads
from mentions.listening.matching import Subject
from mentions.models import Origin, Source
from mentions.posts import Operation
from mentions.rulebook import Accounts, Rulebook
from mentions.triage import Labels
from mentions.triage.topics import LEAVING

__all__ = ["Batch", "ItemResult", "Outcome", "Unreadable", "receive", "receive_all", "settle"]

SPLIT_WITHIN = timedelta(hours=24)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item. `reason` is a sentence, empty for an accepted one."""

    external_id: str | None
    status: Literal["accepted", "duplicate", "rejected"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch, in the order given."""

    items: tuple[ItemResult, ...]

    def count(self, status: str) -> int:
        """How many items ended so."""
        return sum(item.status == status for item in self.items)


def receive(
    source: Source, items: Sequence[object], *, now: datetime | None = None, delivery: str | None = None
) -> Outcome:
    """Take what arrived from one source; see `receive_all`."""
    return receive_all([Batch(source, items, delivery)], now=now)[0]


def receive_all(batches: Sequence[Batch], *, now: datetime | None = None, keep_rejects: bool = True) -> list[Outcome]:
    """Take several arrivals in one transaction; an outcome each, in order.

    `now` is the time of receipt (a demonstration's history gives its own). Rejected items are kept
    for replay unless `keep_rejects` is off, which is for the replay itself. What the database refuses even
    when tried again raises `django.db.Error` with nothing stored of any of them.
    """
    moment = now or timezone.now()
    for batch in batches:
        if not batch.prepared:
            batch.prepare()
    for _ in range(_TRIES - 1):
        try:
            return _receive(batches, moment, keep_rejects)
        except (Error, psycopg.Error):
            if not connection.in_atomic_block:
                connection.close()  # it may be the connection that broke
    return _receive(batches, moment, keep_rejects)


def settle(*, now: datetime | None = None) -> int:
    """Apply early operations whose post was being stored in the same moment; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        found = operations.overdue(cursor)
        if found:
            operations.apply(cursor, found, now or timezone.now())
    return len(found)


@dataclass(slots=True)
class _Place:
    """Where an item stands: its batch, its index there, and its source."""

    batch: int
    index: int
    source: Source


def _receive(batches: Sequence[Batch], now: datetime, keep_rejects: bool) -> list[Outcome]:
    results: list[list[ItemResult | None]] = [[None] * len(batch.prepared) for batch in batches]
    book = rulebook.current()
    with connection.cursor() as cursor:
        fresh, written, adopted = _fresh(cursor, batches, results, book.accounts)
    labels = _labels([clean for clean, _ in fresh], book)
    if book.rivals:
        fresh, labels = _apart(fresh, labels, adopted, results, book)
    with transaction.atomic(), connection.cursor() as cursor:
        stale = _stale_deliveries(cursor, batches, now)
        posts = [
            (clean, place, label)
            for (clean, place), label in zip(fresh, labels, strict=True)
            if place.batch not in stale
        ]
        _store(cursor, posts, book, now, adopted)
        by_us = [(clean, place, account) for clean, place, account in written if place.batch not in stale]
        new = own.keep(cursor, [(clean, account) for clean, _, account in by_us], now)
        arrived = [_key(clean) for clean, _, _ in posts] + sorted(new)
        waiting = operations.waiting_for(cursor, arrived) if arrived else []
        if waiting:
            ours = own.change(cursor, waiting, now) if new else {}
            operations.apply(cursor, [o for n, o in enumerate(waiting) if n not in ours], now)
        changes = [
            (prepared, b, i)
            for b, batch in enumerate(batches)
            if b not in stale
            for i, prepared in enumerate(batch.prepared)
            if isinstance(prepared, Operation)
        ]
        ours = own.change(cursor, [operation for operation, _, _ in changes], now)
        others = [operation for n, (operation, _, _) in enumerate(changes) if n not in ours]
        done = iter(operations.apply(cursor, others, now) if others else [])
        for n, (operation, b, i) in enumerate(changes):
            results[b][i] = (
                ItemResult(operation.external_id, "accepted")
                if (ours[n] if n in ours else next(done))
                else ItemResult(operation.external_id, "duplicate", "this change was made already")
            )
        refused = [
            (batch.source.pk, prepared)
            for b, batch in enumerate(batches)
            if b not in stale
            for prepared in batch.prepared
            if isinstance(prepared, Refused)
        ]
        if keep_rejects:
            store.rejects(cursor, refused, now)
    for clean, place, _ in posts:
        results[place.batch][place.index] = ItemResult(clean.post.external_id, "accepted")
    for clean, place, _ in by_us:
        accepted = _key(clean) in new
        new.discard(_key(clean))
        results[place.batch][place.index] = (
            ItemResult(clean.post.external_id, "accepted") if accepted else _repeated(clean)
        )
    for b in stale:
        results[b] = [_repeated(prepared) for prepared in batches[b].prepared]
    return [Outcome(tuple(item for item in row if item is not None)) for row in results]


def _fresh(
    cursor: Any, batches: Sequence[Batch], results: list[list[ItemResult | None]], accounts: Accounts
) -> tuple[list[tuple[Clean, _Place]], list[tuple[Clean, _Place, int]], dict[store.Key, int]]:
    """The posts that are not stored yet, each once; and those that an account of ours wrote, with its source.

    The results of all others are filled in. A post that only a search had heard so far is among the first, with the
    key of its mention in the last: now that it is addressed to us, it enters a queue.
    """
    candidates: list[tuple[Clean, _Place]] = []
    written: list[tuple[Clean, _Place, int]] = []
    for b, batch in enumerate(batches):
        for i, prepared in enumerate(batch.prepared):
            if isinstance(prepared, Refused):
                results[b][i] = ItemResult(prepared.external_id, "rejected", prepared.reason)
            elif isinstance(prepared, Clean):
                account = accounts.wrote(prepared.post) if batch.source.origin == Origin.LIVE else None
                if account is not None:
                    written.append((prepared, _Place(b, i, batch.source), account))
                else:
                    candidates.append((prepared, _Place(b, i, batch.source)))
    seen = store.known(cursor, [_key(clean) for clean, _ in candidates]) if candidates else set()
    ours = [_key(clean) for clean, place in candidates if _key(clean) in seen and _enters_queues(place.source)]
    adopted = store.only_searched(cursor, ours) if ours else {}
    seen -= adopted.keys()
    fresh = []
    for clean, place in candidates:
        if _key(clean) in seen or (_key(clean) in adopted and not _enters_queues(place.source)):
            results[place.batch][place.index] = _repeated(clean)
        else:
            seen.add(_key(clean))
            fresh.append((clean, place))
    return fresh, written, adopted


def _apart(
    fresh: Sequence[tuple[Clean, _Place]],
    labels: Sequence[Labels],
    adopted: dict[store.Key, int],
    results: list[list[ItemResult | None]],
    book: Rulebook,
) -> tuple[list[tuple[Clean, _Place]], list[Labels]]:
    """The posts and their labels, those that mean a rival and not us with the rival's source.

    A network that delivers more than what is addressed to us brings rivals' posts like any other. What a search has
    heard of them already is not adopted.
    """
    kept, theirs = [], []
    for (clean, place), label in zip(fresh, labels, strict=True):
        source = _rival(clean, place.source, label, book)
        if source is not None and adopted.pop(_key(clean), None) is not None:
            results[place.batch][place.index] = _repeated(clean)
            continue
        kept.append((clean, replace(place, source=source) if source is not None else place))
        theirs.append(label)
    return kept, theirs


def _rival(clean: Clean, source: Source, label: Labels, book: Rulebook) -> Source | None:
    """The source of the rival that a post means, whoever delivered it; None for what means us, or may."""
    post = clean.post
    if post.visibility != "public" or post.in_reply_to is not None or not _enters_queues(source):
        return None
    lowered = post.text.lower()
    # Who leaves for a rival names the rival and means us.
    if any(topic.value == LEAVING for topic in label.topics) or any(name in lowered for name in book.brand.names):
        return None
    told = Subject(post.text, post.author.handle, post.network, str(label.language.value))
    heard = (rival.source for rival in book.rivals if rival.account == source.pk and rival.fits.match(told) is not None)
    return next(heard, None)


def _enters_queues(source: Source) -> bool:
    """Rivals' posts, and what is heard by a search that only counts, are nobody's work."""
    return not source.rival and source.search_id is None


def _labels(posts: Sequence[Clean], book: Rulebook) -> list[Labels]:
    return triage.assess(
        [
            triage.Item(
                text=clean.post.text,
                lang=clean.post.lang,
                kind=clean.post.kind,
                visibility=clean.post.visibility,
                followers=clean.post.author.followers,
                verified=clean.post.author.verified,
                reposts=clean.post.reposts,
                network=clean.post.network,
            )
            for clean in posts
        ],
        book.brand,
    )


def _stale_deliveries(cursor: Any, batches: Sequence[Batch], now: datetime) -> set[int]:
    """The batches whose delivery was taken before, or twice in this very batch."""
    wanted = [(batch.source.pk, batch.delivery) for batch in batches if batch.delivery is not None]
    new = store.deliveries(cursor, wanted, now)
    stale = set()
    for b, batch in enumerate(batches):
        if batch.delivery is None:
            continue
        key = (batch.source.pk, batch.delivery)
        if key in new:
            new.discard(key)
        else:
            stale.add(b)
    return stale


def _store(
    cursor: Any,
    posts: Sequence[tuple[Clean, _Place, Labels]],
    book: Rulebook,
    now: datetime,
    adopted: dict[store.Key, int],
) -> None:
    if not posts:
        return
    people = store.authors(cursor, [clean for clean, _, _ in posts], now)
    returning = [author.id for author in people.values() if not author.fresh]
    ids = store.reserve(cursor, "mentions_mention", len(posts))
    threads = Threads(book, now, store.reserve(cursor, "mentions_conversation", len(posts)))
    threads.load(store.threads_of(cursor, returning, now))
    _mask_split_numbers(cursor, posts, people, now)
    rows: dict[int, store.Row] = {}
    facts: list[Fact] = []
    for clean, place, label in sorted(posts, key=lambda entry: entry[0].post.created_at):
        post, source = clean.post, place.source
        mention = adopted.get(_key(clean)) or next(ids)
        author = people[post.network, post.author.id].id
        occurred_at = min(post.created_at, now)
        origin = store.origin(source.origin, post.origin)
        decision = book.router.decide(_facts(clean, source, label))
        conversation: int | None = None
        arrival: Arrival | None = None
        if _enters_queues(source):
            thread, arrival = threads.take(
                Arriving(
                    mention=mention,
                    place=(author, source.pk, post.visibility, post.conversation_id),
                    occurred_at=occurred_at,
                    received_at=now,
                    language=str(label.language.value),
                    topics=tuple(str(topic.value) for topic in label.topics),
                    decision=decision,
                )
            )
            conversation = thread.id
        rows[mention] = store.Row(mention, clean, source.pk, origin, author, conversation, occurred_at, now, label)
        facts.append(
            Fact(
                "mention.adopted" if _key(clean) in adopted else "mention.received",
                occurred_at,
                events.NETWORK,
                origin=origin,
                conversation_id=conversation,
                mention_id=mention,
                queue_id=thread.queue if conversation else None,
                source_id=source.pk,
                data={"did": arrival, "rule": decision.rule_id, "rule_version": decision.rule_version},
            )
        )
    origins = {place.source.pk: store.origin(place.source.origin, clean.post.origin) for clean, place, _ in posts}
    store.open_conversations(cursor, threads.opened(), origins)
    store.change_conversations(cursor, threads.changed(), now)
    old = set(adopted.values())
    store.mentions(cursor, [row for row in rows.values() if row.id not in old])
    store.adopt(cursor, [row for row in rows.values() if row.id in old])
    store.stretches(cursor, threads.stretches, rows, [t for t in threads.promised if not t.fresh])
    events.record_many(facts)


def _facts(clean: Clean, source: Source, label: Labels) -> routing.Facts:
    post = clean.post
    return routing.Facts(
        network=post.network,
        source=str(source.settings.get("stands_for") or source.slug),
        visibility=post.visibility,
        language=str(label.language.value),
        topics=frozenset(str(topic.value) for topic in label.topics),
        sentiment=str(label.sentiment.value),
        urgency=int(label.urgency.value),
        followers=post.author.followers,
        text=post.text,
        kind=post.kind,
        spam=label.spam.value == "true",
        phishing=label.phishing.value == "true",
        actionable=str(label.actionable.value),
        actionable_reason=label.actionable.reason,
    )


def _mask_split_numbers(
    cursor: Any,
    posts: Sequence[tuple[Clean, _Place, Labels]],
    people: dict[store.Key, store.StoredAuthor],
    now: datetime,
) -> None:
    """Mask a number that an author spread over up to three messages, the stored ones included."""
    by_author: dict[int, list[Clean]] = {}
    for clean, _, _ in sorted(posts, key=lambda entry: entry[0].post.created_at):
        by_author.setdefault(people[clean.post.network, clean.post.author.id].id, []).append(clean)
    stored_too = {author.id for author in people.values() if not author.fresh}
    suspects = [
        author
        for author, own in by_author.items()
        if (author in stored_too or len(own) > 1) and any(_may_be_part(c.post.text) for c in own)
    ]
    earlier = store.earlier_texts(cursor, [a for a in suspects if a in stored_too], now - SPLIT_WITHIN)
    for author in suspects:
        stored = earlier.get(author, [])
        own = by_author[author]
        texts = [text for _, text in stored] + [clean.post.text for clean in own]
        found: dict[int, tuple[str, ...]] = {}
        for place in range(len(stored), len(texts)):
            since = max(0, place - 2)
            split = scrub.scrub_sequence(texts[since:place], texts[place])
            if split.found:
                texts[since : place + 1] = [*split.previous, split.text]
                found |= dict.fromkeys(range(since, place + 1), split.found)
        for place, kinds in found.items():
            if place < len(stored):
                _remask(cursor, stored[place][0], texts[place], kinds)
            else:
                clean = own[place - len(stored)]
                clean.post = replace(clean.post, text=texts[place])
                clean.redacted = tuple(sorted({*clean.redacted, *kinds}))
                clean.raw["text"] = texts[place]


def _remask(cursor: Any, mention: int, text: str, kinds: tuple[str, ...]) -> None:
    """A stored text turned out to hold a part of a number: mask it where it lies, raw record too."""
    cursor.execute(
        "UPDATE mentions_mentioncontent SET text = %s, redacted = redacted || %s::varchar[] WHERE mention_id = %s",
        [text, list(kinds), mention],
    )
    cursor.execute(
        "UPDATE mentions_searchentry s SET text = c.text, "
        "words = to_tsvector('simple', c.text || ' ' || c.author_handle || ' ' || c.author_name) "
        "FROM mentions_mentioncontent c WHERE s.mention_id = %s AND c.mention_id = s.mention_id",
        [mention],
    )
    cursor.execute(
        "UPDATE mentions_rawrecord SET body = jsonb_set(body, '{text}', to_jsonb(%s::text)) WHERE mention_id = %s",
        [text, mention],
    )


def _may_be_part(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= 2


def _key(clean: Clean) -> store.Key:
    return clean.post.network, clean.post.external_id


def _repeated(prepared: Clean | Operation | Refused) -> ItemResult:
    if isinstance(prepared, Refused):
        return ItemResult(prepared.external_id, "rejected", prepared.reason)
    key = prepared.post.external_id if isinstance(prepared, Clean) else prepared.external_id
    return ItemResult(key, "duplicate", "it is stored already")
