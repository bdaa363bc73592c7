"""Edits, deletes and what else befalls a stored post, and how they wait for one that has not come yet.

Precedence is delete, then the later `edited_at`, then the hash of the text, so that any order of
arrival ends in the same state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from mentions import bulk, events, relabelling, routing, rulebook, triage
from mentions.events import Fact
from mentions.intake import muted, parts, purge, store
from mentions.intake.prepare import fingerprint
from mentions.intake.threads import Arrival, Arriving, Threads
from mentions.models import Correction, Mention, MentionContent, MentionVersion, PendingOperation, Source
from mentions.posts import Operation
from mentions.routing import Decision

WAITS: Final = timedelta(days=30)
DELETED: Final = "deleted by its author"
# SQL: source `s` brings post `m` by its network's word, as `Source.speaks_for`.
SPEAKS: Final = "(s.network = m.network OR s.via_id IS NOT NULL)"
_TAKEN: Final = "p.network, p.external_id, p.op, p.text, p.edited_at, p.redacted, p.rating, p.source_id"
_TURNS: Final = {"hide": "show", "show": "hide"}


class Change(NamedTuple):
    """An operation, and the source (id) whose posts `only` it may change; None is its network's own word."""

    operation: Operation
    only: int | None = None


def apply(cursor: Any, changes: Sequence[Change], now: datetime) -> list[bool | None]:
    """Apply operations in their order inside the caller's transaction.

    True where one did something new, None where its source may not change the post. An operation whose post is not
    stored waits in `PendingOperation`.
    """
    stored = locked(cursor, {(change.operation.network, change.operation.external_id) for change in changes})
    done = [
        _try(cursor, change, stored.get((change.operation.network, change.operation.external_id)), now)
        for change in changes
    ]
    # Last, so that it also takes what has just begun to wait.
    mine = [o for o, only in changes if only is None or _is_of(stored.get((o.network, o.external_id)), only)]
    purge.traces(cursor, [o for o in mine if o.op == "delete"])
    return done


def _try(cursor: Any, change: Change, mention: Mention | None, now: datetime) -> bool | None:
    if mention is None:
        return _wait(cursor, change, now)
    if change.only is not None and not _is_of(mention, change.only):
        return None
    if change.only is None and not mention.source.speaks_for(mention.network):
        _wait(cursor, change, now)  # for the post as its network tells of it, see `hearsay`
    return _apply(cursor, change.operation, mention, now)


def _is_of(mention: Mention | None, source: int) -> bool:
    return mention is not None and mention.source_id == source


def locked(cursor: Any, posts: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Mention]:
    """The stored ones of these posts, by network and external id, locked in the order in which a batch of posts locks.

    The author's lock keeps the posts between which a number may be spread as they are read.
    """
    keys = set(posts)
    about = (
        "SELECT m.{} FROM mentions_mention m JOIN unnest(%s::text[], %s::text[]) AS k(network, external_id) "
        "ON m.network = k.network AND m.external_id = k.external_id WHERE m.drill IS NULL"
    )
    named = [[network for network, _ in keys], [external_id for _, external_id in keys]]
    cursor.execute(
        f"SELECT FROM mentions_author WHERE id IN ({about.format('author_id')}) "
        'ORDER BY network, external_id COLLATE "C" FOR NO KEY UPDATE',
        named,
    )
    cursor.execute(
        f"SELECT FROM mentions_conversation WHERE id IN ({about.format('conversation_id')}) "
        "ORDER BY id FOR NO KEY UPDATE",
        named,
    )
    return {
        (m.network, m.external_id): m
        for m in Mention.objects.select_related("source")
        .select_for_update(of=("self",), no_key=True)
        .filter(drill=None, external_id__in=[key for _, key in keys])
        .order_by("id")
        if (m.network, m.external_id) in keys
    }


def waiting_for(cursor: Any, posts: Sequence[tuple[str, str, Source]]) -> list[Change]:
    """Take the operations that waited for these posts, by network, external id and source; oldest edit first.

    What a network told of a post that somebody else brings before it waits on for its own.
    """
    cursor.execute(
        "WITH k AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bool[]) "
        "AS k(network, external_id, source_id, speaks)), gone AS (DELETE FROM mentions_pendingoperation p "
        "USING k WHERE p.network = k.network AND p.external_id = k.external_id AND p.drill IS NULL "
        f"AND (p.source_id = k.source_id OR (p.source_id IS NULL AND k.speaks)) RETURNING {_TAKEN}) "
        f"SELECT * FROM gone UNION ALL SELECT {_TAKEN} FROM mentions_pendingoperation p JOIN k "
        "ON p.network = k.network AND p.external_id = k.external_id "
        "WHERE p.drill IS NULL AND p.source_id IS NULL AND NOT k.speaks",
        [
            bulk.array([network for network, _, _ in posts]),
            bulk.array([external_id for _, external_id, _ in posts]),
            [source.pk for _, _, source in posts],
            [source.speaks_for(network) for network, _, source in posts],
        ],
    )
    return _ordered(cursor.fetchall())


def overdue(cursor: Any, now: datetime) -> list[Change]:
    """Take the operations whose post arrived in the same moment, so that each missed the other.

    The same may befall two operations: words that wait for a post whose deletion waits as well go, and so do those
    of a post that has not come in a month. What a network told of a post that somebody else brought before it waits on,
    but a deletion is made at once.
    """
    cursor.execute(
        "DELETE FROM mentions_pendingoperation e WHERE e.op <> 'delete' AND (e.received_at <= %s OR EXISTS ("
        "SELECT FROM mentions_pendingoperation d WHERE d.network = e.network AND d.external_id = e.external_id "
        "AND d.drill IS NOT DISTINCT FROM e.drill AND (d.source_id IS NULL OR d.source_id = e.source_id) "
        "AND d.op = 'delete'))",
        [now - WAITS],
    )
    cursor.execute(
        "DELETE FROM mentions_pendingoperation p WHERE EXISTS (SELECT FROM mentions_mention m "
        "JOIN mentions_source s ON s.id = m.source_id WHERE "
        "m.network = p.network AND m.external_id = p.external_id AND m.drill IS NOT DISTINCT FROM p.drill "
        f"AND (p.source_id = m.source_id OR (p.source_id IS NULL AND {SPEAKS}))) "
        "OR (p.drill IS NULL AND p.source_id IS NULL AND EXISTS (SELECT FROM mentions_ownpost o WHERE "
        f"o.network = p.network AND o.external_id = p.external_id)) RETURNING {_TAKEN}"
    )
    taken = cursor.fetchall()
    cursor.execute(
        f"SELECT {_TAKEN} FROM mentions_pendingoperation p JOIN mentions_mention m ON m.network = p.network "
        "AND m.external_id = p.external_id AND m.drill IS NULL AND m.deleted_at IS NULL "
        "WHERE p.op = 'delete' AND p.source_id IS NULL AND p.drill IS NULL"
    )
    return _ordered([*taken, *cursor.fetchall()])


def _ordered(rows: Sequence[tuple[Any, ...]]) -> list[Change]:
    """What waited, as changes by whom they came from."""
    found = [
        Change(
            Operation(network, name, op, text if op == "edit" else None, edited_at, {"redacted": redacted}, rating),
            source,
        )
        for network, name, op, text, edited_at, redacted, rating, source in rows
    ]
    return sorted(found, key=lambda c: (c.operation.edited_at is None, c.operation.edited_at or 0))


def _wait(cursor: Any, change: Change, now: datetime) -> bool:
    operation, only = change
    if operation.op != "delete" and purge.gone(cursor, [(operation.network, operation.external_id)]):
        return False
    where: dict[str, Any] = {"drill": None, "source_id": only}
    where |= {"network": operation.network, "external_id": operation.external_id}
    if operation.op in _TURNS:
        # Of the two the later counts: by their times, or as they come where there are none.
        turns = PendingOperation.objects.filter(op__in=_TURNS, **where)
        if operation.edited_at is not None and turns.filter(edited_at__gte=operation.edited_at).exists():
            return False
        turns.delete()
    redacted = (operation.raw or {}).get("redacted", [])
    _, created = PendingOperation.objects.get_or_create(
        **where,
        op=operation.op,
        edited_at=operation.edited_at,
        digest=fingerprint(operation.text or ""),
        defaults={
            "text": operation.text or "",
            "redacted": redacted,
            "rating": operation.rating,
            "received_at": now,
        },
    )
    return created


def _apply(cursor: Any, operation: Operation, mention: Mention, now: datetime) -> bool:
    if mention.deleted_at is not None:
        return False
    if operation.op == "delete":
        delete(cursor, mention, now)
        return True
    if operation.op in _TURNS:
        return _turn(cursor, mention, operation, now)
    if operation.op == "unplace":
        return _unplace(cursor, mention)
    assert operation.edited_at is not None
    digest = fingerprint(operation.text or "")
    if mention.edited_at is not None and (mention.edited_at, mention.edit_hash) >= (
        operation.edited_at,
        digest,
    ):
        return False
    _edit(cursor, mention, operation, digest, now)
    return True


def _edit(cursor: Any, mention: Mention, operation: Operation, digest: str, now: datetime) -> None:
    assert operation.edited_at is not None
    content = MentionContent.objects.get(pk=mention.pk)
    replaced, stars = content.text, mention.rating
    MentionVersion.objects.create(mention=mention, text=replaced, replaced_at=operation.edited_at)
    masked = parts.mask_edited(cursor, mention, content, operation.text or "", now)
    content.text, content.said = masked.text, masked.said
    content.redacted = sorted({*content.redacted, *masked.kinds, *(operation.raw or {}).get("redacted", [])})
    content.save(update_fields=["text", "redacted", "said"])
    book = rulebook.current()
    said = [
        triage.Item(
            text=text,
            kind=mention.kind,
            visibility=mention.visibility,
            followers=mention.author.followers or 0,
            verified=mention.author.verified is True,
            reposts=mention.reposts,
            network=mention.network,
        )
        for text in (replaced, content.text)
    ]
    labels_before, labels = triage.assess(said, book.brand)
    mention.edited_at, mention.edit_hash = operation.edited_at, digest
    corrected = set(Correction.objects.filter(mention=mention).values_list("field", flat=True))
    after = {field: value for field, value in store.labelled(labels).items() if field not in corrected}
    before = {field: getattr(mention, field) for field in after}
    for field, value in after.items():
        setattr(mention, field, value)
    mention.rating = operation.rating or mention.rating
    mention.phishing = labels.phishing.value == "true"
    mention.urgency, mention.label_version = int(labels.urgency.value), labels.version
    mention.save(
        update_fields=[
            *("edited_at", "edit_hash", "rating", "phishing", "urgency", "label_version"),
            *after,
        ]
    )
    cursor.execute("UPDATE mentions_mention SET labels = %s WHERE id = %s", [store.spelled(labels), mention.pk])
    relabelling.follow(cursor, mention)
    known = {field: getattr(mention, field) for field in corrected}
    mute = muted.among(cursor, [mention.author_id], now).get(mention.author_id)
    was, is_now = (
        muted.heed(book.router.decide(facts), facts, mute)
        for facts in (
            _facts(mention, item.text, found, known, rating)
            for item, found, rating in zip(said, (labels_before, labels), (stars, mention.rating), strict=True)
        )
    )
    heard, told = _hear(cursor, mention, was, is_now, min(operation.edited_at, now), now)
    touch(cursor, mention, "mention.edited", now, bump=heard is None, before=before, after=after, **told)
    if heard == "reopened":
        touch(cursor, mention, "conversation.reopened", now, **told)


def _hear(
    cursor: Any, mention: Mention, before: Decision, decision: Decision, at: datetime, now: datetime
) -> tuple[Arrival | None, dict[str, Any]]:
    """What other words of a post do to its conversation, and what the event says of what they replaced."""
    if mention.conversation_id is None:
        return None, {}
    thread = store.thread_of(cursor, mention.conversation_id)
    threads = Threads(rulebook.current(), now, iter(()))
    post = Arriving(
        mention=mention.pk,
        place=thread.place,
        occurred_at=at,
        received_at=now,
        language=mention.language,
        topics=tuple(mention.topics),
        decision=decision,
    )
    awaited = thread.wait.started_at if thread.wait else None
    heard = threads.reword(thread, post, before)
    if heard is not None:
        store.change_conversations(cursor, [thread], now)
        begun = store.Awaited(mention.network, mention.source_id, mention.origin)
        store.waits(cursor, [thread], {mention.pk: begun})
    told = {**thread.told, "actionable": thread.actionable}
    if thread.wait is not None and thread.wait.started_at != awaited:
        told["waits_since"] = thread.wait.started_at.isoformat()
    return heard, told


def _facts(
    mention: Mention, text: str, labels: triage.Labels, corrected: Mapping[str, Any], rating: int | None
) -> routing.Facts:
    """What routing looks at in these words of a stored post; what a person `corrected` holds for any."""
    tone = {-1: "negative", 0: "neutral", 1: "positive", None: "unknown"}
    sentiment = tone[corrected["sentiment"]] if "sentiment" in corrected else str(labels.sentiment.value)
    return routing.Facts(
        network=mention.network,
        source=str(mention.source.settings.get("stands_for") or mention.source.slug),
        visibility=mention.visibility,
        language=str(corrected.get("language", labels.language.value)),
        topics=frozenset(corrected.get("topics", [str(topic.value) for topic in labels.topics])),
        sentiment=sentiment,
        urgency=int(labels.urgency.value),
        followers=mention.author.followers or 0,
        text=text,
        kind=mention.kind,
        rating=rating,
        spam=labels.spam.value == "true",
        phishing=labels.phishing.value == "true",
        actionable=str(labels.actionable.value),
        actionable_reason=labels.actionable.reason,
    )


def delete(cursor: Any, mention: Mention, now: datetime, *, why: str = DELETED, kind: str = "mention.deleted") -> None:
    """Take the words of a post, told as `kind`; `why` is said of a conversation in which nothing else waits."""
    mention.deleted_at = now
    mention.save(update_fields=["deleted_at"])
    purge.purge(cursor, mention.pk)
    touch(cursor, mention, kind, now, **_nothing_left(cursor, mention, why))


def _nothing_left(cursor: Any, mention: Mention, why: str) -> dict[str, Any]:
    """Where all that waits for somebody has been taken back, nothing is promised; what it was, for the event."""
    cursor.execute(
        "SELECT c.actionable, r.due_at, c.resolution_due_at FROM mentions_conversation c "
        "LEFT JOIN mentions_stretch r ON r.conversation_id = c.id AND r.stopped_at IS NULL "
        "WHERE c.id = %(id)s AND c.state = 'waiting' AND c.actionable IS NOT FALSE AND NOT EXISTS ("
        "SELECT FROM mentions_mention m WHERE m.conversation_id = c.id AND m.deleted_at IS NULL)",
        about := {"id": mention.conversation_id, "why": why},
    )
    if (row := cursor.fetchone()) is None:
        return {}
    cursor.execute(
        "UPDATE mentions_conversation SET actionable = false, actionable_reason = %(why)s, actionable_by = 'rule', "
        "due_at = NULL, due_target = '', due_why = '', resolution_due_at = NULL, resolution_why = '' WHERE id = %(id)s",
        about,
    )
    cursor.execute(
        "UPDATE mentions_stretch SET due_at = NULL WHERE conversation_id = %(id)s AND stopped_at IS NULL", about
    )
    was, due, solved = row
    moments = {"due_before": due, "resolution_before": solved}
    told = {name: at.isoformat() if at else None for name, at in moments.items()}
    return {"actionable": False, "was_actionable": was} | told


def _turn(cursor: Any, mention: Mention, operation: Operation, now: datetime) -> bool:
    """Somebody hid it at the network, or shows it again; what we did ourselves is so already, what is late is over."""
    hidden, at = operation.op == "hide", operation.edited_at
    if at is not None and mention.turned_at is not None and at <= mention.turned_at:
        return False
    mention.turned_at = at or mention.turned_at
    if (mention.hidden_at is not None) == hidden:
        mention.save(update_fields=["turned_at"])
        return False
    mention.hidden_at = now if hidden else None
    mention.save(update_fields=["hidden_at", "turned_at"])
    touch(cursor, mention, "mention.hidden" if hidden else "mention.shown", now)
    return True


def _unplace(cursor: Any, mention: Mention) -> bool:
    """Its author took back where it was written; the raw record forgets it too."""
    placed = Mention.objects.filter(pk=mention.pk).exclude(country="", place="", latitude=None)
    cursor.execute(
        "UPDATE mentions_rawrecord SET body = body - 'location' WHERE mention_id = %s AND body ? 'location'",
        [mention.pk],
    )
    return bool(placed.update(country="", place="", latitude=None, longitude=None))


def touch(cursor: Any, mention: Mention, kind: str, now: datetime, *, bump: bool = True, **data: Any) -> None:
    """A colleague who is answering this conversation must notice: its version rises."""
    queue = None
    if mention.conversation_id is not None:
        cursor.execute(
            "UPDATE mentions_conversation SET version = version + %s WHERE id = %s RETURNING queue_id",
            [int(bump), mention.conversation_id],
        )
        (queue,) = cursor.fetchone()
    events.record_many(
        [
            Fact(
                kind,
                now,
                events.NETWORK,
                origin=mention.origin,
                conversation_id=mention.conversation_id,
                mention_id=mention.pk,
                queue_id=queue,
                source_id=mention.source_id,
                data=data,
            )
        ]
    )
