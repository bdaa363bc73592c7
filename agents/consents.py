"""Two authors on two networks are two people to us, until the customer says that they are one.

Who heard that, when and how is kept, as an event too, and can be taken back; nothing is guessed from names or faces.
From then on each author's page shows what both wrote. Conversations, queues and clocks stay as they are.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.cases import Refused
from agents.models import Consent, User
from mentions import events, scrub
from mentions.events import Actor
from mentions.models import Conversation, Origin


def record(
    conversation: Conversation, other: Conversation, *, how: str, note: str = "", by: User, now: datetime | None = None
) -> Consent:
    """The customer agreed that whoever writes in both is one person. Raises `Refused`."""
    access.require(by, "work cases")
    if how not in Consent.How.values:
        raise Refused(_("Say how they agreed to it."))
    if conversation.author.network == other.author.network:
        raise Refused(_("That is somebody on the same network; choose a conversation on another one."))
    if not conversation.origin == other.origin == Origin.LIVE:
        raise Refused(_("An exercise is kept apart from real customers."))
    one, two = sorted((conversation.author_id, other.author_id))
    moment = now or timezone.now()
    try:
        with transaction.atomic():
            consent = Consent.objects.create(
                one_id=one,
                other_id=two,
                how=how,
                note=scrub.typed(note, 300),
                conversation=conversation,
                given_at=moment,
                recorded_by=by,
            )
            _tell("author.joined", consent, [conversation, other], by, moment)
    except IntegrityError:
        raise Refused(_("They are known as one person already.")) from None
    return consent


def undo(consent: Consent, conversation: Conversation, *, by: User, now: datetime | None = None) -> None:
    """They are two again: the customer took it back, or it was recorded by mistake. Raises `Refused`."""
    access.require(by, "work cases")
    moment = now or timezone.now()
    with transaction.atomic():
        standing = Consent.objects.filter(pk=consent.pk, undone_at=None)
        if not standing.update(undone_at=moment, undone_by=by):
            raise Refused(_("That was taken back already."))
        _tell("author.parted", consent, [conversation], by, moment)


def of(author_id: int) -> QuerySet[Consent]:
    """The consents that stand and name this author, newest first."""
    about = Consent.objects.filter(Q(one=author_id) | Q(other=author_id), undone_at=None)
    return about.select_related("one", "other", "recorded_by").order_by("-given_at", "-pk")


def same_person(author_id: int) -> set[int]:
    """The authors who are one person with this one, by any number of consents; without any only itself."""
    known, fresh = {author_id}, {author_id}
    while fresh:
        pairs = Consent.objects.filter(Q(one__in=fresh) | Q(other__in=fresh), undone_at=None).values_list(
            "one", "other"
        )
        fresh = {own for pair in pairs for own in pair} - known
        known |= fresh
    return known


def _tell(kind: str, consent: Consent, places: list[Conversation], by: User, now: datetime) -> None:
    for place in places:
        events.record(
            kind,
            at=now,
            by=Actor.person(by.pk),
            origin=place.origin,
            conversation_id=place.pk,
            queue_id=place.queue_id,
            data={"consent": consent.pk, "how": str(consent.how), "authors": [consent.one_id, consent.other_id]},
        )
