"""Whether a second person is another one: nobody lets themselves in once more and then agrees with themselves.

Whom one person alone let in (made them, gave them a role that decides over others, a way to a password or a program
that writes in their name) may be that person. For a day the two count as one, as do two whom the same person let in:
long enough for the others to see the event and who is new. Whoever was let in by two, or by whoever owns the machine,
counts at once, and so does everybody on the first day of an installation: one person sets it up and invites the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import User

COUNT_AS_ONE: Final = timedelta(days=1)


def let_in(user: User, *, by: User | None, now: datetime) -> None:
    """One person alone let somebody in; `by` None: two did, or the owner of the machine."""
    alone = by if by is not None and User.objects.filter(date_joined__lte=now - COUNT_AS_ONE).exists() else None
    user.let_in_by_id, user.let_in_at = (behind(alone, now), now) if alone is not None else (None, None)
    user.save(update_fields=["let_in_by", "let_in_at"])


def behind(user: User, now: datetime) -> int:
    """The person (id) whom this one counts as."""
    fresh = user.let_in_at is not None and now - user.let_in_at < COUNT_AS_ONE
    return user.let_in_by_id if fresh and user.let_in_by_id is not None else user.pk


def counting(now: datetime) -> Q:
    """Which people count for themselves."""
    return Q(let_in_at=None) | Q(let_in_at__lte=now - COUNT_AS_ONE)


def why_not(one: User, other: User, *, now: datetime | None = None) -> str | None:
    """Why they are not two persons, in a sentence; None if they are."""
    moment = now or timezone.now()
    if behind(one, moment) != behind(other, moment):
        return None
    return _(
        "One person alone let one or both of you in. For a day after that, somebody else has to be the second one."
    )
