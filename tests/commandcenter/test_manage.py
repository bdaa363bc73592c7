"""The pages of those who run the room: what they may set, and who is asked again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Role
from commandcenter import devices
from commandcenter.models import Profile
from commandcenter.models.screens import Command, Playlist, Room, Schedule, Screen
from mentions import events
from tests.commandcenter.device import make_room, make_screen, supervisors
from tests.factories import make_person, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(supervisors()[0], "django.contrib.auth.backends.ModelBackend")
    return client


def form(screen: Screen, **changed: object) -> dict[str, object]:
    return {
        "name": screen.name,
        "site": screen.room.site_id,
        "room_name": screen.room.name,
        "profile": screen.profile,
        "inches": 55,
        "distance_m": 3,
        "cols": 1,
        "rows": 1,
        **changed,
    }


def screen(name: str = "Lobby", **fields) -> Screen:
    return Screen.objects.get(pk=make_screen(name, **fields).screen)


def test_a_screen_is_internal_only_in_a_room_that_a_manager_has_closed(desk):
    street = screen(profile=Profile.STREET)
    answer = desk.post(f"/screens/{street.pk}/", form(street, profile="internal"))
    assert answer.status_code == 422
    assert "has not marked it as closed" in answer.content.decode()
    make_room("Back office")
    answer = desk.post(f"/screens/{street.pk}/", form(street, profile="internal", room_name="back office"))
    assert answer.status_code == 302
    street.refresh_from_db()
    assert street.room.name == "Back office"


def test_a_supervisor_closes_no_room(desk):
    room = make_room("Hall", closed=False)
    assert desk.post(f"/screens/rooms/{room.pk}/", {"closed": "yes"}).status_code == 403
    desk.force_login(make_person("mara", role=Role.MANAGER), "django.contrib.auth.backends.ModelBackend")
    desk.post(f"/screens/rooms/{room.pk}/", {"closed": "yes"})
    room.refresh_from_db()
    assert room.closed_by.username == "mara"
    desk.post(f"/screens/rooms/{room.pk}/", {"closed": "no"})
    assert not Room.objects.exclude(closed_at=None).exists()


@pytest.mark.parametrize(
    "changed", [{"room_name": "Another window"}, {"profile": "street", "room_name": "Command room"}]
)
def test_what_strangers_newly_see_needs_a_second_person_again(desk, changed):
    kept = screen(profile=Profile.STREET) if "profile" not in changed else screen()
    desk.post(f"/screens/{kept.pk}/", form(kept, **changed))
    kept.refresh_from_db()
    assert kept.confirmed_by is None
    assert kept.asked_by == supervisors()[0]


def test_other_settings_ask_nobody_again(desk):
    kept = screen(profile=Profile.STREET)
    playlist = Playlist.objects.create(name="Day", entries=[{"scene": "pulse", "seconds": 30}])
    answer = desk.post(
        f"/screens/{kept.pk}/",
        form(kept, name="Renamed", playlist=playlist.pk, quiet_from="22:00", quiet_until="06:00"),
    )
    assert answer.status_code == 302
    kept.refresh_from_db()
    assert (kept.name, kept.playlist, kept.quiet_from.hour) == ("Renamed", playlist, 22)
    assert kept.confirmed_by is not None


def test_saving_a_form_does_not_undo_what_was_pressed_meanwhile(desk):
    kept = screen()
    Screen.objects.filter(pk=kept.pk).update(seen_at=timezone.now(), shift_s=12)
    desk.post(f"/screens/{kept.pk}/", form(kept))
    kept.refresh_from_db()
    assert kept.shift_s == 12


@pytest.mark.parametrize(
    "wrong",
    [
        {"inches": 0},
        {"inches": "nan"},
        {"distance_m": -1},
        {"cols": 9},
        {"cols": 2, "rows": 2, "place": 5},
        {"place": 0},
        {"quiet_from": "22:00"},
        {"quiet_from": "22:00", "quiet_until": "22:00"},
        {"name": ""},
        {"site": 999},
        {"room_name": "   "},
        {"playlist": 999},
        {"fixed": "nothing"},
        {"profile": "owner"},
    ],
)
def test_what_makes_no_sense_is_said_and_not_saved(desk, wrong):
    kept = screen()
    assert desk.post(f"/screens/{kept.pk}/", form(kept, **wrong)).status_code == 422
    assert Screen.objects.get(pk=kept.pk).inches == 55


def test_a_name_is_given_once(desk):
    first, second = screen("Lobby"), screen("Hall")
    assert desk.post(f"/screens/{second.pk}/", form(second, name=first.name)).status_code == 422


def test_a_playlist_is_filled_in_and_changed_and_removed(desk):
    desk.post("/screens/playlists/", {"name": "Day", "scene0": "pulse", "seconds0": 20, "scene2": "queues"})
    made = Playlist.objects.get()
    assert made.entries == [{"scene": "pulse", "seconds": 20}, {"scene": "queues", "seconds": 30}]
    answer = desk.post(f"/screens/playlists/{made.pk}/", {"name": "Day", "scene0": "pulse", "seconds0": 5})
    assert answer.status_code == 422
    assert "20" in desk.get(f"/screens/playlists/{made.pk}/").content.decode()
    desk.post(f"/screens/playlists/{made.pk}/", {"answer": "remove"})
    assert not Playlist.objects.exists()


def test_another_playlist_at_certain_hours(desk):
    kept = screen()
    playlist = Playlist.objects.create(name="Night", entries=[{"scene": "pulse", "seconds": 30}])
    hours = {"playlist": playlist.pk, "days": [0, 4], "starts": "18:00", "ends": "06:00"}
    desk.post(f"/screens/{kept.pk}/schedule/", hours)
    made = Schedule.objects.get()
    assert made.days == [0, 4]
    desk.post(f"/screens/{kept.pk}/schedule/", {"remove": made.pk})
    assert not Schedule.objects.exists()


def test_the_list_says_what_each_screen_really_shows(desk):
    kept = screen("Lobby", fixed="queues")
    page = desk.get("/screens/").content.decode()
    assert "Not connected yet" in page
    Screen.objects.filter(pk=kept.pk).update(
        connection="7d9f4b6e-0d0c-4a86-9d3a-2b8f6f6f1c11",
        seen_at=timezone.now(),
        shown={"kind": "scenes", "scenes": ["pulse"], "state": "stale"},
    )
    page = desk.get("/screens/").content.decode()
    assert "Pulse" in page
    assert "Data is late" in page


@pytest.mark.parametrize("shown", [[], "x", None, {"scenes": ["<b>", 7]}, {"kind": 7}, {"scenes": None}])
def test_whatever_a_page_says_of_itself_breaks_no_list(desk, shown):
    kept = screen()
    Screen.objects.filter(pk=kept.pk).update(
        connection="7d9f4b6e-0d0c-4a86-9d3a-2b8f6f6f1c11", seen_at=timezone.now(), shown=shown or {}
    )
    assert desk.get("/screens/").status_code == 200
    assert desk.get("/screens/control/").status_code == 200


@pytest.mark.parametrize("chosen", ["x", "", "9" * 30, "-1"])
def test_a_screen_that_is_none_is_not_every_screen(desk, chosen):
    screen()
    desk.post("/screens/control/give/", {"kind": "blank", "screen": chosen})
    assert not Command.objects.exists()
    desk.post("/screens/control/give/", {"kind": "blank"})
    assert Command.objects.count() == 1


def test_somebody_is_told_that_a_screen_was_copied(desk):
    kept = screen("Lobby")
    devices._revoke_copied(kept, timezone.now())
    page = desk.get("/screens/").content.decode()
    assert "Lobby was disconnected" in page
    assert "used on two devices" in page
    desk.post(f"/screens/{kept.pk}/revoke/")  # from a page on which it was still connected; or pressed twice
    page = desk.get("/screens/").content.decode()
    assert "Lobby was disconnected before: its credential was used on two devices" in page
    Screen.objects.update(revoked_at=timezone.now() - timedelta(days=9))
    page = desk.get("/screens/").content.decode()
    assert "Lobby was disconnected on" in page, "until somebody does something about it"
    assert Screen.objects.filter(pk=kept.pk).exists()


def test_only_what_was_disconnected_is_taken_out_of_the_list(desk):
    kept = screen("Lobby")
    page = desk.post(f"/screens/{kept.pk}/forget/", follow=True).content.decode()
    assert "Lobby is connected again" in page
    assert Screen.objects.filter(pk=kept.pk).exists()
    assert desk.post("/screens/99999/forget/").status_code == 404


def test_a_screen_that_was_disconnected_can_leave_the_list_and_its_name_is_free(desk):
    kept = screen("Lobby")
    desk.post(f"/screens/{kept.pk}/revoke/")
    assert "Lobby is disconnected." in desk.get("/screens/").content.decode()
    page = desk.get("/screens/").content.decode()
    assert "Lobby was disconnected" not in page, "what a person did is no alarm"
    assert "Remove Lobby from the list" in page
    desk.post(f"/screens/{kept.pk}/forget/")
    assert not Screen.objects.filter(name="Lobby").exists()
    events.Sealer().tick()
    assert [fact.kind for fact in events.after(0) if fact.kind.startswith("screen.")][-2:] == [
        "screen.revoked",
        "screen.forgotten",
    ]
    assert screen("Lobby").pk != kept.pk


def test_what_was_chosen_stands_there_again_after_a_refusal_and_is_not_forgotten(desk):
    kept, other = screen("Lobby"), screen("Hall")
    asked = {"kind": "message", "screen": kept.pk, "text": "", "minutes": 30, "scene": "queues"}
    page = desk.post("/screens/control/give/", asked, follow=True).content.decode()
    assert "Write the message" in page
    assert re.search(rf'value="{kept.pk}" checked', page)
    assert not re.search(rf'value="{other.pk}" checked', page)
    assert re.search(r'value="30" selected', page)
    assert re.search(r'value="queues" selected', page)


def test_a_schedule_says_its_days_and_by_whose_clock(desk):
    kept, night = screen("Lobby"), Playlist.objects.create(name="Night", entries=[{"scene": "pulse", "seconds": 30}])
    for days in ([0, 5], list(range(7))):
        Schedule.objects.create(screen=kept, playlist=night, days=days, starts="22:00", ends="06:00")
    page = desk.get(f"/screens/{kept.pk}/").content.decode()
    assert "Mon, Sat" in page
    assert "every day" in page
    assert "By the clock of New York" in page


def test_a_new_room_is_open_to_the_public(desk):
    desk.post("/screens/rooms/", {"site": make_site().pk, "name": "Hall"})
    assert Room.objects.get(name="Hall").closed_at is None


def told() -> list[str]:
    events.Sealer().tick()
    return [fact.kind for fact in events.after(0)]


def test_rooms_hours_and_playlists_say_what_became_of_them_and_are_facts(desk):
    kept = screen()
    desk.post("/screens/rooms/", {"site": make_site().pk, "name": "Hall"})
    refused = desk.post("/screens/rooms/", {"site": make_site().pk, "name": "Hall"})
    assert refused.status_code == 422
    assert 'value="Hall"' in refused.content.decode(), "what was typed is not lost"
    assert "already exists" in refused.content.decode()
    desk.post("/screens/playlists/", {"name": "Night", "scene0": "pulse", "seconds0": 20})
    night = Playlist.objects.get()
    hours = {"playlist": night.pk, "days": [0, 4], "starts": "18:00", "ends": "06:00"}
    refused = desk.post(f"/screens/{kept.pk}/schedule/", hours | {"days": []})
    assert refused.status_code == 422
    assert 'value="18:00"' in refused.content.decode()
    desk.post(f"/screens/{kept.pk}/schedule/", hours)
    made = Schedule.objects.get()
    page = desk.get(f"/screens/{kept.pk}/?schedule={made.pk}").content.decode()
    assert re.search(r'value="4"[^>]*checked', page)
    answer = desk.post(f"/screens/{kept.pk}/schedule/", hours | {"schedule": made.pk, "days": [2]}, follow=True)
    assert "From now on: Night, Wed, 18:00 to 06:00." in answer.content.decode()
    assert (Schedule.objects.get().pk, Schedule.objects.get().days) == (made.pk, [2])
    page = desk.get(f"/screens/playlists/{night.pk}/").content.decode()
    assert "The hours of Lobby from 18:00 to 06:00 go with it." in page
    answer = desk.post(f"/screens/{kept.pk}/schedule/", {"remove": made.pk}, follow=True)
    assert "Removed: Night, Wed, 18:00 to 06:00." in answer.content.decode()
    answer = desk.post(f"/screens/playlists/{night.pk}/", {"answer": "remove"}, follow=True)
    assert "Night is removed." in answer.content.decode()
    assert [
        kind for kind in told() if kind.startswith(("room.made", "playlist.", "screen.sched", "screen.unsched"))
    ] == [
        *("room.made", "playlist.saved", "screen.scheduled", "screen.scheduled", "screen.unscheduled"),
        "playlist.removed",
    ]


def test_a_screen_says_which_box_it_is_and_until_when_it_was_put_forward(desk):
    kept = screen()
    Screen.objects.filter(pk=kept.pk).update(
        shift_s=30, shift_until=timezone.now() + timedelta(minutes=20), shown={"release": "abc123"}
    )
    page = desk.get(f"/screens/{kept.pk}/").content.decode()
    assert "10.0.0.9" in page
    assert "Kiosk" in page
    assert "abc123" in page
    assert "Put forward until" in desk.get("/screens/").content.decode()
