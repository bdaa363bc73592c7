"""The live overview: who is on, away and why, what each holds, and handing on by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents import cases
from agents.models import Case, Role, User
from commandcenter.models import Absence, Presence
from commandcenter.reports import wording
from mentions.models import Conversation
from tests.commandcenter.history import ago, hear, settle
from tests.factories import make_person, make_queue, make_source

pytestmark = pytest.mark.django_db


def client(person: User) -> Client:
    signed_in = Client()
    signed_in.force_login(person)
    return signed_in


@pytest.fixture
def held() -> Conversation:
    """A complaint that Priya holds."""
    make_queue("care")
    make_queue("fraud")
    mention = hear(make_source("square"), at=ago(minutes=30))
    cases.claim(mention.conversation_id, by=make_person("priya"), now=timezone.now())
    settle()
    return Conversation.objects.get(pk=mention.conversation_id)


def test_a_supervisor_sees_who_holds_what_and_gives_it_to_another(held: Conversation) -> None:
    omar = make_person("omar")
    sam = client(make_person("sam", role=Role.SUPERVISOR))
    html = sam.get("/overview/").content.decode()
    assert held.number in html
    assert "overdue" in html
    assert sam.post(f"/overview/{held.pk}/assign/", {"person": omar.pk}).status_code == 302
    assert Case.objects.get(conversation=held, ended_at=None).owner == omar
    sam.post(f"/overview/{held.pk}/assign/", {"person": make_person("fay", teams=("fraud",)).pk})
    assert Case.objects.get(conversation=held, ended_at=None).owner == omar


def test_another_teams_work_is_not_there(held: Conversation) -> None:
    fiona = client(make_person("fiona", role=Role.SUPERVISOR, teams=("fraud",)))
    html = fiona.get("/overview/").content.decode()
    assert held.number not in html
    assert "Priya" not in html
    assert fiona.post(f"/overview/{held.pk}/assign/", {"person": 1}).status_code == 404


def test_somebody_is_away_with_a_reason_until_they_are_back(held: Conversation) -> None:
    priya = client(make_person("priya"))
    assert priya.get("/overview/").status_code == 403
    priya.post("/overview/away/", {"reason": "break"})
    priya.post("/overview/away/", {"reason": "meeting"})
    sam = client(make_person("sam", role=Role.SUPERVISOR))
    assert "Away: meeting, " in sam.get("/overview/").content.decode()
    priya.post("/overview/away/")
    assert not Absence.objects.filter(ended_at=None).exists()
    assert Absence.objects.count() == 2


def test_who_holds_something_is_at_work_only_where_a_desk_is_open(held: Conversation) -> None:
    """Priya parked it on Friday and went home; Omar sits there with nothing in hand, and is offered first."""
    priya, omar = make_person("priya"), make_person("omar")
    make_person("ada")
    now = timezone.now()
    cases.pend(held.pk, on="pending_customer", until=now + timedelta(days=1), by=priya)
    Presence.objects.create(person=priya, started_at=now - timedelta(days=3), seen_at=now - timedelta(days=2))
    Presence.objects.create(person=omar, started_at=now - timedelta(hours=3), seen_at=now)
    html = client(make_person("sam", role=Role.SUPERVISOR)).get("/overview/").content.decode()
    assert "At work" not in html
    assert f"Not here since {wording.stamp(now - timedelta(days=2))}" in html
    assert html.count("At the desk") == 1
    assert "Never here yet" in html
    offered = html[html.index("<select") : html.index("</select>")]
    assert offered.index("Omar") < offered.index("Ada")


def test_an_agent_says_so_on_the_desk_and_stays_where_they_are(held: Conversation) -> None:
    priya = client(make_person("priya"))
    here = f"/console/{held.pk}/?view=care&state=claimed"
    desk = priya.get(here).content.decode()
    assert 'action="/overview/away/"' in desk
    assert 'href="/screens/shift/"' in desk

    gone = priya.post("/overview/away/", {"reason": "break"}, headers={"referer": f"http://testserver{here}"})
    assert gone.headers["Location"] == here
    desk = priya.get(here).content.decode()
    assert desk.count("You are away: break.") == 2  # said once, and standing in the menu
    assert "whoami-away" in desk
    back = priya.post("/overview/away/", headers={"referer": "http://elsewhere.example/console/"})
    assert back.headers["Location"] == "/console/"
    desk = priya.get(here).content.decode()
    assert ("You are back." in desk, "whoami-away" in desk) == (True, False)
