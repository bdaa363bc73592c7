"""Sockets as a browser meets them: a real web process, real Valkey, real PostgreSQL."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agents import freeze
from agents.models import Case, Role, User
from commandcenter import sockets
from commandcenter.consumers import ConsoleSocket, house
from mentions import events, live
from mentions.events import SYSTEM, Sealer
from mentions.models import Author, Conversation, Queue, Source
from tests.factories import make_person, make_queue, make_source
from tests.web import Client, Web, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Browser:
    """One end of a socket: every frame it got, and what it was closed with."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for text in self.client:
                self.frames.append(json.loads(text))
        except ConnectionClosed:
            pass
        self.closed = self.client.close_code

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    @property
    def conversations(self) -> set[int]:
        return {number for frame in self.of("changed") for number, *_ in frame["conversations"]}

    @property
    def queues(self) -> dict[int, int]:
        return {int(queue): version for frame in self.of("changed") for queue, version in frame["queues"].items()}

    async def until(self, happened: Any, seconds: float = 8) -> None:
        deadline = time.monotonic() + seconds
        while not happened(self):
            assert time.monotonic() < deadline, f"it did not happen: {self.frames}, closed {self.closed}"
            await asyncio.sleep(0.01)


@asynccontextmanager
async def browsing(web: Web, path: str, cookie: str = "", **options: Any) -> AsyncIterator[Browser]:
    async with web.socket(path, cookie, **options) as client:
        browser = Browser(client)
        yield browser
        browser.reading.cancel()


@asynccontextmanager
async def console(web: Web, person: User, query: str = "") -> AsyncIterator[Browser]:
    """A console that was let in."""
    async with browsing(web, f"/ws/console/{query}", await sync_to_async(sign_in)(person)) as browser:
        await browser.until(lambda b: b.of("hello"))
        yield browser


person = sync_to_async(make_person)
queue = sync_to_async(make_queue)


def conversation(queue: Queue, *, source: Source | None = None, **fields: Any) -> Conversation:
    number = Author.objects.count()
    author = Author.objects.create(network="townsquare", external_id=f"a{number}", first_seen_at=NOW)
    times = dict.fromkeys(("opened_at", "received_at", "last_inbound_at", "queued_at"), NOW)
    return Conversation.objects.create(
        source=source or make_source(),
        author=author,
        visibility="public",
        queue=queue,
        first_mention_id=1,
        last_mention_id=1,
        **{**times, **fields},
    )


@sync_to_async
def a_conversation(queue: Queue, **fields: Any) -> int:
    return conversation(queue, **fields).pk


@sync_to_async
def touch(*conversations: int, announce: bool = True) -> int:
    """Something happens to these conversations, is sealed and announced; the position reached."""
    queues = dict(Conversation.objects.filter(pk__in=conversations).values_list("pk", "queue_id"))
    with transaction.atomic():
        for number in conversations:
            events.record("case.claimed", at=NOW, by=SYSTEM, conversation_id=number, queue_id=queues[number])
    sealed = Sealer().tick()
    assert sealed is not None
    if announce:
        live.announce(sealed)
    return sealed.position


# --- Who is let in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/ws/console/", "/ws/wall/?scene=pulse"])
async def test_a_stranger_is_told_so_after_the_handshake(web, path):
    async with browsing(web, path, "no-such-session") as browser:
        await browser.until(lambda b: b.closed == 4401)
    async with browsing(web, path) as browser:
        await browser.until(lambda b: b.closed == 4401)
    assert browser.frames == []


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.AGENT, False),
        (Role.SUPERVISOR, True),
        (Role.MANAGER, True),
        (Role.COMPLIANCE, False),
        (Role.ADMINISTRATOR, True),
    ],
)
async def test_walls_are_for_those_who_run_the_room(web, role, allowed):
    cookie = await sync_to_async(sign_in)(await person(role=role))
    async with browsing(web, "/ws/wall/?scene=pulse&profile=internal", cookie) as browser:
        await browser.until(lambda b: b.of("hello") if allowed else b.closed == 4403)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null", None])
async def test_a_page_from_elsewhere_cannot_open_a_socket(web, origin):
    cookie = await sync_to_async(sign_in)(await person())
    with pytest.raises(InvalidStatus) as refused:
        async with web.socket("/ws/console/", cookie, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_what_a_browser_sends_is_not_read(web):
    async with console(web, await person()) as browser:
        for text in ("{}", "x" * 4000, json.dumps({"type": "websocket.disconnect"})):
            await browser.client.send(text)
        await browser.client.send(b"\x00\xff")
        await browser.until(lambda b: b.of("beat"))
        await browser.client.send("x" * 100_000)
        await browser.until(lambda b: b.closed)


async def test_whoever_loses_the_right_is_sent_away_within_ten_seconds(web):
    @sync_to_async
    def revoke() -> None:
        User.objects.filter(username="left").update(is_active=False)
        User.objects.filter(username="demoted").update(role=Role.AGENT)
        changed = User.objects.get(username="changed")
        changed.set_password("another long password")
        changed.save()
        Session.objects.filter(session_key=cookies["out"]).delete()

    cookies = {}
    for name in ("left", "demoted", "changed", "out", "stays"):
        cookies[name] = await sync_to_async(sign_in)(await person(name, role=Role.SUPERVISOR))
    browsers = {name: Browser(await web.socket("/ws/wall/?scene=pulse", cookie)) for name, cookie in cookies.items()}
    for browser in browsers.values():
        await browser.until(lambda b: b.of("hello"))
    began = time.monotonic()
    await revoke()
    for name, code in (("left", 4401), ("demoted", 4403), ("changed", 4401), ("out", 4401)):
        await browsers[name].until(lambda b, code=code: b.closed == code, seconds=10)
    assert time.monotonic() - began < 10
    assert browsers["stays"].closed is None
    for browser in browsers.values():
        await browser.client.close()


# --- What a console is told --------------------------------------------------------------------------------------


async def test_the_first_word_says_where_everything_stands(web):
    care = await queue("care")
    await queue("fraud")
    position = await touch(await a_conversation(care))
    async with console(web, await person(teams=("care",))) as browser:
        hello = browser.of("hello")[0]
    assert hello["seq"] == position
    assert hello["queues"] == {str(care.pk): 1}
    assert "release" in hello


async def test_a_console_hears_of_its_own_queues_alone(web):
    care, fraud = await queue("care"), await queue("fraud")
    ours, theirs = await a_conversation(care), await a_conversation(fraud)
    async with (
        console(web, await person("priya", teams=("care",))) as priya,
        console(web, await person("mona", role=Role.MANAGER, teams=())) as mona,
    ):
        position = await touch(ours, theirs)
        await mona.until(lambda b: b.conversations == {ours, theirs})
        await priya.until(lambda b: b.conversations == {ours})
        assert set(mona.queues) == {care.pk, fraud.pk}
        assert set(priya.queues) == {care.pk}
        assert mona.of("changed")[-1]["seq"] == position
        await touch(theirs)
        await mona.until(lambda b: len(b.of("changed")) == 2)
        await priya.until(lambda b: b.of("beat"))
        assert len(priya.of("changed")) == 1


async def test_what_concerns_everybody_is_told_to_everybody(web):
    await queue()
    async with console(web, await person(teams=("nobodys",))) as browser:
        await sync_to_async(freeze.start)(by=await person("boss", role=Role.SUPERVISOR))
        await sync_to_async(lambda: live.announce(Sealer().tick()))()
        await browser.until(lambda b: any(frame.get("house") for frame in b.of("changed")))


async def test_whoever_holds_a_conversation_of_another_team_hears_of_it(web):
    fraud = await queue("fraud")
    await queue("care")
    theirs = await a_conversation(fraud)
    priya = await person("priya", teams=("care",))
    await Case.objects.acreate(
        conversation_id=theirs, owner=priya, queue=fraud, queued_at=NOW, claimed_at=NOW, lease_until=NOW
    )
    async with console(web, priya) as browser:
        await touch(theirs)
        await browser.until(lambda b: b.conversations == {theirs})
        assert browser.queues == {}


async def test_canaries_are_nobodys_news(web):
    care = await queue("care")
    canary, real = await a_conversation(care, origin="canary"), await a_conversation(care)
    async with console(web, await person()) as browser:
        await touch(canary)
        await touch(real)
        await browser.until(lambda b: real in b.conversations)
        assert canary not in browser.conversations


async def test_a_storm_is_told_four_times_a_second_and_ends_in_the_truth(web):
    care = await queue("care")
    number = await a_conversation(care)
    async with console(web, await person()) as browser:
        began = time.monotonic()
        while time.monotonic() - began < 2:
            position = await touch(number)
        await browser.until(lambda b: b.of("changed") and b.of("changed")[-1]["seq"] == position, seconds=3)
        assert len(browser.of("changed")) <= 11
        assert browser.queues[care.pk] == (await Queue.objects.aget(pk=care.pk)).version


async def test_a_new_connection_goes_on_where_the_old_one_ended(web):
    care = await queue("care")
    first, second = await a_conversation(care), await a_conversation(care)
    priya = await person()
    async with console(web, priya) as staying:
        async with console(web, priya) as browser:
            await touch(first)
            await browser.until(lambda b: b.conversations == {first})
            seen = browser.of("changed")[-1]["seq"]
        position = await touch(second)
        await staying.until(lambda b: second in b.conversations)
        async with console(web, priya, f"?after={seen}") as again:
            await again.until(lambda b: b.conversations == {second})
            assert again.of("changed")[0]["seq"] == position
        async with console(web, priya, f"?after={position}") as again:
            await again.until(lambda b: b.of("beat"))
            assert again.of("changed") == []


async def test_who_was_away_for_longer_than_is_remembered_looks_at_everything_again(web):
    care = await queue("care")
    position = await touch(await a_conversation(care))
    async with console(web, await person(), f"?after={position - 1}") as browser:
        await browser.until(lambda b: b.of("changed"))
    changed = browser.of("changed")[0]
    assert changed["all"] is True
    assert changed["queues"] == {str(care.pk): 1}
    assert changed["seq"] == position


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "999999", "%00", "1&after=2"])
async def test_a_senseless_place_to_resume_does_no_harm(web, after):
    async with console(web, await person(), f"?after={after}") as browser:
        await browser.until(lambda b: b.of("beat"))


async def test_the_beat_says_that_the_database_answers(web):
    async with console(web, await person()) as browser:
        await browser.until(lambda b: len(b.of("beat")) >= 2, seconds=12)
        first, second = (datetime.fromisoformat(beat["at"]) for beat in browser.of("beat")[:2])
    assert 3 < (second - first).total_seconds() < 8
    assert abs((datetime.now(UTC) - second).total_seconds()) < 8


async def test_a_cut_subscription_is_not_noticed_by_a_console(web, valkey):
    number = await a_conversation(await queue("care"))
    async with console(web, await person()) as browser:
        valkey.client_kill_filter(_type="pubsub")
        position = await touch(number, announce=False)
        await browser.until(lambda b: b.conversations == {number} and b.of("changed")[-1]["seq"] == position)


# --- Many ---------------------------------------------------------------------------------------------------------


async def test_three_hundred_join_at_once_and_all_are_let_in(web):
    cookie = await sync_to_async(sign_in)(await person())
    number = await a_conversation(await queue("care"))

    async def join() -> Browser:
        return Browser(await web.socket("/ws/console/", cookie, open_timeout=30))

    began = time.monotonic()
    browsers = await asyncio.gather(*(join() for _ in range(300)))
    for browser in browsers:
        await browser.until(lambda b: b.of("hello"), seconds=30)
    assert time.monotonic() - began < 30
    await touch(number)
    for browser in browsers:
        await browser.until(lambda b: b.conversations == {number}, seconds=3)
    assert not any(browser.closed for browser in browsers)
    await asyncio.gather(*(browser.client.close() for browser in browsers))


async def test_a_browser_that_does_not_read_holds_nobody_up(web):
    care = await queue("care")
    number = await a_conversation(care)
    slow_cookie, quick_person = await sync_to_async(sign_in)(await person("slow")), await person("quick")
    async with (
        web.socket("/ws/console/", slow_cookie, max_queue=1, compression=None) as slow,
        console(web, quick_person) as quick,
    ):
        assert json.loads(await slow.recv())["type"] == "hello"
        slow.transport.pause_reading()
        for _ in range(6):
            position = await touch(number)
            await quick.until(lambda b, p=position: b.of("changed") and b.of("changed")[-1]["seq"] == p, seconds=2)
        slow.transport.resume_reading()
        seen = 0
        while seen != position:
            seen = json.loads(await asyncio.wait_for(slow.recv(), 8))["seq"]


class Stuck:
    """The far end of a socket in this very process, which takes nothing while it is stuck."""

    def __init__(self, cookie: str) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.free = asyncio.Event()
        self.free.set()
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {"type": "websocket", "cookies": {settings.SESSION_COOKIE_NAME: cookie}, "query_string": b""}
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.running = asyncio.create_task(ConsoleSocket.as_asgi()(scope, self.inbox.get, self._take))

    async def _take(self, message: dict[str, Any]) -> None:
        await self.free.wait()
        if message["type"] == "websocket.send":
            self.frames.append(json.loads(message["text"]))
        elif message["type"] == "websocket.close":
            self.closed = message["code"]

    async def until(self, happened: Any) -> None:
        deadline = time.monotonic() + 8
        while not happened():
            assert time.monotonic() < deadline, self.frames
            await asyncio.sleep(0.01)

    async def leave(self) -> None:
        self.free.set()
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.running


async def test_a_slow_browser_skips_what_it_missed_and_is_told_the_sum():
    care = await queue("care")
    numbers = [await a_conversation(care) for _ in range(5)]
    slow = Stuck(await sync_to_async(sign_in)(await person("slow")))
    quick = Stuck(await sync_to_async(sign_in)(await person("quick")))
    await slow.until(lambda: slow.frames and quick.frames)
    slow.free.clear()
    for number in numbers:
        position = await touch(number)
        await quick.until(lambda p=position: quick.frames[-1]["seq"] == p)
    slow.free.set()
    await slow.until(lambda: slow.frames[-1]["seq"] == position)
    told = [frame for frame in slow.frames if frame["type"] == "changed"]
    assert len(told) <= 2, "one may have been on its way when the browser stopped taking any"
    assert [number for frame in told for number, *_ in frame["conversations"]] == numbers
    await slow.leave()
    await quick.leave()


async def test_a_socket_does_not_grow_older_than_its_life_and_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(sockets, "LIFE_S", 0.0)
    browser = Stuck(await sync_to_async(sign_in)(await person()))
    await browser.until(lambda: browser.closed)
    assert browser.closed == 1012
    await browser.leave()


async def test_a_server_that_stops_tells_its_sockets_to_come_back():
    stopping = await sync_to_async(Web().start)()
    cookie = await sync_to_async(sign_in)(await person())
    async with browsing(stopping, "/ws/console/", cookie) as browser:
        await browser.until(lambda b: b.of("hello"))
        await sync_to_async(stopping.stop)()
        await browser.until(lambda b: b.closed == 1012)


async def test_nothing_stays_behind_when_the_last_socket_has_gone():
    browser = Stuck(await sync_to_async(sign_in)(await person()))
    await browser.until(lambda: browser.frames)
    await browser.leave()
    here = house()
    assert not here.hub.listeners
    assert not here.consoles.sockets
    assert not here.door.inside
