"""Times follow whoever reads them, and say so."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from agents import cases
from agents.desk import head
from agents.forms import PendingForm
from agents.zones import in_readers_zone
from tests.agents.waiting import waiting
from tests.factories import make_person, make_queue, make_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "site", "read"),
    [
        ("Asia/Manila", None, "Asia/Manila"),
        ("", "America/Los_Angeles", "America/Los_Angeles"),
        ("", None, "America/New_York"),
    ],
)
def test_a_page_is_read_in_the_persons_zone_or_the_sites_or_the_banks(zone, site, read):
    request = RequestFactory().get("/console/")
    request.user = make_person(zone=zone, site=make_site("there", zone=site) if site else None)
    assert in_readers_zone(lambda _: timezone.get_current_timezone_name())(request) == read
    assert timezone.get_current_timezone_name() == "UTC"


def test_what_three_sites_read_on_one_page_names_its_zone():
    templates = Path(settings.BASE_DIR, "templates")
    pages = [*templates.glob("agents/**/*.html"), *templates.glob("_*.html")]
    of_a_moment_ago = {"_checked.html", "console.html"}  # what somebody at this desk saved while it was looked at
    unsaid = re.compile(r"""\|date:"[^"]*H:i(?!(?::s)? T")[^"]*"(?! zone=)""")
    found = [f"{page.name}: {said}" for page in pages for said in unsaid.findall(page.read_text())]
    assert [each for each in found if each.partition(":")[0] not in of_a_moment_ago] == []


@pytest.mark.parametrize(("zone", "read"), [("Asia/Manila", "Asia/Manila"), ("", "America/New_York")])
def test_the_time_that_somebody_chooses_is_in_the_zone_that_they_read(client, zone, read):
    make_queue()
    tala, here = make_person("tala", zone=zone), ZoneInfo(read)
    conversation = waiting()
    cases.claim(conversation.pk, by=tala)
    client.force_login(tala)
    pane = client.get(f"/console/{conversation.pk}/part/pane/").content.decode()
    first = datetime.fromisoformat(re.search(r'data-set="pending-until" data-value="([^"]+)"', pane)[1])
    assert timedelta(minutes=118) < first.replace(tzinfo=here) - timezone.now() < timedelta(minutes=121)
    assert f'Until <span class="muted">{timezone.now().astimezone(here):%Z}</span>' in pane

    client.post(f"/console/{conversation.pk}/pending/", {"whom": "bank", "until": f"{first:%Y-%m-%dT%H:%M}"})
    conversation.refresh_from_db()
    assert conversation.wake_at.astimezone(here).replace(tzinfo=None) == first


@pytest.mark.parametrize("begins", [(2026, 11, 1, 4, 30), (2026, 11, 1, 3, 30), (2026, 3, 8, 6, 30)])
def test_two_hours_are_two_hours_in_the_night_in_which_clocks_change(begins):
    """New York: clocks go back on 1 November at 06:00 UTC, and on on 8 March at 07:00 UTC."""
    make_queue()
    tala, moment = make_person("tala", zone="America/New_York"), datetime(*begins, tzinfo=UTC)
    first = head._waking(tala, moment)["pending_presets"][0]
    asked = QueryDict(mutable=True)
    asked.update({"whom": "bank", "until": first["value"], "offered": first["exact"]})
    form = PendingForm(asked, user=tala)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["until"] - moment == timedelta(hours=2)
