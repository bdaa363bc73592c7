"""The last step of a reply: out to its network, once.

`sending` is committed before the network is called. What the network then says is written in a second
transaction; a process that dies in between leaves a reply in `sending`, and whoever comes next asks the
network before doing anything else. Run by the listener, one at a time behind its lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, cases, freeze, replies, stretches
from agents.cases import Refused, by_person
from agents.models import Reply, ReplyState, User
from mentions import networks, posts, sources
from mentions.events import NETWORK
from mentions.models import Conversation, Origin, State
from mentions.networks import NetworkError, Outgoing, Published

log = logging.getLogger(__name__)

AT_ONCE = 8
TRIES = 6
ORPHANED_AFTER = timedelta(seconds=60)
_BACK_OFF_S = (2, 10, 30, 120, 300, 600)


def send_due() -> int:
    """Send what has been held long enough and what may be tried again; returns how many were looked at."""
    if freeze.holds():
        return 0
    now = timezone.now()
    due = Reply.objects.filter(state=ReplyState.HELD, held_until__lte=now).values_list("pk", flat=True)
    leaving = [pk for pk in due.order_by("held_until")[:AT_ONCE] if _leave(pk, now)]
    again = Reply.objects.filter(state=ReplyState.SENDING, next_try_at__lte=now).values_list("pk", flat=True)
    _each(deliver, [*leaving, *(pk for pk in again[:AT_ONCE] if _take(pk, now))])
    return len(leaving)


def settle() -> int:
    """Find out what became of replies whose sender died or got no answer; returns how many were asked about."""
    now = timezone.now()
    Reply.objects.filter(state=ReplyState.SENDING, next_try_at=None, sending_at__lte=now - ORPHANED_AFTER).update(
        state=ReplyState.UNKNOWN, next_try_at=now, error="the sender stopped before the network answered"
    )
    lost = Reply.objects.filter(state=ReplyState.UNKNOWN, next_try_at__lte=now).values_list("pk", flat=True)[:AT_ONCE]
    _each(ask, list(lost))
    return len(lost)


def deliver(reply_id: int) -> None:
    """Call the network for a reply in `sending`, and write down what it said."""
    reply = _read(reply_id)
    if reply.state != ReplyState.SENDING or freeze.holds() or reply.conversation.origin != Origin.LIVE:
        return
    try:
        published = networks.get(reply.source.network).publish(sources.account(reply.source), _outgoing(reply))
    except NetworkError as error:
        _failed(reply_id, error)
    except (sources.UnreadableSecrets, networks.UnknownNetwork) as error:
        _failed(reply_id, NetworkError(str(error), "give_up"))
    else:
        confirm(reply_id, published)


def ask(reply_id: int) -> None:
    """Ask the network whether a reply went out; send it again only where that cannot double it."""
    reply = _read(reply_id)
    if reply.state != ReplyState.UNKNOWN:
        return
    network = networks.get(reply.source.network)
    try:
        published = network.reconcile(sources.account(reply.source), str(reply.client_key), _outgoing(reply))
    except NetworkError as error:
        _still_unknown(reply_id, error)
        return
    if published is not None:
        confirm(reply_id, published)
    elif network.capabilities.resend == "never":
        _still_unknown(reply_id, NetworkError("the network cannot say whether it was sent", "unknown"))
    else:
        with transaction.atomic():
            fresh = Reply.objects.select_for_update().get(pk=reply_id)
            if fresh.state != ReplyState.UNKNOWN:
                return
            fresh.state, fresh.next_try_at = ReplyState.SENDING, timezone.now()
            fresh.save(update_fields=["state", "next_try_at"])


def confirm(reply_id: int, published: Published) -> None:
    """The network has it: from now on it is sent, and the customer's clock stops."""
    now = timezone.now()
    with transaction.atomic():
        reply, conversation = _locked(reply_id)
        if reply.state not in (ReplyState.SENDING, ReplyState.UNKNOWN):
            return
        at = min(published.at, now)
        reply.state, reply.sent_at = ReplyState.SENT, at
        reply.external_id, reply.url = published.external_id, posts.web_address(published.url) or ""
        reply.next_try_at, reply.error = None, ""
        reply.save()
        team = reply.case.team_id if reply.case else None
        stretch = stretches.answer(conversation, reply_id=reply.pk, team_id=team, at=at)
        conversation.reply_count += 1
        conversation.first_replied_at = conversation.first_replied_at or at
        conversation.version += 1
        conversation.save()
        seconds = stretch.seconds if stretch else None
        replies.tell("reply.sent", reply, by_person(reply.author), at, seconds=seconds, version=conversation.version)


def retract(reply: Reply, *, by: User, now: datetime | None = None) -> Reply:
    """Take a sent reply back from its network. Raises `Refused` with the network's reason."""
    access.require(by, "work cases")
    reply = _read(reply.pk)
    network = networks.get(reply.source.network)
    if reply.state != ReplyState.SENT or not network.capabilities.retract:
        raise Refused(_("This reply cannot be retracted."))
    try:
        network.retract(sources.account(reply.source), reply.external_id)
    except NetworkError as error:
        raise Refused(_("The network did not retract it: %(why)s") % {"why": error.message}) from error
    moment = now or timezone.now()
    with transaction.atomic():
        reply, conversation = _locked(reply.pk)
        if reply.state == ReplyState.SENT:
            reply.state, reply.retracted_at = ReplyState.RETRACTED, moment
            reply.save()
            conversation.version += 1
            conversation.save(update_fields=["version"])
            replies.tell("reply.retracted", reply, by_person(by), moment, version=conversation.version)
    return reply


def retractable(reply: Reply) -> bool:
    """Whether the reply's network lets us take it back."""
    try:
        return networks.get(reply.source.network).capabilities.retract
    except networks.UnknownNetwork:
        return False


def resolve(reply: Reply, *, went_out: bool, by: User, now: datetime | None = None) -> Reply:
    """A person looked at the network and says what became of an unknown reply.

    `went_out` False makes it failed, so that its author can send it again knowingly; True counts it as
    sent at the time of the attempt, marked as a person's word.
    """
    access.require(by, "work cases")
    moment = now or timezone.now()
    if went_out:
        at = reply.sending_at or moment
        confirm(reply.pk, Published(f"seen-by-person:{reply.pk}", None, at))
        return _read(reply.pk)
    with transaction.atomic():
        reply, _conversation = _locked(reply.pk)
        if reply.state == ReplyState.UNKNOWN:
            reply.state, reply.next_try_at = ReplyState.FAILED, None
            reply.error = _("A person looked: it did not go out.")
            reply.save()
            replies.tell("reply.failed", reply, by_person(by), moment)
    return reply


def _leave(reply_id: int, now: datetime) -> bool:
    """Commit `sending`, or send the reply back to where it must go first."""
    with transaction.atomic():
        reply, conversation = _locked(reply_id)
        if reply.state != ReplyState.HELD or freeze.holds():
            return False
        if conversation.origin != Origin.LIVE:
            reply.state, reply.error = ReplyState.FAILED, _("This is an exercise: nothing leaves.")
            reply.save()
            replies.tell("reply.failed", reply, by_person(reply.author), now)
            return False
        changes = replies.changes_since(conversation, reply.seen_version, by=reply.author)
        if changes:
            replies.send_back(reply, _("The conversation changed before it left: read what is new."), now)
            _return_to_desk(conversation, reply, now)
            return False
        try:
            replies.address(conversation, reply.visibility)
        except Refused as refused:
            reply.state, reply.error = ReplyState.FAILED, str(refused)[:400]
            reply.save()
            replies.tell("reply.failed", reply, by_person(reply.author), now)
            return False
        to = replies.cleared(reply)
        if to == ReplyState.DRAFT:
            replies.send_back(reply, _("The guard blocks it under today's policy."), now)
            return False
        reply.state = to
        if to == ReplyState.SENDING:
            reply.sending_at, reply.next_try_at, reply.tries = now, None, reply.tries + 1
        reply.save()
        replies.tell("reply.sending" if to == ReplyState.SENDING else "reply.submitted", reply, NETWORK, now)
        return bool(to == ReplyState.SENDING)


def _take(reply_id: int, now: datetime) -> bool:
    """Make another attempt ours; False if somebody else just has, as a listener may that lost its lead unawares."""
    waiting = Reply.objects.filter(pk=reply_id, state=ReplyState.SENDING, next_try_at__lte=now)
    return waiting.update(next_try_at=None, sending_at=timezone.now()) == 1


def _return_to_desk(conversation: Conversation, reply: Reply, now: datetime) -> None:
    """A conversation that was closed on a reply that then could not leave is open again."""
    if conversation.state == State.CLOSED:
        cases.reopen(conversation.pk, by=reply.author, now=now)


def _failed(reply_id: int, error: NetworkError) -> None:
    """Write down what the network's refusal means for the reply."""
    now = timezone.now()
    with transaction.atomic():
        reply, _conversation = _locked(reply_id)
        if reply.state != ReplyState.SENDING:
            return
        reply.error = error.message[:400]
        if error.follow == "unknown":
            reply.state, reply.next_try_at = ReplyState.UNKNOWN, now + timedelta(seconds=2)
        elif error.follow == "retry" and reply.tries < TRIES:
            reply.next_try_at = max(error.retry_at or now, now + timedelta(seconds=_BACK_OFF_S[reply.tries - 1]))
            reply.tries += 1
        else:
            reply.state, reply.next_try_at = ReplyState.FAILED, None
        reply.save()
        kind = {ReplyState.FAILED: "reply.failed", ReplyState.UNKNOWN: "reply.unknown"}.get(ReplyState(reply.state))
        replies.tell(kind or "reply.delayed", reply, NETWORK, now, follow=error.follow)


def _still_unknown(reply_id: int, error: NetworkError) -> None:
    """Ask again later, or leave it to a person if the network will never tell."""
    with transaction.atomic():
        reply, _conversation = _locked(reply_id)
        if reply.state != ReplyState.UNKNOWN:
            return
        reply.error = error.message[:400]
        later = error.retry_at or timezone.now() + timedelta(seconds=15)
        reply.next_try_at = later if error.follow == "retry" else None
        reply.save(update_fields=["error", "next_try_at"])


def _locked(reply_id: int) -> tuple[Reply, Conversation]:
    found = Reply.objects.values_list("conversation_id", flat=True).get(pk=reply_id)
    conversation = (
        Conversation.objects.select_for_update(of=("self",)).select_related("source", "author", "queue").get(pk=found)
    )
    reply = (
        Reply.objects.select_for_update(of=("self",))
        .select_related("author", "source", "target", "case")
        .get(pk=reply_id)
    )
    reply.conversation = conversation
    return reply, conversation


def _read(reply_id: int) -> Reply:
    return Reply.objects.select_related("source", "target__author", "conversation__author").get(pk=reply_id)


def _outgoing(reply: Reply) -> Outgoing:
    return Outgoing(
        text=reply.text,
        visibility="public" if reply.visibility == "public" else "private",
        client_key=str(reply.client_key),
        in_reply_to=reply.target.external_id,
        recipient_id=reply.conversation.author.external_id,
        attempted_at=reply.sending_at,
    )


def _each(work: Callable[[int], None], ids: list[int]) -> None:
    """Do it for all side by side, so that one slow network holds up nobody's reply on another."""
    if len(ids) <= 1:
        for pk in ids:
            work(pk)
        return
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        list(pool.map(lambda pk: _in_thread(work, pk), ids))


def _in_thread(work: Callable[[int], None], pk: int) -> None:
    try:
        work(pk)
    except Exception:
        log.exception("a reply could not be handled", extra={"reply": pk})
    finally:
        connection.close()
