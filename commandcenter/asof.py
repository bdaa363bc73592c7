"""Figures as they were on a past day: the rows as they stood at a moment, under the names of their own tables.

Promises are those of that day: a wait carries the promise that it began under, and where a changed one was applied to
what ran, its event tells what was due before. Queues are those of the teams that they had, by the editions of the
set-up (`mentions.models.Edition`).

Within `known(at)` every statement of this thread's connection reads views that lie before the tables, so that a figure
has one definition whenever it is asked. What the events tell is taken back: labels that were corrected or read anew,
hand-overs, marks, closings, answers. Known is what our own clock had seen by then: a post by its arrival, a deed by its
event, an answer by when the network's word was heard. Stored counts are of now and are not read.

It cannot be told, and `untold` counts it: whether a conversation needed an answer before a later mark whose event does
not say what it was before, what was due before a pause whose event does not, and labels before such an edit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import psycopg
from django.db import connection, models, transaction
from django.utils import timezone

from agents.models import Case, Reply, TeamQueue
from mentions import editions, relabelling
from mentions.models import Conversation, Correction, Edition, Mention, Stretch

T = TypeVar("T")

STAMPED, PATIENCE = timedelta(seconds=1), timedelta(seconds=3)

_AT: ContextVar[datetime | None] = ContextVar("figures as of", default=None)
_ONCE: ContextVar[dict[Hashable, Any] | None] = ContextVar("read once", default=None)

# The views that tell of the events stand in a file of their own, in the order in which they are made.
_TOLD = Path(__file__).with_suffix(".sql").read_text()

_UNHEARD = "{0}.reply_id IN (SELECT u.reply_id FROM asof_unheard u)"
_RUNS = f"({{0}}.stopped_at IS NULL OR {{0}}.stopped_at > %(at)s OR {_UNHEARD})"
# What was due of a wait then, and whether it had ended with its conversation, though it was taken up again later or
# was answered by a reply that had yet to leave.
_DUE = (
    f"CASE WHEN {_RUNS.format('t')} AND q.paused THEN q.due_before "
    f"WHEN {_RUNS.format('t')} AND p.at <= coalesce(t.stopped_at, p.at) THEN p.due_before ELSE t.due_at END"
)
_SHUT = f"{_RUNS.format('t')} AND c.state = 'closed'"
_SHUT_AT = "greatest(c.closed_at, t.started_at)"
_THEN = "LEFT JOIN asof_talks k ON k.conversation_id = t.id"
_RAN = (
    "LEFT JOIN LATERAL (SELECT w.started_at, w.stopped_at, w.due_at FROM public.mentions_stretch w "
    "WHERE k.conversation_id IS NOT NULL AND w.conversation_id = t.id AND w.received_at <= %(at)s "
    f"AND {_RUNS.format('w')} ORDER BY w.id DESC LIMIT 1) g ON true"
)
# A clock that stands still since before stood still then; one that ran on since did so by an event.
_PAUSED = "coalesce(k.paused_at, CASE WHEN t.paused_at <= %(at)s THEN t.paused_at END)"
# Of clocks that stood still then: what was due when they stopped.
_STOPPED = (
    "LEFT JOIN LATERAL (SELECT (e.data ->> 'due_before')::timestamptz AS due_before, "
    "e.data ->> 'paused' = 'true' AS paused FROM asof_event e WHERE c.paused_at IS NOT NULL "
    "AND e.conversation_id = t.conversation_id AND e.known "
    "AND e.kind IN ('conversation.promised_anew', 'conversation.pending') AND e.data ? 'due_before' "
    "ORDER BY e.id DESC LIMIT 1) q ON true"
)

# A wait that an older post, which turned up later, put back had begun when it was thought to.
_BEGAN = "CASE WHEN o.at < o.began_before AND {0}.started_at <= o.at THEN o.began_before ELSE {0}.started_at END"

# Of conversations that were written in, corrected or read anew since: what the posts known then were about. The view of
# posts lies before their table by then.
_SUBJECTS = relabelling.topics(
    "m.conversation_id IN (SELECT l.conversation_id FROM asof_later l "
    "WHERE l.kind IN ('mention.received', 'mention.adopted', 'mention.corrected', 'mention.edited'))"
)


def _unless_later(moment: str, *names: str, unheard: str = "false") -> dict[str, str]:
    """Columns of something that had not happened yet, or that was `unheard` of."""
    known = f"t.{moment} <= %(at)s AND NOT coalesce({unheard}, false)"
    return {name: f"CASE WHEN {known} THEN t.{name} END" for name in names}


@dataclass(frozen=True, slots=True)
class _View:
    """A table as it was: the rows of it (`t`) that were known, and of which columns something else is told."""

    model: type[models.Model]
    known: str
    changed: Mapping[str, str]
    joined: str = ""

    def sql(self) -> str:
        """The statement that makes it, with the parameters of `_TOLD`."""
        meta = self.model._meta  # noqa: SLF001  documented API
        names = [str(field.column) for field in meta.concrete_fields]
        shown = ", ".join(f"{self.changed.get(name, f't.{name}')} AS {name}" for name in names)
        return (
            f"CREATE TEMP VIEW {meta.db_table} AS SELECT {shown} FROM public.{meta.db_table} t {self.joined} "
            f"WHERE t.{self.known} <= %(at)s"
        )


# In this order: a conversation's labels are its posts', a wait's place is its conversation's.
_VIEWS = (
    _View(
        Mention,
        "received_at",
        {
            "sentiment": "CASE WHEN k.was ? 'sentiment' THEN (k.was ->> 'sentiment')::smallint ELSE t.sentiment END",
            "language": "CASE WHEN k.was ? 'language' THEN (k.was ->> 'language')::varchar ELSE t.language END",
            "spam": "CASE WHEN k.was ? 'spam' THEN (k.was ->> 'spam')::boolean ELSE t.spam END",
            "topics": "CASE WHEN k.was ? 'topics' THEN ARRAY(SELECT jsonb_array_elements_text(k.was -> 'topics'))"
            "::varchar[] ELSE t.topics END",
            **_unless_later("deleted_at", "deleted_at"),
        },
        "LEFT JOIN asof_labels k ON k.mention_id = t.id",
    ),
    _View(Correction, "at", {}),
    _View(
        Conversation,
        "received_at",
        {
            "queue_id": "coalesce(k.queue_id, t.queue_id)",
            "state": "coalesce(k.state, t.state)",
            "actionable": "CASE WHEN k.actionable IS NOT NULL THEN (k.actionable #>> '{}')::boolean "
            "ELSE t.actionable END",
            "queued_at": "CASE WHEN k.conversation_id IS NULL THEN t.queued_at ELSE coalesce(k.queued_at, "
            "t.received_at) END",
            "opened_at": "coalesce(o.opened_before, t.opened_at)",
            "waiting_since": "CASE WHEN k.conversation_id IS NULL THEN t.waiting_since "
            f"WHEN k.state = 'closed' THEN NULL ELSE {_BEGAN.format('g')} END",
            "due_at": "CASE WHEN k.conversation_id IS NULL THEN t.due_at "
            f"WHEN k.state = 'closed' OR {_PAUSED} IS NOT NULL THEN NULL "
            "WHEN g.started_at IS NOT NULL AND p.at <= coalesce(g.stopped_at, p.at) THEN p.due_before "
            "ELSE g.due_at END",
            "resolution_due_at": "CASE WHEN r.changed THEN r.due_before ELSE t.resolution_due_at END",
            "paused_at": _PAUSED,
            "closed_at": "CASE WHEN coalesce(k.state, t.state) = 'closed' "
            "THEN coalesce(k.closed_at, t.closed_at, t.received_at) END",
            "transfer_count": "coalesce(k.transfers, t.transfer_count)::int",
            "reopened_count": "coalesce(k.reopened, t.reopened_count)::int",
            "reply_count": "coalesce(k.replies, t.reply_count)::int",
            "topics": "coalesce(b.topics, t.topics)",
            "language": "CASE WHEN f.was ? 'language' THEN (f.was ->> 'language')::varchar ELSE t.language END",
            **_unless_later(
                "first_replied_at",
                "first_replied_at",
                unheard="(t.id, t.first_replied_at) IN (SELECT u.conversation_id, u.at FROM asof_unheard u)",
            ),
        },
        f"{_THEN} {_RAN} LEFT JOIN asof_promises p ON p.conversation_id = t.id "
        f"LEFT JOIN asof_solutions r ON r.conversation_id = t.id LEFT JOIN ({_SUBJECTS}) b ON b.conversation_id = t.id "
        "LEFT JOIN asof_labels f ON f.mention_id = t.first_mention_id "
        "LEFT JOIN asof_beginnings o ON o.conversation_id = t.id",
    ),
    _View(
        Stretch,
        "received_at",
        {
            "queue_id": f"CASE WHEN {_RUNS.format('t')} THEN coalesce(c.queue_id, t.queue_id) ELSE t.queue_id END",
            "language": "coalesce(c.language, t.language)",
            "started_at": _BEGAN.format("t"),
            "due_at": _DUE,
            **_unless_later("stopped_at", "reply_id", "business_seconds", unheard=_UNHEARD.format("t")),
            **{
                name: f"CASE WHEN {_SHUT} THEN {shut} WHEN NOT {_RUNS.format('t')} THEN t.{name} END"
                for name, shut in (
                    ("stopped_at", _SHUT_AT),
                    ("seconds", f"extract(epoch FROM {_SHUT_AT} - t.started_at)"),
                    ("met", f"CASE WHEN {_DUE} < c.closed_at AND c.actionable IS NOT FALSE THEN false END"),
                )
            },
        },
        "LEFT JOIN mentions_conversation c ON c.id = t.conversation_id "
        "LEFT JOIN asof_beginnings o ON o.conversation_id = t.conversation_id "
        f"LEFT JOIN asof_promises p ON p.conversation_id = t.conversation_id {_STOPPED}",
    ),
    _View(
        Case,
        "claimed_at",
        {
            "outcome": "CASE WHEN t.ended_at > %(at)s THEN '' ELSE t.outcome END",
            **_unless_later("ended_at", "ended_at"),
        },
    ),
    _View(
        Reply,
        "created_at",
        _unless_later("sent_at", "sent_at", unheard="t.id IN (SELECT u.reply_id FROM asof_unheard u)"),
    ),
)


def at() -> datetime | None:
    """The moment that figures are asked of; None for now."""
    return _AT.get()


@contextmanager
def known(moment: datetime | None) -> Iterator[datetime]:
    """Everything read within is of one moment, which is given, and nothing is written: a past one, or with None the
    present, whose moment is read when it has begun: whatever it knows was stamped before.

    The statements of a report run one after another; in one snapshot its headline cannot differ from its table,
    whatever is stored meanwhile.
    """
    remembered = _ONCE.set({})
    try:
        with _past(moment) if moment else _present():
            yield moment or timezone.now()
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
            cursor.execute("SELECT 1")  # the snapshot begins with the first statement that reads
        yield


def _stored_until(moment: datetime) -> None:
    """Wait until what was stamped before a moment is stored: asked again later, the moment has it.

    A stamp is taken at most `STAMPED` before the transaction that stores it begins. Not longer than `PATIENCE`: what
    hangs keeps no figure from being read.
    """
    until, given_up = moment + STAMPED, timezone.now() + PATIENCE
    while (now := timezone.now()) < given_up:
        if now < until:
            time.sleep((until - now).total_seconds())
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL AND xact_start <= %s)",
                [until],
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.02)


@contextmanager
def _past(moment: datetime) -> Iterator[None]:
    chosen = connection.in_atomic_block
    if not chosen:
        _stored_until(moment)
    with transaction.atomic(), _planned_anew():
        with connection.cursor() as cursor:
            if not chosen:  # what was stamped before the moment may be stored while its figures are read
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for made in (_TOLD, *(view.sql() for view in _VIEWS)):
                # A view takes no parameters: they are bound before it is sent.
                told = psycopg.ClientCursor(connection.connection).mogrify(made, _parameters(moment))
                cursor.execute(told)
        token = _AT.set(moment)
        try:
            yield
        finally:
            _AT.reset(token)
            transaction.set_rollback(True)


@contextmanager
def _planned_anew() -> Iterator[None]:
    """No statement that was prepared earlier is used: it would read the tables, though views lie before them now."""
    session = connection.connection
    usual, session.prepare_threshold = session.prepare_threshold, None
    try:
        yield
    finally:
        session.prepare_threshold = usual


def untold(moment: datetime) -> tuple[int, int]:
    """Of how many conversations and mentions, changed since, the events do not tell how these were: see above."""
    with nullcontext() if at() else known(moment), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT conversation_id) FILTER (WHERE kind = 'conversation.marked' "
            "AND NOT data ? 'was_actionable' OR kind = 'conversation.pending' AND NOT data ? 'paused'), "
            "count(DISTINCT mention_id) FILTER (WHERE kind = 'mention.edited' AND NOT data ? 'before') "
            "FROM asof_later WHERE origin = 'live'"
        )
        conversations, mentions = cursor.fetchone()
    return int(conversations), int(mentions)


def _parameters(moment: datetime) -> dict[str, datetime]:
    return {"at": moment, "from": moment - timedelta(days=1)}


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
        home = (editions.at("queue", queue, moment) or {}).get("home")
        homes = {key: team for key, team in homes.items() if key != queue} | ({queue: home} if home else {})
    return homes
