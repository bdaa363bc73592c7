"""Signed deliveries, each sent when it is due whatever the answers are doing; committed when answered.

`webhook` is one post a request, at the floor and above it, since else it could not be seen how much there is above.
`burst` is what Meta does to a page in a crisis: up to twenty events a request, five hundred events a second.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from tests.bench.stand import figure, percentile

STAND = "product"
FLOOR, AIM = 300, 500
ASKED = 305  # what is sent at the floor itself is below it by the time of its last answer
FLOOR_S, AIM_S, BURST_S = 60, 30, 60
EVENTS, AT_ONCE = 500, 20
CONNECTIONS = 16

Due = tuple[float, bytes]


def run(product: Any) -> Iterator[dict[str, Any]]:
    from mentions import sources
    from mentions.models import Mention, Origin
    from tests.factories import make_queue, make_source

    make_queue()
    make_source("bench")
    keys = sources.seal({"webhook": "app-secret", "token": "token"})
    make_source("page", network="facebook", account_id="1001", secrets=keys)
    host = urlsplit(product.url).netloc
    numbers = itertools.count()
    stored = Mention.objects.filter(origin=Origin.LIVE)  # the product's own canaries apart

    def lost(before: int, sent: int, refused: int) -> int:
        return sent - refused - (stored.count() - before)

    for asked, seconds in ((ASKED, FLOOR_S), (AIM, AIM_S)):
        before, sent = stored.count(), asked * seconds
        due = [(number / asked, _request(next(numbers), host)) for number in range(sent)]
        latencies, refused, took = asyncio.run(_send(product.url, due))
        name, told = ("webhook", {"floor": FLOOR}) if asked == ASKED else ("webhook.above", {"aim": AIM})
        yield figure(name, (sent - refused) / took, "posts/s", asked=asked, seconds=seconds, **told)
        most = {"most": 1000} if asked == ASKED else {}
        yield figure(f"{name}.p99", percentile(latencies, 0.99) * 1000, "ms", asked=asked, **most)
        yield figure(f"{name}.lost", lost(before, sent, refused), "posts", most=0, refused=refused)

    before = stored.count()
    due, sent = _batches(host)
    latencies, refused, took = asyncio.run(_send(product.url, due))
    told = {"asked": EVENTS, "seconds": BURST_S, "requests": len(due), "at_once": AT_ONCE}
    yield figure("burst", (sent if not refused else 0) / took, "events/s", **told)
    yield figure("burst.p99", percentile(latencies, 0.99) * 1000, "ms", most=1000)
    yield figure("burst.lost", lost(before, sent, 0), "events", most=0, refused=refused)


async def _send(url: str, requests: Sequence[Due]) -> tuple[list[float], int, float]:
    """Seconds from due to answered, how many were refused, and how long it all took."""
    place = urlsplit(url)
    due: asyncio.Queue[Due | None] = asyncio.Queue()
    latencies: list[float] = []
    refused = 0

    async def work() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while (job := await due.get()) is not None:
            at, request = job
            writer.write(request)
            status = int((await reader.readline()).split()[1])
            while await reader.readline() not in (b"\r\n", b""):
                pass
            while (size := int(await reader.readline(), 16)) > 0:  # the server answers in chunks
                await reader.readexactly(size + 2)
            await reader.readline()
            latencies.append(time.perf_counter() - at)
            refused += status != 200
        writer.close()

    workers = [asyncio.create_task(work()) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for after, request in requests:
        at = began + after
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait((at, request))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return latencies, refused, time.perf_counter() - began


def _batches(host: str) -> tuple[list[Due], int]:
    """Requests as Meta sends them: one to twenty comments on a page in each, and how many comments they are."""
    from mentions.networks._meta import signature

    chance = random.Random(7)
    due: list[Due] = []
    sent = 0
    while sent < EVENTS * BURST_S:
        count = chance.randint(1, AT_ONCE)
        changes = [{"field": "feed", "value": _comment(sent + each)} for each in range(count)]
        entry = {"id": "1001", "time": int(time.time()), "changes": changes}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        headers = {"x-hub-signature-256": signature("app-secret", body)}
        due.append((sent / EVENTS, _http("page", headers, host, body)))
        sent += count
    return due, sent


def _comment(number: int) -> dict[str, Any]:
    return {
        "item": "comment",
        "verb": "add",
        "comment_id": f"1001_{number}",
        "post_id": "1001_0",
        "parent_id": "1001_0",
        "from": {"id": f"writer{number % 5000}", "name": "A writer"},
        "created_time": int(time.time()),
        "message": f"my card was declined again at the store, number {number} today, please help me with this",
    }


def _request(number: int, host: str) -> bytes:
    from mentions.networks.townsquare import signed

    post = {
        "id": f"bench{number}",
        "author": {"id": f"writer{number % 5000}", "handle": f"writer{number % 5000}", "name": "A writer"},
        "text": f"@bank my card was declined again at the store, number {number} today, please help me with this",
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "private": False,
        "thread": f"bench{number}",
    }
    body = json.dumps({"events": [{"id": f"e{number}", "type": "post.created", "post": post}]}).encode()
    return _http("bench", signed("webhook-secret", f"delivery-{number}", body), host, body)


def _http(source: str, signature: dict[str, str], host: str, body: bytes) -> bytes:
    headers = signature | {"host": host, "content-type": "application/json", "content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /hooks/{source}/ HTTP/1.1\r\n{head}\r\n".encode() + body
