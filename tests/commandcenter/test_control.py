"""What is asked of screens, as rows: who it is meant for, when it ends, and how many show it."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from agents.cases import Refused
from agents.models import Role
from commandcenter import control, devices, incidents, playlists, progress
from commandcenter.models import Profile
from commandcenter.models.screens import Command, Playlist, Room, Screen
from mentions import events
from tests.commandcenter.device import make_room, make_screen, supervisors
from tests.factories import make_person, make_queue

pytestmark = pytest.mark.django_db


def give(kind: str, **about) -> Command:
    return control.give(kind, by=supervisors()[0], **about)


def row(name: str) -> Screen:
    return Screen.objects.get(name=name)


def is_here(name: str, *, acked: int = 0, kind: str = "scenes", scene: str = "pulse") -> None:
    Screen.objects.filter(name=name).update(
        connection="7d9f4b6e-0d0c-4a86-9d3a-2b8f6f6f1c11",
        seen_at=timezone.now(),
        acked=acked,
        shown={"kind": kind, "scenes": [scene]},
    )


def test_a_press_is_a_row_and_a_fact_before_anybody_hears_of_it():
    make_screen("Lobby")
    command = give("blank")
    assert row("Lobby").blanked == command
    assert row("Lobby").asked == command.pk
    events.Sealer().tick()
    fact = events.after(0)[-1]
    assert (fact.kind, fact.data["screens"]) == ("screen.blank", [row("Lobby").pk])


def test_here_or_everywhere():
    make_screen("Lobby"), make_screen("Hall")
    make_queue()
    give("show", screens=[row("Lobby").pk], scene="queues")
    assert row("Lobby").takeover is not None
    assert row("Hall").takeover is None
    give("show", scene="queues")
    assert row("Hall").takeover is not None


def test_a_message_is_one_persons_word_and_not_for_strangers():
    make_screen("Room"), make_screen("Street", profile=Profile.STREET)
    give("message", text="Lunch")
    assert row("Room").takeover is not None
    assert row("Street").takeover is None
    with pytest.raises(Refused, match="a second person"):
        give("message", text="Move your money today", screens=[row("Room").pk, row("Street").pk])
    assert row("Street").takeover is None
    assert row("Room").takeover.text == "Lunch"


def test_a_message_does_not_go_with_a_room_that_is_opened_to_strangers():
    make_screen("Room")
    give("message", text="Fraud wave at the counter")
    playing = playlists.decide(control.settings_of(row("Room")), timezone.now(), available=("pulse",))
    assert playing.text == "Fraud wave at the counter"
    Room.objects.update(closed_at=None, closed_by=None)
    assert playlists.decide(control.settings_of(row("Room")), timezone.now(), available=("pulse",)).text == ""


@pytest.mark.parametrize(
    ("kind", "about"),
    [("show", {"scene": "nothing"}), ("message", {"text": "  "}), ("blank", {"screens": [999]}), ("next", {})],
)
def test_what_makes_no_sense_is_refused(kind, about):
    if kind != "next":
        make_screen()
    with pytest.raises(Refused):
        give(kind, **about)
    assert not Command.objects.exists()


def test_an_agent_asks_nothing_of_screens():
    make_screen()
    with pytest.raises(PermissionDenied):
        control.give("blank", by=make_person("ada", role=Role.AGENT))


@pytest.mark.parametrize(("asked", "kept"), [(0, 1), (10, 10), (100_000, 720)])
def test_a_takeover_has_an_end_within_reason(asked, kept):
    make_screen()
    now = timezone.now()
    assert give("hold", minutes=asked, now=now).until == now + timedelta(minutes=kept)


def test_blank_outlasts_what_else_is_pressed():
    make_screen("Lobby")
    give("blank")
    give("play")
    give("next")
    assert row("Lobby").blanked is not None
    give("lift")
    assert row("Lobby").blanked is None


def test_next_moves_screens_of_one_playlist_together():
    playlist = Playlist.objects.create(
        name="Day", entries=[{"scene": "pulse", "seconds": 30}, {"scene": "queues", "seconds": 30}]
    )
    for name in ("Left", "Right"):
        make_screen(name, playlist=playlist)
    give("next")
    assert row("Left").shift_s == row("Right").shift_s > 0
    assert row("Left").shift_until is not None
    give("next", now=timezone.now() + control.PUT_FORWARD + timedelta(minutes=1))
    assert row("Left").shift_s <= 60, "what it was put forward an hour ago is over"
    give("play")
    assert row("Left").shift_s == 0


def test_a_held_screen_keeps_its_scene_until_next_or_the_playlist_is_asked_for():
    two = [{"scene": "pulse", "seconds": 90}, {"scene": "shift", "seconds": 90}]
    make_screen("Room", playlist=Playlist.objects.create(name="Day", entries=two))
    give("hold")
    held = row("Room").held
    assert sorted(held) == ["pulse", "shift"]
    give("hold", now=timezone.now() + timedelta(seconds=90))
    assert row("Room").held == held
    give("next")
    assert (row("Room").held, row("Room").shift_s) == (held[::-1], 0)
    give("play")
    assert (row("Room").held, row("Room").takeover) == ([], None)
    give("show", scene="system")
    give("hold")
    assert row("Room").held == ["system"]
    give("next")
    assert row("Room").takeover is None, "there is nothing else that was held"


def test_progress_counts_those_who_say_that_they_show_it():
    for name in ("Shows", "Late", "Away"):
        make_screen(name)
    command = give("hold")
    is_here("Shows", acked=command.pk)
    is_here("Late", acked=command.pk - 1)
    found = progress.of(command)
    assert (found.asked, found.showing, found.behind, found.offline) == (3, 1, ("Late",), ("Away",))
    assert not found.everywhere


def test_a_screen_that_was_not_heard_for_half_a_minute_shows_nothing_that_we_know_of():
    make_screen("Lobby")
    command = give("hold")
    is_here("Lobby", acked=command.pk)
    assert progress.of(command).showing == 1
    assert progress.of(command, now=timezone.now() + timedelta(seconds=30)).offline == ("Lobby",)


def told(command: Command) -> tuple[int, tuple[str, ...], dict[str, tuple[str, ...]]]:
    found = progress.of(command)
    return found.showing, found.behind, dict(found.instead)


def test_what_an_incident_covers_is_on_no_screen_however_it_was_acknowledged():
    make_queue()
    make_screen("Room")
    supervisor = supervisors()[0]
    show, message, following = give("show", scene="queues"), give("message", text="Leave by the north"), give("next")
    incident = incidents.open_(key=uuid.uuid4(), name="Cards declined", by=supervisor)
    is_here("Room", acked=following.pk, scene="incident")
    assert progress.of_incident(incident, 0) == "Cards declined: on 1 of 1 screens."
    covered = (0, (), {"The incident goes before it": ("Room",)})
    assert [told(command) for command in (show, message, following)] == [covered] * 3
    assert progress.of(show).everywhere, "nobody waits for what will not come"
    assert told(give("identify"))[1] == ("Room",)
    incidents.close(incident, lesson="", by=supervisor)
    assert progress.of_end(incident, 0) == "Cards declined is closed: gone from 0 of 1 screens. Not yet: Room."
    assert told(message) == (0, ("Room",), {}), "it may be shown again, and is not yet"
    is_here("Room", acked=following.pk, kind="message", scene="")
    assert progress.of_end(incident, 0) == "Cards declined is closed: gone from 1 of 1 screens."
    assert told(message) == (1, (), {})
    assert told(show)[2] == {"A message goes before it": ("Room",)}


def test_a_scene_counts_where_it_is_painted_and_what_was_blanked_since_does_not():
    make_queue()
    make_screen("Room")
    show = give("show", scene="queues")
    is_here("Room", acked=show.pk, scene="pulse")
    assert told(show) == (0, ("Room",), {})
    is_here("Room", acked=show.pk, scene="queues")
    assert told(show) == (1, (), {})
    blank = give("blank")
    assert told(show)[2] == {"Blank": ("Room",)}
    is_here("Room", acked=blank.pk, kind="blank")
    assert told(blank) == (1, (), {})
    lift = give("lift")
    assert told(lift) == (0, ("Room",), {})
    assert dict(progress.of(show, now=timezone.now() + timedelta(hours=1)).instead) == {}
    assert progress.of(show, now=timezone.now() + timedelta(hours=1)).offline == ("Room",)


def test_a_scene_that_strangers_do_not_see_or_that_is_empty_is_shown_by_nobody():
    make_queue()
    make_screen("Room"), make_screen("Street", profile=Profile.STREET)
    queues = give("show", scene="queues")
    for name in ("Room", "Street"):
        is_here(name, acked=queues.pk, scene="queues")
    assert told(queues) == (1, (), {"Not for strangers: only the bank's name": ("Street",)})
    campaign = give("show", scene="campaign")
    for name in ("Room", "Street"):
        is_here(name, acked=campaign.pk, scene="campaign")
    assert told(campaign) == (0, (), {"Nothing to show in it": ("Room", "Street")})


def test_next_turns_no_screen_that_never_turns():
    make_queue()
    make_screen("Board", fixed="queues")
    command = give("next")
    is_here("Board", acked=command.pk, scene="queues")
    assert told(command) == (0, (), {"Never turned": ("Board",)})
    hold = give("hold")
    is_here("Board", acked=hold.pk, scene="queues")
    assert told(hold) == (1, (), {})


# --- What a row means -----------------------------------------------------------------------------------------------


def test_internal_is_only_what_hangs_in_a_closed_room():
    make_screen("Room")
    assert control.profile_of(row("Room")) is Profile.INTERNAL
    Room.objects.update(closed_at=None, closed_by=None)
    assert control.profile_of(row("Room")) is Profile.STREET
    make_screen("Street", profile=Profile.STREET, room=make_room("Closed"))
    assert control.profile_of(row("Street")) is Profile.STREET, "a closed room does not make it internal"


def test_whoever_was_revoked_is_in_no_situation():
    make_screen("Lobby")
    devices.revoke(row("Lobby"), by=supervisors()[0])
    assert control.situation([row("Lobby").pk]).screens == {}


def test_strangers_are_offered_what_is_for_strangers():
    assert "queues" not in control.available(Profile.STREET)
    assert {"pulse", "queues"} <= set(control.available(Profile.INTERNAL))


def test_reading_many_screens_asks_no_more_than_reading_one(django_assert_max_num_queries):
    for number in range(12):
        make_screen(f"Screen {number}")
    pks = list(Screen.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(40):
        control.situation(pks)
