"""A card number that a colleague types into any field of the room's pages is nowhere after it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from agents.models import Note, Original, Role, SavedView, User
from commandcenter.models import HandOver, Incident
from mentions import intake, rulebook
from mentions.models import Conversation, Gap, Mention
from tests.commandcenter.device import make_screen
from tests.factories import (
    make_calendar,
    make_person,
    make_profile,
    make_queue,
    make_site,
    make_source,
    make_team,
    post,
)
from tests.journeys.test_malice import PAYLOADS

CARD = "4111 1111 1111 1111"
TYPED = f"call \0 {CARD} back"

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    rulebook.forget()
    make_queue()
    return make_person("mary", role=Role.ADMINISTRATOR, teams=(), email="mary@bank.example")


@pytest.fixture
def room(boss: User) -> Client:
    client = Client()
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    return client


def kept() -> list[str]:
    """The tables that hold the number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for name in tables:
            cursor.execute(
                f"SELECT count(*) FROM \"{name}\" t WHERE regexp_replace(t::text, '[ \\-]', '', 'g') LIKE %s",
                ["%41111111%"],
            )
            if cursor.fetchone()[0]:
                found.append(name)
    return found


def fill(room: Client, text: str) -> None:
    """Write this into every field of the room's pages; nothing may answer with a fault of ours."""
    source = make_source("typed")
    now = timezone.now()
    gap = Gap.objects.create(source=source, reason=Gap.Reason.PAUSED, started_at=now, ended_at=now)
    device = make_screen(uuid.uuid4().hex)
    site = make_site().pk
    file = SimpleUploadedFile(f"{CARD}.json", b'{"x": 1}')
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/screens/rooms/", {"site": site, "name": text}),
        ("/screens/playlists/", {"name": text, "scene0": "pulse", "seconds0": 30}),
        (f"/screens/{device.screen}/", {"name": text, "site": site, "room_name": text, "profile": "street"}),
        ("/screens/control/give/", {"kind": "message", "text": text, "screen": device.screen}),
        ("/incidents/open/", {"key": uuid.uuid4(), "name": text, "severity": "major"}),
        ("/screens/control/incident/", {"key": uuid.uuid4(), "name": text}),
        ("/drills/start/", {"name": text, "speed": "1.0", "linger": 0, "file": file}),
        ("/reports/saved/", {"name": text, "report": "brief", "query": text, "at": "07:00"}),
        ("/alerts/setup/hooks/", {"name": text, "url": "https://pager.example/x", "kinds": []}),
        ("/freeze/all/", {"reason": text}),
        (f"/setup/gaps/{gap.pk}/lost/", {"note": text}),
        (f"/setup/sources/{source.pk}/price/", {"price_per_call": text, "currency": text}),
        (f"/setup/sources/{source.pk}/price/", {"price_per_call": "1", "currency": text}),
        (f"/setup/sources/{source.pk}/back-fill/", {"since": "0001-01-01T00:00", "until": "9999-12-31T23:59"}),
        ("/setup/sources/connect/generic/", {"name": text, "account_id": "program", "webhook": "s"}),
        *set_up(text),
    ]
    for address, given in asked:
        answer = room.post(address, given)
        assert answer.status_code < 500, address
    room.post("/incidents/open/", {"key": uuid.uuid4(), "name": "Outage", "severity": "major"})
    one = Incident.objects.latest("pk").pk
    for deed in ("note", "statement", "describe", "moment", "link", "owner", "update", "clock"):
        about = {"text": text, "name": text, "severity": "major", "field": "aware_at", "at": text, "number": text}
        answer = room.post(f"/incidents/{one}/{deed}/", about)
        assert answer.status_code < 500, deed
    assert room.post(f"/incidents/{one}/close/", {"lesson": text}).status_code < 500


def set_up(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The fields of the set-up pages, which keep every change for ever."""
    queue, profile, calendar = make_queue(), make_profile(), make_calendar()
    lines = {"words_any": text, "words_none": text, "tags": text, "reason": text}
    week = dict.fromkeys((f"day_{day}" for day in range(7)), "09:00-17:00")
    person = {"username": text, "first_name": text, "last_name": text, "email": text, "role": "agent"}
    return [
        ("/setup/rules/new/", {"name": text, "queue": queue.pk, "priority": 3, "do": "save"} | lines),
        ("/setup/rules/try/", {"text": text, "source": text, "followers": text}),
        ("/setup/queues/new/", {"name": text, "policy": queue.policy_id}),
        ("/setup/teams/new/", {"name": text, "profile": profile.pk}),
        ("/setup/sla/new/", {"name": text, "calendar": calendar.pk, "first_response_s": "1 h"}),
        ("/setup/sla/new/", {"name": "x", "calendar": calendar.pk, "first_response_s": text, "at": text}),
        ("/setup/calendars/new/", {"name": text, "zone": "Europe/London"} | week),
        ("/setup/calendars/new/", {"name": "x", "zone": text, "day_1": text, "holidays": text}),
        ("/setup/sites/new/", {"name": text, "zone": "Europe/London", "calendar": calendar.pk}),
        ("/setup/people/new/", person),
        ("/setup/people/new/", person | {"username": uuid.uuid4().hex[:12], "email": ""}),
        ("/setup/guard/new/", {"name": text}),
        (f"/setup/guard/{profile.pk}/", {"name": text, "undo_s": 9, "branches": text, "phones": text, "hosts": "a.b"}),
        (f"/setup/guard/{profile.pk}/", {"name": text, "undo_s": text, "hosts": text, "reply": text, "do": "try"}),
        ("/setup/texts/new/", {"name": text, "text": text, "language": "en", "visibility": "private"}),
        ("/setup/tokens/new/", {"name": text, "scopes": ["read"]}),
        ("/setup/searches/new/", {"name": text, "query": text, "kind": "ours"}),
        ("/preferences/password/", dict.fromkeys(("old_password", "new_password1", "new_password2"), text)),
    ]


def work(desk: Client, text: str) -> None:
    """Write this into every field of the console, at each step of one conversation's life."""
    source = make_source(uuid.uuid4().hex[:8])
    intake.receive(source, [post()])
    one = Conversation.objects.get(source=source)
    about = f"/console/{one.pk}/"
    key = {"client_key": str(uuid.uuid4())}
    mention = Mention.objects.get(conversation=one)
    ours = {"kind": "notice", "source": source.pk, "team": make_team().pk, "client_key": uuid.uuid4()}
    asked: list[tuple[str, dict[str, Any]]] = [
        (f"{about}claim/", {}),
        (f"{about}note/", {"text": text}),
        (f"{about}draft/", {"text": text, "mode": "public"} | key),
        (f"{about}reply/", {"text": text, "mode": "public", "version": "9"} | key),
        (f"{about}reply/", {"text": text, "mode": "private", "version": "9", "client_key": text}),
        (f"{about}pending/", {"whom": "bank", "until": text, "reason": text}),
        (f"{about}pending/", {"whom": "bank", "until": "2099-01-01T10:00", "reason": text}),
        (f"{about}transfer/", {"queue": text, "reason": text}),
        (f"{about}transfer/", {"queue": one.queue_id, "reason": text}),
        (f"{about}close/", {"disposition": "answered", "address": f"https://forum.example/{text}"}),
        (f"{about}dismiss/", {"reason": text}),
        (f"/console/mentions/{mention.pk}/hide/", {"why": text}),
        (f"/console/mentions/{mention.pk}/correct/", {"name": "topic", "value": text}),
        ("/console/keep/", {"q": text, "name": text}),
        ("/posts/write/", ours | {"title": text, "text": text}),
        ("/posts/hold/", {"reason": text}),
        ("/screens/shift/", {"site": make_site().pk, "text": text}),
        ("/overview/away/", {"reason": text}),
    ]
    for address, given in asked:
        assert desk.post(address, given).status_code < 500, address
    assert desk.get("/console/search/", {"q": text}).status_code == 200
    for taken in (Note, SavedView, HandOver, Original):
        assert taken._default_manager.exists(), f"the desk took no {taken.__name__}"


def test_it_is_in_no_table(boss: User, room: Client) -> None:
    fill(room, f"call {CARD} back")
    assert kept() == []


def test_what_is_written_at_the_desk_is_in_no_table_either(boss: User) -> None:
    desk = Client()
    sam = make_person("sam", role=Role.SUPERVISOR, teams=("care",))
    desk.force_login(sam, backend="django.contrib.auth.backends.ModelBackend")
    for text in (
        f"call {CARD} back",
        TYPED.replace("\0", ""),
        "4111-1111-1111-1111",
        "４１１１ １１１１ １１１１ １１１１",
    ):
        work(desk, text)
    assert kept() == []


def test_what_no_field_can_hold_is_refused_or_left_out(boss: User, room: Client) -> None:
    for text in (TYPED, *PAYLOADS[::9], "\u202e", "9" * 5000, post()["text"]):
        fill(room, text)
    assert kept() == []


def test_a_moment_before_all_time_is_no_fault_of_ours(boss: User, room: Client) -> None:
    User.objects.filter(pk=boss.pk).update(zone="Asia/Manila")
    source = make_source("typed")
    for moment in ("0001-01-01T00:00", "9999-12-31T23:59"):
        for address, given in (
            (f"/setup/sources/{source.pk}/back-fill/", {"since": moment, "until": moment}),
            ("/drills/start/", {"name": "x", "speed": "1.0", "linger": 0, "start": moment, "stop": moment}),
            ("/drills/start/", {"name": "x", "speed": "1.0", "linger": 0, "start": "0001-01-01T00:00", "stop": moment}),
        ):
            assert room.post(address, given).status_code < 500, (address, moment)
    room.post("/incidents/open/", {"key": uuid.uuid4(), "name": "Outage", "severity": "major"})
    for moment in ("0001-01-01T00:00", "9999-12-31T23:59"):
        one = Incident.objects.latest("pk").pk
        answer = room.post(f"/incidents/{one}/moment/", {"field": "aware_at", "at": moment})
        assert answer.status_code < 500
        assert room.get(f"/incidents/{one}/").status_code == 200
