"""Texts that agents may use as they are: written by one person, approved by another, good until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, apart, guard, scrutiny
from agents.models import Macro, Team, User
from mentions import editions, scrub
from mentions.editions import NotSaved
from mentions.models import Visibility

SUBJECT: Final = "text"
VARIABLES: Final = ("name", "first_name", "handle", "initials", "private_link")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text as a person wants it; no team is everybody's."""

    name: str
    text: str
    team: Team | None
    language: str = "en"
    visibility: str = Visibility.PUBLIC
    expires_at: datetime | None = None


def state(macro: Macro) -> dict[str, Any]:
    """A text as an edition keeps it."""
    return {
        "name": macro.name,
        "text": macro.text,
        "team": macro.team_id,
        "language": macro.language,
        "visibility": macro.visibility,
        "expires": macro.expires_at.isoformat() if macro.expires_at else None,
        "approved_by": macro.approved_by_id,
    }


def verdict(wanted: Wanted) -> guard.Verdict:
    """What the guard says of the text under its team's policy; under the rules as they come for everybody's."""
    policy = scrutiny.policy(wanted.team) if wanted.team else guard.GuardPolicy()
    visibility: guard.Visibility = "private" if wanted.visibility == Visibility.PRIVATE else "public"
    words = wanted.text
    for variable in VARIABLES:
        words = words.replace(f"{{{{ {variable} }}}}", "Sam")
    return guard.check(guard.Draft(text=words, visibility=visibility), policy)


def save(
    wanted: Wanted, *, by: User, macro: Macro | None = None, seen: int | None = None, now: datetime | None = None
) -> Macro:
    """Keep a text; until another person approves these words nobody is offered it. Raises `NotSaved`, `Stale`."""
    access.require(by, "write texts")
    moment = now or timezone.now()
    words, name = scrub.typed(wanted.text), scrub.typed(wanted.name, 80)
    if not name or not words:
        raise NotSaved(_("Give it a name and words."))
    found = verdict(wanted)
    if found.outcome == "block":
        said = ", ".join(f"“{finding.words}”" for finding in found.findings if finding.action == "block")
        raise NotSaved(_("The guard would stop it: %(words)s.") % {"words": said})
    with transaction.atomic():
        editions.lock(SUBJECT, macro.pk if macro else 0, seen=seen)
        row = Macro.objects.select_for_update(of=("self",)).get(pk=macro.pk) if macro else Macro()
        before = state(row) if macro else None
        row.name, row.text, row.team = name, words, wanted.team
        row.language, row.visibility, row.expires_at = wanted.language, wanted.visibility, wanted.expires_at
        if before is None or before != state(row):
            row.written_by, row.approved_by, row.approved_at = by, None, None
        row.save()
        what = "changed" if macro else "made"
        editions.keep(SUBJECT, row.pk, before=before, after=state(row), what=what, by=by.pk, now=moment)
    return row


def approve(macro: Macro, *, by: User, seen: int | None, now: datetime | None = None) -> None:
    """Let agents use it, as another person than its writer. Raises `NotSaved`, `Stale` for other words than seen."""
    access.require(by, "write texts")
    moment = now or timezone.now()
    with transaction.atomic():
        editions.lock(SUBJECT, macro.pk, seen=seen)
        row = Macro.objects.select_for_update(of=("self",)).get(pk=macro.pk)
        if row.written_by_id == by.pk:
            raise NotSaved(_("Another person has to approve what you wrote."))
        if row.written_by is not None and (one := apart.why_not(by, row.written_by, now=moment)) is not None:
            raise NotSaved(one)
        before = state(row)
        row.approved_by, row.approved_at = by, moment
        row.save(update_fields=["approved_by", "approved_at"])
        editions.keep(SUBJECT, row.pk, before=before, after=state(row), what="approved", by=by.pk, now=moment)


def withdraw(macro: Macro, *, by: User, now: datetime | None = None) -> None:
    """Offer it to nobody any more; it can be approved again."""
    access.require(by, "write texts")
    moment = now or timezone.now()
    with transaction.atomic():
        editions.lock(SUBJECT, macro.pk, seen=None)
        row = Macro.objects.select_for_update(of=("self",)).get(pk=macro.pk)
        before = state(row)
        row.approved_by, row.approved_at = None, None
        row.save(update_fields=["approved_by", "approved_at"])
        editions.keep(SUBJECT, row.pk, before=before, after=state(row), what="withdrawn", by=by.pk, now=moment)
