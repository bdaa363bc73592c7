"""The pages of incidents: what was written is never lost, each deed has its word, and older ones are reached."""

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from agents import alerts
from agents.alerts import views as alert_pages
from agents.models import AlertKind, Role
from commandcenter import incidents
from commandcenter.incidents import clocks, views
from commandcenter.models import Incident
from tests.factories import make_person, make_profile, make_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara():
    make_queue()
    return make_person("mara", role=Role.MANAGER, teams=())


@pytest.fixture
def desk(mara):
    client = Client()
    client.force_login(mara, "django.contrib.auth.backends.ModelBackend")
    return client


def declare(by, name: str = "App outage", **fields) -> Incident:
    return incidents.open_(key=uuid.uuid4(), name=name, by=by, **fields)


REFUSED = {
    "link": ({"number": "GH-x1"}, 'value="GH-x1"'),
    "moment": ({"field": "determined_at", "at": "2999-01-01T10:00"}, 'value="2999-01-01T10:00"'),
    "describe": ({"name": "Card outage", "severity": "odd"}, 'value="Card outage"'),
    "statement": ({"text": "x" * 501}, "x" * 501),
    "note": ({"text": "n" * 2001}, "n" * 2001),
    "close": ({"lesson": "l" * 4001}, "l" * 4001),
}


@pytest.mark.parametrize("deed", REFUSED)
def test_what_was_filled_in_stands_there_again_when_it_is_refused(desk, mara, deed):
    incident = declare(mara, profile=make_profile("clocked", clocks=clocks.REGIMES["us-bank"]))
    given, kept = REFUSED[deed]
    answer = desk.post(f"/incidents/{incident.pk}/{deed}/", given)
    assert answer.status_code in (409, 422)
    assert kept in answer.content.decode()


def test_a_new_incident_that_is_refused_keeps_what_was_filled_in(desk):
    given = {"name": " " * 3 + "o" * 121, "severity": "critical", "key": str(uuid.uuid4())}
    page = desk.post("/incidents/open/", given).content.decode()
    assert "o" * 121 in page
    assert re.search(r'value="critical" selected', page)


def test_each_deed_has_its_word(desk, mara):
    incident = declare(mara)
    deeds = {"note": {"text": "x"}, "update": {"minutes": "30"}, "pause": {}, "resume": {}, "close": {"lesson": "x"}}
    for deed, given in deeds.items():
        page = desk.post(f"/incidents/{incident.pk}/{deed}/", given, follow=True).content.decode()
        assert str(views.DONE.get(deed, "is closed: gone from 0 of 0 screens.")) in page, deed


def test_times_say_their_zone(desk, mara):
    incident = declare(mara)
    incidents.close(incident, lesson="", by=mara)
    for path in ("", "after/"):
        page = desk.get(f"/incidents/{incident.pk}/{path}").content.decode()
        body = re.sub(r"<head>.*?</head>|<header.*?</header>|<[^>]*>", " ", page, flags=re.DOTALL)
        said = re.findall(r"(?<![\d:])\d\d:\d\d(?::\d\d)?(?![\d:])(?!\s*E[SD]T).{0,20}", body)
        assert said == [], path


def test_older_incidents_are_reached_by_pages(desk, mara):
    first = declare(mara, "The very first")
    for number in range(views.PAST):
        incidents.close(declare(mara, f"Later {number}"), lesson="", by=mara)
    incidents.close(first, lesson="", by=mara)
    page = desk.get("/incidents/").content.decode()
    assert "The very first" not in page
    assert "?page=2" in page
    assert "The very first" in desk.get("/incidents/?page=2").content.decode()


def test_older_alerts_are_reached_by_pages(desk, monkeypatch):
    now = timezone.now()
    for number in range(alert_pages.SHOWN + 1):
        alerts.raise_(AlertKind.INCIDENT, f"incident:{number}", {"name": f"Nr {number}."}, now=now)
    assert "Nr 0." not in desk.get("/alerts/").content.decode()
    assert 'href="?page=2"' in desk.get("/alerts/").content.decode()
    assert 'href="?show=open&amp;page=2"' in desk.get("/alerts/?show=open").content.decode()
    assert "Nr 0." in desk.get("/alerts/?show=open&page=2").content.decode()
