"""Notices and campaigns for strangers: asked for, confirmed by a second person, shown where they are for, ended."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from agents.cases import Refused
from agents.models import Role
from commandcenter import announcing, campaigns, control, incidents, periods
from commandcenter.models import Campaign, Notice, Profile
from commandcenter.views.announcements import CampaignForm
from mentions import events
from tests.commandcenter.announced import make_campaign, make_notice
from tests.commandcenter.device import make_room, make_screen, supervisors
from tests.factories import make_person, make_queue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def team():
    make_queue()


def signed(user):
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def local(**away: float) -> str:
    return (timezone.localtime(timezone=periods.bank_zone()) + timedelta(**away)).strftime("%Y-%m-%dT%H:%M")


def written(**fields):
    return {"title": "Our app is slow", "text": "Cards work.", "ends_at": local(hours=4), **fields}


def told() -> list[str]:
    events.Sealer().tick()
    return [event.kind for event in events.after(0) if event.kind.startswith(("notice.", "campaign."))]


def words(client: Client, path: str = "/screens/notices/") -> str:
    return re.sub(r"\s+", " ", client.get(path).content.decode())


def test_strangers_read_a_notice_once_a_second_person_has_confirmed_it_and_until_somebody_ends_it():
    first, second = map(signed, supervisors())
    assert first.post("/screens/notices/new/", written()).status_code == 302
    notice = Notice.objects.get()
    confirm, end = (f"/screens/notices/{notice.pk}/{deed}/" for deed in ("confirm", "end"))
    assert announcing.of_room(1, Profile.STREET, timezone.now()) is None
    assert announcing.of_room(1, Profile.INTERNAL, timezone.now()) == notice
    assert "Waits for a second person" in words(first)
    assert confirm not in words(first)
    answer = first.post(confirm)
    assert answer.status_code == 409
    assert "you asked for it yourself" in answer.content.decode()
    assert confirm in words(second)
    assert second.post(confirm).status_code == 302
    assert "notice" in control.available(Profile.STREET)
    assert "Shown" in words(first)
    assert first.post(end).status_code == 302
    assert "notice" not in control.available(Profile.STREET)
    assert "Write it again" in words(second)
    assert "Our app is slow" in words(second, f"/screens/notices/new/?of={notice.pk}")
    assert told() == ["notice.asked", "notice.confirmed", "notice.ended"]


def test_what_was_ended_is_not_confirmed_any_more():
    first, second = supervisors()
    notice = make_notice(confirmed_by=None, confirmed_at=None)
    announcing.end(notice, by=first)
    with pytest.raises(Refused):
        announcing.confirm(notice, by=second)
    announcing.end(notice, by=second)
    assert told() == ["notice.ended"]


def test_what_is_over_is_not_confirmed_any_more_and_nobody_is_told_that_strangers_read_it():
    first, second = supervisors()
    waits = {"confirmed_by": None, "confirmed_at": None}
    now = timezone.now()
    incident = incidents.open_(key=uuid.uuid4(), name="App outage", by=first)
    over = make_notice(**waits)
    of_it = make_notice(incident=incident, **waits)
    days = {"first_day": periods.bank_day(now) - timedelta(days=3), "last_day": periods.bank_day(now)}
    campaign = make_campaign(name="Spring", hashtag="#spring", public=True, **days, **waits)
    incidents.close(incident, lesson="", by=first)
    for found, later in ((over, timedelta(hours=2)), (of_it, timedelta()), (campaign, timedelta(days=2))):
        with pytest.raises(Refused):
            announcing.confirm(found, by=second, now=now + later)
    assert "Confirmed" not in signed(second).post(f"/screens/notices/{of_it.pk}/confirm/").content.decode()
    assert told() == []


def test_a_notice_of_an_incident_that_was_closed_meanwhile_is_refused_in_words():
    desk = signed(supervisors()[0])
    incident = incidents.open_(key=uuid.uuid4(), name="App outage", by=supervisors()[0])
    incidents.close(incident, lesson="", by=supervisors()[0])
    answer = desk.post("/screens/notices/new/", written(incident=incident.pk))
    assert answer.status_code == 422
    assert "The incident is closed" in answer.content.decode()
    answer = desk.post("/screens/notices/new/", written(rooms=[make_room().pk, 0]))
    assert answer.status_code == 422
    assert "0 is not one of the available choices" in answer.content.decode()


def test_whoever_is_meant_as_second_person_is_told_and_finds_what_waits():
    first, second = supervisors()
    officer = signed(make_person("olga", role=Role.COMPLIANCE, teams=()))
    make_notice(asked_by=first, confirmed_by=None, confirmed_at=None)
    waits = "1 notice or campaign for strangers waits for a second person."
    assert waits in words(officer, "/incidents/")
    assert waits in words(signed(second), "/screens/")
    assert waits not in words(signed(first), "/screens/"), "nobody is their own second person"
    announcing.confirm(Notice.objects.get(), by=second)
    assert waits not in words(officer, "/incidents/")
    assert 'href="/screens/notices/"' in words(officer, "/incidents/")
    assert 'href="/screens/notices/"' not in words(signed(make_person("ann")), "/incidents/")


def test_what_is_new_comes_below_what_somebody_is_about_to_press():
    desk = signed(supervisors()[1])
    earlier, later = (make_notice(title, confirmed_by=None, confirmed_at=None) for title in ("One", "Two"))
    page = words(desk)
    assert page.index(f'id="notice-{earlier.pk}"') < page.index(f'id="notice-{later.pk}"')


@pytest.mark.parametrize("word", ["#spring_26", "दिवाली", "#สงกรานต์", "பொங்கல்"])
def test_a_hashtag_is_a_word_of_any_script(word):
    form = CampaignForm({"hashtag": word})
    form.is_valid()
    assert "hashtag" not in form.errors


@pytest.mark.parametrize("word", ["two words", "#a-b", "!", "___", "\u0301"])
def test_what_is_no_word_is_no_hashtag(word):
    form = CampaignForm({"hashtag": word})
    form.is_valid()
    assert "hashtag" in form.errors


def test_the_name_of_a_public_campaign_passes_the_guard():
    desk = signed(supervisors()[0])
    given = {"hashtag": "spring", "first_day": local()[:10], "last_day": local(days=3)[:10]}
    wrong = {**given, "name": "We see that your account is blocked, Maria"}
    answer = desk.post("/screens/campaigns/new/", {**wrong, "public": "on"})
    assert answer.status_code == 422
    assert "The guard blocks it" in answer.content.decode()
    assert not Campaign.objects.exists()


def test_a_refused_notice_keeps_what_was_written():
    desk = signed(supervisors()[0])
    for wrong, why in (
        ({"title": ""}, "Write what everybody shall read"),
        ({"title": "大" * 60}, "Too long for the screen"),
        ({"ends_at": local(hours=-1)}, "or has passed"),
        ({"text": "We see that your account is blocked, Maria."}, "The guard blocks it"),
    ):
        fields = written(**wrong)
        answer = desk.post("/screens/notices/new/", fields)
        page = answer.content.decode()
        assert answer.status_code == 422, wrong
        assert why in page, wrong
        assert 'value="Our app is slow"' in page or "title" in wrong
        assert fields["ends_at"] in page or "ends_at" in wrong
    assert not Notice.objects.exists()


def test_the_preview_keeps_nothing():
    desk = signed(supervisors()[0])
    page = desk.post("/screens/notices/new/", {"title": "Back at <nine>", "answer": "preview"})
    assert page.status_code == 200
    assert page.content.decode().count("Back at &lt;nine&gt;</h1>") == 2, "from nearby and from across the street"
    assert not Notice.objects.exists()


def test_a_notice_hangs_in_its_rooms_only():
    here, there = make_room("Window", closed=False), make_room("Hall", closed=False)
    make_notice("Closed on Monday", rooms=[here])
    screens = [make_screen(room.name, profile=Profile.STREET, room=room).screen for room in (here, there)]
    seen = control.situation(screens)
    assert ["notice" in seen.seen(seen.screens[pk]) for pk in screens] == [True, False]
    make_notice("For all")
    seen = control.situation(screens)
    assert all("notice" in seen.seen(seen.screens[pk]) for pk in screens)
    shown = [announcing.of_room(room.pk, Profile.STREET, timezone.now()) for room in (here, there)]
    assert [str(one) for one in shown] == ["For all", "For all"]


def test_whoever_runs_an_incident_tells_strangers_of_it_and_its_end_is_the_notices_end():
    first, second = supervisors()
    other = make_notice("We never ask for your password", starts_at=timezone.now())
    incident = incidents.open_(key=uuid.uuid4(), name="App outage", by=first)
    page = words(signed(first), f"/incidents/{incident.pk}/")
    assert f"/screens/notices/new/?incident={incident.pk}" in page
    answer = signed(first).post("/screens/notices/new/", written(incident=incident.pk, starts_at=local(minutes=-9)))
    assert answer.headers["Location"] == f"/incidents/{incident.pk}/"
    mine = Notice.objects.get(incident=incident)
    announcing.confirm(mine, by=second)
    assert announcing.of_room(1, Profile.STREET, timezone.now()) == mine
    assert "Our app is slow" in words(signed(first), f"/incidents/{incident.pk}/")
    lines = incident.entries.filter(event="incident.notice").order_by("pk").values_list("text", flat=True)
    assert list(lines) == ["Notice asked for: Our app is slow", "Notice confirmed: Our app is slow"]
    incidents.close(incident, lesson="", by=first)
    assert announcing.of_room(1, Profile.STREET, timezone.now()) == other


def test_a_compliance_officer_is_a_second_person_and_an_agent_is_none():
    notice = make_notice(confirmed_by=None, confirmed_at=None)
    agent = signed(make_person("tala", role=Role.AGENT))
    assert agent.post(f"/screens/notices/{notice.pk}/confirm/").status_code == 403
    officer = signed(make_person("odile", role=Role.COMPLIANCE))
    assert officer.post(f"/screens/notices/{notice.pk}/confirm/").status_code == 302
    notice.refresh_from_db()
    assert str(notice.confirmed_by) == "Odile"


def test_a_public_campaign_waits_for_a_second_person_and_another_does_not():
    first, second = map(signed, supervisors())
    today = periods.bank_day(timezone.now())
    given = {"name": "Lark gives", "hashtag": "LarkGives", "first_day": today, "last_day": today, "public": "on"}
    assert first.post("/screens/campaigns/new/", given).status_code == 302
    found = Campaign.objects.get()
    assert found.hashtag == "#LarkGives"
    now = timezone.now()
    assert [campaigns.shown(profile, now) for profile in (Profile.STREET, Profile.INTERNAL)] == [None, found]
    assert second.post(f"/screens/campaigns/{found.pk}/confirm/").status_code == 302
    assert campaigns.shown(Profile.STREET, now) == found
    assert first.post(f"/screens/campaigns/{found.pk}/end/").status_code == 302
    assert campaigns.shown(Profile.INTERNAL, now) is None
    assert told() == ["campaign.asked", "campaign.confirmed", "campaign.ended"]
    answer = first.post("/screens/campaigns/new/", given | {"hashtag": "two words", "target": "12"})
    assert answer.status_code == 422
    assert 'value="two words"' in answer.content.decode()
    assert "one word" in answer.content.decode()


@pytest.mark.parametrize("kind", ["notice", "campaign"])
def test_nobody_is_their_own_second_person_whatever_writes_the_row(kind):
    mine = {"confirmed_by": supervisors()[0]}
    day = {"first_day": "2026-11-01", "last_day": "2026-11-02"}
    with pytest.raises(IntegrityError, match=f"a_second_person_confirms_a_{kind}"):
        make_notice(**mine) if kind == "notice" else make_campaign(name="x", hashtag="x", **day, **mine)
