"""The cast and the furniture of tests: plain functions with keyword defaults."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.models import Original, RegulatoryProfile, Reply, Role, Site, Team, TeamQueue, User
from mentions import rulebook, sources
from mentions.models import Calendar, Queue, RoutingRule, SlaPolicy, Source

_numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"


def make_calendar(name: str = "Round the clock", **fields: Any) -> Calendar:
    return Calendar.objects.get_or_create(name=name, defaults={"zone": "America/New_York", **fields})[0]


def make_policy(name: str = "Standard", **fields: Any) -> SlaPolicy:
    defaults = {"first_response_s": 900, "next_response_s": 1800, "resolution_s": 86400}
    return SlaPolicy.objects.get_or_create(
        name=name, defaults={**defaults, "calendar": fields.pop("calendar", None) or make_calendar(), **fields}
    )[0]


def make_queue(slug: str = "care", **fields: Any) -> Queue:
    """A queue with its home team of the same name; the first one made is the default."""
    defaults = {"name": slug.title(), "is_default": not Queue.objects.filter(is_default=True).exists()}
    queue, made = Queue.objects.get_or_create(
        slug=slug, defaults={**defaults, "policy": fields.pop("policy", None) or make_policy(), **fields}
    )
    if made:
        TeamQueue.objects.create(team=make_team(slug), queue=queue, home=True)
        rulebook.forget()
    return queue


def make_profile(slug: str = "us-bank", **fields: Any) -> RegulatoryProfile:
    defaults = {"name": slug, "allowed_hosts": ["bank.example"], "undo_s": 0}
    return RegulatoryProfile.objects.get_or_create(slug=slug, defaults={**defaults, **fields})[0]


def make_team(slug: str = "care", **fields: Any) -> Team:
    return Team.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "profile": fields.pop("profile", None) or make_profile(), **fields}
    )[0]


def make_site(slug: str = "charlotte", **fields: Any) -> Site:
    defaults = {"name": slug.title(), "zone": "America/New_York"}
    return Site.objects.get_or_create(slug=slug, defaults={**defaults, "calendar": make_calendar(), **fields})[0]


def make_person(
    username: str = "priya", *, role: str = Role.AGENT, teams: tuple[str, ...] = ("care",), **fields: Any
) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        person = User(username=username, first_name=username.title(), role=role, **fields)
        person.set_password(PASSWORD)
        person.save()
        person.teams.set([make_team(slug) for slug in teams])
    return person


def make_source(slug: str = "square", **fields: Any) -> Source:
    defaults: dict[str, Any] = {
        "network": "townsquare",
        "name": slug.title(),
        "handle": "bank",
        "base_url": "http://127.0.0.1:9/sandbox",
        "local": True,
        "sending": True,
        "secrets": sources.seal({"webhook": "webhook-secret", "token": "bank-token"}),
    }
    return Source.objects.get_or_create(slug=slug, defaults={**defaults, **fields})[0]


def make_rule(queue: Queue, **fields: Any) -> RoutingRule:
    number = next(_numbers)
    rule = RoutingRule.objects.create(queue=queue, **{"name": f"rule {number}", "position": number, **fields})
    rulebook.forget()
    return rule


def post(text: str = "@bank my card was declined, please help", **fields: Any) -> dict[str, Any]:
    """A post in the one inbound format, unique unless told otherwise; `author` may be a bare identifier."""
    number = next(_numbers)
    author = fields.pop("author", f"author-{number}")
    if isinstance(author, str):
        author = {"id": author, "handle": author, "name": author.title(), "followers": 10}
    return {
        "network": "townsquare",
        "external_id": f"ts:{number}",
        "kind": "post",
        "visibility": "public",
        "author": author,
        "text": text,
        "created_at": (datetime.now(UTC) - timedelta(seconds=1)).isoformat(),
        **fields,
    }


def make_original(source: Source, title: str = "A notice", **fields: Any) -> Original:
    """A post of our own as its row, by default approved and waiting for its time, `leave_at`."""
    number = next(_numbers)
    team = fields.pop("team", None) or make_team()
    leave_at = fields.pop("leave_at", datetime.now(UTC) + timedelta(hours=2))
    reply = {
        "source": source,
        "author": fields.pop("author", None) or make_person(),
        "visibility": "public",
        "text": f"Our branches close early {number}.",
        "state": "held",
        "client_key": uuid.uuid4(),
        "seen_version": 0,
        "created_at": datetime.now(UTC),
        "submitted_at": datetime.now(UTC),
        "held_until": leave_at,
    } | fields
    return Original.objects.create(
        reply=Reply.objects.create(**reply), team=team, title=title, leave_at=leave_at, kind="notice"
    )
