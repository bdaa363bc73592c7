"""What one person may not change alone: who decides over others, a way into their accounts, a weaker guard.

As soon as a house has two who can agree (administrators and compliance officers), such a change waits for the other
one. Whoever has left counts too, so that nobody becomes alone by sending the others away; whom one person alone let in
counts after a day (`agents.apart`).

What is agreed to may be a secret by which one is somebody else. Whoever agrees may also approve what others write, so
they never see it: whoever asked fetches it, once and within a day. A link into an account that decides over others is
fetched in halves, since whoever asked could be their own second person with it: it needs a code that only the other one
was shown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, apart
from agents.models import Proposal, Role, User
from mentions import events
from mentions.editions import NotSaved
from mentions.events import Actor

DECIDERS: Final = frozenset({Role.ADMINISTRATOR, Role.COMPLIANCE})

# Roles that decide over others. Whose word lets go what others wrote is among them: whoever could make or enter such
# an account alone would be the second person to their own words.
POWERFUL: Final = DECIDERS | access.ACTIONS["approve replies"] | access.ACTIONS["approve posts"]

# What an agreed change does, by kind; whoever owns the kind puts it here. It may return a code, shown once to whoever
# agrees, and leave the proposal `owed`.
APPLY: dict[str, Callable[[Proposal, User, datetime], str]] = {}

# What makes the secret that whoever asked fetches, by kind; "" where it went elsewhere meanwhile.
FETCH: dict[str, Callable[[Proposal, datetime], str]] = {}

_FETCHED_WITHIN: Final = timedelta(days=1)


def needed() -> bool:
    """Whether two have to agree: the house has, or has had, two who can."""
    return User.objects.filter(apart.counting(timezone.now()), role__in=DECIDERS).count() > 1


def ask(kind: str, subject: int, change: dict[str, Any], *, by: User, now: datetime | None = None) -> Proposal:
    """Write down what waits for a second person. Raises `NotSaved` if such a change waits already."""
    access.require(by, "set up")
    moment = now or timezone.now()
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(kind=kind, subject=subject, change=change, asked_by=by, asked_at=moment)
            _tell("asked", proposal, by, moment)
    except IntegrityError:
        raise NotSaved(_("Such a change waits for a second person already.")) from None
    return proposal


def waiting() -> QuerySet[Proposal]:
    """What nobody has decided yet, oldest first."""
    return Proposal.objects.filter(decided_at=None).select_related("asked_by").order_by("pk")


def owed_to(user: User, *, now: datetime | None = None) -> QuerySet[Proposal]:
    """What others agreed to and this person has to fetch, oldest first."""
    since = (now or timezone.now()) - _FETCHED_WITHIN
    found = Proposal.objects.filter(owed=True, approved=True, decided_at__gt=since, asked_by=user)
    return found.select_related("decided_by").order_by("pk")


def open_for(user: User) -> int:
    """How many changes wait for this person: for their word, or to be fetched."""
    if not access.may(user, "agree to changes"):
        return 0
    return Proposal.objects.filter(decided_at=None).exclude(asked_by=user).count() + owed_to(user).count()


def agree(pk: int, *, by: User, now: datetime | None = None) -> str:
    """Do what was asked, as its second person. Returns a code to be shown once, or "". Raises `NotSaved`."""
    access.require(by, "agree to changes")
    moment = now or timezone.now()
    with transaction.atomic():
        proposal = _open(pk)
        if proposal.asked_by_id == by.pk:
            raise NotSaved(_("Another person has to agree."))
        if (one := apart.why_not(by, proposal.asked_by, now=moment)) is not None:
            raise NotSaved(one)
        if not access.may(proposal.asked_by, "set up"):
            raise NotSaved(_("Whoever asked for it may not ask for it any more; refuse it."))
        if proposal.kind != Proposal.Kind.GUARD and proposal.subject == by.pk:
            raise NotSaved(_("It is about you, so somebody else has to agree."))
        shown = APPLY[proposal.kind](proposal, by, moment)
        _decide(proposal, by, moment, approved=True)
    return shown


def fetch(pk: int, *, by: User, now: datetime | None = None) -> str:
    """The secret that was agreed to, for whoever asked: shown once, "" if it was mailed. Raises `NotSaved`."""
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        proposal = owed_to(by, now=moment).select_for_update(of=("self",)).filter(pk=pk).first()
        if proposal is None:
            raise NotSaved(_("There is nothing to fetch any more."))
        secret = FETCH[proposal.kind](proposal, moment)
        proposal.owed = False
        proposal.save(update_fields=["owed"])
        _tell("fetched", proposal, by, moment)
    return secret


def refuse(pk: int, *, by: User, now: datetime | None = None) -> None:
    """Let it be: a second person refuses, or whoever asked takes it back. Raises `NotSaved`."""
    access.require(by, "agree to changes")
    moment = now or timezone.now()
    with transaction.atomic():
        _decide(_open(pk), by, moment, approved=False)


def _open(pk: int) -> Proposal:
    found = Proposal.objects.select_for_update(of=("self",)).select_related("asked_by").filter(pk=pk).first()
    if found is None or found.decided_at is not None:
        raise NotSaved(_("It has been decided already."))
    return found


def _decide(proposal: Proposal, by: User, now: datetime, *, approved: bool) -> None:
    proposal.decided_by, proposal.decided_at, proposal.approved = by, now, approved
    proposal.save(update_fields=["decided_by", "decided_at", "approved", "owed", "change"])
    _tell("agreed" if approved else "refused", proposal, by, now)


def _tell(what: str, proposal: Proposal, by: User, now: datetime) -> None:
    data = {"proposal": proposal.pk, "kind": proposal.kind, "subject": proposal.subject}
    events.record(f"proposal.{what}", at=now, by=Actor.person(by.pk), data=data)
