"""One concern in several places: it is answered in one conversation, and the others are closed with a reference to it.

A conversation is a place on a network (source, author, visibility, thread), and its replies and clocks belong to that
place; so nothing is moved from one to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import cases, staleness
from agents.cases import Refused, Taken
from agents.models import Note, User
from mentions.events import Actor
from mentions.models import Conversation, State

DUPLICATE = "duplicate"


def join(
    others: Sequence[int],
    *,
    into: int,
    by: User,
    seen: Mapping[int, int | None] | None = None,
    now: datetime | None = None,
) -> list[Conversation]:
    """Close these, of the same author, as answered in `into`, which is the person's; what others hold stays theirs.

    Returns those that were joined. What their customer writes there later goes to whoever holds `into` then. Raises
    `Refused` if `into` is not theirs, or nothing can be joined, and `Stale` if one of them has changed since the
    version that the person had `seen`.
    """
    with transaction.atomic():
        # In one order, so that two who join the same ones never wait in a ring.
        list(Conversation.objects.select_for_update().filter(pk__in=[*others, into]).order_by("pk").values_list("pk"))
        target, _case = cases.owned(into, by)
        moment = now or timezone.now()
        if target.state == State.CLOSED:
            raise Refused(_("This conversation is closed; reopen it first."))
        joined = []
        for pk in sorted(set(others) - {into}):
            with staleness.seen(pk, (seen or {}).get(pk), by=by):
                joined += _joined(pk, target, by, moment)
        if not joined:
            raise Refused(_("None of these can be joined: a colleague has them, or they are closed."))
        numbers = ", ".join(found.number for found in joined)
        said = _("Answered here as well: %(numbers)s") % {"numbers": numbers}
        Note.objects.create(conversation=target, author=by, text=said, at=moment)
        told = {"joined": [found.pk for found in joined]}
        cases.tell("conversation.joined", target, Actor.person(by.pk), moment, case=_case, bump=False, **told)
    return joined


def _joined(pk: int, target: Conversation, by: User, now: datetime) -> list[Conversation]:
    """The one that was joined, or none."""
    try:
        other, case = cases.workable(pk, by)
    except Taken:
        return []
    mine = case is None or case.owner_id == by.pk
    if not mine or other.state == State.CLOSED or other.author_id != target.author_id or other.origin != target.origin:
        return []
    case = case or cases.open_case(other, by, now)
    other.answered_in = target
    cases.shut(other, DUPLICATE, now)
    cases.end(case, case.Outcome.CLOSED, now)
    said = _("Answered in %(number)s") % {"number": target.number}
    Note.objects.create(conversation=other, author=by, text=said, at=now)
    person = Actor.person(by.pk)
    cases.tell("conversation.closed", other, person, now, case=case, disposition=DUPLICATE, into=target.pk)
    return [other]
