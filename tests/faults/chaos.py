"""Who kills, who works meanwhile, and what must be true after all of it."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from commandcenter.models import Grain
from tests.faults.bank import Bank
from tests.faults.stream import Stream, digest, until
from tests.product import Product, alive

KINDS = ("web", "postgres", "listener", "valkey", "worker")
TITLES = {kind: kind for kind in KINDS} | {"worker": "qcluster"}
FLUSH = "flush"
TRAVELLER = "stranded"  # a word of those who write on the real Town Square, and are answered
GRACE_S = 60.0
GOOD = "Sorry about the trouble. Please send us a private message so that we can look into it together. Ref"


@dataclass
class Killer:
    """Kills processes of the product at moments of its own choosing, each kind as often as the others."""

    product: Product
    kills: int
    kinds: tuple[str, ...] = KINDS
    pause: tuple[float, float] = (0.3, 1.7)
    seed: int = 1
    done: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Kill until the number is reached."""
        chance = random.Random(self.seed)
        order = [self.kinds[n % len(self.kinds)] for n in range(self.kills)]
        chance.shuffle(order)
        for kind in order:
            threading.Event().wait(chance.uniform(*self.pause))
            assert until(lambda kind=kind: self.strike(kind, chance), GRACE_S), f"no {kind} came back to be killed"
            self.done[kind] += 1

    def strike(self, kind: str, chance: random.Random) -> bool:
        """Kill one process of the kind; False if none lives right now."""
        if kind == FLUSH:
            with suppress(redis.RedisError):
                client = redis.Redis.from_url(self.product.run["redis_url"], socket_timeout=2)
                client.flushall()
                client.close()
                return True
            return False
        named = self.product.run["pids"][kind]
        victims = [pid for pid in (named if isinstance(named, list) else [named]) if pid and alive(pid)]
        if not victims:
            return False
        with suppress(ProcessLookupError):
            os.kill(chance.choice(victims), signal.SIGKILL)
            return True
        return False


@dataclass
class Worker(threading.Thread):
    """An agent who claims whatever is next and answers, releases, closes or leaves it, as long as it lasts."""

    bank: Bank
    username: str
    ending: threading.Event
    claimed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    sent: dict[uuid.UUID, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        chance = random.Random(self.username)
        with self.bank.browser(self.username) as browser:
            while not self.ending.is_set():
                try:
                    self._work(browser, chance)
                except (httpx.HTTPError, OSError):
                    self.statuses[0] += 1
                    self.ending.wait(0.1)

    def _work(self, browser: httpx.Client, chance: random.Random) -> None:
        address = self._claim(browser, chance)
        if address is None:
            self.ending.wait(0.1)
            return
        self.claimed += 1
        shown = browser.get(address).text
        version = re.search(r'name="version" value="(\d+)"', shown)
        if version is not None and TRAVELLER in shown:
            key = uuid.uuid4()
            said = f"{GOOD} {key.hex.translate(str.maketrans('0123456789', 'ghijklmnop'))}"
            self.sent[key] = said
            asked = {"text": said, "mode": "public", "version": version[1], "client_key": str(key)}
            self.statuses[browser.post(f"{address}reply/", data=asked).status_code] += 1
        deed = chance.choices(["close", "release", "claim", "stay"], [5, 1, 1, 2])[0]
        if deed != "stay":
            done = browser.post(f"{address}{deed}/", data={"disposition": "answered"})
            self.statuses[done.status_code] += 1

    def _claim(self, browser: httpx.Client, chance: random.Random) -> str | None:
        """The address of a conversation that is ours now: whatever is next, or a traveller's, which all agents want."""
        if chance.random() < 0.5:
            answer = browser.post("/console/next/", data={"view": "care"})
            found = re.search(r"/console/\d+/", answer.headers.get("location", ""))
            self.statuses[answer.status_code] += 1
            return found[0] if found else None
        page = browser.get("/console/search/", params={"q": TRAVELLER}).text
        waiting = re.findall(r'class="row" data-id="(\d+)" data-state="waiting"', page)
        if not waiting:
            return None
        address = f"/console/{waiting[0]}/"
        answer = browser.post(f"{address}claim/")
        self.statuses[answer.status_code] += 1
        return address if answer.status_code == 302 else None


@dataclass
class Window(threading.Thread):
    """A wall or a console that stands open: it comes back by itself, and knows up to which event it has been told."""

    bank: Bank
    path: str
    ending: threading.Event
    position: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        origin = self.bank.product.url.rstrip("/")
        headers = {"cookie": f"glasshouse_session={self.bank.sessions['boss']}"}
        while not self.ending.is_set():
            try:
                with connect(
                    origin.replace("http", "ws", 1) + self.path,
                    origin=origin,  # type: ignore[arg-type]
                    additional_headers=headers,
                    open_timeout=5,
                    proxy=None,
                ) as socket:
                    while not self.ending.is_set():
                        self.position = json.loads(socket.recv(timeout=10)).get("seq", self.position)
            except (OSError, WebSocketException):
                self.ending.wait(0.5)


def right_again(product: Product, windows: list[Window]) -> float:
    """Seconds until every window has been told of all that is sealed now."""
    began = time.monotonic()
    ((sealed,),) = rows(product, "SELECT max(position) FROM mentions_seal")
    assert until(lambda: all(window.position >= sealed for window in windows), GRACE_S), [w.position for w in windows]
    return time.monotonic() - began


def rows(product: Product, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What the product's database says, once it answers."""
    deadline = time.monotonic() + GRACE_S
    while True:
        try:
            with psycopg.connect(product.run["admin_database_url"], connect_timeout=5) as connection:
                return connection.execute(query, parameters or None).fetchall()  # type: ignore[arg-type]
        except (psycopg.OperationalError, FileNotFoundError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def state_of(product: Product) -> dict[str, str | None]:
    """What is stored of the stream: identifiers with their texts, None where a post was deleted."""
    return dict(
        rows(
            product,
            "SELECT m.external_id, CASE WHEN m.deleted_at IS NULL THEN c.text END FROM mentions_mention m "
            "LEFT JOIN mentions_mentioncontent c ON c.mention_id = m.id WHERE m.external_id ~ '^ts:stream-'",
        )
    )


def comes_back(product: Product) -> float:
    """Seconds until everything answers again, without anybody's help."""
    began = time.monotonic()
    assert until(lambda: product.get("readyz")[0] == 200, GRACE_S), product.get("readyz")
    return time.monotonic() - began


def nothing_is_lost_or_doubled(product: Product, stream: Stream) -> None:
    """Every accepted post once, in its final state, in the one conversation of its author."""
    assert until(lambda: not rows(product, "SELECT 1 FROM mentions_pendingoperation LIMIT 1"), GRACE_S)
    stored, right = state_of(product), stream.ends_as()
    assert {key: (stored.get(key), text) for key, text in right.items() if stored.get(key, "lost") != text} == {}
    assert digest(stored) == digest(right)
    authors = dict(
        rows(
            product,
            "SELECT substr(a.external_id, 4), c.inbound_count FROM mentions_conversation c "
            "JOIN mentions_author a ON a.id = c.author_id WHERE a.external_id ~ '^ts:author'",
        )
    )
    assert authors == dict(stream.authors)
    (received, mentions) = rows(
        product,
        "SELECT count(*), count(DISTINCT e.mention_id) FROM mentions_event e JOIN mentions_mention m "
        "ON m.id = e.mention_id WHERE e.kind = 'mention.received' AND m.external_id ~ '^ts:stream-'",
    )[0]
    assert received == mentions == stream.posts


def nobody_shared_a_conversation(product: Product) -> None:
    """No two spells of work on one conversation overlap, now or at any time."""
    overlapping = rows(
        product,
        "SELECT a.id, b.id FROM agents_case a JOIN agents_case b ON a.conversation_id = b.conversation_id "
        "AND a.id < b.id AND tstzrange(a.claimed_at, a.ended_at) && tstzrange(b.claimed_at, b.ended_at)",
    )
    assert overlapping == []
    unheld = rows(
        product,
        "SELECT c.id FROM mentions_conversation c WHERE (c.state = 'claimed') <> EXISTS "
        "(SELECT 1 FROM agents_case s WHERE s.conversation_id = c.id AND s.ended_at IS NULL) "
        "AND c.state NOT LIKE 'pending%'",
    )
    assert unheld == []


def everything_was_followed(product: Product) -> None:
    """Sealed, indexed and counted: the readers of the events have caught up, and counted right."""
    waiting = (
        "SELECT count(*) FROM mentions_event e WHERE NOT EXISTS (SELECT 1 FROM mentions_seal s WHERE s.event_id = e.id)"
    )
    assert until(lambda: rows(product, waiting) == [(0,)], GRACE_S), "unsealed events"
    unfound = (
        "SELECT count(*) FROM mentions_mentioncontent c JOIN mentions_mention m ON m.id = c.mention_id "
        "LEFT JOIN mentions_searchentry s ON s.mention_id = c.mention_id "
        "WHERE m.origin = 'live' AND s.text IS DISTINCT FROM c.text"
    )
    assert until(lambda: rows(product, unfound) == [(0,)], GRACE_S), "search does not find what is stored"
    for rollup, table in (("mentionrollup", "mention"), ("conversationrollup", "conversation")):
        counted = (
            f"SELECT (SELECT sum(total) FROM commandcenter_{rollup} WHERE grain = {Grain.MINUTE.value} "
            f"AND topic = '*') = (SELECT count(*) FROM mentions_{table} WHERE origin = 'live')"
        )
        assert until(lambda counted=counted: rows(product, counted) == [(True,)], GRACE_S), f"{rollup} miscounts"


def the_chain_is_whole(bank: Bank) -> int:
    """Every sealed event verifies; how many there are."""
    done = bank.command("verify_audit")
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return int(re.findall(rb"whole: (\d+)", done.stdout)[0])


def the_run_file_is_true(product: Product) -> None:
    """Every process that it names lives and is what it is called."""
    pids = product.run["pids"]
    for kind in KINDS:
        for pid in pids[kind] if isinstance(pids[kind], list) else [pids[kind]]:
            assert alive(pid), f"{kind} {pid} is dead"
            title = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            assert TITLES[kind] in title, f"{pid} is no {kind}: {title}"
