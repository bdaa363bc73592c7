"""Which conversation a new post belongs to, and what its arrival does to that conversation.

Values only: `store` reads the conversations in, calls `Threads.take` for each post in the order of their
times, and writes what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from mentions import sla
from mentions.models import State, Visibility
from mentions.routing import Decision
from mentions.rulebook import Rulebook
from mentions.triage.actionable import NO_REPLY

REOPEN_WITHIN = timedelta(days=7)
# Not actionable for one of these reasons, a conversation is closed on arrival and waits for nobody.
CLOSED_ON_ARRIVAL = frozenset({"spam", "news", "not us"})
PENDING = (State.PENDING_CUSTOMER, State.PENDING_BANK)

Arrival = Literal["opened", "joined", "reopened", "nodded"]
Target = Literal["first_response", "next_response"]
Place = tuple[int, int, str, str | None]


@dataclass(slots=True)
class Thread:
    """A conversation while a batch is stored. `place` is (author, source, visibility, thread key).

    `promised_at` is when the wait that runs is due: while the clock stands still, the conversation itself has no due
    time, and is promised something all the same.
    """

    id: int
    place: Place
    state: str
    queue: int
    priority: int
    tags: tuple[str, ...]
    actionable: bool | None
    actionable_reason: str
    actionable_by: str
    opened_at: datetime
    received_at: datetime
    last_inbound_at: datetime
    first_mention: int
    last_mention: int
    language: str
    topics: tuple[str, ...]
    waiting_since: datetime | None
    closed_at: datetime | None = None
    disposition: str = ""
    due_at: datetime | None = None
    due_target: str = ""
    due_why: str = ""
    promised_at: datetime | None = None
    resolution_due_at: datetime | None = None
    resolution_why: str = ""
    wake_at: datetime | None = None
    rule: int | None = None
    rule_version: int | None = None
    routed_why: str = ""
    linked: int | None = None
    inbound: int = 0
    reopened: int = 0
    fresh: bool = False
    changed: bool = False


@dataclass(slots=True)
class NewStretch:
    """A stretch of waiting that begins with a mention; see `mentions.models.Stretch`."""

    conversation: int
    mention: int
    target: str
    started_at: datetime
    received_at: datetime
    due_at: datetime | None
    queue: int
    policy: int
    priority: int
    language: str


@dataclass(frozen=True, slots=True)
class Arriving:
    """What `take` needs to know of a post: its place, times, labels and where the rules send it.

    `attached` says that something came with its words, which may be what it is about; `signs` that there are no words,
    as in a reaction.
    """

    mention: int
    place: Place
    occurred_at: datetime
    received_at: datetime
    language: str
    topics: tuple[str, ...]
    decision: Decision
    attached: bool = False
    signs: bool = False


@dataclass(slots=True)
class Threads:
    """The conversations of a batch's authors, and what the batch does to them."""

    book: Rulebook
    now: datetime
    ids: Iterator[int]
    known: dict[Place, Thread] = field(default_factory=dict)
    public_of: dict[tuple[int, int], int] = field(default_factory=dict)
    stretches: list[NewStretch] = field(default_factory=list)
    promised: list[Thread] = field(default_factory=list)

    def load(self, threads: Iterable[Thread]) -> None:
        """Make stored conversations known: the open one of a place, else the one closed last."""
        for thread in threads:
            current = self.known.get(thread.place)
            if current is None or (current.closed_at is not None and _later(thread, current)):
                self.known[thread.place] = thread
            author, source, visibility, _ = thread.place
            if visibility == Visibility.PUBLIC:
                self.public_of[author, source] = max(thread.id, self.public_of.get((author, source), 0))

    def take(self, post: Arriving) -> tuple[Thread, Arrival]:
        """Put the post into its conversation: an open one, one closed within seven days, or a new one."""
        thread = self.known.get(post.place)
        if thread is None or not self._goes_on(thread):
            thread = self._open(post)
            self.known[post.place] = thread
            return thread, "opened"
        thread.changed = True
        thread.inbound += 1
        if _nods(post) and (post.signs or thread.state == State.CLOSED):
            thread.last_inbound_at = max(thread.last_inbound_at, post.occurred_at)
            return thread, "nodded"
        if post.occurred_at >= thread.last_inbound_at or thread.waiting_since is None:
            thread.last_mention = post.mention  # what is answered: the newest, or what nobody has answered yet
        thread.last_inbound_at = max(thread.last_inbound_at, post.occurred_at)
        thread.topics = tuple(dict.fromkeys((*thread.topics, *post.topics)))[:12]
        arrival: Arrival = "joined"
        if thread.state == State.CLOSED:
            if self._settled(post.decision):
                return thread, arrival
            arrival = "reopened"
            thread.state = State.WAITING
            thread.closed_at, thread.disposition = None, ""
            thread.reopened += 1
        elif thread.state in PENDING:
            thread.wake_at = self.now
        self._heed(thread, post.decision)
        if thread.waiting_since is None:
            self._wait(thread, post, "first_response" if arrival == "reopened" else "next_response")
        elif thread.due_at is None and thread.promised_at is None and post.decision.actionable is not False:
            self._promise(thread, post, "first_response")
            self.promised.append(thread)
        return thread, arrival

    def changed(self) -> list[Thread]:
        """Stored conversations that the batch changed."""
        return [t for t in self.known.values() if t.changed and not t.fresh]

    def opened(self) -> list[Thread]:
        """New conversations."""
        return [t for t in self.known.values() if t.fresh]

    def _goes_on(self, thread: Thread) -> bool:
        return thread.closed_at is None or self.now - thread.closed_at <= REOPEN_WITHIN

    def _settled(self, decision: Decision) -> bool:
        return decision.actionable is False and decision.actionable_reason in CLOSED_ON_ARRIVAL

    def _heed(self, thread: Thread, decision: Decision) -> None:
        """Let a later post raise priority and the need for an answer; it never takes the need away."""
        thread.priority = min(thread.priority, decision.priority)
        thread.tags = tuple(dict.fromkeys((*thread.tags, *decision.tags)))
        stands = thread.actionable is True or thread.actionable_by == "person"
        if decision.actionable is True or (decision.actionable is False and not stands):
            thread.actionable, thread.actionable_by = decision.actionable, "rule"
            thread.actionable_reason = decision.actionable_reason

    def _open(self, post: Arriving) -> Thread:
        decision = post.decision
        author, source, visibility, _ = post.place
        settled = self._settled(decision)
        thread = Thread(
            id=next(self.ids),
            place=post.place,
            state=State.CLOSED if settled else State.WAITING,
            queue=decision.queue_id or self.book.default_queue,
            priority=decision.priority,
            tags=decision.tags,
            actionable=decision.actionable,
            actionable_reason=decision.actionable_reason,
            actionable_by="rule",
            opened_at=post.occurred_at,
            received_at=post.received_at,
            last_inbound_at=post.occurred_at,
            first_mention=post.mention,
            last_mention=post.mention,
            language=post.language,
            topics=post.topics,
            waiting_since=None,
            closed_at=post.received_at if settled else None,
            disposition=decision.actionable_reason if settled else "",
            rule=decision.rule_id,
            rule_version=decision.rule_version,
            routed_why=decision.why,
            linked=self.public_of.get((author, source)) if visibility == Visibility.PRIVATE else None,
            inbound=1,
            fresh=True,
        )
        if not settled:
            self._wait(thread, post, "first_response")
            policy = self.book.policies[thread.queue]
            due = sla.due(policy, "resolution", post.occurred_at, thread.priority)
            if due is not None and thread.actionable is not False:
                thread.resolution_due_at, thread.resolution_why = due.at, due.why
        return thread

    def _wait(self, thread: Thread, post: Arriving, target: Target) -> None:
        """Start the clock of an answer; what asks for no answer waits without a due time."""
        thread.waiting_since = post.occurred_at
        thread.due_at, thread.due_target, thread.due_why = None, "", ""
        if post.decision.actionable is not False:
            self._promise(thread, post, target)
        self.stretches.append(
            NewStretch(
                conversation=thread.id,
                mention=post.mention,
                target=target,
                started_at=post.occurred_at,
                received_at=post.received_at,
                due_at=thread.due_at,
                queue=thread.queue,
                policy=self.book.policy_ids[thread.queue],
                priority=thread.priority,
                language=thread.language,
            )
        )

    def _promise(self, thread: Thread, post: Arriving, target: Target) -> None:
        due = sla.due(self.book.policies[thread.queue], target, post.occurred_at, thread.priority)
        if due is not None:
            thread.due_at, thread.due_target, thread.due_why = due.at, target, due.why


def _nods(post: Arriving) -> bool:
    """Thanks, or a thumb under our answer: it asks for nothing, so it opens nothing that is closed.

    A thumb changes nothing of an open one either: whoever writes there has no need to have seen it.
    """
    return post.decision.actionable is False and post.decision.actionable_reason == NO_REPLY and not post.attached


def _later(one: Thread, other: Thread) -> bool:
    return one.closed_at is None or (other.closed_at is not None and one.closed_at > other.closed_at)
