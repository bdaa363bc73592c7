"""Keys of programs: made once, shown once, stored as a digest, asked for at every request."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, apart, proposals
from agents.models import ApiToken, Proposal, Team, TeamQueue, User
from mentions import events, scrub, sources
from mentions.editions import NotSaved
from mentions.events import Actor
from mentions.models import Source

SCOPES = frozenset({"ingest", "read", "private", "posts", "metrics"})
PREFIX = "gh_"
_LENGTH = len(PREFIX) + 43
_REMEMBERED_S = 3.0
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Program:
    """Who a valid token is: its scopes, its source for posts, and the queues and teams it may read (None is all).

    `person` is the key of the one in whose name it writes posts of our own.
    """

    token_id: int
    name: str
    scopes: frozenset[str]
    source: Source | None
    queues: frozenset[int] | None
    teams: frozenset[int] | None
    person: int | None
    expires_at: datetime | None


_known: dict[str, tuple[float, Program | None]] = {}


def make(
    name: str,
    *,
    scopes: Collection[str],
    source: Source | None = None,
    teams: Collection[Team] = (),
    person: User | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown to nobody again."""
    unknown = set(scopes) - SCOPES
    if unknown:
        raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))}")
    secret = fresh_secret()
    token = ApiToken.objects.create(
        name=name, digest=digest(secret), hint=secret[-4:], scopes=sorted(scopes), source=source, person=person
    )
    token.teams.set(teams)
    return token, secret


def grant(
    name: str,
    *,
    scopes: Collection[str],
    source: Source | None,
    teams: Collection[Team],
    person: User | None = None,
    expires_at: datetime | None,
    by: User,
) -> tuple[ApiToken, str] | Proposal:
    """`make` for a person: a token with an end and an event. Raises `NotSaved` with a sentence.

    One that writes in somebody's name is a way of being them, so it waits as a proposal where two have to agree;
    whoever asked fetches the secret once another has agreed.
    """
    access.require(by, "set up")
    kept = scrub.typed(name, 80)
    if not kept or not scopes:
        raise NotSaved(_("Give it a name, and say what it may do."))
    if expires_at is not None and expires_at <= timezone.now():
        raise NotSaved(_("It has to end in the future."))
    if source is not None and "ingest" not in scopes:
        raise NotSaved(_("A source is for tokens that hand in posts."))
    if (person is not None) != ("posts" in scopes):
        raise NotSaved(_("A token that writes posts writes in a person's name, and no other does."))
    if person is not None and proposals.needed():
        change = {
            "name": kept,
            "scopes": sorted(scopes),
            "source": source.pk if source is not None else None,
            "teams": sorted(team.pk for team in teams),
            "expires_at": expires_at.isoformat() if expires_at is not None else None,
        }
        return proposals.ask(Proposal.Kind.TOKEN, person.pk, change, by=by)
    return _made(kept, scopes, source, teams, person, expires_at, by.pk)


def _made(
    name: str,
    scopes: Collection[str],
    source: Source | None,
    teams: Collection[Team],
    person: User | None,
    expires_at: datetime | None,
    by: int,
    **about: Any,
) -> tuple[ApiToken, str]:
    with transaction.atomic():
        token, secret = make(name, scopes=scopes, source=source, teams=teams, person=person)
        token.expires_at = expires_at
        token.save(update_fields=["expires_at"])
        if person is not None and not about:
            apart.let_in(person, by=User.objects.get(pk=by), now=timezone.now())
        told = {"token": token.pk, "scopes": token.scopes, "teams": sorted(team.pk for team in teams)} | about
        told |= {"person": person.pk} if person is not None else {}
        events.record("token.made", at=timezone.now(), by=Actor.person(by), data=told)
    return token, secret


def _agreed(proposal: Proposal, by: User, now: datetime) -> str:
    _still_holds(proposal, now)
    proposal.owed = True
    return ""


def _still_holds(proposal: Proposal, now: datetime) -> tuple[User, datetime | None]:
    asked, person = proposal.change, User.objects.get(pk=proposal.subject)
    ends = datetime.fromisoformat(asked["expires_at"]) if asked["expires_at"] else None
    if not access.may(person, "write posts") or (ends is not None and ends <= now):
        raise NotSaved(_("It would hold nothing any more; refuse it."))
    return person, ends


def _fetched(proposal: Proposal, now: datetime) -> str:
    asked, (person, ends) = proposal.change, _still_holds(proposal, now)
    source = Source.objects.filter(pk=asked["source"]).first()
    teams = list(Team.objects.filter(pk__in=asked["teams"]))
    _token, secret = _made(
        asked["name"],
        asked["scopes"],
        source,
        teams,
        person,
        ends,
        proposal.asked_by_id,
        agreed_by=proposal.decided_by_id,
    )
    return secret


def revoke(token: ApiToken, *, by: User) -> None:
    """End a token; within three seconds no process knows it any more."""
    access.require(by, "set up")
    now = timezone.now()
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            events.record("token.revoked", at=now, by=Actor.person(by.pk), data={"token": token.pk})
    forget()


def fresh_secret() -> str:
    """A secret of 256 bits of chance."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret: it has 256 bits of chance, so a plain hash cannot be turned round."""
    return hashlib.sha256(secret.encode()).hexdigest()


def program(secret: str) -> Program | None:
    """Whose secret this is, or None. Remembered for three seconds, which is how long a revoked one lives on."""
    remembered, found = recall(secret)
    if remembered:
        return found
    if len(secret) != _LENGTH or not secret.startswith(PREFIX):
        return None  # no guess of a stranger's costs a query
    key = digest(secret)
    if len(_known) > 10_000:
        for guess in [name for name, (_until, who) in _known.items() if who is None]:
            del _known[guess]
    found = _read(key)
    _known[key] = (time.monotonic() + _REMEMBERED_S, found)
    return _current(found)


def recall(secret: str) -> tuple[bool, Program | None]:
    """Whether the secret was asked for in the last seconds, and whose it is then; asks no database."""
    remembered = _known.get(digest(secret))
    if remembered is None or time.monotonic() > remembered[0]:
        return False, None
    return True, _current(remembered[1])


def _current(found: Program | None) -> Program | None:
    expired = found is not None and found.expires_at is not None and found.expires_at <= timezone.now()
    return None if expired else found


def forget() -> None:
    """Ask the database again for everybody; for whoever has just revoked one."""
    _known.clear()


def _read(key: str) -> Program | None:
    token = ApiToken.objects.select_related("source").filter(digest=key, revoked_at=None).first()
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    teams = list(token.teams.all())
    queues = frozenset(TeamQueue.objects.filter(team__in=teams).values_list("queue_id", flat=True))
    source = token.source
    if source is None and "ingest" in token.scopes:
        source = sources.ingest()
    return Program(
        token.pk,
        token.name,
        frozenset(token.scopes),
        source,
        queues=queues if teams else None,
        teams=frozenset(team.pk for team in teams) if teams else None,
        person=token.person_id,
        expires_at=token.expires_at,
    )


proposals.APPLY[Proposal.Kind.TOKEN] = _agreed
proposals.FETCH[Proposal.Kind.TOKEN] = _fetched
