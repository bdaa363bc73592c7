"""Changes of what stands on a network already: a reply in other words or taken back, a comment hidden or shown again.

New words go the way of replies: the guard, a second person where one is asked for, a time to undo, the freeze. What
is taken back or hidden protects people and says nothing to the world, so it waits for nobody and no freeze stops it.

`agents.amendment_outbox` carries them out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import access, addresses, apart, cases, evidence, outcomes, pictures, replies, scrutiny
from agents.cases import Refused
from agents.guard import Finding, Verdict
from agents.models import Amendment, Approval, Reply, ReplyState, User
from mentions import events, networks, scrub
from mentions.events import NETWORK, Actor
from mentions.models import Conversation, Mention, Origin, Source, Visibility
from mentions.sources import health

Kind, State = Amendment.Kind, Amendment.State

# Which moves exist; anything else is refused.
MOVES: dict[str, frozenset[str]] = {
    State.AWAITING_APPROVAL: frozenset({State.HELD, State.WITHDRAWN}),
    State.HELD: frozenset({State.SENDING, State.AWAITING_APPROVAL, State.WITHDRAWN, State.FAILED}),
    State.SENDING: frozenset({State.DONE, State.FAILED, State.HELD}),
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
        require_editable(reply)
        if not text.strip():
            raise Refused(_("Write the new words first."))
        pictured = bool(pictures.of(reply))
        if text.strip() == reply.text.strip():
            raise Refused(_("These are the words that stand there."))
        if (why := addresses.unfit(reply.source, text, reply.visibility, beside_pictures=pictured)) is not None:
            raise Refused(why)
        if reply.amendments.filter(state__in=UNDER_WAY).exists():
            raise Refused(_("Another change of this reply is under way."))
        verdict = scrutiny.examine(reply, text, by=by)
        change = Amendment(kind=Kind.WORDS, reply=reply, person=by, text=text, before=reply.text, asked_at=moment)
        judge(change, verdict)
        kind = "edit.blocked"
        if verdict.outcome != "block":
            second = scrutiny.needs_second(reply, verdict, by)
            change.state = State.AWAITING_APPROVAL if second else State.HELD
            kind = "edit.submitted" if second else "edit.held"
            if not second:
                change.held_until = moment + scrutiny.undo_time(reply, by)
            change.save()
        tell(kind, change, Actor.person(by.pk), moment, rules=[finding.rule for finding in verdict.findings])
    if verdict.outcome == "block":
        raise Blocked(verdict.findings)
    return change


def retract(reply: Reply, *, by: User, now: datetime | None = None) -> Amendment:
    """Take a sent reply back from its network; a change of its words that is under way ends with it.

    Its author may, and whoever answers for others. Raises `PermissionDenied`, or `Refused` with the reason.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        reply = replies.again(reply)
        if not may_retract(reply, by):
            raise PermissionDenied("only its author or a supervisor takes a reply back")
        if reply.state != ReplyState.SENT or not networks.offers(reply.source.network, "retract"):
            raise Refused(_("This reply cannot be taken back."))
        for other in Amendment.objects.select_for_update().filter(reply=reply, state__in=UNDER_WAY):
            other.amended.conversation = reply.conversation
            if other.kind == Kind.RETRACT:
                raise Refused(_("The network is being asked already."))
            if other.state == State.SENDING:
                give_up(other, _("The reply was taken back."), moment)
            else:
                _withdraw(other, by, moment)
        change = Amendment.objects.create(
            kind=Kind.RETRACT, reply=reply, person=by, state=State.SENDING, asked_at=moment, next_try_at=moment
        )
        tell("retraction.asked", change, Actor.person(by.pk), moment)
    return change


def may_retract(reply: Reply, user: User) -> bool:
    """Whether the person may take this reply back where its network lets us."""
    if reply.author_id == user.pk:
        return access.may(user, "retract replies" if reply.conversation_id is not None else "write posts")
    leads = access.may(user, "retract for others")
    return leads or (reply.conversation_id is None and access.may(user, "approve posts"))


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
    return public and mention.kind in HIDEABLE and networks.offers(source.network, "hide")


def undo(change: Amendment, *, by: User, now: datetime | None = None) -> Amendment:
    """Take new words back. Raises `Refused` once the network has them.

    Those that it was asked for and did not confirm are not asked for again; that it has them may be heard yet.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        change = locked(change.pk)
        if change.person_id != by.pk and not access.may(by, "assign cases"):
            raise Refused(_("Only its author or a supervisor takes a change back."))
        if can_undo(change):
            if change.state == State.SENDING:
                why = _("Taken back before the network confirmed it: look there.")
                give_up(change, why, moment, by=Actor.person(by.pk))
            else:
                _withdraw(change, by, moment)
        else:
            raise Refused(_("It is too late to undo: the change is on its way."))
    return change


def can_undo(change: Amendment) -> bool:
    """Whether new words can still be taken back: they wait here, or for another attempt at their network."""
    failed_once = change.state == State.SENDING and bool(change.error)  # which the next attempt clears
    return change.kind == Kind.WORDS and (failed_once or change.state in (State.HELD, State.AWAITING_APPROVAL))


def approve(change: Amendment, *, digest: str, by: User, now: datetime | None = None) -> Amendment:
    """A second person lets exactly these words replace the old ones."""
    moment = now or timezone.now()
    with transaction.atomic():
        change = _to_decide(change, digest, by)
        Approval.objects.create(reply=change.amended, person=by, digest=digest, approved=True, at=moment)
        move(change, State.HELD)
        change.held_until = moment + scrutiny.undo_time(change.amended, change.person)
        change.save()
        tell("edit.approved", change, Actor.person(by.pk), moment)
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
        move(change, State.WITHDRAWN)
        change.returned_reason = words
        change.save()
        tell("edit.returned", change, Actor.person(by.pk), moment)
    return change


def _ask(kind: str, mention: Mention, why: str, by: User, now: datetime) -> Amendment:
    with transaction.atomic():
        if mention.conversation_id is None:
            raise Refused(_("This post cannot be hidden."))
        cases.workable(mention.conversation_id, by)
        mention = (
            Mention.objects.select_for_update(of=("self",), no_key=True)
            .select_related("source", "conversation")
            .get(pk=mention.pk)
        )
        if not can_hide(mention, mention.source):
            raise Refused(_("This post cannot be hidden."))
        require_ready(mention.source, mention.origin)
        if (mention.hidden_at is not None) == (kind == Kind.HIDE):
            raise Refused(_("It is hidden already.") if kind == Kind.HIDE else _("It is not hidden."))
        if Amendment.objects.filter(mention=mention, state=State.SENDING).exists():
            raise Refused(_("The network is being asked already."))
        change = Amendment.objects.create(
            kind=kind, mention=mention, person=by, why=why, state=State.SENDING, asked_at=now, next_try_at=now
        )
        tell("hiding.asked", change, Actor.person(by.pk), now, hide=kind == Kind.HIDE, why=why)
    return change


def _touch(reply: Reply, by: User) -> None:
    """Raises unless this person may change what the reply says: nobody else is at work on it."""
    outcomes.require(by, reply)
    if reply.conversation_id is not None:
        cases.workable(reply.conversation_id, by)
    elif reply.author_id != by.pk and not access.may(by, "assign cases"):
        raise Refused(_("Only its author or a supervisor changes a post."))


def require_editable(reply: Reply) -> None:
    """Raises `Refused` unless the network has the reply and lets us change its words."""
    if reply.state != ReplyState.SENT or not networks.offers(reply.source.network, "edit"):
        raise Refused(_("This reply cannot be changed."))
    require_ready(reply.source, reply.conversation.origin if reply.conversation is not None else Origin.LIVE)


def require_ready(source: Source, origin: str) -> None:
    """Raises `Refused` with the reason if nothing leaves from this source now."""
    if origin != Origin.LIVE:
        raise Refused(_("This is an exercise: nothing leaves."))
    if (why_not := health.why_not_sending(source)) is not None:
        raise Refused(why_not)


def _withdraw(change: Amendment, by: User, now: datetime) -> None:
    move(change, State.WITHDRAWN)
    change.save()
    tell("edit.undone", change, Actor.person(by.pk), now)


def give_up(change: Amendment, why: str, now: datetime, *, by: Actor = NETWORK) -> None:
    """It was not done and is not asked for again; `why` is for the person."""
    move(change, State.FAILED)
    change.error, change.next_try_at, change.held_until = why[:400], None, None
    change.save()
    failed = {Kind.WORDS: "edit.failed", Kind.RETRACT: "retraction.failed"}
    tell(failed.get(Kind(change.kind), "hiding.failed"), change, by, now)


def _to_decide(change: Amendment, digest: str, by: User) -> Amendment:
    access.require(by, "approve replies")
    change = locked(change.pk)
    if change.person_id == by.pk:
        raise Refused(_("Nobody approves their own reply."))
    if (one := apart.why_not(by, change.person)) is not None:
        raise Refused(one)
    if change.state != State.AWAITING_APPROVAL:
        raise Refused(_("This reply no longer waits for approval."))
    if digest != change.digest or digest != digest_of(change):
        raise Refused(_("The reply was changed since you read it; read it again."))
    return change


def locked(change_id: int) -> Amendment:
    """The change behind the lock of what it changes: the conversation, or the post of our own."""
    change = Amendment.objects.select_related("mention").get(pk=change_id)
    if change.mention is not None:
        Conversation.objects.select_for_update().get(pk=change.mention.conversation_id or 0)
    reply = replies.again(Reply.objects.only("conversation_id").get(pk=change.reply_id)) if change.reply_id else None
    related = ("mention__source", "mention__conversation", "person")
    change = Amendment.objects.select_for_update(of=("self",)).select_related(*related).get(pk=change_id)
    change.reply = reply
    return change


def place_of(change: Amendment) -> Conversation | None:
    """The conversation in which it stands; a post of our own stands in none."""
    return change.mention.conversation if change.mention is not None else change.amended.conversation


def source_of(change: Amendment) -> Source:
    """The account that asks for it."""
    return change.mention.source if change.mention is not None else change.amended.source


def judge(change: Amendment, verdict: Verdict) -> None:
    """Keep what the guard said of the new words; saves nothing."""
    change.findings, change.guard_version = scrutiny.kept(verdict), verdict.version
    change.digest = digest_of(change)


def digest_of(change: Amendment) -> str:
    """What an approval of new words binds: the words, the account, and the post whose words they replace."""
    reply = change.amended
    bound = ["edit", change.text, reply.source_id, reply.source.handle, reply.external_id]
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()


def move(change: Amendment, to: str) -> None:
    """Another state, if `MOVES` knows the way; saves nothing."""
    if to not in MOVES[change.state]:
        raise Refused(_("A change that is %(state)s cannot be moved so.") % {"state": change.get_state_display()})
    change.state = to


def tell(kind: str, change: Amendment, by: Actor, now: datetime, **data: Any) -> None:
    """One event for what a change did."""
    place = place_of(change)
    if change.kind == Kind.WORDS:
        data["words"] = evidence.words(change.text, pictures.of(change.amended))
    events.record(
        kind,
        at=now,
        by=by,
        origin=place.origin if place is not None else Origin.LIVE,
        conversation_id=place.pk if place is not None else None,
        queue_id=place.queue_id if place is not None else None,
        reply_id=change.reply_id,
        mention_id=change.mention_id,
        source_id=source_of(change).pk,
        data=data | {"amendment": change.pk},
    )
