"""Writes finished work as the verbs of `agents` would have, but for many conversations in a handful of statements.

A month through the verbs themselves would take many minutes. What is written here is row for row and event for event
what `cases.claim`, `replies.submit`, `outcomes.confirm`, `cases.close` and `cases.dismiss` leave behind, and a test
holds it against them.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from agents import evidence
from agents.cases import DISMISSALS, LEASE
from mentions import events, sla
from mentions.events import NETWORK, SYSTEM, Actor, Fact
from mentions.intake import store

UNDO = timedelta(seconds=10)
LEAVING = timedelta(milliseconds=300)
CONFIRMED = timedelta(milliseconds=900)


@dataclass(frozen=True, slots=True)
class Open:
    """A waiting conversation as the database has it, with the stretch that runs and the post to answer."""

    id: int
    version: int
    queue: int
    source: int
    visibility: str
    priority: int
    actionable: bool | None
    language: str
    since: datetime
    opened_at: datetime
    replies: int
    target: int
    target_external: str
    stretch: int | None
    stretch_started: datetime | None
    stretch_due: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that went out: who wrote it for which team, when, what, and what the network called it."""

    person: int
    team: int | None
    claimed_at: datetime
    written_at: datetime
    closed_after: timedelta
    disposition: str
    text: str
    key: UUID
    external_id: str
    url: str
    guard_version: str
    handle: str
    second: int | None = None
    approved_at: datetime | None = None

    @property
    def sent_at(self) -> datetime:
        return (self.approved_at or self.written_at) + UNDO + CONFIRMED


def waiting() -> list[Open]:
    """Every live conversation that waits, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.version, c.queue_id, c.source_id, c.visibility, c.priority, c.actionable, c.language, "
            "c.last_inbound_at, c.opened_at, c.reply_count, m.id, m.external_id, s.id, s.started_at, s.due_at "
            "FROM mentions_conversation c JOIN mentions_mention m ON m.id = c.last_mention_id "
            "LEFT JOIN mentions_stretch s ON s.conversation_id = c.id AND s.stopped_at IS NULL "
            "WHERE c.state = 'waiting' AND c.origin = 'live' ORDER BY c.id"
        )
        return [Open(*row) for row in cursor.fetchall()]


@dataclass(slots=True)
class Ledger:
    """The work of a few hours, collected and then written at once. `lag` is how late the network told us."""

    lag: timedelta
    cases: list[tuple[Any, ...]] = field(default_factory=list)
    replies: list[tuple[Any, ...]] = field(default_factory=list)
    approvals: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    stops: list[dict[str, Any]] = field(default_factory=list)
    _case_ids: Iterator[int] = field(default_factory=lambda: iter(()))
    _reply_ids: Iterator[int] = field(default_factory=lambda: iter(()))

    def reserve(self, count: int) -> None:
        """Have keys ready for so many conversations."""
        with connection.cursor() as cursor:
            self._case_ids = store.reserve(cursor, "agents_case", count)
            self._reply_ids = store.reserve(cursor, "agents_reply", count)

    def answer(self, about: Open, answer: Answer, calendar: sla.Calendar) -> None:
        """Claimed, answered, confirmed and closed."""
        case, reply = next(self._case_ids), next(self._reply_ids)
        by, sent = Actor.person(answer.person), answer.sent_at
        words = evidence.words(answer.text, ())
        closed = sent + answer.closed_after
        self._overdue(about, sent)
        self._tell("case.claimed", answer.claimed_at, by, about, case=case, source=False, version=about.version + 1)
        held = answer.written_at
        if answer.approved_at is not None and answer.second is not None:
            held = answer.approved_at
            told = {"rules": [], "outcome": "pass", "state": "awaiting_approval", "words": words}
            self._reply("reply.submitted", answer.written_at, by, about, case, reply, **told)
            self._reply(
                "reply.approved", held, Actor.person(answer.second), about, case, reply, state="held", words=words
            )
        else:
            told = {"rules": [], "outcome": "pass", "state": "held", "words": words}
            self._reply("reply.held", held, by, about, case, reply, **told)
        self._reply("reply.sending", held + UNDO + LEAVING, NETWORK, about, case, reply, state="sending", words=words)
        seconds = self._stop(about, sent, calendar, reply=reply, team=answer.team)
        said: dict[str, Any] = {
            "seconds": seconds,
            "version": about.version + 2,
            "state": "sent",
            "words": words,
            "heard_at": sent.isoformat(),
        }
        self._reply("reply.sent", sent, by, about, case, reply, **said)
        self._tell(
            "conversation.closed",
            closed,
            by,
            about,
            case=case,
            disposition=answer.disposition,
            version=about.version + 3,
        )
        self._case(about, case, answer.person, answer.team, answer.claimed_at, closed)
        digest = self._digest(about, answer)
        self.replies.append(
            (
                *(reply, about.id, about.target, case, about.source, answer.person, about.visibility, answer.text),
                *("sent", answer.key, about.version + 1, 2, digest, "[]", answer.guard_version, ""),
                *(answer.claimed_at, answer.written_at, held + UNDO, held + UNDO + LEAVING, 1, sent),
                *(answer.external_id, answer.url, ""),
            )
        )
        if answer.approved_at is not None:
            self.approvals.append((reply, answer.second, digest, True, "", answer.approved_at))
        self._change(about, closed, answer.disposition, versions=3, replied_at=sent)

    def dismiss(
        self, about: Open, *, person: int, team: int | None, at: datetime, why: str, hours: sla.Calendar
    ) -> None:
        """Closed without an answer, because it needs none."""
        case = next(self._case_ids)
        self._overdue(about, at)
        self._stop(about, at, hours, reply=None, team=None)
        self._tell(
            "conversation.closed",
            at,
            Actor.person(person),
            about,
            case=case,
            disposition=why,
            was_actionable=about.actionable,
            version=about.version + 1,
        )
        self._case(about, case, person, team, at, at)
        self._change(about, at, why, versions=1, reason=DISMISSALS[why][0])

    def write(self) -> None:
        """Everything collected, in the caller's transaction."""
        with connection.cursor() as cursor:
            _copy(
                cursor,
                "agents_case (id, conversation_id, owner_id, team_id, queue_id, queued_at, claimed_at, ended_at, "
                "outcome, lease_until, focus_s)",
                self.cases,
            )
            _copy(
                cursor,
                "agents_reply (id, conversation_id, target_id, case_id, source_id, author_id, visibility, text, state, "
                "client_key, seen_version, revision, digest, findings, guard_version, returned_reason, created_at, "
                "submitted_at, held_until, sending_at, tries, sent_at, external_id, url, error)",
                self.replies,
            )
            _copy(cursor, "agents_approval (reply_id, person_id, digest, approved, reason, at)", self.approvals)
            cursor.execute(
                "UPDATE mentions_stretch s SET stopped_at = n.stopped_at, seconds = n.seconds, "
                "business_seconds = n.business_seconds, met = n.met, reply_id = n.reply_id, team_id = n.team_id "
                "FROM jsonb_to_recordset(%s) AS n(id bigint, stopped_at timestamptz, seconds float, "
                "business_seconds float, met bool, reply_id bigint, team_id bigint) WHERE s.id = n.id",
                [json.dumps(self.stops)],
            )
            cursor.execute(
                "UPDATE mentions_conversation c SET state = 'closed', returned = false, closed_at = n.closed_at, "
                "disposition = n.disposition, version = c.version + n.versions, waiting_since = NULL, due_at = NULL, "
                "due_target = '', due_why = '', wake_at = NULL, reply_count = c.reply_count + n.replies, "
                "first_replied_at = coalesce(c.first_replied_at, n.replied_at), "
                "noted_due_at = coalesce(n.noted_due_at, c.noted_due_at), "
                "actionable = CASE WHEN n.reason IS NULL THEN c.actionable ELSE false END, "
                "actionable_reason = coalesce(n.reason, c.actionable_reason), "
                "actionable_by = CASE WHEN n.reason IS NULL THEN c.actionable_by ELSE 'person' END "
                "FROM jsonb_to_recordset(%s) AS n(id bigint, closed_at timestamptz, disposition text, versions int, "
                "replies int, replied_at timestamptz, noted_due_at timestamptz, reason text) WHERE c.id = n.id",
                [json.dumps(self.changes)],
            )
        events.record_many(sorted(self.facts, key=lambda fact: fact.at))
        for rows in (self.cases, self.replies, self.approvals, self.facts, self.changes, self.stops):
            rows.clear()

    def _case(
        self, about: Open, case: int, person: int, team: int | None, claimed_at: datetime, ended_at: datetime
    ) -> None:
        queued_at = min(about.since + self.lag, claimed_at)
        focus = (ended_at - claimed_at).total_seconds()
        self.cases.append(
            (
                *(case, about.id, person, team, about.queue, queued_at, claimed_at, ended_at, "closed"),
                *(claimed_at + LEASE, focus),
            )
        )

    def _change(
        self,
        about: Open,
        closed_at: datetime,
        disposition: str,
        *,
        versions: int,
        replied_at: datetime | None = None,
        reason: str | None = None,
    ) -> None:
        overdue = about.stretch_due is not None and about.stretch_due < (replied_at or closed_at)
        self.changes.append(
            {
                "id": about.id,
                "closed_at": closed_at.isoformat(),
                "disposition": disposition,
                "versions": versions,
                "replies": int(replied_at is not None),
                "replied_at": replied_at.isoformat() if replied_at else None,
                "noted_due_at": about.stretch_due.isoformat() if overdue and about.stretch_due else None,
                "reason": reason,
            }
        )

    def _stop(
        self, about: Open, at: datetime, calendar: sla.Calendar, *, reply: int | None, team: int | None
    ) -> float | None:
        """End the running stretch as `agents.stretches` does; how long it was, or None if there was none."""
        if about.stretch is None or about.stretch_started is None:
            return None
        stopped = max(at, about.stretch_started)
        seconds = (stopped - about.stretch_started).total_seconds()
        answered = reply is not None and about.stretch_due is not None
        self.stops.append(
            {
                "id": about.stretch,
                "stopped_at": stopped.isoformat(),
                "seconds": seconds,
                "business_seconds": sla.business_seconds(about.stretch_started, stopped, calendar),
                "met": stopped <= about.stretch_due if answered and about.stretch_due else None,
                "reply_id": reply,
                "team_id": team,
            }
        )
        return seconds

    def _overdue(self, about: Open, until: datetime) -> None:
        if about.stretch_due is not None and about.stretch_due < until:
            self._tell("conversation.overdue", about.stretch_due, SYSTEM, about)

    def _tell(
        self,
        kind: str,
        at: datetime,
        by: Actor,
        about: Open,
        *,
        case: int | None = None,
        source: bool = True,
        **data: Any,
    ) -> None:
        self.facts.append(
            Fact(
                kind,
                at,
                by,
                conversation_id=about.id,
                queue_id=about.queue,
                case_id=case,
                source_id=about.source if source else None,
                data=data,
            )
        )

    def _reply(self, kind: str, at: datetime, by: Actor, about: Open, case: int, reply: int, **data: Any) -> None:
        self.facts.append(
            Fact(
                kind,
                at,
                by,
                conversation_id=about.id,
                mention_id=about.target,
                queue_id=about.queue,
                case_id=case,
                reply_id=reply,
                source_id=about.source,
                data=data,
            )
        )

    @staticmethod
    def _digest(about: Open, answer: Answer) -> str:
        """As `agents.scrutiny.digest_of`."""
        bound = [answer.text, about.source, answer.handle, [], about.target_external, about.visibility]
        return hashlib.sha256(json.dumps(bound).encode()).hexdigest()


def _copy(cursor: Any, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
