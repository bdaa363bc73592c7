"""Which conversation a new post belongs to, and what its words, or other words of a post that is here, do to it.

Values only: `store` reads the conversations in, `Threads.take` is called for each post in the order of their times and
`Threads.reword` for each edit, and `store` writes what changed.

What words do is the same whichever way they come (`Threads._hear`): they open what is closed, say whether an answer is
needed, and are promised one. Of the posts that wait, the most urgent decides the queue, and of these the first; each is
promised an answer from its own time, and the earliest of these promises holds. So it ends the same in whatever order
posts come. What has an owner stays with them, and a rule that a person overruled does not move it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from mentions import sla
from mentions.intake.muted import MUTED
from mentions.models import State, Visibility
from mentions.relabelling import MOST_TOPICS
from mentions.routing import Decision
from mentions.rulebook import Rulebook
from mentions.triage.actionable import NO_REPLY

REOPEN_WITHIN = timedelta(days=7)
# Not actionable for one of these reasons, a conversation is closed on arrival and waits for nobody.
CLOSED_ON_ARRIVAL = frozenset({"spam", "news", "not us", MUTED})
PENDING = (State.PENDING_CUSTOMER, State.PENDING_BANK)

Arrival = Literal["opened", "joined", "reopened", "nodded"]
Target = Literal["first_response", "next_response"]
Place = tuple[int, int, str, str | None]


@dataclass(slots=True)
class Wait:
    """A stretch of waiting that runs; see `mentions.models.Stretch`. `fresh` is not stored yet."""

    mention: int
    target: Target
    started_at: datetime
    received_at: datetime
    due_at: datetime | None
    promised_from: datetime | None
    queue: int
    policy: int
    priority: int
    language: str
    terms_at: datetime | None = None
    fresh: bool = False
    changed: bool = False


@dataclass(slots=True)
class Thread:
    """A conversation while a batch is stored. `place` is (author, source, visibility, thread key).

    `wait` is the wait that runs, and `answered_at` when the last one before it ended. While the clock stands still
    (`paused_at`) the conversation itself has no due time. `told` is what the event of its newest post says of what it
    replaced, for figures of a past day.
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
    wait: Wait | None = None
    answered_at: datetime | None = None
    paused_at: datetime | None = None
    resolution_due_at: datetime | None = None
    resolution_why: str = ""
    wake_at: datetime | None = None
    rule: int | None = None
    rule_version: int | None = None
    routed_why: str = ""
    linked: int | None = None
    transfers: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    inbound: int = 0
    reopened: int = 0
    priority_by: str = "rule"
    tags_by: str = "rule"
    fresh: bool = False
    changed: bool = False


class Arriving(NamedTuple):
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
        thread.changed, thread.told = True, {}
        thread.inbound += 1
        thread.topics = tuple(dict.fromkeys((*thread.topics, *post.topics)))[:MOST_TOPICS]
        if _nods(post) and (post.signs or thread.state == State.CLOSED):
            thread.last_inbound_at = max(thread.last_inbound_at, post.occurred_at)
            return thread, "nodded"
        if post.occurred_at >= thread.last_inbound_at or thread.wait is None:
            thread.last_mention = post.mention  # what is answered: the newest, or what nobody has answered yet
        thread.last_inbound_at = max(thread.last_inbound_at, post.occurred_at)
        if thread.state == State.CLOSED and self._settled(post.decision):
            return thread, "joined"
        arrival: Arrival = "reopened" if thread.state == State.CLOSED else "joined"
        self._hear(thread, post)
        return thread, arrival

    def reword(self, thread: Thread, post: Arriving, before: Decision) -> Arrival | None:
        """A stored post of this conversation says something else now; what it said decided `before`.

        Only what it asks for more than it did is heard: nobody takes back what was asked, and a mended comma opens
        nothing that a person has settled. None if nothing came of it.
        """
        post = _as_a_person_said(thread, post)
        decision, closed = post.decision, thread.state == State.CLOSED
        asks = decision.actionable is not False
        more = before.actionable is False or decision.priority < before.priority
        if not asks or not more or not self._goes_on(thread):
            return None
        if not closed and thread.actionable is not False and decision.priority >= thread.priority:
            return None
        if thread.wait is None:
            thread.last_mention = post.mention
        thread.changed = True
        self._hear(thread, post)
        return "reopened" if closed else "joined"

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

    def _hear(self, thread: Thread, post: Arriving) -> None:
        post = _as_a_person_said(thread, post)
        decision, was = post.decision, _standing(thread)
        reopened = thread.state == State.CLOSED
        if reopened:
            thread.state = State.WAITING
            thread.closed_at, thread.disposition = None, ""
            thread.reopened += 1
        elif thread.state in PENDING:
            thread.wake_at = self.now
        earlier = self._begins_with(thread, post)
        leads = self._leads(thread, decision, reopened=reopened, earlier=earlier)
        urgent = decision.priority < thread.priority
        self._heed(thread, decision, anew=reopened)
        if leads:
            self._route(thread, decision)
            thread.priority = decision.priority
        if thread.wait is None:
            self._wait(thread, post, "first_response" if reopened else "next_response")
        elif decision.actionable is not False and (urgent or earlier or thread.wait.due_at is None):
            self._promise(thread, thread.wait, post, own=(urgent or earlier) and not _overruled(thread, decision))
        self._solve(thread, post, sooner=leads and not reopened)
        thread.told = _replaced(was, _standing(thread))

    def _begins_with(self, thread: Thread, post: Arriving) -> bool:
        """A post that comes late, and that nobody has answered, is what its customer has waited since."""
        wait = thread.wait
        if wait is None or post.occurred_at >= wait.started_at:
            return False
        if thread.answered_at is not None and post.occurred_at <= thread.answered_at:
            return False
        wait.promised_from = wait.promised_from or wait.started_at
        wait.started_at, wait.mention, wait.changed = post.occurred_at, post.mention, True
        thread.waiting_since = post.occurred_at
        if post.occurred_at < thread.opened_at:
            thread.opened_at, thread.first_mention, thread.language = post.occurred_at, post.mention, post.language
            wait.language = post.language
        return True

    def _leads(self, thread: Thread, decision: Decision, *, reopened: bool, earlier: bool) -> bool:
        """Whether the conversation goes where this post belongs; what no rule takes opens nothing elsewhere."""
        if decision.actionable is False or _overruled(thread, decision):
            return False
        if reopened:
            return decision.rule_id is not None
        if thread.state != State.WAITING:
            return False
        if decision.priority == thread.priority:
            asked = thread.actionable is not False
            return earlier and not thread.transfers if asked else decision.rule_id is not None
        return decision.priority < thread.priority

    def _route(self, thread: Thread, decision: Decision) -> None:
        thread.queue = decision.queue_id or self.book.default_queue
        thread.rule, thread.rule_version, thread.routed_why = decision.rule_id, decision.rule_version, decision.why
        if thread.wait is not None and thread.wait.queue != thread.queue:
            thread.wait.queue, thread.wait.changed = thread.queue, True

    def _heed(self, thread: Thread, decision: Decision, *, anew: bool) -> None:
        """Let a later post raise priority and the need for an answer; it never takes the need away.

        That none was needed was said of other words, by a rule or a person: what is undecided is looked at again.
        """
        thread.priority = min(thread.priority, decision.priority)
        if thread.tags_by == "rule":
            thread.tags = tuple(dict.fromkeys((*thread.tags, *decision.tags)))
        stands = not anew and (thread.actionable is True or thread.actionable_by == "person")
        if (
            anew
            or decision.actionable is True
            or (decision.actionable is False and not stands)
            or (decision.actionable is None and thread.actionable is False)
        ):
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
            self._solve(thread, post, sooner=False)
        return thread

    def _wait(self, thread: Thread, post: Arriving, target: Target) -> None:
        """Start the clock of an answer; what asks for no answer waits without a due time."""
        thread.waiting_since = post.occurred_at
        thread.due_at, thread.due_target, thread.due_why = None, "", ""
        thread.wait = wait = Wait(
            mention=post.mention,
            target=target,
            started_at=post.occurred_at,
            received_at=post.received_at,
            due_at=None,
            promised_from=None,
            queue=thread.queue,
            policy=self.book.policy_ids[thread.queue],
            priority=thread.priority,
            language=thread.language,
            fresh=True,
        )
        if post.decision.actionable is not False:
            self._promise(thread, wait, post, own=False)

    def _promise(self, thread: Thread, wait: Wait, post: Arriving, *, own: bool) -> None:
        """Promise an answer from the post's own time, unless one is promised sooner; `own`: by where the post belongs,
        whoever has the conversation.
        """
        queue = (post.decision.queue_id or self.book.default_queue) if own else thread.queue
        priority = post.decision.priority if own else thread.priority
        policy = self.book.policies[queue]
        due = sla.due(policy, wait.target, post.occurred_at, priority)
        if due is None:
            return
        promised = wait.due_at
        if promised is not None and thread.paused_at is not None:
            promised = sla.after_pause(promised, thread.paused_at, self.now, policy.calendar)
        if promised is not None and promised <= due.at:
            return
        wait.due_at, wait.policy, wait.priority = due.at, self.book.policy_ids[queue], priority
        wait.promised_from = None if post.occurred_at == wait.started_at else post.occurred_at
        wait.terms_at = None if wait.fresh else post.received_at
        wait.changed = True
        thread.due_at = due.at if thread.paused_at is None else None
        thread.due_target, thread.due_why = wait.target, due.why

    def _solve(self, thread: Thread, post: Arriving, *, sooner: bool) -> None:
        """Promise a solution where there was none to promise, or with `sooner` one that is due before."""
        if thread.actionable is False or (thread.resolution_due_at is not None and not sooner):
            return
        due = sla.due(self.book.policies[thread.queue], "resolution", post.occurred_at, thread.priority)
        if due is not None and (thread.resolution_due_at is None or due.at < thread.resolution_due_at):
            thread.resolution_due_at, thread.resolution_why = due.at, due.why


def _overruled(thread: Thread, decision: Decision) -> bool:
    """A person moved the conversation away from where this rule had sent it."""
    return thread.transfers > 0 and decision.rule_id == thread.rule


def _as_a_person_said(thread: Thread, post: Arriving) -> Arriving:
    """The post with the priority that a person gave its conversation, whatever rules make of its words."""
    if thread.priority_by == "rule":
        return post
    return post._replace(decision=replace(post.decision, priority=thread.priority))


def _standing(thread: Thread) -> dict[str, Any]:
    """What words may change of a conversation, as events tell of it; what is due while the clock stands still, the
    pause has told.
    """
    standing: dict[str, Any] = {"from_queue": thread.queue, "was_actionable": thread.actionable}
    standing["resolution_before"] = _iso(thread.resolution_due_at)
    if thread.wait is not None:
        standing |= {"opened_before": _iso(thread.opened_at), "began_before": _iso(thread.wait.started_at)}
        if thread.paused_at is None:
            standing["due_before"] = _iso(thread.wait.due_at)
    return standing


def _replaced(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in before.items() if value != after[name]}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _nods(post: Arriving) -> bool:
    """Thanks, or a thumb under our answer: it asks for nothing, so it opens nothing that is closed.

    A thumb changes nothing of an open one either: whoever writes there has no need to have seen it.
    """
    return post.decision.actionable is False and post.decision.actionable_reason == NO_REPLY and not post.attached


def _later(one: Thread, other: Thread) -> bool:
    return one.closed_at is None or (other.closed_at is not None and one.closed_at > other.closed_at)
