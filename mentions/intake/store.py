"""The statements that write a batch: a handful for any number of posts.

New rows go in by `COPY` straight into their tables under keys reserved before. What is new was looked
up first; if another writer was quicker, a constraint refuses the batch whole and it is tried again.
Rows of the same author are written one batch at a time, because the author's row is locked first; the
order of keys keeps batches from waiting for each other in a circle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from mentions import bulk
from mentions.intake import purge
from mentions.intake.prepare import Clean, Refused
from mentions.intake.threads import REOPEN_WITHIN, Thread, Wait
from mentions.models import Origin, Source
from mentions.triage import Label, Labels

Key = tuple[str, str]


class Row(NamedTuple):
    """One new mention with everything that is written of it."""

    id: int
    clean: Clean
    source: int
    origin: str
    author: int
    conversation: int | None
    occurred_at: datetime
    received_at: datetime
    labels: Labels


class Awaited(NamedTuple):
    """What a stretch says of the post with which its wait began."""

    network: str
    source: int
    origin: str


def known(cursor: Any, keys: Iterable[Key]) -> set[Key]:
    """Those of the (network, external id) keys that are stored already, drills apart."""
    pairs = list(keys)
    cursor.execute(
        "SELECT m.network, m.external_id FROM unnest(%s::text[], %s::text[]) AS k(network, external_id) "
        "JOIN mentions_mention m ON m.network = k.network AND m.external_id = k.external_id "
        "AND m.drill IS NULL",
        [bulk.array([network for network, _ in pairs]), bulk.array([external_id for _, external_id in pairs])],
    )
    return set(cursor.fetchall())


def only_searched(cursor: Any, keys: Iterable[Key]) -> dict[Key, int]:
    """Those of the stored posts that only a search has heard so far, so that they are in no queue; by their mention."""
    pairs = list(keys)
    cursor.execute(
        "SELECT m.network, m.external_id, m.id FROM unnest(%s::text[], %s::text[]) AS k(network, external_id) "
        "JOIN mentions_mention m ON m.network = k.network AND m.external_id = k.external_id AND m.drill IS NULL "
        "JOIN mentions_source s ON s.id = m.source_id AND s.search_id IS NOT NULL "
        "WHERE m.conversation_id IS NULL AND m.deleted_at IS NULL",
        [bulk.array([network for network, _ in pairs]), bulk.array([external_id for _, external_id in pairs])],
    )
    return {(network, external_id): mention for network, external_id, mention in cursor.fetchall()}


def still_in_no_queue(cursor: Any, mentions: Iterable[int]) -> set[int]:
    """Those of the mentions that nobody has adopted or deleted since, locked until the transaction ends."""
    cursor.execute(
        "SELECT id FROM mentions_mention WHERE id = ANY(%s) AND conversation_id IS NULL AND deleted_at IS NULL "
        "ORDER BY id FOR NO KEY UPDATE",
        [sorted(mentions)],
    )
    return {mention for (mention,) in cursor.fetchall()}


def adopt(cursor: Any, rows: Sequence[Row]) -> None:
    """Stored posts that only a search had heard belong to a source and a conversation of ours from now on."""
    for r in rows:
        cursor.execute(
            "UPDATE mentions_mention SET source_id = %s, conversation_id = %s WHERE id = %s",
            [r.source, r.conversation, r.id],
        )


def reserve(cursor: Any, table: str, count: int) -> Iterator[int]:
    """`count` fresh keys of a table."""
    cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [f"{table}_id_seq", count])
    return iter([key for (key,) in cursor.fetchall()])


def deliveries(cursor: Any, wanted: Sequence[tuple[int, str]], now: datetime) -> set[tuple[int, str]]:
    """Remember webhook deliveries; returns those (source, event id) that had not been taken before."""
    if not wanted:
        return set()
    cursor.execute(
        "INSERT INTO mentions_delivery (source_id, event_id, received_at) "
        "SELECT DISTINCT s, e, %s::timestamptz FROM unnest(%s::bigint[], %s::text[]) AS d(s, e) ORDER BY 1, 2 "
        "ON CONFLICT DO NOTHING RETURNING source_id, event_id",
        [now, [source for source, _ in wanted], [event for _, event in wanted]],
    )
    return set(cursor.fetchall())


_THREAD = (
    "SELECT c.id, c.author_id, c.source_id, c.visibility, c.thread_key, c.state, c.queue_id, c.priority, c.tags, "
    "c.actionable, c.actionable_reason, c.actionable_by, c.opened_at, c.received_at, c.last_inbound_at, "
    "c.first_mention_id, c.last_mention_id, c.language, c.topics, c.waiting_since, c.closed_at, c.disposition, "
    "c.due_at, c.due_target, c.due_why, c.resolution_due_at, c.resolution_why, c.wake_at, c.paused_at, c.rule_id, "
    "c.rule_version, c.routed_why, c.transfer_count, c.priority_by, c.tags_by, "
    "(SELECT max(s.stopped_at) FROM mentions_stretch s WHERE s.conversation_id = c.id), "
    "r.mention_id, r.target, r.started_at, r.received_at, r.due_at, r.promised_from, r.queue_id, r.policy_id, "
    "r.priority, r.language, r.terms_at FROM mentions_conversation c "
    "LEFT JOIN mentions_stretch r ON r.conversation_id = c.id AND r.stopped_at IS NULL WHERE {} "
    "ORDER BY c.id FOR NO KEY UPDATE OF c"
)


def threads_of(cursor: Any, author_ids: Sequence[int], now: datetime) -> list[Thread]:
    """The authors' conversations that a new post may join, locked."""
    if not author_ids:
        return []
    bulk.read_times(cursor)
    cursor.execute(
        _THREAD.format(
            "c.author_id = ANY(%s::bigint[]) AND c.drill IS NULL AND (c.state <> 'closed' OR c.closed_at >= %s)"
        ),
        [bulk.array(sorted(author_ids)), now - REOPEN_WITHIN],
    )
    return [_thread(row) for row in cursor.fetchall()]


def thread_of(cursor: Any, conversation: int) -> Thread:
    """The conversation of a stored post, locked."""
    cursor.execute(_THREAD.format("c.id = %s"), [conversation])
    return _thread(cursor.fetchone())


def _thread(row: tuple[Any, ...]) -> Thread:
    return Thread(
        id=row[0],
        place=(row[1], row[2], row[3], row[4]),
        state=row[5],
        queue=row[6],
        priority=row[7],
        tags=tuple(row[8]),
        actionable=row[9],
        actionable_reason=row[10],
        actionable_by=row[11],
        opened_at=row[12],
        received_at=row[13],
        last_inbound_at=row[14],
        first_mention=row[15],
        last_mention=row[16],
        language=row[17],
        topics=tuple(row[18]),
        waiting_since=row[19],
        closed_at=row[20],
        disposition=row[21],
        due_at=row[22],
        due_target=row[23],
        due_why=row[24],
        resolution_due_at=row[25],
        resolution_why=row[26],
        wake_at=row[27],
        paused_at=row[28],
        rule=row[29],
        rule_version=row[30],
        routed_why=row[31],
        transfers=row[32],
        priority_by=row[33],
        tags_by=row[34],
        answered_at=row[35],
        wait=Wait(*row[36:]) if row[36] is not None else None,
    )


def open_conversations(cursor: Any, threads: Sequence[Thread], origin_of: dict[int, str]) -> None:
    """Write new conversations."""
    columns = (
        "id, source_id, author_id, visibility, thread_key, origin, state, actionable, actionable_reason, "
        "actionable_by, queue_id, priority, tags, returned, version, rule_id, rule_version, routed_why, due_at, "
        "due_target, due_why, resolution_due_at, resolution_why, pending_note, opened_at, received_at, "
        "waiting_since, last_inbound_at, closed_at, disposition, inbound_count, reply_count, transfer_count, "
        "reopened_count, first_mention_id, last_mention_id, language, topics, linked_id, wake_at, queued_at"
    )
    rows = [
        (
            *(t.id, t.place[1], t.place[0], *t.place[2:], origin_of[t.place[1]], t.state),
            *(t.actionable, t.actionable_reason, t.actionable_by, t.queue, t.priority, t.tags),
            *(False, 1, t.rule, t.rule_version, t.routed_why, t.due_at, t.due_target, t.due_why),
            *(t.resolution_due_at, t.resolution_why, "", t.opened_at, t.received_at, t.waiting_since),
            *(t.last_inbound_at, t.closed_at, t.disposition, t.inbound, 0, 0, t.reopened),
            *(t.first_mention, t.last_mention, t.language, t.topics, t.linked, t.wake_at, t.received_at),
        )
        for t in threads
    ]
    if rows:
        bulk.copy(cursor, "mentions_conversation", columns, rows)


def change_conversations(cursor: Any, threads: Sequence[Thread], now: datetime) -> None:
    """Write what new posts did to stored conversations."""
    if not threads:
        return
    changes = [
        {
            "id": t.id,
            "state": str(t.state),
            "actionable": t.actionable,
            "actionable_reason": t.actionable_reason,
            "actionable_by": t.actionable_by,
            "priority": t.priority,
            "tags": t.tags,
            "topics": t.topics,
            "waiting_since": _iso(t.waiting_since),
            "due_at": _iso(t.due_at),
            "due_target": t.due_target,
            "due_why": t.due_why,
            "wake_at": _iso(t.wake_at),
            "resolution_due_at": _iso(t.resolution_due_at),
            "resolution_why": t.resolution_why,
            "queue": t.queue,
            "rule": t.rule,
            "rule_version": t.rule_version,
            "routed_why": t.routed_why,
            "opened_at": _iso(t.opened_at),
            "language": t.language,
            "first_mention": t.first_mention,
            "last_inbound_at": _iso(t.last_inbound_at),
            "last_mention": t.last_mention,
            "inbound": t.inbound,
            "reopened": t.reopened,
        }
        for t in threads
    ]
    cursor.execute(
        "UPDATE mentions_conversation c SET state = n.state, actionable = n.actionable, "
        "actionable_reason = n.actionable_reason, actionable_by = n.actionable_by, priority = n.priority, "
        "tags = n.tags, topics = n.topics, waiting_since = n.waiting_since, due_at = n.due_at, "
        "due_target = n.due_target, due_why = n.due_why, wake_at = n.wake_at, "
        "resolution_due_at = n.resolution_due_at, resolution_why = n.resolution_why, queue_id = n.queue, "
        "rule_id = n.rule, rule_version = n.rule_version, routed_why = n.routed_why, opened_at = n.opened_at, "
        "language = n.language, first_mention_id = n.first_mention, "
        "last_inbound_at = n.last_inbound_at, last_mention_id = n.last_mention, "
        "inbound_count = c.inbound_count + n.inbound, reopened_count = c.reopened_count + n.reopened, "
        "queued_at = CASE WHEN (c.state = 'closed' AND n.state <> 'closed') OR c.queue_id <> n.queue "
        "THEN greatest(%s, c.closed_at) ELSE c.queued_at END, returned = c.returned AND c.queue_id = n.queue, "
        "closed_at = CASE WHEN n.state = 'closed' THEN c.closed_at END, "
        "disposition = CASE WHEN n.state = 'closed' THEN c.disposition ELSE '' END, version = c.version + 1 "
        "FROM jsonb_to_recordset(%s) AS n(id bigint, state text, actionable bool, actionable_reason text, "
        "actionable_by text, priority smallint, tags text[], topics text[], waiting_since timestamptz, "
        "due_at timestamptz, due_target text, due_why text, wake_at timestamptz, resolution_due_at timestamptz, "
        "resolution_why text, queue bigint, rule bigint, rule_version int, routed_why text, opened_at timestamptz, "
        "language text, first_mention bigint, last_inbound_at timestamptz, last_mention bigint, inbound int, "
        "reopened int) WHERE c.id = n.id",
        [now, orjson.dumps(changes).decode()],
    )


def mentions(cursor: Any, rows: Sequence[Row]) -> None:
    """Write new mentions, their content, media and raw records."""
    columns = (
        "id, network, external_id, origin, source_id, author_id, conversation_id, kind, visibility, in_reply_to, "
        "url, network_at, occurred_at, received_at, edit_hash, language, sentiment, topics, urgency, spam, "
        "phishing, labels, label_version, reach, likes, reposts, replies, country, place, latitude, longitude, rating"
    )
    bulk.copy(cursor, "mentions_mention", columns, map(_mention, rows))
    content = "mention_id, text, author_handle, author_name, quoted, redacted, said"
    bulk.copy(cursor, "mentions_mentioncontent", content, map(_content, rows))
    raw = ((r.id, r.source, orjson.dumps(r.clean.raw).decode()) for r in rows)
    bulk.copy(cursor, "mentions_rawrecord", "mention_id, source_id, body", raw)
    pictures = [(r.id, m.url[:2048], m.id, m.type, m.alt, "pending") for r in rows for m in r.clean.post.media]
    if pictures:
        bulk.copy(cursor, "mentions_media", "mention_id, url, key, type, alt, state", pictures)


def _mention(r: Row) -> tuple[object, ...]:
    p, v = r.clean.post, r.labels
    return (
        *(r.id, p.network, p.external_id, r.origin, r.source, r.author, r.conversation, p.kind, p.visibility),
        *(p.in_reply_to, p.url or "", p.created_at, r.occurred_at, r.received_at, "", v.language.value, tone(v)),
        *([t.value for t in v.topics], int(v.urgency.value), v.spam.value == "true", v.phishing.value == "true"),
        *(spelled(v), v.version, v.reach, p.likes, p.reposts, p.replies, (p.country or "")[:2], (p.place or "")[:256]),
        *(p.lat, p.lon, p.rating),
    )


def _content(r: Row) -> tuple[object, ...]:
    p = r.clean.post
    return r.id, p.text, p.author.handle[:256], p.author.name[:256], quoted(r.clean.raw), r.clean.redacted, r.clean.said


def waits(cursor: Any, threads: Iterable[Thread], of: Mapping[int, Awaited]) -> None:
    """Write the stretches of waiting that began, and what became of those that ran; `of` are the posts that began."""
    running = [(t.id, t.wait) for t in threads if t.wait is not None]
    if changed := [(pk, w) for pk, w in running if w.changed and not w.fresh]:
        change_waits(cursor, changed)
    if not (new := [(pk, w) for pk, w in running if w.fresh]):
        return
    columns = (
        "conversation_id, mention_id, target, network, source_id, queue_id, policy_id, priority, language, origin, "
        "started_at, received_at, due_at, promised_from, paused_s"
    )
    rows = [
        (
            *(pk, w.mention, w.target, of[w.mention].network, of[w.mention].source, w.queue, w.policy, w.priority),
            *(w.language, of[w.mention].origin, w.started_at, w.received_at, w.due_at, w.promised_from, 0),
        )
        for pk, w in new
    ]
    bulk.copy(cursor, "mentions_stretch", columns, rows)


def change_waits(cursor: Any, changed: Sequence[tuple[int, Wait]]) -> None:
    """Write what became of stretches that run, by their conversations."""
    values = [
        {
            "id": pk,
            "mention": w.mention,
            "started_at": _iso(w.started_at),
            "due_at": _iso(w.due_at),
            "promised_from": _iso(w.promised_from),
            "terms_at": _iso(w.terms_at),
            "queue": w.queue,
            "policy": w.policy,
            "priority": w.priority,
            "language": w.language,
        }
        for pk, w in changed
    ]
    cursor.execute(
        "UPDATE mentions_stretch s SET mention_id = n.mention, started_at = n.started_at, due_at = n.due_at, "
        "promised_from = n.promised_from, terms_at = n.terms_at, queue_id = n.queue, policy_id = n.policy, "
        "priority = n.priority, language = n.language "
        "FROM jsonb_to_recordset(%s) AS n(id bigint, mention bigint, started_at timestamptz, due_at timestamptz, "
        "promised_from timestamptz, terms_at timestamptz, queue bigint, policy bigint, priority smallint, "
        "language text) WHERE s.conversation_id = n.id AND s.stopped_at IS NULL",
        [orjson.dumps(values).decode()],
    )


def rejects(cursor: Any, refused: Sequence[tuple[Source, Refused]], now: datetime) -> None:
    """Keep what was refused, for replay; of a post that is deleted already nothing is kept."""
    if not refused:
        return
    named = [(source.network, r.external_id) for source, r in refused if r.external_id]
    gone = purge.gone(cursor, named) if named else set()
    bulk.copy(
        cursor,
        "mentions_reject",
        "source_id, external_id, body, reason, received_at, tries",
        [
            (source.pk, r.external_id or "", json.dumps(r.body), r.reason, now, 1)
            for source, r in refused
            if (source.network, r.external_id) not in gone
        ],
    )


def tone(labels: Labels) -> int | None:
    """Sentiment as a figure; None where the machine did not dare to score."""
    return {"negative": -1, "neutral": 0, "positive": 1}.get(str(labels.sentiment.value))


def labelled(labels: Labels) -> dict[str, Any]:
    """What an event tells of a post's labels, so that figures can be counted from events alone."""
    return {
        "language": str(labels.language.value),
        "sentiment": tone(labels),
        "topics": [str(topic.value) for topic in labels.topics],
        "spam": labels.spam.value == "true",
    }


def spelled(labels: Labels) -> str:
    """What the machine said and why, as JSON."""
    return (
        f'{{"language":{_label(labels.language)},"sentiment":{_label(labels.sentiment)},'
        f'"urgency":{_label(labels.urgency)},"spam":{_label(labels.spam)},"phishing":{_label(labels.phishing)},'
        f'"actionable":{_label(labels.actionable)},"topics":[{",".join(map(_label, labels.topics))}]}}'
    )


@lru_cache(maxsize=4096)
def _label(label: Label) -> str:
    """One label as JSON; most posts have most of theirs in common with others."""
    said = {"value": label.value, "score": round(label.score, 3), "reason": label.reason}
    return orjson.dumps(said).decode()


def quoted(raw: dict[str, Any]) -> str:
    """The text that a post quotes, where the network gave it."""
    inner = raw.get("quoted")
    text = inner.get("text") if isinstance(inner, dict) else inner
    return text if isinstance(text, str) else ""


def origin(source_origin: str, post_origin: str) -> str:
    """A row is live only if both its source and its post are."""
    return post_origin if source_origin == Origin.LIVE else source_origin


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
