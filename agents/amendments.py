"""Changes of what stands on a network already: other words for a reply of ours, a comment hidden or shown again.

New words go the way of replies: the guard, a second person where one is asked for, a time to undo, the freeze. Hiding
protects people, so neither waits for anybody nor stops with the freeze; like a retraction it says nothing to the world.

Each change is committed before the network is called and holds only when the network has said so. All of them may be
asked for twice, so whatever got no answer is asked for again; a process that dies in between loses and doubles nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import access, addresses, afterwards, cases, freeze, outbox, replies, scrutiny
from agents.cases import Refused, by_person
from agents.guard import Finding, Verdict
from agents.models import Amendment, Approval, Reply, ReplyState, User
from mentions import events, networks, scrub, sources
from mentions.events import NETWORK, Actor
from mentions.models import Conversation, Mention, Origin, Source, Visibility
from mentions.networks import NetworkError
from mentions.sources import gate, health

Kind, State = Amendment.Kind, Amendment.State

# Which moves exist; anything else is refused.
MOVES: dict[str, frozenset[str]] = {
    State.AWAITING_APPROVAL: frozenset({State.HELD, State.WITHDRAWN}),
    State.HELD: frozenset({State.SENDING, State.AWAITING_APPROVAL, State.WITHDRAWN, State.FAILED}),
    State.SENDING: frozenset({State.DONE, State.FAILED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset({State.DONE}),  # the network's echo says that it was done after all
    State.WITHDRAWN: frozenset(),
}
UNDER_WAY = frozenset({State.AWAITING_APPROVAL, State.HELD, State.SENDING})
WHY_HIDDEN = {
    "private_data": gettext_lazy("It shows private data"),
    "fraud": gettext_lazy("Fraud or phishing"),
    "abuse": gettext_lazy("Abuse or threats"),
    "spam": gettext_lazy("Advertising"),
}
HIDEABLE: Final = frozenset({"comment", "reply"})
TRIES: Final = 6
_ANSWERS_WITHIN: Final = timedelta(seconds=60)
_BACK_OFF_S: Final = (2, 10, 30, 120, 300, 600)


class Blocked(Refused):
    """The guard lets these words not out; `findings` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(finding.message for finding in findings))


def reword(reply: Reply, *, text: str, by: User, now: datetime | None = None) -> Amendment:
    """Let other words for a sent reply go towards its network.

    Returns it `held` (undo runs) or `awaiting_approval`. Raises `Blocked` with what the guard found, `Taken` if
    another person holds the conversation, `Refused` for anything else that stands in the way.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        reply = replies.again(reply)
        _touch(reply, by)
        _editable(reply)
        if not text.strip():
            raise Refused(_("Write the new words first."))
        if text.strip() == reply.text.strip():
            raise Refused(_("These are the words that stand there."))
        if (why := addresses.unfit(reply.source, text, reply.visibility)) is not None:
            raise Refused(why)
        if reply.amendments.filter(state__in=UNDER_WAY).exists():
            raise Refused(_("Another change of this reply is under way."))
        verdict = scrutiny.examine(reply, text, by=by)
        change = Amendment(kind=Kind.WORDS, reply=reply, person=by, text=text, before=reply.text, asked_at=moment)
        _judge(change, verdict)
        kind = "edit.blocked"
        if verdict.outcome != "block":
            second = scrutiny.needs_second(reply, verdict, by)
            change.state = State.AWAITING_APPROVAL if second else State.HELD
            kind = "edit.submitted" if second else "edit.held"
            if not second:
                change.held_until = moment + _undo_time(reply, by)
            change.save()
        _tell(kind, change, by_person(by), moment, rules=[finding.rule for finding in verdict.findings])
    if verdict.outcome == "block":
        raise Blocked(verdict.findings)
    return change


def hide(mention: Mention, *, why: str, by: User, now: datetime | None = None) -> Amendment:
    """Hide somebody's comment for one of `WHY_HIDDEN`. Raises `Taken` or `Refused`."""
    if why not in WHY_HIDDEN:
        raise Refused(_("Say why it is hidden."))
    return _ask(Kind.HIDE, mention, why, by, now or timezone.now())


def show(mention: Mention, *, by: User, now: datetime | None = None) -> Amendment:
    """Show a hidden comment again. Raises `Taken` or `Refused`."""
    return _ask(Kind.SHOW, mention, "", by, now or timezone.now())


def can_hide(mention: Mention, source: Source) -> bool:
    """Whether this post is one that its network lets us hide, or show again."""
    public = mention.visibility == Visibility.PUBLIC and mention.deleted_at is None
    return public and mention.kind in HIDEABLE and afterwards.can(source, "hide")


def undo(change: Amendment, *, by: User, now: datetime | None = None) -> Amendment:
    """Take new words back before they leave. Raises `Refused` once they are leaving."""
    with transaction.atomic():
        change = _locked(change.pk)
        if change.person_id != by.pk and not access.may(by, "assign cases"):
            raise Refused(_("Only its author or a supervisor takes a change back."))
        if change.state not in (State.HELD, State.AWAITING_APPROVAL):
            raise Refused(_("It is too late to undo: the change is on its way."))
        _move(change, State.WITHDRAWN)
        change.save()
        _tell("edit.undone", change, by_person(by), now or timezone.now())
    return change


def approve(change: Amendment, *, digest: str, by: User, now: datetime | None = None) -> Amendment:
    """A second person lets exactly these words replace the old ones."""
    moment = now or timezone.now()
    with transaction.atomic():
        change = _to_decide(change, digest, by)
        Approval.objects.create(reply=change.amended, person=by, digest=digest, approved=True, at=moment)
        _move(change, State.HELD)
        change.held_until = moment + _undo_time(change.amended, change.person)
        change.save()
        _tell("edit.approved", change, by_person(by), moment)
    return change


def return_(change: Amendment, *, digest: str, reason: str, by: User, now: datetime | None = None) -> Amendment:
    """A second person leaves the old words standing and says why."""
    moment = now or timezone.now()
    words = scrub.typed(reason, 400)
    if not words:
        raise Refused(_("Say why it goes back, so that its author can mend it."))
    with transaction.atomic():
        change = _to_decide(change, digest, by)
        Approval.objects.create(reply=change.amended, person=by, digest=digest, approved=False, reason=words, at=moment)
        _move(change, State.WITHDRAWN)
        change.returned_reason = words
        change.save()
        _tell("edit.returned", change, by_person(by), moment)
    return change


def send_due() -> int:
    """Ask the networks for what is due, and again for what got no answer; returns how many were asked for."""
    now = timezone.now()
    due = Amendment.objects.filter(
        Q(state=State.HELD, held_until__lte=now) | Q(state=State.SENDING, next_try_at__lte=now)
    )
    if freeze.holds():
        due = due.exclude(kind=Kind.WORDS)
    going = [pk for pk in due.order_by("pk").values_list("pk", flat=True)[: outbox.AT_ONCE] if _take(pk, now)]
    outbox.each(deliver, going)
    return len(going)


def deliver(change_id: int) -> None:
    """Call the network for a change in `sending`, and write down what it said."""
    change = Amendment.objects.select_related("reply__source", "mention__source").get(pk=change_id)
    if change.state != State.SENDING or (change.kind == Kind.WORDS and freeze.holds()):
        return
    source, now = _source(change), timezone.now()
    try:
        account = sources.ready(source, now=now)
        network = networks.get(source.network)
        if change.mention is not None:
            network.hide(account, change.mention.external_id, hidden=change.kind == Kind.HIDE)
        else:
            network.edit(account, change.amended.external_id, change.text)
    except NetworkError as error:
        _failed(change_id, error, gate.failed(source, error, now=now))
        if change.mention is None:
            sources.noticed(source, error, now=now)
        # Of a comment "forbidden" mostly means that it is not ours to hide; of the keys the next probe tells.
    except (sources.UnreadableSecrets, networks.UnknownNetwork) as error:
        _failed(change_id, NetworkError(str(error), "give_up"))
    else:
        gate.succeeded(source.pk)
        confirm(change_id)


def confirm(change_id: int) -> None:
    """The network did it, by its own word: from now on it is so here too."""
    now = timezone.now()
    with transaction.atomic():
        change = _locked(change_id)
        if State.DONE not in MOVES[change.state]:
            return
        _move(change, State.DONE)
        change.done_at, change.next_try_at, change.error = now, None, ""
        change.save()
        if change.mention is not None:
            hidden = change.kind == Kind.HIDE
            Mention.objects.filter(pk=change.mention.pk).update(hidden_at=now if hidden else None)
            kind = "mention.hidden" if hidden else "mention.shown"
        else:
            reply = change.amended
            reply.text, reply.edited_at = change.text, now
            outbox.keep_answer(reply, now, follow="edited")
            reply.save(update_fields=["text", "edited_at", "answers"])
            kind = "reply.edited"
        place = _place(change)
        if place is not None:
            place.version += 1
            place.save(update_fields=["version"])
        _tell(kind, change, by_person(change.person), now, **({"version": place.version} if place else {}))


def _ask(kind: str, mention: Mention, why: str, by: User, now: datetime) -> Amendment:
    with transaction.atomic():
        if mention.conversation_id is None:
            raise Refused(_("This post cannot be hidden."))
        cases.workable(mention.conversation_id, by)
        mention = (
            Mention.objects.select_for_update(of=("self",)).select_related("source", "conversation").get(pk=mention.pk)
        )
        if not can_hide(mention, mention.source):
            raise Refused(_("This post cannot be hidden."))
        _ready(mention.source, mention.origin)
        if (mention.hidden_at is not None) == (kind == Kind.HIDE):
            raise Refused(_("It is hidden already.") if kind == Kind.HIDE else _("It is not hidden."))
        if Amendment.objects.filter(mention=mention, state=State.SENDING).exists():
            raise Refused(_("The network is being asked already."))
        change = Amendment.objects.create(
            kind=kind, mention=mention, person=by, why=why, state=State.SENDING, asked_at=now, next_try_at=now
        )
        _tell("hiding.asked", change, by_person(by), now, hide=kind == Kind.HIDE, why=why)
    return change


def _touch(reply: Reply, by: User) -> None:
    """Raises unless this person may change what the reply says: nobody else is at work on it."""
    outbox.require(by, reply)
    if reply.conversation_id is not None:
        cases.workable(reply.conversation_id, by)
    elif reply.author_id != by.pk and not access.may(by, "assign cases"):
        raise Refused(_("Only its author or a supervisor changes a post."))


def _editable(reply: Reply) -> None:
    if reply.state != ReplyState.SENT or not afterwards.can(reply.source, "edit"):
        raise Refused(_("This reply cannot be changed."))
    _ready(reply.source, reply.conversation.origin if reply.conversation is not None else Origin.LIVE)


def _ready(source: Source, origin: str) -> None:
    if origin != Origin.LIVE:
        raise Refused(_("This is an exercise: nothing leaves."))
    if (why_not := health.why_not_sending(source)) is not None:
        raise Refused(why_not)


def _take(change_id: int, now: datetime) -> bool:
    """Commit that the network is being asked, or what stands against it."""
    with transaction.atomic():
        change = _locked(change_id)
        waits = change.held_until if change.state == State.HELD else change.next_try_at
        if change.state not in (State.HELD, State.SENDING) or waits is None or waits > now:
            return False
        if change.kind == Kind.WORDS and freeze.holds():
            return False
        try:
            _stands(change)
        except Refused as refused:
            _give_up(change, str(refused), now)
            return False
        if change.state == State.HELD and not _cleared(change, now):
            return False
        if (wait := gate.enter(_source(change), "replies", now=now)) is not None:
            change.error = wait.why[:400]
            if change.state == State.HELD:
                change.held_until = wait.until
            else:
                change.next_try_at = wait.until
            change.save()
            return False
        if change.state == State.HELD:
            _move(change, State.SENDING)
        # Whoever takes it next takes it for lost; by then this attempt has had its answer or never will.
        change.next_try_at, change.tries, change.error = now + _ANSWERS_WITHIN, change.tries + 1, ""
        change.save()
        return True


def _stands(change: Amendment) -> None:
    """Raises `Refused` if what it would change is no longer there to be changed."""
    if change.mention is None:
        _editable(change.amended)
        return
    if not can_hide(change.mention, change.mention.source):
        raise Refused(_("The author has deleted it."))
    _ready(change.mention.source, change.mention.origin)


def _cleared(change: Amendment, now: datetime) -> bool:
    """The guard once more, by today's policy: whether the words go on, else they wait for a person or end here."""
    reply = change.amended
    verdict = scrutiny.examine(reply, change.text, by=change.person)
    _judge(change, verdict)
    if verdict.outcome == "block":
        _give_up(change, _("The guard blocks it under today's policy."), now)
        return False
    said = reply.approvals.filter(approved=True, digest=change.digest, at__gte=change.asked_at)
    if scrutiny.needs_second(reply, verdict, change.person) and not said.exists():
        _move(change, State.AWAITING_APPROVAL)
        change.save()
        _tell("edit.submitted", change, NETWORK, now)
        return False
    return True


def _failed(change_id: int, error: NetworkError, wait_until: datetime | None = None) -> None:
    """Write down what the network's refusal means; nobody calls before `wait_until`."""
    now = timezone.now()
    with transaction.atomic():
        change = _locked(change_id)
        if change.state != State.SENDING:
            return
        if error.follow in ("retry", "unknown") and change.tries < TRIES:
            pause = timedelta(seconds=_BACK_OFF_S[max(change.tries, 1) - 1])
            change.next_try_at = max(wait_until or error.retry_at or now, now + pause)
            change.error = error.message[:400]
            change.save()
            return
        why = (
            _("The network did not say whether it did it: look there.") if error.follow == "unknown" else error.message
        )
        _give_up(change, why, now)


def _give_up(change: Amendment, why: str, now: datetime) -> None:
    _move(change, State.FAILED)
    change.error, change.next_try_at, change.held_until = why[:400], None, None
    change.save()
    _tell("edit.failed" if change.kind == Kind.WORDS else "hiding.failed", change, NETWORK, now)


def _to_decide(change: Amendment, digest: str, by: User) -> Amendment:
    access.require(by, "approve replies")
    change = _locked(change.pk)
    if change.person_id == by.pk:
        raise Refused(_("Nobody approves their own reply."))
    if change.state != State.AWAITING_APPROVAL:
        raise Refused(_("This reply no longer waits for approval."))
    if digest != change.digest or digest != _digest(change):
        raise Refused(_("The reply was changed since you read it; read it again."))
    return change


def _locked(change_id: int) -> Amendment:
    """The change behind the lock of what it changes: the conversation, or the post of our own."""
    change = Amendment.objects.select_related("mention").get(pk=change_id)
    if change.mention is not None:
        Conversation.objects.select_for_update().get(pk=change.mention.conversation_id or 0)
    reply = replies.again(Reply.objects.only("conversation_id").get(pk=change.reply_id)) if change.reply_id else None
    related = ("mention__source", "mention__conversation", "person")
    change = Amendment.objects.select_for_update(of=("self",)).select_related(*related).get(pk=change_id)
    change.reply = reply
    return change


def _place(change: Amendment) -> Conversation | None:
    return change.mention.conversation if change.mention is not None else change.amended.conversation


def _source(change: Amendment) -> Source:
    return change.mention.source if change.mention is not None else change.amended.source


def _undo_time(reply: Reply, by: User) -> timedelta:
    return timedelta(seconds=scrutiny.bound_by(reply, by).profile.undo_s)


def _judge(change: Amendment, verdict: Verdict) -> None:
    change.findings, change.guard_version = scrutiny.kept(verdict), verdict.version
    change.digest = _digest(change)


def _digest(change: Amendment) -> str:
    """What an approval of new words binds: the words, the account, and the post whose words they replace."""
    reply = change.amended
    bound = ["edit", change.text, reply.source_id, reply.source.handle, reply.external_id]
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()


def _move(change: Amendment, to: str) -> None:
    if to not in MOVES[change.state]:
        raise Refused(_("A change that is %(state)s cannot be moved so.") % {"state": change.get_state_display()})
    change.state = to


def _tell(kind: str, change: Amendment, by: Actor, now: datetime, **data: Any) -> None:
    place = _place(change)
    events.record(
        kind,
        at=now,
        by=by,
        origin=place.origin if place is not None else Origin.LIVE,
        conversation_id=place.pk if place is not None else None,
        queue_id=place.queue_id if place is not None else None,
        reply_id=change.reply_id,
        mention_id=change.mention_id,
        source_id=_source(change).pk,
        data=data | {"amendment": change.pk},
    )
