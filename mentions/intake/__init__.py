"""The one door: whatever arrives, by webhook, API, command or feed, becomes rows here.

`receive(source, posts)` parses, scrubs, labels and routes outside any transaction, then writes a batch
in one transaction of a handful of statements. When it returns, every accepted post is committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import Error, connection, transaction
from django.utils import timezone

from mentions import events, routing, rulebook, triage
from mentions.events import Fact
from mentions.intake import authors, hearsay, muted, operations, own, parts, sorting, store
from mentions.intake.operations import Change
from mentions.intake.outcome import ItemResult, Outcome, Place, Results, accepted, made_before, refused, repeated
from mentions.intake.prepare import Batch, Clean, Unreadable
from mentions.intake.sorting import Arrived
from mentions.intake.threads import Arrival, Arriving, Threads
from mentions.models import Source
from mentions.posts import Post
from mentions.rulebook import Rulebook
from mentions.triage import Labels

__all__ = ["Batch", "ItemResult", "Outcome", "Unreadable", "receive", "receive_all", "settle"]

_TRIES = 3


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
    moment = now or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        found = operations.overdue(cursor, moment)
        if found:
            _change(cursor, found, moment)
    return len(found)


def _receive(batches: Sequence[Batch], now: datetime, keep_rejects: bool) -> list[Outcome]:
    book = rulebook.current()
    came = sorting.by_kind(batches, book.accounts)
    with connection.cursor() as cursor:
        fresh = sorting.not_stored(cursor, came.posts)
    labels = _labels([post.clean.post for post in fresh.posts], book)
    if book.rivals:
        fresh, labels = sorting.set_apart(fresh, labels, book)
    results: Results = fresh.results | {place: refused(item) for item, place, _ in came.refused}
    with transaction.atomic(), connection.cursor() as cursor:
        stale = _stale_deliveries(cursor, batches, now)
        posts = [entry for entry in zip(fresh.posts, labels, strict=True) if entry[0].place.batch not in stale]
        hearsay.confirm(cursor, [told for place, told in fresh.confirmed.items() if place.batch not in stale], now)
        hearsay.give_way(
            cursor, {post.key: fresh.instead[post.key] for post, _ in posts if post.key in fresh.instead}, now
        )
        ours = [entry for entry in came.ours if entry[0].place.batch not in stale]
        changes = [entry for entry in came.changes if entry[1].batch not in stale]
        results |= _store(cursor, posts, fresh.adopted, book, now)
        results |= _keep_ours(cursor, ours, now)
        _apply_what_waited(cursor, [*(post for post, _ in posts), *(post for post, _ in ours)], now)
        done = _change(cursor, [change for change, _ in changes], now)
        kept = [(source, item) for item, place, source in came.refused if place.batch not in stale]
        for (change, place), new in zip(changes, done, strict=True):
            if new is None:
                kept.append((batches[place.batch].source, item := sorting.not_theirs(change)))
                results[place] = refused(item)
            else:
                results[place] = accepted(change.operation) if new else made_before(change.operation)
        if keep_rejects:
            store.rejects(cursor, kept, now)
    for b in stale:
        results |= {Place(b, i): repeated(prepared) for i, prepared in enumerate(batches[b].prepared)}
    return [Outcome(tuple(results[Place(b, i)] for i in range(len(batch.prepared)))) for b, batch in enumerate(batches)]


def _labels(posts: Sequence[Post], book: Rulebook) -> list[Labels]:
    return triage.assess(
        [
            triage.Item(
                text=post.text,
                lang=post.lang,
                kind=post.kind,
                visibility=post.visibility,
                followers=post.author.followers or 0,
                verified=post.author.verified is True,
                reposts=post.reposts,
                network=post.network,
            )
            for post in posts
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


def _keep_ours(cursor: Any, written: Sequence[tuple[Arrived, int]], now: datetime) -> Results:
    """Store what our own accounts wrote; of one that came twice, the first is the new one."""
    new = own.keep(cursor, [(post.clean, account) for post, account in written], now)
    results: Results = {}
    for post, _ in written:
        results[post.place] = accepted(post.clean) if post.key in new else repeated(post.clean)
        new.discard(post.key)
    return results


def _apply_what_waited(cursor: Any, arrived: Sequence[Arrived], now: datetime) -> None:
    """Changes that came before their posts."""
    if arrived and (waiting := operations.waiting_for(cursor, [(*post.key, post.source) for post in arrived])):
        _change(cursor, waiting, now)


def _change(cursor: Any, changes: Sequence[Change], now: datetime) -> list[bool | None]:
    """Apply edits and deletes, to posts of our own and to others'; for each, whether it did anything, as `apply`."""
    told = [n for n, change in enumerate(changes) if change.only is None]
    mine = own.change(cursor, [changes[n].operation for n in told], now)
    ours = {told[n]: new for n, new in mine.items()}
    others = [change for n, change in enumerate(changes) if n not in ours]
    done = iter(operations.apply(cursor, others, now) if others else [])
    return [ours[n] if n in ours else next(done) for n in range(len(changes))]


def _store(
    cursor: Any,
    posts: Sequence[tuple[Arrived, Labels]],
    adopted: Mapping[store.Key, int],
    book: Rulebook,
    now: datetime,
) -> Results:
    """Write posts with what they do to conversations; one that somebody has just adopted or deleted is a repetition."""
    if not posts:
        return {}
    believed, hearsay = sorting.by_word([post for post, _ in posts], book.accounts)
    people = authors.keep(cursor, believed, now, hearsay=hearsay)
    returning = {author.id for author in people.values() if not author.fresh}
    ids = store.reserve(cursor, "mentions_mention", len(posts))
    threads = Threads(book, now, store.reserve(cursor, "mentions_conversation", len(posts)))
    threads.load(store.threads_of(cursor, sorted(returning), now))
    mutes = muted.among(cursor, returning, now)
    results = {post.place: accepted(post.clean) for post, _ in posts}
    if adopted:
        still = store.still_in_no_queue(cursor, adopted.values())
        lost = {key for key, mention in adopted.items() if mention not in still}
        results |= {post.place: repeated(post.clean) for post, _ in posts if post.key in lost}
        posts = [entry for entry in posts if entry[0].key not in lost]
    posts = sorted(posts, key=lambda entry: entry[0].clean.post.created_at)
    by_author: dict[int, list[Clean]] = {}
    for (clean, _, _), _ in posts:
        by_author.setdefault(people[clean.post.network, clean.post.author.id].id, []).append(clean)
    masked = parts.mask_arriving(cursor, by_author, returning, now)
    rows: dict[int, store.Row] = {}
    facts: list[Fact] = []
    for arrived, label in posts:
        clean, source = masked.get(arrived.key, arrived.clean), arrived.source
        post = clean.post
        mention = adopted.get(arrived.key) or next(ids)
        author = people[post.network, post.author.id].id
        occurred_at = min(post.created_at, now)
        origin = store.origin(source.origin, post.origin)
        facts_of_it = _facts(arrived.clean.post, source, label)
        decision = muted.heed(book.router.decide(facts_of_it), facts_of_it, mutes.get(author))
        conversation: int | None = None
        arrival: Arrival | None = None
        told: dict[str, Any] = {}
        if arrived.enters_queues:
            thread, arrival = threads.take(
                Arriving(
                    mention=mention,
                    place=(author, source.pk, post.visibility, post.conversation_id),
                    occurred_at=occurred_at,
                    received_at=now,
                    language=str(label.language.value),
                    topics=tuple(str(topic.value) for topic in label.topics),
                    decision=decision,
                    attached=bool(post.media),
                    signs=not any(letter.isalnum() for letter in post.text),
                )
            )
            conversation, told = thread.id, {**thread.told, "actionable": thread.actionable}
            if arrival == "opened" and thread.disposition:
                told["disposition"] = thread.disposition
        rows[mention] = store.Row(mention, clean, source.pk, origin, author, conversation, occurred_at, now, label)
        facts.append(
            Fact(
                "mention.adopted" if arrived.key in adopted else "mention.received",
                occurred_at,
                events.NETWORK,
                origin=origin,
                conversation_id=conversation,
                mention_id=mention,
                queue_id=thread.queue if conversation else None,
                source_id=source.pk,
                data={"did": arrival, "rule": decision.rule_id, "rule_version": decision.rule_version}
                | store.labelled(label)
                | told,
            )
        )
    origins = {post.source.pk: store.origin(post.source.origin, post.clean.post.origin) for post, _ in posts}
    store.open_conversations(cursor, threads.opened(), origins)
    store.change_conversations(cursor, threads.changed(), now)
    old = set(adopted.values())
    store.mentions(cursor, [row for row in rows.values() if row.id not in old])
    store.adopt(cursor, [row for row in rows.values() if row.id in old])
    begun = {r.id: store.Awaited(r.clean.post.network, r.source, r.origin) for r in rows.values()}
    store.waits(cursor, threads.known.values(), begun)
    events.record_many(facts)
    return results


def _facts(post: Post, source: Source, label: Labels) -> routing.Facts:
    return routing.Facts(
        network=post.network,
        source=str(source.settings.get("stands_for") or source.slug),
        visibility=post.visibility,
        language=str(label.language.value),
        topics=frozenset(str(topic.value) for topic in label.topics),
        sentiment=str(label.sentiment.value),
        urgency=int(label.urgency.value),
        followers=post.author.followers or 0,
        text=post.text,
        kind=post.kind,
        rating=post.rating,
        spam=label.spam.value == "true",
        phishing=label.phishing.value == "true",
        actionable=str(label.actionable.value),
        actionable_reason=label.actionable.reason,
    )
