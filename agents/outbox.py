"""The last step of a reply, or of a post of our own: out to its network, once.

`sending` is committed before the network is called. What the network then says is written in a second
transaction; a process that dies in between leaves a reply in `sending`, and whoever comes next asks the
network before doing anything else. Run by the listener, one at a time behind its lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from agents import addresses, freeze, hold, originals, outcomes, pictures, replies, returns, scrutiny, staleness
from agents.cases import Refused
from agents.models import Reply, ReplyState
from mentions import http, networks, sources
from mentions.events import NETWORK
from mentions.models import Conversation, Origin, Source
from mentions.networks import NetworkError, Outgoing, Picture
from mentions.sources import gate, quota

log = logging.getLogger(__name__)

AT_ONCE = 8
OWN_AT_ONCE = 4
# All that a delivery asks of a network ends in this time, counted from the call: whatever is older lost its sender.
DELIVERED_WITHIN_S = 45.0
ORPHANED_AFTER = timedelta(seconds=60)
# What a network lists may be late, and its server may go on when nobody waits for it any more.
LISTED_WITHIN = timedelta(seconds=30)
_HANDLED_AGAIN = timedelta(seconds=5)
# One whose conversation is busy comes again: others that were let go in the same round wait for their call.
_BUSY_AFTER = "1s"


def send_due() -> int:
    """Send what has been held long enough; returns how many left."""
    if freeze.holds():
        return 0
    now = timezone.now()
    leaving = [pk for pk in _due(now) if _left(pk, now)]
    each(deliver, leaving)
    return len(leaving)


def settle() -> int:
    """Find out what became of replies whose sender died or got no answer; returns how many were asked about."""
    now = timezone.now()
    orphaned = Reply.objects.filter(state=ReplyState.SENDING, sending_at__lte=now - ORPHANED_AFTER)
    for reply in orphaned.order_by("sending_at", "pk")[:AT_ONCE]:
        outcomes.orphaned(reply, now)
    lost = Reply.objects.filter(state=ReplyState.UNKNOWN, next_try_at__lte=now).order_by("next_try_at", "pk")
    ids = list(lost.values_list("pk", flat=True)[:AT_ONCE])
    each(ask, ids)
    return len(ids)


def deliver(reply_id: int) -> None:
    """Call the network for a reply in `sending`, and write down what it said.

    The freeze is looked at before each request that may publish: the keys may have to be renewed first, and some
    networks take several.
    """
    now = timezone.now()
    # It was let go with others, and what they waited for is not its own time.
    Reply.objects.filter(pk=reply_id, state=ReplyState.SENDING).update(sending_at=now)
    reply = read(reply_id)
    exercise = reply.conversation is not None and reply.conversation.origin != Origin.LIVE
    if reply.state != ReplyState.SENDING or exercise:
        return
    try:
        with http.within(DELIVERED_WITHIN_S):
            account = sources.ready(reply.source, now=now)
            with gate.calling(reply.source, _lane(reply), now=now), http.unless(freeze.holds):
                outgoing = _outgoing(reply, pictures.to_leave(reply))
                published = networks.get(reply.source.network).publish(account, outgoing)
    except http.Stopped:
        outcomes.back_in_hand(reply)
    except NetworkError as error:
        outcomes.failed(reply, error, gate.failed(reply.source, error, now=now, kind=_kind(reply)))
        sources.noticed(reply.source, error, now=now)
    except (sources.UnreadableSecrets, networks.UnknownNetwork) as error:
        outcomes.failed(reply, NetworkError(str(error), "give_up"))
    except DatabaseError:
        raise
    except Exception as wrong:
        outcomes.failed(reply, stumbled(reply.source, wrong))
    else:
        gate.succeeded(reply.source_id)
        outcomes.confirm(reply_id, published)


def ask(reply_id: int) -> None:
    """Ask the network whether a reply went out; if it surely did not, it is in hand again."""
    reply = read(reply_id)
    if reply.state != ReplyState.UNKNOWN:
        return
    now = timezone.now()
    try:
        network = networks.get(reply.source.network)
        account = sources.ready(reply.source, now=now)
        with gate.calling(reply.source, _lane(reply), now=now, taken=0):
            published = network.reconcile(account, str(reply.client_key), _outgoing(reply))
    except NetworkError as error:
        gate.failed(reply.source, error, now=now)
        sources.noticed(reply.source, error, now=now)
        outcomes.still_unknown(reply, error)
        return
    except (sources.UnreadableSecrets, networks.UnknownNetwork) as error:
        outcomes.still_unknown(reply, NetworkError(str(error), "unknown"))
        return
    except DatabaseError:
        raise
    except Exception as wrong:
        outcomes.still_unknown(reply, stumbled(reply.source, wrong))
        return
    gate.succeeded(reply.source_id)
    if published is not None:
        outcomes.confirm(reply_id, published)
    elif network.capabilities.resend == "never":
        outcomes.still_unknown(reply, NetworkError(_("the network cannot say whether it was sent"), "unknown"))
    elif network.capabilities.resend == "search" and (listed := _listed_at(reply)) > now:
        outcomes.still_unknown(reply, NetworkError(_("the network may not list it yet"), "retry", listed))
    else:
        outcomes.back_in_hand(reply)


def stumbled(source: Source, wrong: Exception) -> NetworkError:
    """A connector failed over what it was given or answered: nobody knows how far it came, and no other waits for it.

    The log says which error and where; what stands in it may be a customer's words.
    """
    error = NetworkError(type(wrong).__name__, "unknown").with_traceback(wrong.__traceback__)
    log.error("a connector failed", exc_info=error, extra={"source": source.slug, "network": source.network})
    return error


def _due(now: datetime) -> list[int]:
    """What may leave, the longest due first: answers and posts of our own by themselves, so that a campaign or what a
    hold stops keeps no customer waiting.
    """
    due = Reply.objects.filter(state=ReplyState.HELD, held_until__lte=now).order_by("held_until", "pk")
    answers = due.filter(conversation__isnull=False)[:AT_ONCE]
    own = due.filter(hold.passing(), conversation=None)[:OWN_AT_ONCE]
    return [reply.pk for found in (answers, own) for reply in found.only("pk")]


def _left(reply_id: int, now: datetime) -> bool:
    """`_leave`, with whatever goes wrong kept to this one reply."""
    try:
        return _leave(reply_id, now)
    except Exception as wrong:
        if isinstance(wrong.__cause__, LockNotAvailable):
            log.info("a reply waits for its conversation, which is busy", extra={"reply": reply_id})
        else:
            log.exception("a reply could not be let go", extra={"reply": reply_id})
        with suppress(Exception):
            _set_aside(reply_id, wrong)
        return False


def _set_aside(reply_id: int, wrong: Exception) -> None:
    """Keep one that cannot be handled from being the first for ever. The database may work again in a moment."""
    now = timezone.now()
    with transaction.atomic():
        if isinstance(wrong, DatabaseError):
            # Whoever keeps its conversation busy may have the reply itself, and is not waited for a second time.
            free = Reply.objects.select_for_update(skip_locked=True).filter(pk=reply_id, state=ReplyState.HELD)
            Reply.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(held_until=now + _HANDLED_AGAIN)
            return
        reply, _conversation = outcomes.locked(reply_id)
        if reply.state != ReplyState.HELD:
            return
        told = str(wrong) if isinstance(wrong, PermissionDenied) else type(wrong).__name__
        outcomes.refuse(reply, _("It could not leave: %(reason)s") % {"reason": told}, now)


def _leave(reply_id: int, now: datetime) -> bool:
    """Commit `sending`, or send the reply back to where it must go first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_BUSY_AFTER])
        reply, conversation = outcomes.locked(reply_id)
        if reply.state != ReplyState.HELD or (reply.held_until or now) > now or freeze.holds():
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
            pictures.require_fit(reply.source, reply.visibility, pictures.of(reply))
        except Refused as refused:
            outcomes.refuse(reply, str(refused), now)
            return False
        to = scrutiny.cleared(reply)
        if to == ReplyState.DRAFT:
            replies.send_back(reply, _("The guard blocks it under today's policy."), now)
            returns.to_desk(conversation, now)
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
        outcomes.refuse(reply, _("This is an exercise: nothing leaves."), now)
        return False
    if staleness.changes_since(conversation, reply.seen_version, by=reply.author):
        replies.send_back(reply, _("The conversation changed before it left: read what is new."), now)
        returns.to_desk(conversation, now)
        return False
    return True


def _listed_at(reply: Reply) -> datetime:
    """From when on a network that lists our posts surely lists this one, if it took it."""
    began = reply.sending_at or reply.created_at
    gave_up = [datetime.fromisoformat(told["at"]) for told in reply.answers if told.get("follow") == "unknown"]
    longest = began + timedelta(seconds=http.TOTAL_S)
    return max(longest, *gave_up[-1:], began) + LISTED_WITHIN


def _lane(reply: Reply) -> quota.Lane:
    return "replies" if reply.conversation_id is not None else originals.lane(reply)


def _kind(reply: Reply) -> str:
    """Networks keep limits of their own for what is said in private."""
    return f"publish-{reply.visibility}"


def read(reply_id: int) -> Reply:
    """A reply with all that its network is told."""
    return Reply.objects.select_related(
        "source", "target__author", "conversation__author", "conversation__queue", "original__team__profile"
    ).get(pk=reply_id)


def _outgoing(reply: Reply, shown: tuple[Picture, ...] = ()) -> Outgoing:
    if reply.conversation is None or reply.target is None:
        return Outgoing(
            text=reply.text,
            visibility="public",
            client_key=str(reply.client_key),
            attempted_at=reply.sending_at,
            by_person=reply.original.token_id is None,
            pictures=shown,
        )
    return Outgoing(
        text=reply.text,
        visibility="public" if reply.visibility == "public" else "private",
        client_key=str(reply.client_key),
        in_reply_to=reply.target.external_id,
        recipient_id=reply.conversation.author.external_id,
        recipient_handle=reply.conversation.author.handle,
        heard_at=addresses.heard_at(reply.conversation, reply.target, reply.visibility),
        attempted_at=reply.sending_at,
        pictures=shown,
    )


def each(work: Callable[[int], None], ids: list[int]) -> None:
    """Do it for all side by side, so that one slow network holds up nobody's reply on another."""
    if len(ids) <= 1:
        for pk in ids:
            _apart(work, pk)
        return
    # None waits for a place while its time runs.
    with ThreadPoolExecutor(max_workers=len(ids)) as pool:
        list(pool.map(lambda pk: _in_thread(work, pk), ids))


def _in_thread(work: Callable[[int], None], pk: int) -> None:
    try:
        _apart(work, pk)
    finally:
        connection.close()


def _apart(work: Callable[[int], None], pk: int) -> None:
    try:
        work(pk)
    except Exception:
        log.exception("what leaves could not be handled", extra={"row": pk})
