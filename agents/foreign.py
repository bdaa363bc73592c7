"""What our own accounts published, against what left from here: whatever nobody here sent is told within a minute.

Run by the listener. A post is ours if a reply has its identifier. An echo may be quicker than the answer to our own
call, so while something of ours is under way on that account, the comparison waits a little; and a reply whose fate
was unknown is settled by its own echo.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, amendment_outbox, outcomes, undelivered
from agents.cases import Refused
from agents.models import Amendment, Reply, ReplyState, User
from mentions import events, scrub
from mentions.events import SYSTEM, Actor
from mentions.models import Gap, OwnPost, Visibility
from mentions.networks import Published

log = logging.getLogger(__name__)

GRACE: Final = timedelta(seconds=20)
# What a reply says may be told again a little changed: by handles before it, by spaces, by shortened addresses.
_LEADING: Final = re.compile(r"^(?:@[\w.@-]+\s+)+")
_ADDRESS: Final = re.compile(r"https?://\S+")
_SPACES: Final = re.compile(r"\s+")
_AT_ONCE: Final = 200
_CANDIDATES: Final = 200
_LATEST: Final = timedelta(days=7)
_CLOCKS: Final = timedelta(minutes=5)
_UNDER_WAY: Final = (ReplyState.SENDING, ReplyState.UNKNOWN)
_IN_HAND: Final = (ReplyState.DRAFT, ReplyState.AWAITING_APPROVAL, ReplyState.HELD)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an own post is. `reply_id` is the reply that it is, or that it settles; `change_id` a change it shows."""

    verdict: Literal["ours", "earlier", "foreign", "wait", "settles"]
    reason: str
    reply_id: int | None = None
    change_id: int | None = None


def compare_new() -> bool:
    """Compare what was heard of our own accounts; True if more is waiting."""
    now = timezone.now()
    waiting = list(
        OwnPost.objects.filter(verdict=OwnPost.Verdict.NEW).select_related("source").order_by("pk")[:_AT_ONCE]
    )
    decided = [_decided(post, now) for post in waiting]
    return len(waiting) == _AT_ONCE and any(decided)


def judge(post: OwnPost, now: datetime) -> Judgement:
    """What this post is, as far as it can be told now."""
    # A store has one response a review, so a later one of ours goes by the same name.
    same = Reply.objects.filter(source__network=post.network, external_id=post.external_id).order_by("-pk").first()
    if same is not None:
        reworded = post.edited_at is not None and post.deleted_at is None
        if reworded and (change := _asked_for(same, post)) is not None:
            return Judgement("ours", "it says what it was to say by a change of ours", same.pk, change.pk)
        if reworded and not said(same.text, post.text):
            if now - post.compare_from < GRACE:
                return Judgement("wait", "its new words may be ours", same.pk)
            return Judgement("foreign", "it was sent from here and changed elsewhere", same.pk)
        return Judgement("ours", "a reply of this identifier was sent from here", same.pk)
    under_way = _of_account(post).filter(state__in=_UNDER_WAY)
    if (keyed := _of_key(post)) is not None:
        # Its author may have other words in hand by now; what its network was called for says what went out.
        settles = keyed.state in (*_UNDER_WAY, ReplyState.FAILED) or (
            keyed.state in _IN_HAND and keyed.sending_at is not None and said(keyed.text, post.text)
        )
        return Judgement(
            "settles" if settles and not post.refused else "ours",
            "it bears the key of a reply that was sent from here",
            keyed.pk,
        )
    fresh = now - post.compare_from < GRACE
    leaving = _of_account(post).filter(state=ReplyState.SENDING).select_related("target", "conversation")
    if fresh and any(_is(post, reply) is not False for reply in leaving):
        return Judgement("wait", "a reply that says just this is leaving")
    if (told := _by_its_words(post)) is not None:
        return told
    if fresh and under_way.exists():
        return Judgement("wait", "a reply of ours is under way and may be this")
    asked = Gap.objects.filter(source=post.source, reason=Gap.Reason.ASKED, started_at__lte=post.network_at)
    if post.network_at < post.source.created_at and asked.filter(ended_at__gte=post.network_at).exists():
        return Judgement("earlier", "it is older than the connection and came by a back-fill")
    return Judgement("foreign", "nothing of this identifier was sent from here")


def explain(post: OwnPost, *, why: str, by: User, now: datetime | None = None) -> None:
    """A person knows where a foreign post comes from, and says it. Raises `Refused`."""
    access.require(by, "freeze sending")
    moment = now or timezone.now()
    words = scrub.typed(why, 300)
    if not words:
        raise Refused(_("Say where it comes from; others will ask."))
    with transaction.atomic():
        fresh = OwnPost.objects.select_for_update(of=("self",)).get(pk=post.pk)
        if fresh.verdict != OwnPost.Verdict.FOREIGN:
            raise Refused(_("This post is explained already."))
        fresh.verdict, fresh.explanation = OwnPost.Verdict.EXPLAINED, words
        fresh.explained_by, fresh.explained_at = by.pk, moment
        fresh.save()
        events.record(
            "source.foreign_explained",
            at=moment,
            by=Actor.person(by.pk),
            source_id=fresh.source_id,
            data={"own_post": fresh.pk},
        )


def unexplained() -> QuerySet[OwnPost]:
    """The posts under our name that nobody here wrote and nobody has explained, newest first."""
    return OwnPost.objects.filter(verdict=OwnPost.Verdict.FOREIGN).select_related("source").order_by("-pk")


def said(ours: str, theirs: str) -> bool:
    """Whether a network's text is one of ours, as it may tell it."""
    return _plain(ours) == _plain(theirs)


def _decided(post: OwnPost, now: datetime) -> bool:
    """`_decide`; one that cannot be judged keeps no other from being told."""
    try:
        return _decide(post, now)
    except Exception:
        log.exception("an own post could not be compared", extra={"own_post": post.pk})
        return False


def _decide(post: OwnPost, now: datetime) -> bool:
    judgement = judge(post, now)
    if judgement.verdict == "wait":
        return False
    if judgement.verdict == "settles" and judgement.reply_id is not None:
        _settle(post, judgement.reply_id)
    if post.refused and judgement.reply_id is not None:
        undelivered.note(judgement.reply_id, post.refused, now)
    elif post.reached and judgement.reply_id is not None:
        undelivered.got(judgement.reply_id, post.reached, now)
    if judgement.change_id is not None:
        amendment_outbox.confirm(judgement.change_id)
    verdict = OwnPost.Verdict.OURS if judgement.verdict == "settles" else OwnPost.Verdict(judgement.verdict)
    with transaction.atomic():
        new = OwnPost.objects.filter(pk=post.pk, verdict=OwnPost.Verdict.NEW, compare_from=post.compare_from)
        if new.update(verdict=verdict, reply_id=judgement.reply_id) and verdict == OwnPost.Verdict.FOREIGN:
            events.record(
                "source.foreign_post",
                at=now,
                by=SYSTEM,
                source_id=post.source_id,
                reply_id=judgement.reply_id,
                data={"own_post": post.pk, "visibility": post.visibility, "edited": post.edited_at is not None},
            )
    return True


def _settle(post: OwnPost, reply_id: int) -> None:
    """The echo is the network's word that the reply went out, and under which identifier."""
    seen = Reply.objects.filter(pk=reply_id, external_id__startswith=outcomes.SEEN_BY_PERSON)
    if not seen.update(external_id=post.external_id, url=post.url):
        outcomes.confirm(reply_id, Published(post.external_id, post.url or None, post.network_at))


def _asked_for(reply: Reply, post: OwnPost) -> Amendment | None:
    """The change of ours whose words the network shows and has not confirmed otherwise."""
    unconfirmed = (Amendment.State.SENDING, Amendment.State.FAILED)
    open_ones = reply.amendments.filter(kind=Amendment.Kind.WORDS, state__in=unconfirmed, tries__gt=0)
    newest = open_ones.order_by("-pk").first()
    return newest if newest is not None and said(newest.text, post.text) else None


def _of_account(post: OwnPost) -> QuerySet[Reply]:
    return Reply.objects.filter(
        Q(source=post.source) | Q(source__network=post.network, source__account_id=post.account_id)
    )


def _of_key(post: OwnPost) -> Reply | None:
    try:
        key = UUID(post.client_key)
    except ValueError:
        return None
    return _of_account(post).filter(client_key=key).first()


def _by_its_words(post: OwnPost) -> Judgement | None:
    """Which reply of unknown fate, or which was only seen by a person, says just this; None if none does.

    Standard answers say the same to very many: words alone settle only what nobody knows of yet, and that only where
    they mean no other. What its network surely did not take, it is not.
    """
    unsure = Q(state=ReplyState.UNKNOWN) | Q(external_id__startswith=outcomes.SEEN_BY_PERSON)
    given_up = Q(state__in=(ReplyState.FAILED, ReplyState.HELD), answers__contains=[{"follow": "unknown"}])
    called = _of_account(post).filter(
        unsure | given_up, sending_at__range=(post.network_at - _LATEST, post.network_at + _CLOCKS)
    )
    alike: list[Reply] = []
    for reply in called.select_related("target", "conversation").order_by("-sending_at")[:_CANDIDATES]:
        same = _is(post, reply)
        if same:
            return Judgement("settles", "a reply whose fate was unknown says just this there", reply.pk)
        if same is None and reply.state not in (ReplyState.FAILED, ReplyState.HELD):
            alike.append(reply)
    if len(alike) > 1:
        return Judgement("ours", "several replies whose fate is unknown say just this")
    return Judgement("settles", "a reply whose fate was unknown says just this", alike[0].pk) if alike else None


def _is(post: OwnPost, reply: Reply) -> bool | None:
    """Whether an echo is this reply: the same words in the same place; None where the network tells no place."""
    if post.visibility != reply.visibility or not said(reply.text, post.text):
        return False
    place = reply.conversation
    if place is None or post.in_reply_to is not None:
        return post.in_reply_to == (reply.target.external_id if reply.target is not None else None)
    if post.thread in (None, post.external_id) or place.thread_key is None or place.visibility != post.visibility:
        return None
    return post.thread == place.thread_key or (None if post.visibility == Visibility.PUBLIC else False)


def _plain(text: str) -> str:
    shown = _ADDRESS.sub("", _LEADING.sub("", scrub.scrub(text).text))
    return _SPACES.sub(" ", shown).strip().casefold()
