"""Screens' sockets, against a real web process: who is let in, what is shown, who is found out."""

import asyncio
import json
import re
import time
import uuid
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from commandcenter import control, device_sockets, devices, incidents, pairing, progress
from commandcenter.models import Profile
from commandcenter.models.screens import Room, Screen
from mentions import events
from tests.commandcenter.announced import make_notice
from tests.commandcenter.device import Device, make_screen, play, player_socket, supervisors
from tests.factories import make_queue
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

screen_of = sync_to_async(make_screen)


@sync_to_async
def row(device: Device) -> Screen:
    return Screen.objects.get(pk=device.screen)


@sync_to_async
def press(kind: str, *devices: Device, **about: Any) -> Any:
    return control.give(kind, by=supervisors()[0], screens=[d.screen for d in devices] or None, **about)


def shows(*scenes: str) -> Any:
    return lambda player: player.plan and player.plan["scenes"] == list(scenes)


# --- Being let in ---------------------------------------------------------------------------------------------------


async def test_a_paired_screen_is_shown_its_scene(web):
    lobby = await play(web, await screen_of(fixed="pulse"))
    await lobby.until(lambda p: p.of("scene") and p.of("hello"))
    assert lobby.plan["scenes"] == ["pulse"]
    assert 'data-scene="pulse"' in lobby.of("scene")[0]["html"]
    await lobby.leave()


async def test_without_its_key_a_cookie_opens_nothing(web):
    device = await screen_of()
    thief = await screen_of("Other")
    thief.cookie, thief.token = device.cookie, device.token
    copied = await play(web, thief)
    await copied.until(lambda p: p.closed == 4401)
    assert [frame["type"] for frame in copied.frames] == ["prove"]
    assert (await row(device)).revoked_at is None, "a guess must not be able to switch a screen off"


async def test_a_cookie_alone_is_told_nothing(web):
    async with player_socket(web, await screen_of()) as client:
        assert json.loads(await client.recv())["type"] == "prove"
        for text in ("{}", "[]", "nonsense", '{"type":"showing"}', '{"type":"proof","token":1,"signature":null}'):
            await client.send(text)
        with pytest.raises(Exception, match="4401"):
            await client.recv()


async def test_a_device_whose_line_is_silent_comes_again_and_keeps_its_key(monkeypatch):
    monkeypatch.setattr(device_sockets, "PROOF_S", 0)
    closed = []
    socket = device_sockets.DeviceSocket()
    monkeypatch.setattr(socket, "close", AsyncMock(side_effect=closed.append))
    await socket._nobody_came()
    assert closed == [1013]


async def test_every_connection_uses_a_step_up(web):
    device = await screen_of(fixed="pulse")
    first = device.token
    lobby = await play(web, device)
    await lobby.until(lambda p: p.of("scene"))
    await lobby.leave()
    assert device.token != first
    again = await play(web, device)
    await again.until(lambda p: p.of("scene"))
    await again.leave()


async def test_a_screen_that_lost_power_before_it_took_its_step_is_let_in(web):
    device = await screen_of(fixed="pulse")
    lobby = await play(web, device, silent=True)  # it is handed a step and never says that it has it
    await lobby.until(lambda p: p.of("step"))
    await lobby.leave()
    again = await play(web, device)
    await again.until(lambda p: p.of("scene"))
    await again.leave()


# --- A stolen profile -------------------------------------------------------------------------------------------------


async def test_a_copy_that_comes_while_the_screen_is_on_sees_nothing_and_ends_both(web):
    device = await screen_of(fixed="queues")
    lobby = await play(web, device)
    await lobby.until(lambda p: p.of("scene"))
    thief = await play(web, device.copy())
    await thief.until(lambda p: p.closed == 4401)
    assert [frame["type"] for frame in thief.frames] == ["prove"]
    await lobby.until(lambda p: p.closed == 4401)
    await is_told_of_the_copy(device)


async def test_a_copy_that_went_first_is_found_out_when_the_screen_comes_back(web):
    device = await screen_of(fixed="pulse")
    copy = device.copy()
    thief = await play(web, copy)
    await thief.until(lambda p: p.of("scene"))
    lobby = await play(web, device)
    await lobby.until(lambda p: p.closed == 4401)
    await thief.until(lambda p: p.closed == 4401)
    await is_told_of_the_copy(device)


async def test_an_old_copy_is_found_out_at_once(web):
    device = await screen_of(fixed="pulse")
    copy = device.copy()
    for _evening in range(2):
        lobby = await play(web, device)
        await lobby.until(lambda p: p.of("scene"))
        await lobby.leave()
    thief = await play(web, copy)
    await thief.until(lambda p: p.closed == 4401)
    assert not thief.of("plan")
    await is_told_of_the_copy(device)


async def is_told_of_the_copy(device: Device) -> None:
    screen = await row(device)
    assert screen.revoked_at is not None
    assert "two devices" in screen.revoked_why

    @sync_to_async
    def recorded() -> list[str]:
        events.Sealer().tick()
        return [event.kind for event in events.after(0)]

    assert "screen.copied" in await recorded()


async def test_a_socket_that_takes_none_of_its_steps_is_ended(web):
    device = await screen_of(fixed="pulse")
    thief = await play(web, device, silent=True)
    await thief.until(lambda p: p.of("step"))
    served = device_sockets.DeviceSocket()  # as the one in the web process, some minutes on
    served.screen, served.connection = device.screen, (await row(device)).connection
    players = served.players()
    for _minutes in range(device_sockets.MOST_UNTAKEN + 1):
        assert (await row(device)).revoked_at is None
        served._stepped = -device_sockets.STEP_S
        served.renew()
        await asyncio.gather(*players._tasks)
    assert "did not write down" in (await row(device)).revoked_why
    await thief.until(lambda p: p.closed == 4401, seconds=8)


async def test_a_screen_that_was_cut_off_comes_back_after_a_moment(web):
    device = await screen_of(fixed="pulse")
    dead = await play(web, device)
    await dead.until(lambda p: p.of("scene"))
    dead.silent = True  # its line is dead, and the server has not noticed
    again = await play(web, device)
    await again.until(lambda p: p.of("scene"), seconds=8)
    await again.until(lambda p: len(p.of("beat")) >= 2, seconds=12)
    assert (await row(device)).revoked_at is None, "it must not take itself for its own copy"
    await again.leave()
    await dead.leave()


async def test_a_copy_that_keeps_silent_sees_nothing_more_once_the_screen_is_back(web):
    device = await screen_of(fixed="pulse")
    thief = await play(web, device.copy(), silent=True)  # came in the night, and answers nothing that would tell
    await thief.until(lambda p: p.of("scene"))
    again = await play(web, device)
    await again.until(lambda p: p.of("scene"), seconds=8)
    seen = len(thief.of("scene"))
    await sync_to_async(make_queue)("late")
    await thief.until(lambda p: p.closed == 4401, seconds=25)
    assert len(thief.of("scene")) == seen
    assert again.closed is None
    await again.leave()


async def test_what_one_screen_says_cannot_keep_the_others_from_being_heard(web):
    bad, good = await screen_of("Bad", fixed="pulse"), await screen_of("Good", fixed="pulse")
    one, other = await play(web, bad), await play(web, good)
    for player in (one, other):
        await player.until(lambda p: p.of("scene"))
    hostile: list[dict[str, Any]] = [
        {"kind": "\\u0000"},
        {"state": "\ud800"},
        {"release": "\0"},
        {"scenes": ["\\u0000", "\udfff", {"a": 1}, None]},
        {"kind": "4111 1111 1111 1111"},
    ]
    for said in hostile:
        await sync_to_async(Screen.objects.update)(shown={}, seen_at=None)
        await one.say(type="showing", n=1, **said)
        await other.say(type="showing", n=1, kind="scenes", state="live", scenes=["pulse"])
        deadline = time.monotonic() + 5
        while (await row(good)).shown.get("kind") != "scenes":
            assert time.monotonic() < deadline, f"it was not heard beside {said}"
            await asyncio.sleep(0.05)
        assert "4111" not in str((await row(bad)).shown)
    await one.leave()
    await other.leave()


async def test_no_frame_of_a_screen_brings_anything_down(web):
    device = await screen_of(fixed="pulse")
    lobby = await play(web, device)
    await lobby.until(lambda p: p.of("scene"))
    for text in (
        "[" * 4000,
        '{"type":' * 500,
        '{"type":[]}',
        '"type"',
        "7",
        "null",
        '{"type":"proof","token":"\\ud800","signature":{}}',
    ):
        await lobby.client.send(text)
        await lobby.say(type="showing", n=2, kind="scenes", state="live", scenes=["pulse"])
        assert lobby.closed is None, text
    beats = len(lobby.of("beat"))
    await lobby.until(lambda p: len(p.of("beat")) > beats, seconds=12)
    assert lobby.closed is None
    await lobby.leave()


# --- Its row decides -------------------------------------------------------------------------------------------------


async def test_revoked_it_is_dark_within_ten_seconds(web):
    device = await screen_of(fixed="pulse")
    lobby = await play(web, device)
    await lobby.until(lambda p: p.of("scene"))
    began = time.monotonic()
    await sync_to_async(lambda: devices.revoke(Screen.objects.get(pk=device.screen), by=supervisors()[0]))()
    await lobby.until(lambda p: p.closed == 4401)
    assert time.monotonic() - began < 10
    again = await play(web, device)
    await again.until(lambda p: p.closed == 4401)


async def test_revoked_unheard_it_is_dark_within_ten_seconds_all_the_same(web):
    device = await screen_of(fixed="pulse")
    lobby = await play(web, device)
    await lobby.until(lambda p: p.of("scene"))
    await Screen.objects.filter(pk=device.screen).aupdate(revoked_at=timezone.now())
    await lobby.until(lambda p: p.closed == 4401, seconds=10)


async def test_a_street_screen_shows_nothing_before_a_second_person_has_confirmed_it(web):
    device = await screen_of(profile=Profile.STREET, confirmed=False, fixed="pulse")
    lobby = await play(web, device)
    await lobby.until(lambda p: p.plan)
    assert (lobby.plan["kind"], lobby.plan["scenes"]) == ("waiting", [])
    await sync_to_async(lambda: pairing.confirm(Screen.objects.get(pk=device.screen), by=supervisors()[1]))()
    await lobby.until(lambda p: p.of("scene"))
    assert 'data-profile="street"' in lobby.of("scene")[-1]["html"]
    await lobby.leave()


@pytest.mark.parametrize("query", ["", "&scene=queues", "&profile=internal", "&scene=queues&profile=internal"])
async def test_nothing_that_a_page_asks_for_makes_a_street_screen_internal(web, query):
    await sync_to_async(make_queue)("verysecretqueue")
    lobby = await play(web, await screen_of(profile=Profile.STREET, fixed="pulse"), query)
    await lobby.until(lambda p: p.of("scene"))
    said = json.dumps(lobby.frames).lower()
    assert "verysecretqueue" not in said
    assert "internal" not in said
    await lobby.leave()


async def test_a_room_that_is_opened_makes_its_screens_street_screens_at_once(web):
    device = await screen_of(fixed="queues")
    lobby = await play(web, device)
    await lobby.until(lambda p: p.of("scene"))
    await Room.objects.aupdate(closed_at=None, closed_by=None)
    await lobby.until(lambda p: p.plan["profile"] == "street" and p.plan["kind"] == "waiting")
    await lobby.leave()


async def test_a_page_may_stay_on_one_scene_of_its_profile(web):
    lobby = await play(web, await screen_of(fixed="pulse"), "&scene=queues")
    await lobby.until(shows("queues"))
    await lobby.leave()


async def test_panels_of_one_wall_show_what_follows_each_other(web):
    whole = await play(web, await screen_of("Wall", cols=2, rows=1))
    left = await play(web, await screen_of("Left", cols=2, rows=1, place=1))
    right = await play(web, await screen_of("Right", cols=2, rows=1, place=2))
    for one in (whole, left, right):
        await one.until(lambda p: p.plan)
    deadline = time.monotonic() + 5
    while whole.plan["scenes"] != left.plan["scenes"] + right.plan["scenes"]:
        assert time.monotonic() < deadline, (whole.plan, left.plan, right.plan)
        await asyncio.sleep(0.05)
    assert (whole.plan["cols"], left.plan["cols"]) == (2, 1)
    for one in (whole, left, right):
        await one.leave()


# --- Pressing ---------------------------------------------------------------------------------------------------------


async def test_forty_screens_are_blank_within_two_seconds_and_say_so(web):
    found = [await screen_of(f"Screen {number}", fixed="pulse") for number in range(40)]
    players = await asyncio.gather(*(play(web, device) for device in found))
    for one in players:
        await one.until(lambda p: p.of("scene"), seconds=20)
    began = time.monotonic()
    command = await press("blank")
    reached = await sync_to_async(progress.watched)(command)
    spent = time.monotonic() - began
    assert (reached.asked, reached.showing) == (40, 40)
    assert spent < 2
    for one in players:
        await one.until(lambda p: p.plan["kind"] == "blank", seconds=1)
    await press("lift")
    for one in players:
        await one.until(shows("pulse"), seconds=3)
    await asyncio.gather(*(one.leave() for one in players))


async def test_a_press_that_nobody_announced_is_seen_at_the_next_reading(web, valkey):
    device = await screen_of(fixed="pulse")
    lobby = await play(web, device)
    await lobby.until(lambda p: p.of("scene"))
    command = await press("hold")
    await Screen.objects.filter(pk=device.screen).aupdate(blanked=command)
    await lobby.until(lambda p: p.plan["kind"] == "blank", seconds=8)
    await lobby.leave()


async def test_a_takeover_ends_by_itself(web):
    device = await screen_of(fixed="pulse")
    lobby = await play(web, device)
    await lobby.until(shows("pulse"))
    command = await press("message", text="Fire drill at noon", minutes=1)
    await lobby.until(lambda p: p.plan["kind"] == "message")
    assert "Fire drill at noon" in lobby.plan["cover"]
    await sync_to_async(type(command).objects.filter(pk=command.pk).update)(until=timezone.now() + timedelta(seconds=1))
    await press("identify")  # read again
    await lobby.until(shows("pulse"))
    await lobby.leave()


async def test_restarted_servers_show_what_was_asked_before(web):
    device = await screen_of(fixed="pulse")
    other = await sync_to_async(Web().start)()
    lobby = await play(other, device)
    await lobby.until(shows("pulse"))
    await press("show", device, scene="queues")
    await lobby.until(shows("queues"))
    await sync_to_async(other.stop)()
    await lobby.until(lambda p: p.closed == 1012)
    again = await play(web, device)
    await again.until(lambda p: shows("queues")(p) and p.of("scene"))
    await again.leave()


async def test_who_is_away_is_named(web):
    here, away = await screen_of("Here", fixed="pulse"), await screen_of("Away", fixed="pulse")
    lobby = await play(web, here)
    await lobby.until(lambda p: p.of("scene"))
    command = await press("show", scene="queues")
    found = await sync_to_async(progress.watched)(command)
    assert (found.asked, found.showing, found.offline) == (2, 1, ("Away",))
    assert (await row(away)).acked == 0
    await lobby.leave()


async def test_an_incident_is_on_every_wall_and_leaves_it(web):
    await sync_to_async(make_queue)()
    lobby = await play(web, await screen_of(fixed="pulse"))
    await lobby.until(shows("pulse"))
    supervisor, _second = await sync_to_async(supervisors)()
    incident = await sync_to_async(incidents.open_)(key=uuid.uuid4(), name="Cards declined", by=supervisor)
    await lobby.until(shows("incident"), seconds=8)
    await sync_to_async(incidents.close)(incident, lesson="", by=supervisor)
    await lobby.until(shows("pulse"), seconds=8)
    await lobby.leave()


async def test_strangers_read_the_notice_in_an_incident_and_not_a_byte_of_it(web):
    await sync_to_async(make_queue)()
    device = await screen_of("Window", profile=Profile.STREET, fixed="pulse")
    window = await play(web, device)
    await window.until(shows("pulse"))
    supervisor, _second = await sync_to_async(supervisors)()
    incident = await sync_to_async(incidents.open_)(key=uuid.uuid4(), name="Quillfeather breach", by=supervisor)
    await sync_to_async(incidents.note)(incident, "quillfeather line of the room", by=supervisor)
    await window.until(shows("notice"), seconds=8)
    await window.until(lambda p: any(frame["scene"] == "notice" for frame in p.of("scene")))
    await sync_to_async(make_notice)("We never ask for your password")
    await window.until(lambda p: any("never ask" in frame["html"] for frame in p.of("scene")), seconds=30)
    assert not {"quillfeather", "incident"} & set(re.findall(r"\w+", json.dumps(window.frames).lower()))
    await sync_to_async(incidents.close)(incident, lesson="", by=supervisor)
    await window.until(shows("pulse"), seconds=8)
    await window.leave()
