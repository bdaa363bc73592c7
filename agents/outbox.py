"""The last step of a reply, or of a post of our own: out to its network, once.

`sending` is committed before the network is called. What the network then says is written in a second
transaction; a process that dies in between leaves a reply in `sending`, and whoever comes next asks the
network before doing anything else. Run by the listener, one at a time behind its lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, addresses, cases, freeze, hold, originals, replies, scrutiny, staleness, stretches
from agents.cases import Refused, by_person
from agents.models import Reply, ReplyState, User
from mentions import networks, posts, sources
from mentions.events import NETWORK
from mentions.models import Conversation, Origin, State
from mentions.networks import NetworkError, Outgoing, Published
from mentions.sources import gate, quota

log = logging.getLogger(__name__)

AT_ONCE = 8
TRIES = 6
ORPHANED_AFTER = timedelta(seconds=60)
_ANSWERS_KEPT = 20
_BACK_OFF_S = (2, 10, 30, 120, 300, 600)


def send_due() -> int:
    """Send what has been held long enough and what may be tried again; returns how many were looked at."""
    if freeze.holds():
        return 0
    now = timezone.now()
    due = Reply.objects.filter(state=ReplyState.HELD, held_until__lte=now).values_list("pk", flat=True)
    leaving = [pk for pk in due.order_by("held_until")[:AT_ONCE] if _leave(pk, now)]
    again = Reply.objects.filter(state=ReplyState.SENDING, next_try_at__lte=now).values_list("pk", flat=True)
    each(deliver, [*leaving, *(pk for pk in again[:AT_ONCE] if _take(pk, now))])
    return len(leaving)


def settle() -> int:
    """Find out what became of replies whose sender died or got no answer; returns how many were asked about."""
    now = timezone.now()
    Reply.objects.filter(state=ReplyState.SENDING, next_try_at=None, sending_at__lte=now - ORPHANED_AFTER).update(
        state=ReplyState.UNKNOWN, next_try_at=now, error="the sender stopped before the network answered"
    )
    lost = Reply.objects.filter(state=ReplyState.UNKNOWN, next_try_at__lte=now).values_list("pk", flat=True)[:AT_ONCE]
    each(ask, list(lost))
    return len(lost)


def deliver(reply_id: int) -> None:
    """Call the network for a reply in `sending`, and write down what it said."""
    reply = read(reply_id)
    exercise = reply.conversation is not None and reply.conversation.origin != Origin.LIVE
    if reply.state != ReplyState.SENDING or freeze.holds() or exercise:
        return
    now = timezone.now()
    try:
        account = sources.ready(reply.source, now=now)
        with gate.calling(reply.source, _lane(reply), now=now):
            published = networks.get(reply.source.network).publish(account, _outgoing(reply))
    except NetworkError as error:
        _failed(reply_id, error, gate.failed(reply.source, error, now=now, kind=_kind(reply)))
        sources.noticed(reply.source, error, now=now)
    except (sources.UnreadableSecrets, networks.UnknownNetwork) as error:
        _failed(reply_id, NetworkError(str(error), "give_up"))
    else:
        gate.succeeded(reply.source_id)
        confirm(reply_id, published)


def ask(reply_id: int) -> None:
    """Ask the network whether a reply went out; send it again only where that cannot double it."""
    reply = read(reply_id)
    if reply.state != ReplyState.UNKNOWN:
        return
    network = networks.get(reply.source.network)
    now = timezone.now()
    try:
        account = sources.ready(reply.source, now=now)
        with gate.calling(reply.source, _lane(reply), now=now, taken=0):
            published = network.reconcile(account, str(reply.client_key), _outgoing(reply))
    except NetworkError as error:
        gate.failed(reply.source, error, now=now)
        sources.noticed(reply.source, error, now=now)
        _still_unknown(reply_id, error)
        return
    gate.succeeded(reply.source_id)
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
        reply, conversation = locked(reply_id)
        if reply.state not in (ReplyState.SENDING, ReplyState.UNKNOWN):
            return
        at = min(published.at, now)
        reply.state, reply.sent_at = ReplyState.SENT, at
        reply.external_id, reply.url = published.external_id, posts.web_address(published.url) or ""
        reply.next_try_at, reply.error = None, ""
        keep_answer(reply, now, follow="sent", external_id=published.external_id, **published.answer)
        reply.save()
        if conversation is None:
            replies.tell("reply.sent", reply, by_person(reply.author), at)
            return
        team = reply.case.team_id if reply.case else None
        stretch = stretches.answer(conversation, reply_id=reply.pk, team_id=team, at=at)
        conversation.reply_count += 1
        conversation.first_replied_at = conversation.first_replied_at or at
        conversation.version += 1
        conversation.save()
        seconds = stretch.seconds if stretch else None
        replies.tell("reply.sent", reply, by_person(reply.author), at, seconds=seconds, version=conversation.version)


def resolve(reply: Reply, *, went_out: bool, by: User, now: datetime | None = None) -> Reply:
    """A person looked at the network and says what became of an unknown reply.

    `went_out` False makes it failed, so that its author can send it again knowingly; True counts it as
    sent at the time of the attempt, marked as a person's word.
    """
    require(by, reply)
    moment = now or timezone.now()
    if went_out:
        at = reply.sending_at or moment
        confirm(reply.pk, Published(f"seen-by-person:{reply.pk}", None, at))
        return read(reply.pk)
    with transaction.atomic():
        reply, _conversation = locked(reply.pk)
        if reply.state == ReplyState.UNKNOWN:
            reply.state, reply.next_try_at = ReplyState.FAILED, None
            reply.error = _("A person looked: it did not go out.")
            reply.save()
            replies.tell("reply.failed", reply, by_person(by), moment)
    return reply


def _leave(reply_id: int, now: datetime) -> bool:
    """Commit `sending`, or send the reply back to where it must go first."""
    with transaction.atomic():
        reply, conversation = locked(reply_id)
        if reply.state != ReplyState.HELD or freeze.holds():
            return False
        if conversation is None:
            stands = originals.why_not_leaving(reply, now)
            if stands is not None:
                if stands.back:
                    replies.send_back(reply, stands.why, now)
                return False
        elif not _may_go(reply, conversation, now):
            return False
        try:
            if conversation is None:
                originals.address(reply.source)
            else:
                addresses.address(conversation, reply.visibility)
        except Refused as refused:
            reply.state, reply.error = ReplyState.FAILED, str(refused)[:400]
            reply.save()
            replies.tell("reply.failed", reply, by_person(reply.author), now)
            return False
        to = scrutiny.cleared(reply)
        if to == ReplyState.DRAFT:
            replies.send_back(reply, _("The guard blocks it under today's policy."), now)
            return False
        wait = gate.enter(reply.source, _lane(reply), now=now, kind=_kind(reply)) if to == ReplyState.SENDING else None
        if wait is not None:
            # It stays in hand: until it really leaves it can be undone, and everything is looked at again.
            Reply.objects.filter(pk=reply.pk).update(held_until=wait.until, error=wait.why[:400])
            return False
        reply.state, reply.error = to, ""
        if to == ReplyState.SENDING:
            reply.sending_at, reply.next_try_at, reply.tries = now, None, reply.tries + 1
        reply.save()
        replies.tell("reply.sending" if to == ReplyState.SENDING else "reply.submitted", reply, NETWORK, now)
        return bool(to == ReplyState.SENDING)


def _may_go(reply: Reply, conversation: Conversation, now: datetime) -> bool:
    """Whether an answer is no exercise and its customer has said nothing since; otherwise it goes where it must."""
    if conversation.origin != Origin.LIVE:
        reply.state, reply.error = ReplyState.FAILED, _("This is an exercise: nothing leaves.")
        reply.save()
        replies.tell("reply.failed", reply, by_person(reply.author), now)
        return False
    if staleness.changes_since(conversation, reply.seen_version, by=reply.author):
        replies.send_back(reply, _("The conversation changed before it left: read what is new."), now)
        _return_to_desk(conversation, reply, now)
        return False
    return True


@transaction.atomic
def _take(reply_id: int, now: datetime) -> bool:
    """Make another attempt ours; False if somebody else just has, as a listener may that lost its lead unawares.

    A post of our own that a hold stops meanwhile waits on.
    """
    waiting = Reply.objects.filter(pk=reply_id, state=ReplyState.SENDING, next_try_at__lte=now)
    reply = waiting.select_related("source", "original").first()
    if reply is None:
        return False
    if reply.conversation_id is None and hold.stops(reply.original.incident):
        return False
    if (wait := gate.enter(reply.source, _lane(reply), now=now, kind=_kind(reply))) is not None:
        waiting.update(next_try_at=wait.until, error=wait.why[:400])
        return False
    return waiting.update(next_try_at=None, sending_at=timezone.now()) == 1


def _return_to_desk(conversation: Conversation, reply: Reply, now: datetime) -> None:
    """A conversation that was closed on a reply that then could not leave is open again."""
    if conversation.state == State.CLOSED:
        cases.reopen(conversation.pk, by=reply.author, now=now)


def _failed(reply_id: int, error: NetworkError, wait_until: datetime | None = None) -> None:
    """Write down what the network's refusal means for the reply; nobody calls before `wait_until`."""
    now = timezone.now()
    with transaction.atomic():
        reply, _conversation = locked(reply_id)
        if reply.state != ReplyState.SENDING:
            return
        reply.error = error.message[:400]
        if error.follow == "unknown":
            reply.state, reply.next_try_at = ReplyState.UNKNOWN, now + timedelta(seconds=2)
        elif error.follow == "retry" and reply.tries < TRIES:
            pause = timedelta(seconds=_BACK_OFF_S[reply.tries - 1])
            reply.next_try_at = max(wait_until or error.retry_at or now, now + pause)
            # Having its turn later is no failed attempt: a hundred answers may wait for a limit of fifteen.
            reply.tries += error.holds != "kind"
        else:
            reply.state, reply.next_try_at = ReplyState.FAILED, None
        keep_answer(reply, now, follow=error.follow, message=error.message[:400])
        reply.save()
        kind = {ReplyState.FAILED: "reply.failed", ReplyState.UNKNOWN: "reply.unknown"}.get(ReplyState(reply.state))
        replies.tell(kind or "reply.delayed", reply, NETWORK, now, follow=error.follow)


def _still_unknown(reply_id: int, error: NetworkError) -> None:
    """Ask again later, or leave it to a person if the network will never tell."""
    with transaction.atomic():
        reply, _conversation = locked(reply_id)
        if reply.state != ReplyState.UNKNOWN:
            return
        reply.error = error.message[:400]
        later = error.retry_at or timezone.now() + timedelta(seconds=15)
        reply.next_try_at = later if error.follow == "retry" else None
        reply.save(update_fields=["error", "next_try_at"])


def _lane(reply: Reply) -> quota.Lane:
    return "replies" if reply.conversation_id is not None else originals.lane(reply)


def _kind(reply: Reply) -> str:
    """Networks keep limits of their own for what is said in private."""
    return f"publish-{reply.visibility}"


def keep_answer(reply: Reply, now: datetime, **told: Any) -> None:
    """What the network said to an attempt stays with the reply; of very many attempts, the last ones."""
    reply.answers = [*reply.answers, {"at": now.isoformat(), **told}][-_ANSWERS_KEPT:]


def locked(reply_id: int) -> tuple[Reply, Conversation | None]:
    """A reply behind the lock of its conversation; a post of our own has none."""
    reply = replies.again(Reply.objects.only("conversation_id").get(pk=reply_id))
    return reply, reply.conversation


def require(by: User, reply: Reply) -> None:
    """Raises `PermissionDenied` unless the person's role allows touching what leaves here."""
    access.require(by, "work cases" if reply.conversation_id is not None else "write posts")


def read(reply_id: int) -> Reply:
    """A reply with all that its network is told."""
    return Reply.objects.select_related(
        "source", "target__author", "conversation__author", "conversation__queue", "original__team__profile"
    ).get(pk=reply_id)


def _outgoing(reply: Reply) -> Outgoing:
    if reply.conversation is None or reply.target is None:
        return Outgoing(
            text=reply.text,
            visibility="public",
            client_key=str(reply.client_key),
            attempted_at=reply.sending_at,
            by_person=reply.original.token_id is None,
        )
    return Outgoing(
        text=reply.text,
        visibility="public" if reply.visibility == "public" else "private",
        client_key=str(reply.client_key),
        in_reply_to=reply.target.external_id,
        recipient_id=reply.conversation.author.external_id,
        recipient_handle=reply.conversation.author.handle,
        heard_at=reply.conversation.last_inbound_at,
        attempted_at=reply.sending_at,
    )


def each(work: Callable[[int], None], ids: list[int]) -> None:
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
