"""The hub against a real Valkey and PostgreSQL: whatever breaks, every listener ends up knowing how it is."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from django.db import transaction

from config.embedded import VALKEY
from mentions import events, live
from mentions.events import SYSTEM, Sealed, Sealer
from mentions.live import Change, Hub, Truth, announce, tell
from mentions.models import Calendar, Queue, SlaPolicy

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Ear:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.beats: list[Truth] = []
        self.messages: list[Mapping[str, Any]] = []

    def changed(self, change: Change) -> None:
        self.changes.append(change)

    def beat(self, truth: Truth) -> None:
        self.beats.append(truth)

    def told(self, message: Mapping[str, Any]) -> None:
        self.messages.append(message)

    @property
    def conversations(self) -> set[int]:
        return {number for change in self.changes for number in change.conversations or ()}


async def eventually(happened: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(*ears: Ear) -> AsyncIterator[Hub]:
    """The hub of this loop with these listeners, ready and hearing."""
    hub = live.hub()
    for ear in ears:
        hub.join(ear)
    await hub.ready()
    await eventually(lambda: hub.hearing)
    try:
        yield hub
    finally:
        for ear in ears:
            hub.leave(ear)


def sealed(position: int, *, conversations: tuple[int, ...] = (), queues: dict[int, int] | None = None) -> Sealed:
    return Sealed(position, NOW, queues or {}, conversations, frozenset({"mention.received"}), 1)


@sync_to_async
def happen(*conversations: int, queue: int | None = None, tell_it: bool = False) -> int:
    """Something happens to each conversation and is sealed; the new position."""
    with transaction.atomic():
        for conversation in conversations:
            events.record("case.claimed", at=NOW, by=SYSTEM, conversation_id=conversation, queue_id=queue)
    batch = Sealer().tick()
    assert batch is not None
    if tell_it:
        announce(batch)
    return batch.position


@sync_to_async
def a_queue() -> Queue:
    policy = SlaPolicy.objects.create(name="usual", calendar=Calendar.objects.create(name="always"))
    return Queue.objects.create(slug="care", name="Care", policy=policy)


@pytest.fixture
def own_valkey(tmp_path: Path, settings: Any) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a Valkey of this test alone, which it may kill."""
    path = tmp_path / "v.sock"
    settings.REDIS_URL = f"unix://{path}?db=0"
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        arguments = [str(VALKEY), "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
        running.append(process)
        client = redis.Redis.from_url(settings.REDIS_URL)
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                assert time.monotonic() < deadline
            else:
                client.close()
                return process

    yield start
    for process in running:
        process.kill()
        process.wait()


async def test_an_announcement_reaches_every_listener_as_ids_and_versions():
    first, second = Ear(), Ear()
    async with listening(first, second):
        announce(sealed(7, conversations=(31, 32), queues={4: 19}))
        await eventually(lambda: first.changes and second.changes)
    expected = Change(7, {4: 19}, (31, 32), frozenset({"mention.received"}))
    assert first.changes == second.changes == [expected]


async def test_what_is_published_holds_no_content(valkey):
    watcher = valkey.pubsub()
    watcher.subscribe(live.channel())
    watcher.get_message(timeout=2)
    announce(sealed(7, conversations=(31,), queues={4: 19}))
    message = json.loads(watcher.get_message(timeout=2)["data"])
    watcher.close()
    assert message == {
        "seq": 7,
        "at": NOW.isoformat(),
        "queues": {"4": 19},
        "conversations": [31],
        "kinds": ["mention.received"],
    }


async def test_a_doubled_or_late_announcement_changes_nothing():
    ear = Ear()
    async with listening(ear):
        for position in (7, 7, 5, 8):
            announce(sealed(position))
        await eventually(lambda: any(change.seq == 8 for change in ear.changes))
    assert [change.seq for change in ear.changes] == [7, 8]


async def test_what_another_process_tells_is_heard():
    ear = Ear()
    async with listening(ear):
        tell("scene", key="pulse")
        await eventually(lambda: ear.messages)
    assert ear.messages == [{"topic": "scene", "key": "pulse"}]


async def test_garbage_on_the_channel_is_passed_over(valkey):
    ear = Ear()
    async with listening(ear):
        for garbage in (b"\xff\x00", b"[]", b"{}", b'{"seq":"x","queues":{},"conversations":[],"kinds":[]}'):
            valkey.publish(live.channel(), garbage)
        announce(sealed(9))
        await eventually(lambda: ear.changes)
    assert [change.seq for change in ear.changes] == [9]


async def test_a_failing_listener_silences_nobody_else():
    class Deaf(Ear):
        def changed(self, change: Change) -> None:
            raise ValueError("broken")

    ear = Ear()
    async with listening(Deaf(), ear):
        announce(sealed(3))
        await eventually(lambda: ear.changes)


async def test_a_lost_announcement_is_made_good_by_reading(monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    queue = await a_queue()
    ear = Ear()
    async with listening(ear) as hub:
        position = await happen(41, 42, queue=queue.pk)
        await eventually(lambda: ear.conversations == {41, 42})
        assert hub.seq == position
    assert ear.changes[-1].queues == {queue.pk: 1}
    assert ear.changes[-1].kinds == {"case.claimed"}


async def test_when_too_much_was_missed_everybody_looks_again(monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    monkeypatch.setattr(live, "MOST_MISSED", 20)
    ear = Ear()
    async with listening(ear):
        await happen(*range(1, 30))
        await eventually(lambda: ear.changes)
    assert ear.changes[-1].conversations is None


async def test_a_cut_subscription_is_made_again_and_what_was_missed_is_heard(valkey):
    ear = Ear()
    async with listening(ear) as hub:
        valkey.client_kill_filter(_type="pubsub")
        await happen(51)
        await eventually(lambda: ear.conversations == {51}, seconds=3)
        await eventually(lambda: hub.hearing)
        await happen(52, tell_it=True)
        await eventually(lambda: ear.conversations == {51, 52}, seconds=1)


async def test_flushing_valkey_loses_nothing(own_valkey):
    own_valkey()
    ear = Ear()
    async with listening(ear):
        live.valkey().flushall()
        await happen(61, tell_it=True)
        await eventually(lambda: ear.conversations == {61}, seconds=1)


async def test_a_killed_valkey_costs_seconds_and_its_return_is_noticed(own_valkey):
    process = own_valkey()
    ear = Ear()
    async with listening(ear) as hub:
        process.kill()
        process.wait()
        await happen(71, tell_it=True)
        await eventually(lambda: ear.conversations == {71}, seconds=3)
        assert not hub.hearing
        await sync_to_async(own_valkey)()
        await eventually(lambda: hub.hearing, seconds=8)


def test_announcing_without_valkey_neither_raises_nor_holds_up_the_sealing(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path / 'nobody.sock'}?db=0"
    live._mute.until = 0.0
    began = time.monotonic()
    for position in range(100):
        announce(sealed(position))
    assert time.monotonic() - began < 0.5
    live._mute.until = 0.0


async def test_the_beat_tells_the_time_of_the_database_and_every_version():
    queue = await a_queue()
    position = await happen(81, queue=queue.pk)
    ear = Ear()
    async with listening(ear):
        await eventually(lambda: ear.beats)
    assert ear.beats[0].seq == position
    assert ear.beats[0].queues == {queue.pk: 1}
    assert abs((datetime.now(UTC) - ear.beats[0].at).total_seconds()) < 5
