"""People as administrators change them: who comes, what they may do, who leaves. Every change is an event.

Nobody is deleted, because work and events name them. Passwords are chosen by their owner behind a link that works once
and for a day; nobody else ever sees one.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents import access, apart, proposals, queueing, returns
from agents.models import Case, Proposal, Role, Site, Team, User
from mentions import editions, events, scrub
from mentions.editions import NotSaved
from mentions.events import SYSTEM, Actor

_SAFE: Final = "abcdefghijklmnopqrstuvwxyz0123456789.-_"


class LinkTokens(PasswordResetTokenGenerator):
    """Links to a new password: dead once used, a day old, or followed by a newer one.

    A token `12~...` is of proposal 12, and needs the code of that proposal too.
    """

    def __init__(self, proposal: str = "") -> None:
        super().__init__()
        self.key_salt = f"agents.staff.LinkTokens {proposal}"

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether it is one of theirs that still holds."""
        proposal, mark, rest = (token or "").rpartition("~")
        return super().check_token(user, rest) if not mark else LinkTokens(proposal).check_token(user, rest)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_era}{user.is_active}"


TOKENS: Final = LinkTokens()


def code_for(token: str) -> str | None:
    """The code that a link's token needs, or None if it needs none."""
    proposal, mark, _rest = token.rpartition("~")
    return _code(proposal) if mark else None


def _code(proposal: str) -> str:
    digest = salted_hmac("agents.staff.code", proposal, algorithm="sha256").digest()
    letters = base64.b32encode(digest).decode()
    return f"{letters[:5]}-{letters[5:10]}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person as an administrator wants them. `teams` and `site` are keys, `zone` "" is the site's."""

    first_name: str
    last_name: str
    email: str
    role: str
    teams: frozenset[int] = frozenset()
    site: int | None = None
    zone: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: a link to be passed on (shown once), that it was mailed, or what waits for a second person."""

    person: User
    link: str = ""
    mailed: bool = False
    proposal: Proposal | None = None


def state(user: User) -> dict[str, Any]:
    """A person's set-up; names and addresses stay out of events, so this is only ever compared."""
    return {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "role": user.role,
        "teams": sorted(user.teams.values_list("pk", flat=True)) if user.pk else [],
        "site": user.site_id,
        "zone": user.zone,
        "languages": list(user.languages),
        "active": user.is_active,
    }


def mark(user: User) -> str:
    """What a form carries to say which state it was made from."""
    return editions.digest(state(user))[:16]


def invite(username: str, wanted: Wanted, *, by: User, now: datetime | None = None) -> Outcome:
    """Make a person and a link to their first password. A role that decides over others waits for a second person.

    Raises `NotSaved`.
    """
    access.require(by, "set up")
    moment = now or timezone.now()
    name = scrub.typed(username).lower()
    if not name or set(name) - set(_SAFE) or len(name) > 60:
        raise NotSaved(_("A username is made of small letters, digits, dots and dashes."))
    _check(wanted)
    second = wanted.role in proposals.POWERFUL and proposals.needed()
    with transaction.atomic():
        editions.lock("person", seen=None)
        if User.objects.filter(username__iexact=name).exists():
            raise NotSaved(_("This username is taken."))
        user = User(username=name)
        user.set_unusable_password()
        _set(user, wanted, role=Role.AGENT if second else wanted.role, by=by, now=moment)
        _tell("person.invited", user, by, moment, role=user.role)
        if second:
            return Outcome(user, proposal=_ask(Proposal.Kind.ROLE, user, {"role": wanted.role}, by, moment))
        return _link(user, by, moment)


def change(user: User, wanted: Wanted, *, seen: str, by: User, now: datetime | None = None) -> Outcome:
    """Keep a person as they are wanted. Another role ends their sessions. Raises `NotSaved`.

    From and to a role that decides over others it takes two; what else was changed is kept at once.
    """
    access.require(by, "set up")
    moment = now or timezone.now()
    _check(wanted)
    with transaction.atomic():
        row = _locked(user)
        if mark(row) != seen:
            raise NotSaved(_("Somebody changed this person meanwhile. Look again, then decide."))
        before = state(row)
        role = wanted.role
        second = False
        if role != row.role:
            if row.pk == by.pk:
                raise NotSaved(_("Another administrator has to change your role."))
            _keep_an_administrator(row, role)
            second = proposals.needed() and bool(proposals.POWERFUL & {role, row.role})
        _set(row, wanted, role=row.role if second else role, by=by, now=moment)
        proposal = _ask(Proposal.Kind.ROLE, row, {"role": role}, by, moment) if second else None
        fields = [each.name for each in editions.differences(before, state(row))]
        if fields:
            about = {"role": row.role, "before": before["role"]} if "role" in fields else {}
            if "teams" in fields:
                about |= {"teams": state(row)["teams"], "teams_before": before["teams"]}
            if "role" in fields:
                _new_era(row)
                apart.let_in(row, by=by, now=moment)
            _tell("person.changed", row, by, moment, fields=fields, **about)
    return Outcome(row, proposal=proposal)


def leave(user: User, *, by: User, now: datetime | None = None) -> int:
    """Close the door at once: sessions end, links die, open work goes back to its queues. Returns how much did."""
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        row = _locked(user)
        if row.pk == by.pk:
            raise NotSaved(_("Another administrator has to do that."))
        if not row.is_active:
            return 0
        _keep_an_administrator(row, None)
        row.is_active = False
        row.save(update_fields=["is_active"])
        _new_era(row)
        held = list(Case.objects.filter(owner=row, ended_at=None).order_by("conversation").values_list("pk", flat=True))
        released = sum(returns.vacate(pk, by=Actor.person(by.pk), now=moment) for pk in held)
        _tell("person.left", row, by, moment, released=released)
    return released


def come_back(user: User, *, by: User, now: datetime | None = None) -> Proposal | None:
    """Open the door again; the password is the one they had.

    For somebody who decides over others it takes two, and they choose another password. Returns what waits, if so.
    """
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        row = _locked(user)
        if row.is_active:
            return None
        if row.role in proposals.POWERFUL and proposals.needed():
            return _ask(Proposal.Kind.LINK, row, {"return": True}, by, moment)
        _returned(row, by, moment)
    return None


def sign_out(user: User, *, by: User, now: datetime | None = None) -> None:
    """End every session of a person, on every device, within seconds."""
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        row = _locked(user)
        _new_era(row)
        _tell("person.signed_out", row, by, moment)


def new_link(user: User, *, by: User, now: datetime | None = None) -> Outcome:
    """A link to a new password; for somebody who decides over others it takes two. Ends their sessions."""
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        row = _locked(user)
        if not row.is_active:
            raise NotSaved(_("Reactivate this person first."))
        if row.pk == by.pk:
            raise NotSaved(_("You choose another password yourself, with the one you have, below your name."))
        if row.role in proposals.POWERFUL and proposals.needed():
            return Outcome(row, proposal=_ask(Proposal.Kind.LINK, row, {}, by, moment))
        return _link(row, by, moment)


def save_site(
    name: str, zone: str, calendar_id: int, *, by: User, site: Site | None = None, now: datetime | None = None
) -> Site:
    """Keep a site, new or as it is wanted from now on. Raises `NotSaved`."""
    access.require(by, "set up")
    moment = now or timezone.now()
    title = scrub.typed(name, 80)
    if zone not in available_timezones():
        raise NotSaved(_("There is no time zone “%(zone)s”.") % {"zone": zone})
    with transaction.atomic():
        editions.lock("site", site.pk if site else 0, seen=None)
        row = Site.objects.select_for_update().get(pk=site.pk) if site else Site()
        if not title or Site.objects.filter(name__iexact=title).exclude(pk=row.pk).exists():
            raise NotSaved(_("Give it a name that no other site has."))
        before = _site_state(row) if site else None
        if site is None:
            base = slugify(title)[:34] or "site"
            taken = Site.objects.filter(slug__startswith=base).count()
            row.slug = f"{base}-{taken + 1}" if taken else base
        row.name, row.zone, row.calendar_id = title, zone, calendar_id
        row.save()
        what = "changed" if site else "made"
        editions.keep("site", row.pk, before=before, after=_site_state(row), what=what, by=by.pk, now=moment)
    return row


def _site_state(site: Site) -> dict[str, Any]:
    return {"name": site.name, "zone": site.zone, "calendar": site.calendar_id}


def emergency_link(username: str, role: str | None, *, now: datetime | None = None) -> str:
    """A link for whoever owns the machine, made without the pages: for a person who exists, or a new one of a role."""
    moment = now or timezone.now()
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username).first()
        if user is None:
            if role is None:
                raise NotSaved(_("There is nobody of this name; say which role a new person gets."))
            user = User(username=username, role=Role(role))
            user.set_unusable_password()
            _set_flags(user)
            user.save()
        elif role is not None and role != user.role:
            raise NotSaved(_("This person is there already; roles are changed in the set-up pages."))
        user.is_active = True
        user.save(update_fields=["is_active"])
        _new_era(user)
        apart.let_in(user, by=None, now=moment)
        events.record("person.link_from_shell", at=moment, by=SYSTEM, data={"person": user.pk, "role": user.role})
    return _path(user)


def chosen(user: User, *, now: datetime | None = None) -> None:
    """Record that somebody chose a password behind a link; every earlier session of theirs is over."""
    with transaction.atomic():
        _new_era(user)
        events.record(
            "person.password_chosen", at=now or timezone.now(), by=Actor.person(user.pk), data={"person": user.pk}
        )


def _ask(kind: str, user: User, change: dict[str, Any], by: User, now: datetime) -> Proposal:
    """Let a second person decide about somebody as they are now: to this address, with these teams."""
    return proposals.ask(kind, user.pk, change | {"mark": mark(user)}, by=by, now=now)


def _asked_about(proposal: Proposal) -> User:
    """Whom it is about. Raises `NotSaved` if they are not as they were when it was asked."""
    user = _locked(User.objects.get(pk=proposal.subject))
    if mark(user) != proposal.change["mark"]:
        raise NotSaved(_("This person was changed since it was asked for. Refuse it, so that it is asked for anew."))
    return user


def rises(user: User, role: str) -> bool:
    """Whether somebody who decides over nobody would decide over others in this role."""
    return role in proposals.POWERFUL and user.role not in proposals.POWERFUL


def _agreed_role(proposal: Proposal, by: User, now: datetime) -> str:
    user = _asked_about(proposal)
    role = proposal.change["role"]
    _keep_an_administrator(user, role)
    risen = rises(user, role)
    before, user.role = user.role, role
    _set_flags(user)
    if risen:  # whoever made them passed their link on alone, and may have chosen the password
        user.set_unusable_password()
    user.save(update_fields=["role", "is_staff", "is_superuser", "password"])
    _new_era(user)
    _tell("person.changed", user, by, now, fields=["role"], role=role, before=before, asked_by=proposal.asked_by_id)
    return _owe_link(proposal, user, by, now) if risen else ""


def _agreed_link(proposal: Proposal, by: User, now: datetime) -> str:
    user = _asked_about(proposal)
    if proposal.change.get("return"):
        user.set_unusable_password()
        user.save(update_fields=["password"])
        _returned(user, by, now)
    if not user.is_active:
        raise NotSaved(_("Reactivate this person first."))
    return _owe_link(proposal, user, by, now)


def _owe_link(proposal: Proposal, user: User, by: User, now: datetime) -> str:
    """Mail the link, or leave it to be fetched; then returns the code that it will need."""
    if _mailed_to(user):
        _link(user, by, now, proposal)
        return ""
    proposal.owed = True
    proposal.change = proposal.change | {"mark": mark(user)}
    return _code(str(proposal.pk))


def _fetched_link(proposal: Proposal, now: datetime) -> str:
    outcome = _link(_asked_about(proposal), proposal.asked_by, now, proposal)
    return "" if outcome.mailed else outcome.link


def _returned(user: User, by: User, now: datetime) -> None:
    user.is_active = True
    user.save(update_fields=["is_active"])
    _new_era(user)
    _tell("person.returned", user, by, now)


def _mailed_to(user: User) -> bool:
    return bool(settings.EMAIL_HOST and user.email)


def _link(user: User, by: User, now: datetime, proposal: Proposal | None = None) -> Outcome:
    """Mail the link where there is a mail server and an address; otherwise whoever asked passes it on."""
    _new_era(user)
    apart.let_in(user, by=by if proposal is None else None, now=now)
    mailed = _mailed_to(user)
    link = settings.PUBLIC_URL.rstrip("/") + _path(user, proposal=None if mailed else proposal)
    _tell("person.link", user, by, now, mailed=mailed)
    if not mailed:
        return Outcome(user, link=link)
    words = _("%(who)s has made a place for you in Glasshouse. Choose your password within a day:\n\n%(link)s\n")
    message = EmailMessage(_("Your way into Glasshouse"), words % {"who": by, "link": link}, to=[user.email])
    transaction.on_commit(lambda: message.send(fail_silently=False))
    return Outcome(user, mailed=True)


def _path(user: User, *, proposal: Proposal | None = None) -> str:
    token = f"{proposal.pk}~{LinkTokens(str(proposal.pk)).make_token(user)}" if proposal else TOKENS.make_token(user)
    return reverse("agents:password", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])


def _locked(user: User) -> User:
    """The person's row, behind the administrators' in their order, so that two who change them never wait in a ring.

    What refers to them may be written meanwhile: it is, by whoever holds a conversation that they are about to give up.
    """
    rows = User.objects.select_for_update(no_key=True)
    list(rows.filter(role=Role.ADMINISTRATOR).order_by("pk").values_list("pk"))
    return rows.get(pk=user.pk)


def _keep_an_administrator(user: User, role: str | None) -> None:
    """Raises `NotSaved` if nobody could administer the installation any more. Called behind `_locked`."""
    active = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).values_list("pk", flat=True)
    if role != Role.ADMINISTRATOR and list(active) == [user.pk]:
        raise NotSaved(_("The last administrator stays: make another one first."))


def _check(wanted: Wanted) -> None:
    if not f"{wanted.first_name}{wanted.last_name}".strip():
        raise NotSaved(_("Give the person a name."))
    if wanted.role not in Role.values:
        raise NotSaved(_("Choose a role."))
    if wanted.zone and wanted.zone not in available_timezones():
        raise NotSaved(_("There is no time zone “%(zone)s”.") % {"zone": wanted.zone})
    if Team.objects.filter(pk__in=wanted.teams, retired_at=None).count() != len(wanted.teams):
        raise NotSaved(_("Choose teams that work."))
    if wanted.site is not None and not Site.objects.filter(pk=wanted.site).exists():
        raise NotSaved(_("Choose a site."))


def _set(user: User, wanted: Wanted, *, role: str, by: User, now: datetime) -> None:
    user.first_name, user.last_name = scrub.typed(wanted.first_name, 150), scrub.typed(wanted.last_name, 150)
    user.email, user.role, user.site_id, user.zone = scrub.typed(wanted.email, 254), role, wanted.site, wanted.zone
    user.languages = list(dict.fromkeys(wanted.languages))
    _set_flags(user)
    user.save()
    before = set(user.teams.values_list("pk", flat=True))
    touched = list(Team.objects.filter(pk__in=before ^ wanted.teams).order_by("pk"))
    for team in touched:
        editions.lock(queueing.TEAM, team.pk, seen=None)
    states = {team.pk: queueing.team_state(team) for team in touched}
    user.teams.set(wanted.teams)
    for team in touched:
        was, is_now = states[team.pk], queueing.team_state(team)
        editions.keep(queueing.TEAM, team.pk, before=was, after=is_now, what="changed", by=by.pk, now=now)


def _set_flags(user: User) -> None:
    """The role decides who may come in at the emergency entrance."""
    user.is_staff = user.is_superuser = user.role == Role.ADMINISTRATOR


def _new_era(user: User) -> None:
    user.session_era += 1
    user.save(update_fields=["session_era"])


def _tell(kind: str, user: User, by: User, now: datetime, **about: Any) -> None:
    events.record(kind, at=now, by=Actor.person(by.pk), data={"person": user.pk} | about)


proposals.APPLY[Proposal.Kind.ROLE] = _agreed_role
proposals.APPLY[Proposal.Kind.LINK] = _agreed_link
proposals.FETCH[Proposal.Kind.ROLE] = proposals.FETCH[Proposal.Kind.LINK] = _fetched_link
