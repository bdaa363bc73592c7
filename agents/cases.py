"""Work on conversations: claim, release, transfer, pend, close. Every verb is one transaction and one event.

A partial unique constraint (one open case a conversation) is the lock, and the claim is one statement:
whoever comes second is told who was first. Verbs raise `Refused` with a sentence for the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import access, claiming, guarding, stretches
from agents.models import Case, Note, User
from mentions import events, posts, scrub
from mentions.events import SYSTEM, Actor
from mentions.models import Conversation, Origin, Queue, State

LEASE = timedelta(minutes=15)
# A desk at work tells so every minute; a longer silence was not all work.
_LONGEST_FOCUS_S = 90

PENDING = (State.PENDING_CUSTOMER, State.PENDING_BANK)

# Which moves exist; anything else is refused.
MOVES: dict[str, frozenset[str]] = {
    State.WAITING: frozenset({State.CLAIMED, State.CLOSED, State.WAITING}),
    State.CLAIMED: frozenset({State.CLAIMED, State.WAITING, State.PENDING_CUSTOMER, State.PENDING_BANK, State.CLOSED}),
    State.PENDING_CUSTOMER: frozenset({State.CLAIMED, State.WAITING, *PENDING, State.CLOSED}),
    State.PENDING_BANK: frozenset({State.CLAIMED, State.WAITING, *PENDING, State.CLOSED}),
    State.CLOSED: frozenset({State.WAITING}),
}

# The conversation is closed and asks for no answer; the first three have a key each.
DISMISSALS = {
    "no_reply_needed": ("no reply needed", gettext_lazy("No reply needed")),
    "spam": ("spam", gettext_lazy("Spam")),
    "not_us": ("not us", gettext_lazy("Not us")),
    "praise": ("praise", gettext_lazy("Praise")),
    "news": ("news", gettext_lazy("News")),
}
DISPOSITIONS = {
    "answered": gettext_lazy("Answered"),
    "solved": gettext_lazy("Solved"),
    "elsewhere": gettext_lazy("Answered elsewhere"),
    "moved_private": gettext_lazy("Moved to a private conversation"),
    "referred": gettext_lazy("Referred to another department"),
    "no_response": gettext_lazy("The customer did not come back"),
    "duplicate": gettext_lazy("Duplicate of another conversation"),
}
ELSEWHERE = "elsewhere"


class Refused(Exception):
    """What was asked cannot be done; the message says why in words for the person."""


class Taken(Refused):
    """Somebody else has the conversation. `owner` may be None if it just changed hands."""

    def __init__(self, owner: User | None, since: datetime | None) -> None:
        self.owner, self.since = owner, since
        who = str(owner) if owner else _("a colleague")
        super().__init__(_("%(who)s has claimed this conversation.") % {"who": who})


def claim(conversation_id: int, *, by: User, now: datetime | None = None) -> Case:
    """Become the owner of a waiting conversation.

    Claiming what one has already is no fault and returns the same case. Raises `Taken` with the owner's
    name when somebody was faster, `Refused` when it is not waiting for anybody.
    """
    access.require(by, "work cases")
    moment = now or timezone.now()
    case = claiming.this(conversation_id, by=by, now=moment, lease_until=moment + LEASE)
    if case is not None:
        return case
    held = Case.objects.filter(conversation=conversation_id, ended_at=None).select_related("owner").first()
    if held is not None and held.owner_id == by.pk:
        return held
    if held is not None:
        raise Taken(held.owner, held.claimed_at)
    state = Conversation.objects.filter(pk=conversation_id).values_list("state", flat=True).first()
    if state == State.CLOSED:
        raise Refused(_("This conversation is closed; reopen it first."))
    raise Taken(None, None)


def claim_next(*, by: User, queues: Sequence[int] | None = None, now: datetime | None = None) -> Case | None:
    """Claim the conversation that is next in the person's queues (or in `queues`), or None if none waits.

    Two who ask at once get two different ones.
    """
    access.require(by, "work cases")
    moment = now or timezone.now()
    return claiming.most_urgent(queues, by=by, now=moment, lease_until=moment + LEASE)


def renew(case_id: int, *, by: User, focused: bool, now: datetime | None = None) -> datetime:
    """Keep the lease while the owner works; `focused` counts the time since the last call as handle time.

    Nobody looks at two things at once: what else they had in focus is so no longer. Returns when the lease ends. Raises
    `Taken` if the case is no longer this person's.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        held = Case.objects.filter(owner=by, ended_at=None)
        case = held.select_for_update().filter(pk=case_id).first()
        if case is None:
            raise _lost(case_id)
        # What somebody has locked is being ended or renewed, which counts its focus: waiting for it could be a ring.
        others = held.select_for_update(skip_locked=True).exclude(pk=case_id).filter(focused_at__isnull=False)
        for other in others if focused else ():
            _count_focus(other, moment)
            other.focused_at = None
            other.save(update_fields=["focus_s", "focused_at"])
        _count_focus(case, moment)
        case.focused_at = moment if focused else None
        case.lease_until = moment + LEASE
        case.save(update_fields=["focus_s", "focused_at", "lease_until"])
    return case.lease_until


def release(conversation_id: int, *, by: User, now: datetime | None = None) -> Conversation:
    """Put it back at the head of its queue."""
    with transaction.atomic():
        conversation, case = owned(conversation_id, by)
        moment = now or timezone.now()
        end(case, Case.Outcome.RELEASED, moment)
        requeue(conversation, moment, returned=True)
        tell("case.released", conversation, Actor.person(by.pk), moment, case=case)
    return conversation


def transfer(conversation_id: int, *, to: Queue, by: User, now: datetime | None = None) -> Conversation:
    """Hand it to another queue; the customer's clock, the history and a guard that is stricter than there go along."""
    with transaction.atomic():
        conversation, case = workable(conversation_id, by)
        moment = now or timezone.now()
        if conversation.state == State.CLOSED:
            raise Refused(_("This conversation is closed; reopen it first."))
        if conversation.queue_id == to.pk:
            raise Refused(_("It is in %(queue)s already.") % {"queue": to.name})
        before = conversation.queue_id
        bound = conversation.guarded_in or conversation.queue
        conversation.guarded_in = None if guarding.as_strict(to, than=bound) else bound
        if case is not None:
            end(case, Case.Outcome.TRANSFERRED, moment)
        _wake(conversation, moment)  # its clock stood still by the hours of the queue that it leaves
        conversation.queue = to
        conversation.transfer_count += 1
        requeue(conversation, moment, returned=False)
        stretches.move(conversation, moment)
        tell("case.transferred", conversation, Actor.person(by.pk), moment, case=case, from_queue=before)
    return conversation


def assign(conversation_id: int, *, to: User, by: User, now: datetime | None = None) -> Case:
    """Give it to a person, or take it oneself: a supervisor whatever its state, an owner what they hold.

    Whoever gives away what somebody had hands it on, and the event says from whom.
    """
    with transaction.atomic():
        conversation, case = workable(conversation_id, by)
        moment = now or timezone.now()
        if case is None and not access.may(by, "assign cases"):
            raise Refused(_("Only a supervisor assigns what nobody has claimed."))
        if not access.colleagues(by, conversation.queue).filter(pk=to.pk).exists():
            raise Refused(_("%(who)s does not work this queue.") % {"who": to})
        if case is not None and case.owner_id == to.pk:
            return case
        handed: dict[str, Any] = {}
        if case is not None:
            taken = to.pk == by.pk
            end(case, Case.Outcome.TAKEN if taken else Case.Outcome.TRANSFERRED, moment)
            if not taken:
                conversation.transfer_count += 1
                handed["from_owner"] = case.owner_id
        _move(conversation, State.CLAIMED)
        _wake(conversation, moment)
        conversation.returned = False
        fresh = open_case(conversation, to, moment)
        tell("case.assigned", conversation, Actor.person(by.pk), moment, case=fresh, owner=to.pk, **handed)
    return fresh


def pend(
    conversation_id: int,
    *,
    on: str,
    until: datetime,
    by: User,
    note: str = "",
    now: datetime | None = None,
) -> Conversation:
    """Wait for the customer or the bank (`on`: a pending state) until a time; a new message wakes it earlier.

    What is pending already is put off so, or what was said of it put right; its clock stands still as before.
    """
    if on not in PENDING:
        raise ValueError(f"{on} is not a pending state")
    with transaction.atomic():
        conversation, case = owned(conversation_id, by)
        moment = now or timezone.now()
        if until <= moment:
            raise Refused(_("Choose a time in the future to wake this conversation."))
        _move(conversation, on)
        conversation.wake_at = until
        conversation.pending_note = scrub.typed(note, 200)
        clock = stretches.pause(conversation, moment)
        tell("conversation.pending", conversation, Actor.person(by.pk), moment, case=case, on=on, **clock)
    return conversation


def take_up(conversation_id: int, *, by: User, now: datetime | None = None) -> Conversation:
    """End the wait before its time: whoever has the pending conversation goes on with it, and its clock with them."""
    with transaction.atomic():
        conversation, case = owned(conversation_id, by)
        moment = now or timezone.now()
        if conversation.state not in PENDING:
            raise Refused(_("This conversation is not pending."))
        go_on(conversation, case, moment)
        tell("conversation.woken", conversation, Actor.person(by.pk), moment, case=case)
    return conversation


def close(
    conversation_id: int, *, disposition: str, by: User, address: str = "", now: datetime | None = None
) -> Conversation:
    """Close with one of `DISPOSITIONS`.

    What was answered elsewhere, because it cannot be where it stands, needs the web `address` of that answer; it is
    kept as a note. No figure counts it as a reply, since no network has confirmed one.
    """
    if disposition not in DISPOSITIONS:
        raise Refused(_("Choose why this conversation is closed."))
    where = posts.web_address(address.strip())
    if disposition == ELSEWHERE and where is None:
        raise Refused(_("Say at which address it was answered."))
    with transaction.atomic():
        conversation, case = owned(conversation_id, by)
        moment = now or timezone.now()
        shut(conversation, disposition, moment)
        end(case, Case.Outcome.CLOSED, moment)
        if disposition == ELSEWHERE:
            said = scrub.typed(_("Answered at %(address)s") % {"address": where})
            Note.objects.create(conversation=conversation, author=by, text=said, at=moment)
        tell("conversation.closed", conversation, Actor.person(by.pk), moment, case=case, disposition=disposition)
    return conversation


def dismiss(conversation_id: int, *, why: str, by: User, now: datetime | None = None) -> Conversation:
    """Close as one of `DISMISSALS` and mark it not actionable; what waits is claimed in the same breath."""
    with transaction.atomic():
        conversation, case = workable(conversation_id, by)
        moment = now or timezone.now()
        _dismiss(conversation, case, why, by, moment)
    return conversation


def reopen(conversation_id: int, *, by: User, now: datetime | None = None) -> Conversation:
    """Put a closed conversation back into its queue."""
    with transaction.atomic():
        conversation, _case = workable(conversation_id, by)
        moment = now or timezone.now()
        if conversation.state != State.CLOSED:
            raise Refused(_("This conversation is open."))
        conversation.answered_in = None  # whoever opens it again by hand says that it was not answered there
        open_again(conversation, moment)
        tell("conversation.reopened", conversation, Actor.person(by.pk), moment)
    return conversation


def hand_over(conversation_id: int, *, to: User, by: Actor = SYSTEM, now: datetime) -> bool:
    """Give what waits to somebody: a private continuation to the owner of the public conversation, what goes to another
    queue to a colleague there. False if it is not free.
    """
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().filter(pk=conversation_id, state=State.WAITING).first()
        if conversation is None:
            return False
        _move(conversation, State.CLAIMED)
        case = open_case(conversation, to, now)
        tell("case.assigned", conversation, by, now, case=case, owner=to.pk)
    return True


def owned(conversation_id: int, by: User) -> tuple[Conversation, Case]:
    """The locked conversation and the person's open case, or a supervisor's right to any. Raises `Refused`."""
    conversation, case = workable(conversation_id, by)
    if case is None:
        raise Refused(_("Claim the conversation first."))
    return conversation, case


def workable(conversation_id: int, by: User) -> tuple[Conversation, Case | None]:
    """The locked conversation and its open case, whosever it is. Raises `PermissionDenied` for non-workers.

    What is done to it happens now that it is held: a time read before may lie in somebody else's spell of work.
    """
    access.require(by, "work cases")
    conversation = Conversation.objects.select_for_update().select_related("queue").get(pk=conversation_id)
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("owner")
        .filter(conversation=conversation, ended_at=None)
        .first()
    )
    if case is not None and case.owner_id != by.pk and not access.may(by, "assign cases"):
        raise Taken(case.owner, case.claimed_at)
    return conversation, case


def _lost(case_id: int) -> Taken:
    lost = Case.objects.filter(pk=case_id).values_list("conversation_id", flat=True).first()
    now_held = Case.objects.filter(conversation=lost, ended_at=None).select_related("owner").first()
    return Taken(now_held.owner if now_held else None, now_held.claimed_at if now_held else None)


def _move(conversation: Conversation, to: str) -> None:
    if to not in MOVES[conversation.state]:
        raise Refused(
            _("A conversation that is %(state)s cannot be moved so.") % {"state": conversation.get_state_display()}
        )
    conversation.state = to


def open_case(conversation: Conversation, owner: User, now: datetime) -> Case:
    """The spell of work of who owns a locked conversation from now on, and not before it came into its queue."""
    return Case.objects.create(
        conversation=conversation,
        owner=owner,
        team=access.home_team(conversation.queue_id),
        queue_id=conversation.queue_id,
        queued_at=conversation.queued_at,
        claimed_at=max(now, conversation.queued_at),
        lease_until=now + LEASE,
    )


def end(case: Case, outcome: str, now: datetime) -> None:
    """End a spell of work; the conversation and the telling are the caller's."""
    if outcome != Case.Outcome.EXPIRED:  # whoever let it run out had gone some time before
        _count_focus(case, now)
    case.ended_at, case.outcome, case.focused_at = max(now, case.claimed_at), outcome, None
    case.save(update_fields=["ended_at", "outcome", "focus_s", "focused_at"])


def _count_focus(case: Case, now: datetime) -> None:
    if case.focused_at is not None:
        case.focus_s += min(max((now - case.focused_at).total_seconds(), 0), _LONGEST_FOCUS_S)


def requeue(conversation: Conversation, now: datetime, *, returned: bool) -> None:
    """Let a locked conversation wait in its queue, its clock running; its case and the telling are the caller's."""
    _move(conversation, State.WAITING)
    _wake(conversation, now)
    conversation.returned = returned
    conversation.queued_at = now


def go_on(conversation: Conversation, case: Case, now: datetime) -> None:
    """Give a locked, pending conversation back to whoever has its case; the telling is the caller's."""
    _wake(conversation, now)
    _move(conversation, State.CLAIMED)
    case.lease_until = now + LEASE
    case.save(update_fields=["lease_until"])


def _wake(conversation: Conversation, now: datetime) -> None:
    conversation.wake_at, conversation.pending_note = None, ""
    stretches.resume(conversation, now)


def _dismiss(conversation: Conversation, case: Case | None, why: str, by: User, now: datetime) -> None:
    reason = DISMISSALS[why][0]
    if conversation.state == State.CLOSED:
        raise Refused(_("This conversation is closed already."))
    case = case or open_case(conversation, by, now)
    was = conversation.actionable
    conversation.actionable, conversation.actionable_reason = False, reason
    conversation.actionable_by = "person"
    shut(conversation, why, now)
    end(case, Case.Outcome.CLOSED, now)
    tell("conversation.closed", conversation, Actor.person(by.pk), now, case=case, disposition=why, was_actionable=was)


def shut(conversation: Conversation, disposition: str, now: datetime) -> None:
    """Close a locked conversation and its clock; its case and the telling are the caller's."""
    _move(conversation, State.CLOSED)
    _wake(conversation, now)
    stretches.abandon(conversation, now)
    conversation.closed_at, conversation.disposition, conversation.returned = now, disposition, False


def open_again(conversation: Conversation, now: datetime) -> None:
    """`put_back`, counted as a reopening."""
    put_back(conversation, now)
    conversation.reopened_count += 1


def put_back(conversation: Conversation, now: datetime) -> None:
    """Open a locked, closed conversation again at the head of its queue; the telling is the caller's.

    Raises `Refused` if its customer has gone on in another one of the same place.
    """
    place = ("author_id", "source_id", "visibility", "thread_key", "drill")
    there = Conversation.objects.open().filter(**{name: getattr(conversation, name) for name in place})
    if (other := there.exclude(pk=conversation.pk).first()) is not None:
        raise Refused(_("Its customer goes on in %(number)s: answer there.") % {"number": other.number})
    _move(conversation, State.WAITING)
    conversation.closed_at, conversation.disposition = None, ""
    conversation.queued_at = now
    conversation.returned = True
    stretches.revive(conversation, now)


def tell(
    kind: str,
    conversation: Conversation,
    by: Actor,
    now: datetime,
    *,
    case: Case | None = None,
    bump: bool = True,
    **data: Any,
) -> None:
    """Save what was changed of a locked conversation under a new version, with its one event.

    Without `bump` the conversation is as it was, and only the event is written.
    """
    if bump:
        conversation.version += 1
        conversation.save()
    events.record(
        kind,
        at=now,
        by=by,
        origin=Origin(conversation.origin),
        conversation_id=conversation.pk,
        queue_id=conversation.queue_id,
        case_id=case.pk if case else None,
        source_id=conversation.source_id,
        data=data | {"version": conversation.version},
    )
