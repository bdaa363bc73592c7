"""What a network's answer means for a reply, or for a post of our own, written down.

Sent, failed, nobody knows, or surely not gone and so in hand again. `agents.outbox` asks the networks; their word may
also come by an echo (`agents.foreign`), or from a person who looked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, replies, returns, stretches
from agents.models import Reply, ReplyState, User
from mentions import posts
from mentions.events import NETWORK, Actor
from mentions.models import Conversation
from mentions.networks import AnsweredBefore, NetworkError, Published

log = logging.getLogger(__name__)

TRIES = 6
CALLED = (ReplyState.SENDING, ReplyState.UNKNOWN)
# What stands for the network's identifier where only a person saw that it went out; the reply's key follows.
SEEN_BY_PERSON = "seen-by-person:"
# A customer waits meanwhile, and a person can look.
ASKED_FOR = timedelta(hours=1)
_ASKED_EVERY = timedelta(seconds=15)
_ANSWERS_KEPT = 20
_BACK_OFF_S = (2, 10, 30, 120, 300, 600)


def confirm(reply_id: int, published: Published, *, now: datetime | None = None) -> None:
    """The network has it, by its own word: from now on it is sent, and the clock of what it answers stops.

    That may be heard late: of what failed here, or is on its way once more.
    """
    _surely(lambda: _confirm(reply_id, published, now or timezone.now()))


def _confirm(reply_id: int, published: Published, now: datetime, *, seen_by: User | None = None) -> None:
    said: dict[str, Any] = {"heard_at": now.isoformat()} | ({"seen_by": seen_by.pk} if seen_by else {})
    with transaction.atomic():
        reply, conversation = locked(reply_id)
        after_all = reply.state not in CALLED
        if ReplyState.SENT not in replies.MOVES[reply.state] or (after_all and reply.sending_at is None):
            return
        at = min(published.at, now)
        replies.move(reply, ReplyState.SENT)
        reply.sent_at = at
        reply.external_id, reply.url = published.external_id, posts.web_address(published.url) or ""
        reply.next_try_at, reply.error, reply.returned_reason = None, "", ""
        keep_answer(reply, now, follow="sent", external_id=published.external_id, **published.answer)
        if after_all and reply.once:
            reply.once = _only_one(reply, now)
        reply.save()
        if conversation is None:
            replies.tell("reply.sent", reply, Actor.person(reply.author.pk), at, **said)
            return
        stretch = stretches.answer(
            conversation,
            reply_id=reply.pk,
            team_id=reply.case.team_id if reply.case else None,
            at=at,
            since=reply.submitted_at,
            unseen=_unseen(reply),
            now=now,
        )
        conversation.reply_count += 1
        conversation.first_replied_at = conversation.first_replied_at or at
        conversation.version += 1
        conversation.save()
        said |= {"seconds": stretch.seconds if stretch else None, "version": conversation.version}
        replies.tell("reply.sent", reply, Actor.person(reply.author.pk), at, **said)
        if after_all:
            _call_off(conversation, reply, now)


def _unseen(reply: Reply) -> frozenset[int]:
    """The mentions (ids) that came into its conversation after the reply was written, so that it answers none of them.

    What another reply has answered meanwhile is not among them. By the order of the events, which the conversation's
    lock gives them: clocks are too close to each other for that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mention_id FROM mentions_event WHERE conversation_id = %(place)s AND kind = ANY(%(came)s) "
            "AND data->>'did' IS DISTINCT FROM 'nodded' "
            "AND id > (SELECT max(id) FROM mentions_event WHERE conversation_id = %(place)s AND reply_id = %(reply)s "
            "AND kind = ANY(%(read)s)) AND id > coalesce((SELECT max(e.id) FROM mentions_event e "
            "JOIN agents_reply r ON r.id = e.reply_id WHERE e.conversation_id = %(place)s AND r.id <> %(reply)s "
            "AND r.state = ANY(%(sent)s) AND e.kind = ANY(%(read)s)), 0)",
            {
                "place": reply.conversation_id,
                "reply": reply.pk,
                "came": ["mention.received", "mention.adopted"],
                "read": ["reply.held", "reply.submitted", "reply.sending"],
                "sent": [ReplyState.SENT, ReplyState.RETRACTED],
            },
        )
        return frozenset(mention for (mention,) in cursor.fetchall())


def resolve(reply: Reply, *, went_out: bool, by: User, now: datetime | None = None) -> Reply:
    """A person looked at the network and says what became of an unknown reply.

    `went_out` False makes it failed, so that its author can send it again knowingly; True counts it as
    sent at the time of the attempt, marked as a person's word: the event names who gave it.
    """
    require(by, reply)
    moment = now or timezone.now()
    with transaction.atomic():
        reply, conversation = locked(reply.pk)
        if reply.state != ReplyState.UNKNOWN:
            return reply
        if went_out:
            seen = Published(f"{SEEN_BY_PERSON}{reply.pk}", None, reply.sending_at or moment)
            _confirm(reply.pk, seen, moment, seen_by=by)
            return Reply.objects.get(pk=reply.pk)
        replies.move(reply, ReplyState.FAILED)
        reply.next_try_at, reply.error = None, _("A person looked: it did not go out.")
        reply.save()
        replies.tell("reply.failed", reply, Actor.person(by.pk), moment)
        returns.to_desk(conversation, moment)
    return reply


def failed(asked: Reply, error: NetworkError, wait_until: datetime | None = None) -> None:
    """Write down what the network's refusal means for the reply; nobody calls before `wait_until`."""
    _surely(lambda: _failed(asked, error, wait_until))


def _failed(asked: Reply, error: NetworkError, wait_until: datetime | None) -> None:
    now = timezone.now()
    with transaction.atomic():
        reply, conversation = locked(asked.pk)
        if not _same_attempt(reply, asked):
            return
        reply.error = error.message[:400]
        if error.follow == "unknown":
            replies.move(reply, ReplyState.UNKNOWN)
            reply.next_try_at = now + timedelta(seconds=2)
        elif error.follow == "retry" and reply.tries < TRIES:
            # It did not happen: it is in hand again, and when its time comes everything is looked at again.
            replies.move(reply, ReplyState.HELD)
            pause = timedelta(seconds=_BACK_OFF_S[max(reply.tries, 1) - 1])
            reply.held_until = max(wait_until or error.retry_at or now, now + pause)
            # Having its turn later is no failed attempt: a hundred answers may wait for a limit of fifteen.
            reply.tries -= error.holds == "kind" and reply.tries > 0
        else:
            replies.move(reply, ReplyState.FAILED)
        answered = {"answered": True} if isinstance(error, AnsweredBefore) else {}
        keep_answer(reply, now, follow=error.follow, message=error.message[:400], **answered)
        reply.save()
        kind = {ReplyState.FAILED: "reply.failed", ReplyState.UNKNOWN: "reply.unknown"}.get(ReplyState(reply.state))
        replies.tell(kind or "reply.delayed", reply, NETWORK, now, follow=error.follow)
        if reply.state == ReplyState.FAILED:
            returns.to_desk(conversation, now)


def orphaned(asked: Reply, now: datetime) -> None:
    """Its sender stopped before the network answered: the network is asked at once."""
    with transaction.atomic():
        reply, _conversation = locked(asked.pk)
        if not _same_attempt(reply, asked):
            return
        replies.move(reply, ReplyState.UNKNOWN)
        reply.next_try_at, reply.error = now, _("the sender stopped before the network answered")
        keep_answer(reply, now, follow="unknown", message=reply.error)
        reply.save()
        replies.tell("reply.unknown", reply, NETWORK, now)


def back_in_hand(asked: Reply) -> None:
    """It surely has not left: it waits again, can be undone, and everything is looked at before it leaves."""
    _surely(lambda: _back_in_hand(asked))


def _back_in_hand(asked: Reply) -> None:
    now = timezone.now()
    with transaction.atomic():
        reply, _conversation = locked(asked.pk)
        if not _same_attempt(reply, asked):
            return
        if reply.state == ReplyState.SENDING:  # it was stopped before it could be taken: no attempt
            reply.tries = max(0, reply.tries - 1)
        elif reply.tries >= TRIES:
            refuse(reply, _("The network gave no answer and does not have it, several times."), now)
            return
        replies.move(reply, ReplyState.HELD)
        reply.held_until, reply.next_try_at = now, None
        reply.save()
        replies.tell("reply.delayed", reply, NETWORK, now)


def still_unknown(asked: Reply, error: NetworkError) -> None:
    """Ask again later and ever less often; leave it to a person if the network will not tell, or not within an hour."""
    with transaction.atomic():
        reply, conversation = locked(asked.pk)
        if not _same_attempt(reply, asked):
            return
        now = timezone.now()
        reply.error = error.message[:400]
        reply.next_try_at = _asked_again_at(reply, error, now)
        reply.save(update_fields=["error", "next_try_at"])
        if reply.next_try_at is None:  # only who opens the conversation is asked what became of it
            returns.to_desk(conversation, now)


def _asked_again_at(reply: Reply, error: NetworkError, now: datetime) -> datetime | None:
    """When its network is asked next what became of it; None: a person has to look."""
    told = [datetime.fromisoformat(one["at"]) for one in reply.answers if one.get("follow") == "unknown"]
    waited = now - (told[-1] if told else reply.sending_at or now)
    if error.follow != "retry" or waited > ASKED_FOR:
        return None
    return max(error.retry_at or now, now + max(_ASKED_EVERY, waited / 4))


def _same_attempt(reply: Reply, asked: Reply) -> bool:
    """Whether it stands as it did when the network was asked; else the answer is about an attempt that is past."""
    return (reply.state, reply.sending_at) == (asked.state, asked.sending_at)


def refuse(reply: Reply, why: str, now: datetime) -> None:
    """It cannot leave, and a person decides what becomes of it."""
    replies.move(reply, ReplyState.FAILED)
    reply.error = why[:400]
    reply.save()
    replies.tell("reply.failed", reply, Actor.person(reply.author.pk), now)
    returns.to_desk(reply.conversation, now)


def _call_off(conversation: Conversation, sent: Reply, now: datetime) -> None:
    """What somebody sends once more because it had failed does not leave when it turns out to have gone."""
    in_hand = Reply.objects.filter(conversation=conversation, state__in=(ReplyState.AWAITING_APPROVAL, ReplyState.HELD))
    for other in in_hand.exclude(pk=sent.pk).select_related("author", "source", "target", "case"):
        other.conversation = conversation
        if other.text.split() == sent.text.split():
            replies.send_back(other, _("The same words went out before, after all."), now)


def _only_one(sent: Reply, now: datetime) -> bool:
    """Whether it is the one private answer that its network allowed: no other leaves then.

    False where another was called for as well: that both went is the network's word, whatever its rule says.
    """
    others = Reply.objects.filter(target=sent.target_id, once=True).exclude(pk=sent.pk)
    in_hand = others.filter(state__in=(ReplyState.AWAITING_APPROVAL, ReplyState.HELD))
    for other in in_hand.select_related("author", "source", "target", "case"):
        other.conversation = sent.conversation
        replies.send_back(
            other, _("The one private message that the network takes here went out before, after all."), now
        )
    return not others.filter(state__in=(*CALLED, ReplyState.SENT, ReplyState.RETRACTED)).exists()


def keep_answer(reply: Reply, now: datetime, **told: Any) -> None:
    """What the network said to an attempt stays with the reply; of very many attempts, the last ones.

    That it may have gone, or was left behind, is asked ever after and is not pushed out by a network that is busy.
    """
    said = [*reply.answers, {"at": now.isoformat(), **told}]
    stays = [one for one in said[:-_ANSWERS_KEPT] if one.get("follow") in ("unknown", "left")]
    reply.answers = [*stays[-2:], *said[-_ANSWERS_KEPT:]]


def locked(reply_id: int) -> tuple[Reply, Conversation | None]:
    """A reply behind the lock of its conversation; a post of our own has none."""
    reply = replies.again(Reply.objects.only("conversation_id").get(pk=reply_id))
    return reply, reply.conversation


def require(by: User, reply: Reply) -> None:
    """Raises `PermissionDenied` unless the person's role allows touching what leaves here."""
    access.require(by, "work cases" if reply.conversation_id is not None else "write posts")


def _surely(write: Callable[[], None]) -> None:
    """What a network said is not lost to the trouble of a moment: a lock in the way, a connection that broke."""
    for pause_s in (0.1, 0.5, None):
        try:
            write()
        except OperationalError:
            if pause_s is None or connection.in_atomic_block:
                raise
            log.warning("what a network said is written down once more", exc_info=True)
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause_s)
        else:
            return
