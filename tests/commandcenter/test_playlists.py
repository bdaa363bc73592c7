"""What a screen shows at a moment: turned by the clock, in step, and in the order of what matters."""

from datetime import UTC, datetime, time, timedelta

import pytest

from commandcenter.models import Profile
from commandcenter.playlists import (
    Entry,
    Hours,
    Kind,
    Settings,
    Takeover,
    decide,
    faults,
    hold,
    next_held,
    skip,
    turn,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SCENES = ("pulse", "queues", "river")
THREE = (Entry("pulse", 30), Entry("queues", 20), Entry("river", 40))


def screen(**about: object) -> Settings:
    return Settings(**{"profile": Profile.INTERNAL, "zone": "America/New_York", "entries": THREE, **about})


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(90 * 1000 + seconds, UTC)


# --- The clock -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "scene", "left"),
    [
        (0, "pulse", 30),
        (29.9, "pulse", 0.1),
        (30, "queues", 20),
        (50, "river", 40),
        (89, "river", 1),
        (90, "pulse", 30),
    ],
)
def test_a_playlist_is_turned_by_the_clock(seconds, scene, left):
    found = turn(THREE, at(seconds), SCENES)
    assert found.scenes[0] == scene
    assert (found.until - at(seconds)).total_seconds() == pytest.approx(left, abs=0.01)


def test_whoever_was_away_lands_where_the_others_are():
    for hours in range(48):
        now = NOON + timedelta(hours=hours, seconds=17)
        assert decide(screen(), now, available=SCENES) == decide(screen(), now, available=SCENES)
        assert decide(screen(), now, available=SCENES).scenes[0] == turn(THREE, now, SCENES).scenes[0]


def test_every_scene_has_its_whole_time_over_a_day():
    seen = dict.fromkeys(SCENES, 0)
    for second in range(0, 86_400, 10):
        seen[turn(THREE, NOON + timedelta(seconds=second), SCENES).scenes[0]] += 10
    assert seen == {"pulse": 28_800, "queues": 19_200, "river": 38_400}


def test_a_scene_without_anything_to_show_is_passed_over():
    for second in range(0, 200, 5):
        assert "queues" not in decide(screen(), at(second), available=("pulse", "river")).scenes


def test_where_nothing_has_anything_to_show_the_first_says_so():
    assert decide(screen(), NOON, available=()).scenes == ("pulse",)


def test_panels_of_a_wall_show_what_follows_each_other():
    whole = decide(screen(cols=2, rows=2), at(0), available=SCENES)
    assert whole.scenes == ("pulse", "queues", "river", "pulse")
    for place, scene in enumerate(whole.scenes, start=1):
        assert decide(screen(cols=2, rows=2, place=place), at(0), available=SCENES).scenes == (scene,)


# --- What wins -------------------------------------------------------------------------------------------------------


def taken(kind: str, **about: object) -> Takeover:
    return Takeover(kind, at(5), at(605), **about)


def test_what_matters_more_wins():
    everything = {
        "blanked": NOON,
        "takeover": taken("message", text="Noon"),
        "quiet": Hours(time(0), time(23, 59)),
        "schedule": ((Hours(time(0), time(23, 59)), (Entry("river"),)),),
    }
    calm = {"available": SCENES, "incident": True}
    assert decide(screen(**everything), at(10), **calm).kind == Kind.BLANK
    del everything["blanked"]
    assert decide(screen(**everything), at(10), **calm).scenes == ("incident",)
    calm["incident"] = False
    assert decide(screen(**everything), at(10), **calm).kind == Kind.MESSAGE
    del everything["takeover"]
    assert decide(screen(**everything), at(10), **calm).kind == Kind.QUIET
    del everything["quiet"]
    assert decide(screen(**everything), at(10), **calm).why == "schedule"
    assert decide(screen(**everything), at(10), **calm).scenes == ("river",)
    del everything["schedule"]
    assert decide(screen(**everything), at(10), **calm).why == "playlist"


def test_in_an_incident_strangers_read_the_notice_and_without_one_nothing_of_the_room():
    street = screen(profile=Profile.STREET)
    assert decide(street, NOON, available=("pulse", "notice"), incident=True).scenes == ("notice",)
    assert decide(street, NOON, available=("pulse",), incident=True).scenes == ("notice",)
    assert decide(screen(), NOON, available=("pulse", "notice"), incident=True).scenes == ("incident",)
    assert decide(street, NOON, available=("pulse",), practised=True).scenes == ("pulse",)
    assert decide(screen(), NOON, available=("pulse",), practised=True).scenes == ("incident",)


def test_strangers_see_nothing_before_a_second_person_has_said_so():
    street = screen(profile=Profile.STREET, confirmed=False)
    assert decide(street, NOON, available=SCENES, incident=True).kind == Kind.WAITING
    assert decide(screen(confirmed=False), NOON, available=SCENES).kind == Kind.SCENES


@pytest.mark.parametrize("kind", ["show", "message", "hold", "test"])
def test_a_takeover_ends_by_itself(kind):
    one = screen(takeover=taken(kind, scene="queues", text="Noon", held=("queues",)))
    assert decide(one, at(604), available=SCENES).until == at(605)
    assert decide(one, at(605), available=SCENES).why == "playlist"


@pytest.mark.parametrize("available", [SCENES, ("queues", "river"), (*SCENES, "topics"), ()])
def test_a_held_screen_stays_on_the_scene_it_was_held_on_whatever_comes_and_goes_meanwhile(available):
    held = hold(screen(), at(5), SCENES)
    assert held == ("pulse", "queues", "river")
    one = screen(takeover=taken("hold", held=held))
    assert {decide(one, at(second), available=available).scenes for second in range(6, 600, 7)} == {("pulse",)}
    assert hold(one, at(300), available) == held, "pressed twice it stays as it is"
    assert hold(screen(takeover=taken("show", scene="tone")), at(40), SCENES) == ("tone",)


def test_next_is_the_next_scene_now_and_keeps_step():
    one, other = screen(), screen()
    ahead = skip(one, at(12), SCENES)
    moved = [screen(shift=ahead), screen(shift=skip(other, at(12), SCENES))]
    for second in range(12, 200):
        shown = [decide(each, at(second), available=SCENES).scenes for each in moved]
        assert shown[0] == shown[1]
    assert decide(moved[0], at(12), available=SCENES).scenes == ("queues",)
    assert decide(moved[0], at(31), available=SCENES).scenes == ("queues",), "it has its whole time"
    assert decide(moved[0], at(33), available=SCENES).scenes == ("river",)


def test_a_screen_that_was_put_forward_is_in_step_with_its_neighbours_again_by_itself():
    ahead = skip(screen(), at(12), SCENES)
    moved = screen(shift=ahead, shift_until=at(3600))
    here, there = (
        [decide(one, at(second), available=SCENES).scenes for second in (12, 3601)] for one in (moved, screen())
    )
    assert here[0] != there[0]
    assert here[1] == there[1]
    assert skip(moved, at(3601), SCENES) == skip(screen(), at(3601), SCENES)


def test_next_on_a_held_screen_goes_on_to_what_has_something_to_show():
    assert next_held(("pulse", "queues", "river"), SCENES) == ("queues", "river", "pulse")
    assert next_held(("pulse", "queues", "river"), ("pulse", "river")) == ("river", "pulse", "queues")
    assert next_held(("pulse", "queues"), ()) == ("pulse", "queues")


@pytest.mark.parametrize("takeover", [None, taken("hold", held=("pulse",))])
def test_a_fixed_screen_never_leaves_its_scene_and_a_dark_one_stays_dark_when_all_are_held(takeover):
    fixed = screen(fixed="queues", takeover=takeover)
    dark = screen(quiet=Hours(time(0), time(0)), takeover=takeover)
    for second in range(0, 600, 7):
        assert decide(fixed, at(second), available=()).scenes == ("queues",)
        assert decide(dark, at(second), available=SCENES).kind == Kind.QUIET


# --- Hours -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "quiet"), [(21, False), (22, True), (23, True), (0, True), (5, True), (6, False), (12, False)]
)
def test_quiet_hours_run_over_midnight(hour, quiet):
    assert Hours(time(22), time(6)).holds(datetime(2026, 11, 21, hour, tzinfo=UTC)) is quiet


def test_a_night_belongs_to_the_day_it_began_on():
    friday = Hours(time(22), time(6), frozenset({4}))
    assert friday.holds(datetime(2026, 11, 20, 23, tzinfo=UTC))
    assert friday.holds(datetime(2026, 11, 21, 5, tzinfo=UTC))
    assert not friday.holds(datetime(2026, 11, 21, 23, tzinfo=UTC))
    assert not friday.holds(datetime(2026, 11, 20, 5, tzinfo=UTC))


def test_hours_are_those_of_the_site():
    quiet = screen(quiet=Hours(time(22), time(6)))
    eleven_in_new_york = datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert decide(quiet, eleven_in_new_york, available=SCENES).kind == Kind.QUIET
    assert decide(quiet, NOON, available=SCENES).kind == Kind.SCENES


# --- What may be saved -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (Entry("pulse", 10),),
        (Entry("nothing", 30),),
        tuple(Entry("pulse", 20) for _n in range(7)),
        (Entry("pulse", 100), Entry("queues", 100)),
    ],
)
def test_a_playlist_that_hides_something_too_long_is_refused(entries):
    assert faults(entries, SCENES)


def test_a_good_playlist_is_taken():
    assert faults(THREE, SCENES) == []
    assert faults((Entry("queues", 900),), SCENES) == []
