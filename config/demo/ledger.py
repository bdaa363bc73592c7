"""Writes finished work as the verbs of `agents` would have, but for many conversations in a handful of statements.

A month through the verbs themselves would take many minutes. What is written here is row for row and event for event
what `cases.claim`, `replies.submit`, `outcomes.confirm`, `cases.pend`, `returns.wake`, `cases.close` and
`cases.dismiss` leave behind, and a test holds it against them.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from agents import evidence
from agents.cases import DISMISSALS, LEASE
from mentions import events, sla
from mentions.events import NETWORK, SYSTEM, Actor, Fact
from mentions.intake import store
from mentions.models import State

UNDO = timedelta(seconds=10)
LEAVING = timedelta(milliseconds=300)
CONFIRMED = timedelta(milliseconds=900)


@dataclass(frozen=True, slots=True)
class Open:
    """A waiting conversation as the database has it, with the stretch that runs and the post to answer.

    `case` is its owner's, where it was pending until its customer came back.
    """

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
    promised_from: datetime | None
    paused_s: float | None
    paused_at: datetime | None
    resolution_due_at: datetime | None
    case: int | None
    owner: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that went out: who wrote it for which team, when, what, and what the network called it.

    With `until` the conversation is not closed after it, but waits for its customer until then. Of one whose customer
    came back, `claimed_at` is when it woke.
    """

    person: int
    team: int | None
    claimed_at: datetime
    written_at: datetime
    left_after: timedelta
    disposition: str
    text: str
    key: UUID
    external_id: str
    url: str
    guard_version: str
    handle: str
    second: int | None = None
    approved_at: datetime | None = None
    until: datetime | None = None

    @property
    def sent_at(self) -> datetime:
        return (self.approved_at or self.written_at) + UNDO + CONFIRMED


def waiting() -> list[Open]:
    """Every live conversation that waits, oldest first, those among them whose customer came back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.version, c.queue_id, c.source_id, c.visibility, c.priority, c.actionable, c.language, "
            "c.last_inbound_at, c.opened_at, c.reply_count, m.id, m.external_id, s.id, s.started_at, s.due_at, "
            "s.promised_from, s.paused_s, c.paused_at, c.resolution_due_at, k.id, k.owner_id FROM ("
            "SELECT * FROM mentions_conversation WHERE state = 'waiting' AND origin = 'live' UNION ALL "
            "SELECT * FROM mentions_conversation WHERE state = 'pending_customer' AND wake_at IS NOT NULL) c "
            "JOIN mentions_mention m ON m.id = c.last_mention_id "
            "LEFT JOIN mentions_stretch s ON s.conversation_id = c.id AND s.stopped_at IS NULL "
            "LEFT JOIN agents_case k ON k.conversation_id = c.id AND k.ended_at IS NULL "
            "WHERE c.state = 'waiting' OR s.id IS NOT NULL ORDER BY c.id"
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
    ends: list[dict[str, Any]] = field(default_factory=list)
    _case_ids: Iterator[int] = field(default_factory=lambda: iter(()))
    _reply_ids: Iterator[int] = field(default_factory=lambda: iter(()))

    def reserve(self, count: int) -> None:
        """Have keys ready for so many conversations."""
        with connection.cursor() as cursor:
            self._case_ids = store.reserve(cursor, "agents_case", count)
            self._reply_ids = store.reserve(cursor, "agents_reply", count)

    def answer(self, about: Open, answer: Answer, policy: sla.Policy) -> None:
        """Claimed or woken, answered, confirmed, and closed or left to its customer."""
        case, reply = about.case or next(self._case_ids), next(self._reply_ids)
        by, sent = Actor.person(answer.person), answer.sent_at
        words = evidence.words(answer.text, ())
        if about.case is None:
            self._tell("case.claimed", answer.claimed_at, by, about, case=case, source=False, version=about.version + 1)
        else:
            about = self._woken(about, answer.claimed_at, policy.calendar)
        self._overdue(about, sent)
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
        seconds = self._stop(about, sent, policy.calendar, reply=reply, team=answer.team)
        said: dict[str, Any] = {
            "seconds": seconds,
            "version": about.version + 2,
            "state": "sent",
            "words": words,
            "heard_at": sent.isoformat(),
        }
        self._reply("reply.sent", sent, by, about, case, reply, **said)
        self._leave(about, answer, case, policy)
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

    def _leave(self, about: Open, answer: Answer, case: int, policy: sla.Policy) -> None:
        """Close it after its answer, or let it wait for its customer, its promises standing still where they do."""
        sent, version = answer.sent_at, about.version + 3
        at, by = sent + answer.left_after, Actor.person(answer.person)
        if answer.until is None:
            self._tell("conversation.closed", at, by, about, case=case, disposition=answer.disposition, version=version)
            self._change(about, at, answer.disposition, versions=3, replied_at=sent)
        else:
            pauses = policy.pause_when_pending and about.resolution_due_at is not None
            told: dict[str, Any] = {"on": str(State.PENDING_CUSTOMER), "paused": pauses, "version": version}
            told |= {"due_before": None} if pauses else {}
            self._tell("conversation.pending", at, by, about, case=case, **told)
            self._change(about, at, "", versions=3, replied_at=sent, until=answer.until, pauses=pauses)
        focus = (at - answer.claimed_at).total_seconds()
        ended_at = at if answer.until is None else None
        if about.case is None:
            self._case(about, case, answer.person, answer.team, answer.claimed_at, ended_at, focus)
        else:
            self._end(about.case, at, focus)

    def settle(self, about: Open, *, person: int, woken_at: datetime, at: datetime, hours: sla.Calendar) -> None:
        """Its customer came back with nothing more to ask: closed by whoever has it."""
        case = about.case
        assert case is not None
        about = self._woken(about, woken_at, hours)
        self._overdue(about, at)
        self._stop(about, at, hours, reply=None, team=None)
        by, version = Actor.person(person), about.version + 2
        self._tell("conversation.closed", at, by, about, case=case, disposition="solved", version=version)
        self._end(case, at, (at - woken_at).total_seconds())
        self._change(about, at, "solved", versions=2)

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
        self._case(about, case, person, team, at, at, 0)
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
                "UPDATE mentions_stretch s SET stopped_at = n.stopped_at, seconds = n.seconds, due_at = n.due_at, "
                "business_seconds = n.business_seconds, paused_s = n.paused_s, met = n.met, reply_id = n.reply_id, "
                "team_id = n.team_id FROM jsonb_to_recordset(%s) AS n(id bigint, stopped_at timestamptz, "
                "seconds float, due_at timestamptz, business_seconds float, paused_s float, met bool, "
                "reply_id bigint, team_id bigint) WHERE s.id = n.id",
                [json.dumps(self.stops)],
            )
            cursor.execute(
                "UPDATE mentions_conversation c SET state = n.state, returned = false, closed_at = n.closed_at, "
                "disposition = n.disposition, version = c.version + n.versions, waiting_since = NULL, due_at = NULL, "
                "due_target = '', due_why = '', wake_at = n.wake_at, paused_at = n.paused_at, "
                "resolution_due_at = n.resolution_due_at, reply_count = c.reply_count + n.replies, "
                "first_replied_at = coalesce(c.first_replied_at, n.replied_at), "
                "noted_due_at = coalesce(n.noted_due_at, c.noted_due_at), "
                "actionable = CASE WHEN n.reason IS NULL THEN c.actionable ELSE false END, "
                "actionable_reason = coalesce(n.reason, c.actionable_reason), "
                "actionable_by = CASE WHEN n.reason IS NULL THEN c.actionable_by ELSE 'person' END "
                "FROM jsonb_to_recordset(%s) AS n(id bigint, state text, closed_at timestamptz, disposition text, "
                "versions int, wake_at timestamptz, paused_at timestamptz, resolution_due_at timestamptz, "
                "replies int, replied_at timestamptz, noted_due_at timestamptz, reason text) WHERE c.id = n.id",
                [json.dumps(self.changes)],
            )
            cursor.execute(
                "UPDATE agents_case k SET ended_at = n.at, outcome = 'closed', focus_s = k.focus_s + n.focus_s "
                "FROM jsonb_to_recordset(%s) AS n(id bigint, at timestamptz, focus_s float) WHERE k.id = n.id",
                [json.dumps(self.ends)],
            )
        events.record_many(sorted(self.facts, key=lambda fact: fact.at))
        for rows in (self.cases, self.replies, self.approvals, self.facts, self.changes, self.stops, self.ends):
            rows.clear()

    def _case(
        self,
        about: Open,
        case: int,
        person: int,
        team: int | None,
        claimed_at: datetime,
        ended_at: datetime | None,
        focus_s: float,
    ) -> None:
        queued_at = min(about.since + self.lag, claimed_at)
        outcome = "closed" if ended_at else ""
        self.cases.append(
            (
                *(case, about.id, person, team, about.queue, queued_at, claimed_at, ended_at, outcome),
                *(claimed_at + LEASE, focus_s),
            )
        )

    def _end(self, case: int, at: datetime, focus_s: float) -> None:
        """End a case that a write before this one began."""
        self.ends.append({"id": case, "at": at.isoformat(), "focus_s": focus_s})

    def _woken(self, about: Open, at: datetime, calendar: sla.Calendar) -> Open:
        """Its owner goes on with it; its clocks run on as `stretches.resume` has them."""
        self._tell("conversation.woken", at, SYSTEM, about, case=about.case, version=about.version + 1)
        paused_at, due, solved = about.paused_at, about.stretch_due, about.resolution_due_at
        if paused_at is None or about.stretch_started is None:
            return about
        since = max(paused_at, about.promised_from or about.stretch_started)
        return replace(
            about,
            paused_s=(about.paused_s or 0) + sla.business_seconds(since, at, calendar),
            stretch_due=sla.after_pause(due, since, at, calendar) if due else None,
            resolution_due_at=sla.after_pause(solved, paused_at, at, calendar) if solved else None,
        )

    def _change(
        self,
        about: Open,
        at: datetime,
        disposition: str,
        *,
        versions: int,
        replied_at: datetime | None = None,
        reason: str | None = None,
        until: datetime | None = None,
        pauses: bool = False,
    ) -> None:
        overdue = about.stretch_due is not None and about.stretch_due < (replied_at or at)
        solved = about.resolution_due_at
        self.changes.append(
            {
                "id": about.id,
                "state": str(State.PENDING_CUSTOMER if until else State.CLOSED),
                "closed_at": None if until else at.isoformat(),
                "wake_at": until.isoformat() if until else None,
                "paused_at": at.isoformat() if pauses else None,
                "resolution_due_at": solved.isoformat() if solved else None,
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
        worked = sla.business_seconds(about.stretch_started, stopped, calendar)
        paused_s = about.paused_s or 0
        seconds = (stopped - about.stretch_started).total_seconds()
        answered = reply is not None and about.stretch_due is not None
        self.stops.append(
            {
                "id": about.stretch,
                "stopped_at": stopped.isoformat(),
                "seconds": seconds,
                "due_at": about.stretch_due.isoformat() if about.stretch_due else None,
                "business_seconds": max(worked - paused_s, 0),
                "paused_s": paused_s,
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
