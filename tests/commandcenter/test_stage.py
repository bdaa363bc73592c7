"""One rendering for everybody: across calls, across processes, with and without Valkey."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed

from agents.models import Role
from commandcenter import scenes, stage
from commandcenter.models import Profile
from commandcenter.stage import View
from mentions import live
from mentions.live import valkey
from tests.commandcenter.history import ago, hear, settle
from tests.factories import make_person, make_queue, make_source
from tests.web import Web, sign_in

pytestmark = [pytest.mark.django_db(transaction=True)]

PULSE = View("pulse", Profile.INTERNAL, "en")


def turn_is_over() -> None:
    valkey().delete(f"scene/{PULSE}/turn")


def test_what_somebody_rendered_is_taken_by_the_others():
    first, second = stage.obtain(PULSE), stage.obtain(PULSE)
    assert first is not None
    assert second == first


def test_another_profile_or_language_is_another_frame():
    internal = stage.obtain(PULSE)
    street = stage.obtain(View("pulse", Profile.STREET, "en"))
    spanish = stage.obtain(View("pulse", Profile.INTERNAL, "es"))
    assert len({internal.as_of, street.as_of, spanish.as_of}) == 3


def test_nobody_renders_again_within_half_a_second():
    first = stage.obtain(PULSE)
    assert stage.obtain(PULSE, seq=first.seq + 1) is None
    assert stage.obtain(PULSE, newer_than=first.as_of) is None
    turn_is_over()
    assert stage.obtain(PULSE, newer_than=first.as_of).as_of > first.as_of


def test_the_turn_ends_by_itself_if_whoever_had_it_died():
    assert valkey().set(f"scene/{PULSE}/turn", 1, nx=True, px=int(stage.PERIOD_S * 1000))
    began = time.monotonic()
    while stage.obtain(PULSE) is None:
        assert time.monotonic() - began < 2


def test_what_takes_long_to_render_is_rendered_less_often():
    stage._rest(PULSE, 0.01)
    assert valkey().pttl(f"scene/{PULSE}/turn") < 0, "what is quick keeps the turn that it has"
    for took, rest in ((1.0, 1.0 / stage.SHARE), (60.0, stage.REFRESH_S)):
        stage._rest(PULSE, took)
        assert rest - 1 < valkey().pttl(f"scene/{PULSE}/turn") / 1000 <= rest


def test_a_frame_from_before_a_change_is_not_good_enough():
    make_queue()
    old = stage.obtain(PULSE)
    hear(make_source(), at=ago(seconds=1))
    settle()
    turn_is_over()
    new = stage.obtain(PULSE, seq=old.seq + 1)
    assert new.seq > old.seq
    assert stage.obtain(PULSE) == new


def test_garbage_in_the_cache_is_rendered_over():
    valkey().set(f"scene/{PULSE}", b"\xff garbage")
    assert stage.obtain(PULSE).scene == "pulse"


def test_without_valkey_everybody_renders_for_themselves(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path / 'nobody.sock'}?db=0"
    first, second = stage.obtain(PULSE), stage.obtain(PULSE)
    assert second.as_of > first.as_of


def test_an_unknown_scene_is_refused():
    with pytest.raises(scenes.UnknownScene):
        stage.obtain(View("nothing", Profile.INTERNAL, "en"))


async def watch(web: Web, cookie: str, query: str = "scene=pulse&profile=internal") -> tuple[Any, list[dict[str, Any]]]:
    """A screen, and the frames that it gets."""
    client = await web.socket(f"/ws/wall/?{query}", cookie)
    frames: list[dict[str, Any]] = []

    async def read() -> None:
        with suppress(ConnectionClosed):
            while True:
                frames.append(json.loads(await client.recv()))

    client.reading = asyncio.create_task(read())
    return client, frames


async def until(happened: Any, seconds: float = 8) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def of_scene(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [frame for frame in frames if frame["type"] == "scene"]


@sync_to_async
def something_happens(author: str) -> int:
    hear(make_source(), at=ago(seconds=0), author=author)
    settle()
    position = scenes.events.last_position()
    live.announce(live.Sealed(position, ago(seconds=0), {}, (1,), frozenset({"mention.received"}), 1))
    return position


@pytest.mark.processes
async def test_two_processes_show_the_very_same_frames(web):
    await sync_to_async(make_queue)()
    cookie = await sync_to_async(sign_in)(await sync_to_async(make_person)("mona", role=Role.MANAGER))
    other = await sync_to_async(Web().start)()
    try:
        (here, ours), (there, theirs) = await watch(web, cookie), await watch(other, cookie)
        await until(lambda: of_scene(ours) and of_scene(theirs))
        for number in range(8):
            position = await something_happens(f"a{number}")
            await until(lambda p=position: of_scene(ours)[-1]["seq"] >= p and of_scene(theirs)[-1]["seq"] >= p, 3)
        mine, yours = ({frame["as_of"] for frame in of_scene(frames)} for frames in (ours, theirs))
        assert len(mine & yours) >= 7
        for client in (here, there):
            await client.close()
    finally:
        await sync_to_async(other.stop)()


async def test_while_somebody_else_renders_what_they_have_is_shown_and_nobody_asks_again_and_again(monkeypatch):
    await sync_to_async(make_queue)()
    theirs = await sync_to_async(stage.obtain)(PULSE)
    valkey().set(f"scene/{PULSE}/turn", 1, px=600)
    asked = []
    monkeypatch.setattr(stage, "_our_turn", lambda view, real=stage._our_turn: asked.append(view) or real(view))
    show = stage.Show(PULSE, wanted=theirs.seq + 100, oldest=None, counted=theirs.seq + 100)
    show.look(theirs.as_of)
    running = asyncio.create_task(show.run())
    await until(lambda: show.frame is not None)
    assert show.frame == theirs
    await until(lambda: show.frame != theirs)  # their turn is over, and they said nothing
    assert len(asked) <= 4
    running.cancel()


async def test_counts_are_rendered_when_they_have_been_counted_and_not_before(monkeypatch):
    await sync_to_async(make_queue)()
    monkeypatch.setattr(stage, "PERIOD_S", 0.05)
    rendered: dict[str, list[int]] = {"pulse": [], "queues": []}
    real = scenes.render
    monkeypatch.setattr(scenes, "render", lambda key, *about: rendered[key].append(0) or real(key, *about))
    shows = [stage.Show(View(key, Profile.INTERNAL, "en"), wanted=0, oldest=None, counted=0) for key in rendered]
    running = [asyncio.create_task(show.run()) for show in shows]
    await until(lambda: all(show.frame for show in shows))
    await sync_to_async(hear)(await sync_to_async(make_source)(), at=ago(seconds=1))
    await sync_to_async(scenes.events.Sealer().tick)()
    position = await sync_to_async(scenes.events.last_position)()
    for show in shows:
        show.want(position)
    await until(lambda: shows[1].frame.seq == position)
    await asyncio.sleep(0.3)
    assert len(rendered["pulse"]) == 1, "what is not counted yet would only be shown once more as it was"
    await sync_to_async(settle)()
    shows[0].count(position)
    await until(lambda: shows[0].frame.seq == position)
    assert [len(times) for times in rendered.values()] == [2, 2]
    for task in running:
        task.cancel()


@pytest.mark.processes
async def test_flushing_valkey_is_not_seen_on_a_wall(web, valkey):
    await sync_to_async(make_queue)()
    cookie = await sync_to_async(sign_in)(await sync_to_async(make_person)("mona", role=Role.MANAGER))
    client, frames = await watch(web, cookie)
    await until(lambda: of_scene(frames))
    valkey.flushdb()
    position = await something_happens("after")
    await until(lambda: of_scene(frames)[-1]["seq"] >= position, 3)
    await client.close()


@pytest.mark.processes
async def test_a_screen_is_greeted_and_shown_the_scene_at_once(web):
    cookie = await sync_to_async(sign_in)(await sync_to_async(make_person)("mona", role=Role.MANAGER))
    client, frames = await watch(web, cookie)
    await until(lambda: of_scene(frames))
    greeting, *beats = [frame for frame in frames if frame["type"] != "scene"]
    assert (frames[0], greeting["type"]) == (greeting, "hello")
    assert {beat["type"] for beat in beats} <= {"beat"}
    assert {"seq", "at", "release"} < greeting.keys()
    assert of_scene(frames)[0].keys() == {"type", "scene", "html", "as_of", "seq"}
    await client.close()


@pytest.mark.processes
@pytest.mark.parametrize("query", ["", "scene=nothing", "scene=_strip", "scene=pulse&profile=owner"])
async def test_a_screen_that_asks_for_what_does_not_exist_is_sent_away(web, query):
    cookie = await sync_to_async(sign_in)(await sync_to_async(make_person)("mona", role=Role.MANAGER))
    client, _ = await watch(web, cookie, query)
    await until(lambda: client.close_code == 4403)


@pytest.mark.processes
async def test_a_screen_that_does_not_say_who_sees_it_is_shown_what_strangers_may_see(web):
    cookie = await sync_to_async(sign_in)(await sync_to_async(make_person)("mona", role=Role.MANAGER))
    client, frames = await watch(web, cookie, "scene=queues")
    await until(lambda: of_scene(frames))
    assert 'data-profile="street"' in of_scene(frames)[0]["html"]
    assert "Overdue" not in of_scene(frames)[0]["html"]
    await client.close()
