"""Turns the demonstration's data into rows. Safe to repeat: what is there stays as somebody may have changed it."""

import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import holidays
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from agents import tokens
from agents.models import Macro, RegulatoryProfile, Role, Site, Team, TeamQueue, User
from commandcenter import facts, rollups, stocks
from config.demo import bank, crisis, history, names, present, walls
from config.demo.bank import BANK
from config.demo.rules import RULES
from config.demo.texts.macros import MACROS
from config.installation import write_private
from mentions import events, rulebook, sandbox, sources
from mentions.listening import searches
from mentions.listening.searches import Wanted
from mentions.models import Calendar, Queue, RoutingRule, SavedSearch, SlaPolicy, Source

# The supervisor copies this file into `run.json`.
SHOWN_FILE: Final = "demo.json"
STREAM_FILE: Final = "demo-stream.json"
SQUARE: Final = "town-square"
NEWS: Final = "news"
NEWS_EVERY_S: Final = 15  # whoever prints an article wants to see it arrive
DAYS: Final = 30
STOCKS: Final = 8  # for the reports of a week; the rest is caught up with while somebody looks around


def load(*, now: datetime | None = None, days: int = DAYS) -> None:
    """Make this installation the demonstration bank: its rows, its month, and who can sign in.

    Whoever stops it half-way finds it begun anew the next time: rows and history are one transaction each.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        if not Source.objects.filter(slug=SQUARE).exists():
            _bank(moment)
        _connect()
    rulebook.forget()
    with transaction.atomic():
        fresh = history.write(moment, days)
        if fresh:
            present.write(moment)
        crisis.write(moment)
        walls.write(moment)
    if fresh:  # at a later start the listener goes on where it was
        _settle()
    _tell_who()


def _bank(now: datetime) -> None:
    """Every row of `bank`, `rules` and `macros`."""
    years = range(now.year - 1, now.year + 3)
    calendars = {
        each.name: Calendar.objects.create(
            name=each.name,
            zone=each.zone,
            blocks={str(day): [list(block) for block in blocks] for day, blocks in each.days.items()},
            holidays=[day.isoformat() for day in _holidays(each.holidays, years)],
        )
        for each in bank.CALENDARS
    }
    policies = {
        each.name: SlaPolicy.objects.create(
            name=each.name,
            calendar=calendars[each.calendar],
            first_response_s=_seconds(each.first),
            next_response_s=_seconds(each.next),
            resolution_s=_seconds(each.resolution),
            by_priority=each.by_priority,
            pause_when_pending=each.pauses,
        )
        for each in bank.POLICIES
    }
    queues = {
        each.slug: Queue.objects.create(
            slug=each.slug,
            name=each.name,
            position=10 * (place + 1),
            policy=policies[each.policy],
            is_default=each.slug == bank.DEFAULT_QUEUE,
        )
        for place, each in enumerate(bank.QUEUES)
    }
    for place, rule in enumerate(RULES):
        RoutingRule.objects.create(
            name=rule.name,
            position=10 * (place + 1),
            conditions=rule.conditions,
            queue=queues[rule.queue],
            priority=rule.priority,
            tags=list(rule.tags),
            actionable=rule.actionable,
            reason=rule.reason,
        )
    teams = _teams(queues)
    people = _people(calendars, teams)
    approver = next(people[each.username] for each in bank.PEOPLE if each.role == Role.COMPLIANCE)
    for macro in MACROS:
        Macro.objects.create(
            name=macro.name,
            team=teams.get(macro.team),
            language=macro.language,
            visibility=macro.visibility,
            text=macro.text,
            approved_by=approver,
            approved_at=now - timedelta(days=40),
            expires_at=now + timedelta(days=325),
        )
    for source in bank.SOURCES:
        Source.objects.create(
            slug=source.slug,
            network=source.network,
            name=source.name,
            brand="" if source.rival else BANK.name,
            rival=source.rival,
            handle=BANK.handle if source.slug == SQUARE else "",
            settings={}
            if source.rival
            else {"names": [BANK.short], "hosts": list(BANK.hosts), "campaigns": list(bank.CAMPAIGNS)},
        )


def _teams(queues: Mapping[str, Queue]) -> dict[str, Team]:
    profiles = {
        each.slug: RegulatoryProfile.objects.create(
            slug=each.slug,
            name=each.name,
            guard=each.guard,
            allowed_hosts=list(BANK.hosts),
            branches=list(names.BRANCHES),
            four_eyes=each.four_eyes,
        )
        for each in bank.PROFILES
    }
    teams = {
        each.slug: Team.objects.create(slug=each.slug, name=each.name, profile=profiles[each.profile])
        for each in bank.TEAMS
    }
    for queue in bank.QUEUES:
        for slug in (queue.team, *queue.helpers):
            TeamQueue.objects.create(team=teams[slug], queue=queues[queue.slug], home=slug == queue.team)
    return teams


def _people(calendars: Mapping[str, Calendar], teams: Mapping[str, Team]) -> dict[str, User]:
    sites = {
        each.slug: Site.objects.create(
            slug=each.slug, name=each.name, zone=each.zone, calendar=calendars[each.calendar]
        )
        for each in bank.SITES
    }
    people = {}
    for each in bank.PEOPLE:
        user = User.objects.create(
            username=each.username,
            first_name=each.first,
            last_name=each.last,
            email=f"{each.username}@{BANK.hosts[0]}",
            role=each.role,
            site=sites[each.site],
            languages=list(each.languages),
            is_staff=each.role == Role.ADMINISTRATOR,
            is_superuser=each.role == Role.ADMINISTRATOR,
            password=make_password(None),
        )
        user.teams.set([teams[slug] for slug in each.teams])
        people[each.username] = user
    return people


def _connect() -> None:
    """Join the bank's source and its account on Town Square; again at every start, since the address may change."""
    source = Source.objects.select_for_update().get(slug=SQUARE)
    known = sources.secrets_of(source) or {"token": secrets.token_urlsafe(32), "webhook": secrets.token_urlsafe(32)}
    address = settings.LOCAL_URL.rstrip("/")
    fresh = not source.secrets
    source.base_url, source.local = f"{address}/sandbox", True
    if fresh:
        source.secrets, source.sending = sources.seal(known), True
    source.save()
    gazette = f"{address}/sandbox/gazette/feed.json"
    Source.objects.filter(slug=NEWS).update(base_url=gazette, local=True, poll_every_s=NEWS_EVERY_S)
    sandbox.configure(f"{address}/hooks/{source.slug}/", known["webhook"], BANK.handle, known["token"], BANK.name)
    for each in bank.SEARCHES:
        if not SavedSearch.objects.filter(name=each.name).exists():
            wanted = Wanted(each.name, each.query, each.kind, each.voice, accounts=frozenset({source.pk}))
            searches.save(wanted, by=None)


def _settle() -> None:
    """Seal every event and count it now, so that the first wall does not show a month that is still being counted."""
    sealer = events.Sealer()
    while sealer.tick():
        pass
    while rollups.roll():
        pass
    while facts.keep():
        pass
    for _ in range(STOCKS):
        stocks.take()


def _tell_who() -> None:
    """Write down who can sign in and with which keys programs come, for the owner of the data directory alone."""
    shown, stream = (Path(settings.DATA_DIR) / name for name in (SHOWN_FILE, STREAM_FILE))
    if shown.exists() and stream.exists():
        return
    password = f"{BANK.short.lower()}-{secrets.token_hex(4)}"
    people = User.objects.filter(username__in=[each.username for each in bank.PEOPLE])
    people.update(password=make_password(password))
    _, api_token = tokens.make("Demonstration", scopes=tokens.SCOPES)
    make = partial(tokens.make, scopes=["ingest"])
    keys = {
        source.slug: make(f"Demonstration: {source.name}", source=source)[1]
        for source in Source.objects.filter(slug__in=[each.slug for each in bank.SOURCES]).exclude(
            slug__in=(SQUARE, NEWS)
        )
    }
    write_private(stream, json.dumps(keys, indent=1))
    users: list[dict[str, Any]] = [
        {"username": each.username, "password": password, "role": each.role, "team": (each.teams or (None,))[0]}
        for each in bank.PEOPLE
    ]
    write_private(shown, json.dumps({"api_token": api_token, "demo_users": users}, indent=1))


def _holidays(country: str, years: range) -> list[date]:
    """The bank holidays of a country, or none for an empty name."""
    return sorted(holidays.country_holidays(country, years=years)) if country else []


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * 60
