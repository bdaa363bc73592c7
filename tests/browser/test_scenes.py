"""Every scene in a real browser with the worst it may have to show: inside its box, large enough, and apart.

The bank's clock stands where words are longest, whatever the machine's says: its zone is the one in which it is ten in
the evening.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Browser, Page

from commandcenter import campaigns, drills, scenes, usual
from commandcenter.models import Incident, Profile
from commandcenter.scenes import Frame, Moment
from commandcenter.scenes._complete import Complete
from commandcenter.scenes._strip import TURN_S
from mentions import events
from tests.browser import frames
from tests.commandcenter.scenes.trouble import trouble
from tests.commandcenter.scenes.worst import COMPOUND, LONG_NAME, furnish

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

DATA = ("empty", "worst", "millions")
TURN = re.compile(r'data-far="\w+" data-street="\w+"|\w+(?=" data-state="\w+" data-turn)')


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    opened = frames.open_page(chromium)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    usual.forget()
    campaigns.forget()
    yield
    usual.forget()
    campaigns.forget()


@pytest.fixture(autouse=True)
def evening(settings) -> str:
    """The zone of the bank, in which it is between ten and eleven in the evening."""
    settings.BANK_TIME_ZONE = zone = _zone_at(22)
    return zone


def _zone_at(hour: int) -> str:
    """A zone in which it is this hour now."""
    east = (hour - timezone.now().hour + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}"


def _drawn(key: str, profile: Profile, now: datetime) -> tuple[str, str, Frame]:
    position = events.last_position()
    return key, str(profile), scenes.draw(key, profile, "en", Moment(now, position, position))


def _turns(now: datetime) -> list[tuple[str, str, Frame]]:
    """An incident, one of every kind of its turns: what stands above the strip far away differs with them."""
    turns = {}
    for turn in (_drawn("incident", Profile.INTERNAL, now + timedelta(seconds=TURN_S * n)) for n in range(20)):
        turns[tuple(TURN.findall(turn[2].html))] = turn
    return list(turns.values())


@pytest.mark.parametrize("data", DATA)
def test_every_word_has_its_place_at_every_distance_and_in_every_shape(page, data, evening):
    if data != "empty":
        furnish(millions=data == "millions", zone=evening)
        trouble()
    now = timezone.now()
    drawn = [
        _drawn(key, profile, now)
        for profile in Profile
        for key in scenes.known()
        if key != "incident" and (profile is Profile.INTERNAL or scenes.get(key).strangers or key == "queues")
    ]
    assert frames.faults(page, [*drawn, *_turns(now)]) == []


def test_an_incident_has_room_for_its_longest_hours_in_each_of_its_turns(page, evening):
    furnish(zone=evening)
    trouble()
    night = timezone.now() + timedelta(hours=2, minutes=59, seconds=30)  # it lasts nine hours and more, since yesterday
    turns = [_drawn("incident", Profile.INTERNAL, night + timedelta(seconds=TURN_S * n)) for n in range(20)]
    assert {html for *_, frame in turns for html in [frame.html] if "9<span" in html}
    assert frames.faults(page, turns) == []


def test_a_screen_has_room_for_what_it_says_of_its_data(page, evening):
    furnish(zone=evening)
    trouble()
    now = timezone.now()
    drawn = [
        _drawn("queues", Profile.INTERNAL, now),
        *(_drawn(key, Profile.STREET, now) for key in ("pulse", "queues")),
    ]
    drawn += _turns(now)
    for state in frames.SAID:
        assert frames.faults(page, drawn, state) == [], state


def test_what_stands_in_place_of_a_scene_has_room(page, settings):
    settings.BANK_NAME = "Sparkasse Südholstein & Westmecklenburg"
    now = timezone.now()
    about = {
        "bank": settings.BANK_NAME,
        "text": f"{'Bitte alle sofort in den Raum 12: '}{COMPOUND}"[:80],
        "name": f"{LONG_NAME} {LONG_NAME}"[:80],
        "since": now,
        "zone": settings.BANK_TIME_ZONE,
        "inches": 108.5,
        "distance": 12.5,
    }
    kinds = ("blank", "waiting", "quiet", "message", "test")
    covers = [
        (
            kind,
            str(profile),
            render_to_string("commandcenter/screens/cover.html", {**about, "kind": kind, "profile": profile}),
        )
        for kind in kinds
        for profile in Profile
    ]
    connecting = ("connecting", "street", render_to_string("commandcenter/screens/_connecting.html", about))
    void = {**about, "key": "pulse", "scene": scenes.get("pulse"), "profile": Profile.INTERNAL, "as_of": now}
    slates = [
        (
            name,
            "internal",
            render_to_string(f"commandcenter/scenes/{name}.html", {**void, "complete": Complete(now, True)}),
        )
        for name in ("uncounted", "slate")
    ]
    assert (
        frames.faults(
            page, [(key, profile, Frame(key, html, now, 0)) for key, profile, html in (*covers, connecting, *slates)]
        )
        == []
    )


def test_a_late_word_of_the_server_makes_no_old_data_young(page):
    early, late, reset, back = page.evaluate("""async () => {
        const { now, setClock } = await import("/static/js/clock.js");
        const opened = Date.now();
        let slept = 0;
        performance.now = () => slept;
        Date.now = () => opened + slept;
        const off = () => (now() - Date.now()) / 1000;
        const hear = back => setClock(new Date(Date.now() - 1000 * back).toISOString());
        const minute = () => [...Array(13)].map(() => (slept += 5000, hear(40), off()));
        return [...[[0], [30], [90, 0]].map(words => { words.forEach(hear); return off(); }), minute()];
    }""")
    assert early == 0
    assert late == 0, "a word that was thirty seconds on its way"
    assert reset == 0, "and one from before the clock was set"
    assert back == [0] * 12 + [-40], "a clock that was put back by less is one that no word of a minute contradicts"


def test_an_exercises_incident_says_far_away_too_that_nothing_leaves_and_what_is_blind(page, evening):
    furnish(zone=evening)
    trouble()
    Incident.objects.update(drill=drills.running())
    turns = _turns(timezone.now())
    assert frames.faults(page, turns) == []
    said: dict[str, set[str]] = {}
    for _key, _profile, frame in turns:
        for reach in ("far", "street"):
            page.evaluate(frames.SHOW, [frame.html, "wall", reach, 3840, 2160, "live", "Updated"])
            words = page.locator(".crisis-band").inner_text()
            assert "EXERCISE: not real" in words
            said.setdefault(reach, set()).update(note for note in ("Sending is frozen", "Blind today") if note in words)
    assert said == {reach: {"Sending is frozen", "Blind today"} for reach in ("far", "street")}
