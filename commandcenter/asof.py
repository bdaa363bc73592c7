"""Figures as they were on a past day: the rows as they stood at a moment, under the names of their own tables.

Promises are those of that day: a wait carries the promise that it began under, and where a changed one was applied to
what ran, its event tells what was due before. Queues are those of the teams that they had, by the editions of the
set-up (`mentions.models.Edition`).

Within `known(at)` every statement of this thread's connection reads views that lie before the tables, so that a figure
has one definition whenever it is asked. What the events tell is taken back: labels that were corrected or read anew,
hand-overs, marks, closings, answers. Known is what our own clock had seen by then: a post by its arrival, a deed by its
event, an answer by the network's confirmation. Stored counts are of now and are not read.

It cannot be told, and `untold` counts it: whether a conversation needed an answer before a later mark whose event does
not say what it was before, what was due before a pause whose event does not, and labels before such an edit.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.db import connection, models, transaction

from agents.models import Case, Reply, TeamQueue
from mentions.models import Conversation, Correction, Edition, Mention, Stretch

T = TypeVar("T")

_AT: ContextVar[datetime | None] = ContextVar("figures as of", default=None)
_ONCE: ContextVar[dict[Hashable, Any] | None] = ContextVar("read once", default=None)

# A post carries its network's time; known it is since it came. No event is recorded long before its own time.
_WHEN = (
    "CASE WHEN e.kind = 'mention.received' THEN (SELECT m.received_at FROM public.mentions_mention m "
    "WHERE m.id = e.mention_id) ELSE e.at END"
)
_SINCE = f"e.recorded_at > %(from)s AND {_WHEN} > %(at)s"
_KNOWN = f"{_WHEN} <= %(at)s"

_LABELS = (
    "LEFT JOIN (SELECT mention_id, jsonb_object_agg(field, before) AS was FROM (SELECT DISTINCT ON (mention_id, field) "
    "mention_id, field, before FROM (SELECT mention_id, field, before, at FROM public.mentions_correction "
    "WHERE at > %(at)s UNION ALL SELECT e.mention_id, b.key, b.value, e.at FROM public.mentions_event e "
    f"CROSS JOIN LATERAL jsonb_each(e.data -> 'before') b WHERE e.kind = 'mention.edited' AND {_SINCE}) c "
    "ORDER BY mention_id, field, at) f GROUP BY 1) k ON k.mention_id = t.id"
)
# What stops a clock and what lets it run on.
_CLOCK = (
    "'conversation.pending', 'conversation.woken', 'conversation.closed', 'reply.sent', 'case.transferred', "
    "'case.released', 'case.expired', 'case.assigned'"
)
# What later events changed of a conversation: its place and state by the last event known, what a mark found before.
_HISTORY = (
    "LEFT JOIN (SELECT e.conversation_id, "
    f"(array_agg(e.queue_id ORDER BY e.id DESC) FILTER (WHERE e.queue_id IS NOT NULL AND {_KNOWN}))[1] AS queue_id, "
    "(array_agg(CASE WHEN e.kind IN ('case.claimed', 'case.assigned') THEN 'claimed' "
    "WHEN e.kind = 'conversation.pending' THEN coalesce(e.data ->> 'on', 'pending_customer') "
    "WHEN e.kind = 'conversation.woken' THEN CASE WHEN e.case_id IS NULL THEN 'waiting' ELSE 'claimed' END "
    "WHEN e.kind = 'conversation.closed' THEN 'closed' WHEN e.kind = 'mention.received' AND NOT EXISTS "
    "(SELECT FROM public.mentions_stretch w WHERE w.mention_id = e.mention_id AND w.received_at <= %(at)s) "
    "THEN 'closed' ELSE 'waiting' END ORDER BY e.id DESC) "
    "FILTER (WHERE (e.kind IN ('case.claimed', 'case.assigned', 'case.released', 'case.expired', 'case.transferred', "
    "'conversation.pending', 'conversation.woken', 'conversation.closed', 'conversation.reopened') "
    f"OR e.kind = 'mention.received' AND e.data ->> 'did' <> 'joined') AND {_KNOWN}))[1] AS state, "
    "(array_agg(CASE WHEN e.data -> 'paused' = 'true' THEN e.at END ORDER BY e.id DESC) "
    f"FILTER (WHERE e.kind IN ({_CLOCK}) AND {_KNOWN}))[1] AS paused_at, "
    "max(e.at) FILTER (WHERE (e.kind IN ('case.released', 'case.expired', 'case.transferred', 'conversation.reopened') "
    f"OR e.kind = 'mention.received' AND e.data ->> 'did' = 'reopened') AND {_KNOWN}) AS queued_at, "
    f"max(e.at) FILTER (WHERE e.kind = 'conversation.closed' AND {_KNOWN}) AS closed_at, "
    f"count(*) FILTER (WHERE e.kind = 'case.transferred' AND {_KNOWN}) AS transfers, "
    "count(*) FILTER (WHERE (e.kind = 'conversation.reopened' OR e.kind = 'mention.received' "
    f"AND e.data ->> 'did' = 'reopened') AND {_KNOWN}) AS reopened, "
    f"count(*) FILTER (WHERE e.kind = 'reply.sent' AND {_KNOWN}) AS replies, "
    f"(array_agg(e.data -> 'was_actionable' ORDER BY e.id) FILTER (WHERE e.data ? 'was_actionable' AND NOT ({_KNOWN}))"
    ")[1] AS actionable FROM public.mentions_event e WHERE e.conversation_id IN (SELECT e.conversation_id "
    f"FROM public.mentions_event e WHERE {_SINCE}) GROUP BY 1) k ON k.conversation_id = t.id "
    "LEFT JOIN LATERAL (SELECT w.started_at, w.stopped_at, w.due_at FROM public.mentions_stretch w "
    "WHERE w.conversation_id = t.id "
    "AND w.received_at <= %(at)s AND (w.stopped_at IS NULL OR w.stopped_at > %(at)s) ORDER BY w.id DESC LIMIT 1) g "
    "ON k.conversation_id IS NOT NULL"
)
# What was due before somebody changed a promise and had it hold for what already waited, or stopped a clock, whichever
# came first.
_PROMISES = (
    "LEFT JOIN (SELECT DISTINCT ON (e.conversation_id) e.conversation_id, e.at, e.data FROM public.mentions_event e "
    f"WHERE e.kind IN ('conversation.promised_anew', 'conversation.pending') AND e.data ? 'due_before' AND {_SINCE} "
    "ORDER BY e.conversation_id, e.id) p ON p.conversation_id = t.{key}"
)
_SOLUTIONS = (
    "LEFT JOIN (SELECT DISTINCT ON (e.conversation_id) e.conversation_id, e.data FROM public.mentions_event e "
    f"WHERE e.kind = 'conversation.promised_anew' AND {_SINCE} ORDER BY e.conversation_id, e.id) r "
    "ON r.conversation_id = t.id"
)
# Of clocks that stood still then: what was due when they stopped.
_STOPPED = (
    "LEFT JOIN (SELECT DISTINCT ON (e.conversation_id) e.conversation_id, e.data FROM public.mentions_event e "
    "JOIN mentions_conversation c ON c.id = e.conversation_id AND c.paused_at IS NOT NULL "
    f"WHERE e.kind IN ('conversation.promised_anew', 'conversation.pending') AND e.data ? 'due_before' AND {_KNOWN} "
    "ORDER BY e.conversation_id, e.id DESC) q ON q.conversation_id = t.conversation_id"
)
_DUE = "CASE WHEN {where} THEN (p.data ->> 'due_before')::timestamptz ELSE {due} END"
# A clock that stands still since before stood still then; one that ran on since did so by an event.
_PAUSED = "coalesce(k.paused_at, CASE WHEN t.paused_at <= %(at)s THEN t.paused_at END)"
_CLOSED = "coalesce(k.state, t.state) = 'closed'"
_WAITS = "LEFT JOIN mentions_conversation c ON c.id = t.conversation_id"
_RUNS = "(t.stopped_at IS NULL OR t.stopped_at > %(at)s)"


def _unless(condition: str, column: str) -> str:
    return f"CASE WHEN {condition} THEN NULL ELSE t.{column} END"


# In this order: a wait's place is its conversation's.
_VIEWS: tuple[tuple[type[models.Model], str, str, Mapping[str, str]], ...] = (
    (
        Mention,
        _LABELS,
        "t.received_at <= %(at)s",
        {
            "sentiment": "CASE WHEN k.was ? 'sentiment' THEN (k.was ->> 'sentiment')::smallint ELSE t.sentiment END",
            "language": "CASE WHEN k.was ? 'language' THEN (k.was ->> 'language')::varchar ELSE t.language END",
            "spam": "CASE WHEN k.was ? 'spam' THEN (k.was ->> 'spam')::boolean ELSE t.spam END",
            "topics": "CASE WHEN k.was ? 'topics' THEN ARRAY(SELECT jsonb_array_elements_text(k.was -> 'topics'))"
            "::varchar[] ELSE t.topics END",
            "deleted_at": _unless("t.deleted_at > %(at)s", "deleted_at"),
        },
    ),
    (Correction, "", "t.at <= %(at)s", {}),
    (
        Conversation,
        f"{_HISTORY} {_PROMISES.format(key='id')} {_SOLUTIONS}",
        "t.received_at <= %(at)s",
        {
            "queue_id": "coalesce(k.queue_id, t.queue_id)",
            "state": "coalesce(k.state, t.state)",
            "actionable": "CASE WHEN k.actionable IS NOT NULL THEN (k.actionable #>> '{{}}')::boolean "
            "ELSE t.actionable END",
            "queued_at": "CASE WHEN k.conversation_id IS NULL THEN t.queued_at ELSE coalesce(k.queued_at, "
            "t.received_at) END",
            "waiting_since": "CASE WHEN k.conversation_id IS NULL THEN t.waiting_since ELSE g.started_at END",
            "due_at": "CASE WHEN k.conversation_id IS NULL THEN t.due_at "
            f"WHEN {_PAUSED} IS NULL THEN "
            + _DUE.format(where="p.at <= coalesce(g.stopped_at, p.at) AND g.started_at IS NOT NULL", due="g.due_at")
            + " END",
            "resolution_due_at": "CASE WHEN r.data ? 'resolution_before' THEN (r.data ->> 'resolution_before')"
            "::timestamptz ELSE t.resolution_due_at END",
            "paused_at": _PAUSED,
            "first_replied_at": _unless("t.first_replied_at > %(at)s", "first_replied_at"),
            "closed_at": f"CASE WHEN {_CLOSED} THEN coalesce(k.closed_at, t.closed_at, t.received_at) END",
            "transfer_count": "coalesce(k.transfers, t.transfer_count)::int",
            "reopened_count": "coalesce(k.reopened, t.reopened_count)::int",
            "reply_count": "coalesce(k.replies, t.reply_count)::int",
        },
    ),
    (
        Stretch,
        f"{_WAITS} {_PROMISES.format(key='conversation_id')} {_STOPPED}",
        "t.received_at <= %(at)s",
        {
            "queue_id": f"CASE WHEN {_RUNS} THEN coalesce(c.queue_id, t.queue_id) ELSE t.queue_id END",
            "due_at": f"CASE WHEN {_RUNS} AND c.paused_at IS NOT NULL AND q.data ->> 'paused' = 'true' "
            "THEN (q.data ->> 'due_before')::timestamptz ELSE "
            + _DUE.format(where=f"{_RUNS} AND p.at <= coalesce(t.stopped_at, p.at)", due="t.due_at")
            + " END",
            **{
                name: _unless("t.stopped_at > %(at)s", name)
                for name in ("stopped_at", "reply_id", "seconds", "business_seconds", "met")
            },
        },
    ),
    (
        Case,
        "",
        "t.claimed_at <= %(at)s",
        {
            "ended_at": _unless("t.ended_at > %(at)s", "ended_at"),
            "outcome": "CASE WHEN t.ended_at > %(at)s THEN '' ELSE t.outcome END",
        },
    ),
    (Reply, "", "t.created_at <= %(at)s", {"sent_at": _unless("t.sent_at > %(at)s", "sent_at")}),
)


def at() -> datetime | None:
    """The moment that figures are asked of; None for now."""
    return _AT.get()


@contextmanager
def known(moment: datetime | None) -> Iterator[None]:
    """Everything read within is of one moment, and nothing is written: a past one, or with None the present.

    The statements of a report run one after another; in one snapshot its headline cannot differ from its table,
    whatever is stored meanwhile.
    """
    remembered = _ONCE.set({})
    try:
        with _past(moment) if moment else _present():
            yield
    finally:
        _ONCE.reset(remembered)


def once(key: Hashable, read: Callable[[], T]) -> T:
    """What `read` gives; within `known` it is asked once for a key."""
    kept = _ONCE.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    return cast(T, kept[key])


@contextmanager
def _present() -> Iterator[None]:
    if connection.in_atomic_block:  # whoever has begun a transaction has chosen what it sees
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def _past(moment: datetime) -> Iterator[None]:
    values = {"at": moment, "from": moment - timedelta(days=1)}
    with transaction.atomic():
        with connection.cursor() as cursor:
            for model, joined, where, changed in _VIEWS:
                columns = [str(field.column) for field in model._meta.concrete_fields]  # noqa: SLF001  documented API
                shown = ", ".join(f"{changed.get(name, f't.{name}')} AS {name}" for name in columns)
                table = model._meta.db_table  # noqa: SLF001  documented API
                cursor.execute(
                    f"CREATE TEMP VIEW {table} AS SELECT {shown} FROM public.{table} t {joined} WHERE {where}".replace(
                        "{{}}", "{}"
                    ),
                    values,
                )
        token = _AT.set(moment)
        try:
            yield
        finally:
            _AT.reset(token)
            transaction.set_rollback(True)


def untold(moment: datetime) -> tuple[int, int]:
    """Of how many conversations and mentions, changed since, the events do not tell how these were: see above."""
    values: dict[str, Any] = {"at": moment, "from": moment - timedelta(days=1)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT e.conversation_id) FILTER (WHERE e.kind = 'conversation.marked' "
            "AND NOT e.data ? 'was_actionable' OR e.kind = 'conversation.pending' AND NOT e.data ? 'paused'), "
            "count(DISTINCT e.mention_id) FILTER (WHERE e.kind = 'mention.edited' AND NOT e.data ? 'before') "
            f"FROM public.mentions_event e WHERE e.origin = 'live' AND {_SINCE}",
            values,
        )
        conversations, mentions = cursor.fetchone()
    return int(conversations), int(mentions)


def set_up_since(moment: datetime) -> int:
    """How many changes of what is set up (promises, calendars, routes, queues, teams) came later."""
    return Edition.objects.filter(at__gt=moment).exclude(what="found").count()


def home_teams(moment: datetime | None) -> dict[int, int]:
    """For each queue (id) the team (id) whose queue it is, or was at a moment."""
    homes = dict(TeamQueue.objects.filter(home=True).values_list("queue_id", "team_id"))
    if moment is None:
        return homes
    changed = Edition.objects.filter(subject="queue")
    for queue in changed.filter(at__gt=moment).order_by().values_list("key", flat=True).distinct():
        editions = changed.filter(key=queue)
        before = editions.filter(at__lte=moment).order_by("-number").first() or editions.order_by("number").first()
        home = before.state.get("home") if before else None
        homes = {key: team for key, team in homes.items() if key != queue} | ({queue: home} if home else {})
    return homes
