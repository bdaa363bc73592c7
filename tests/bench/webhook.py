"""One signed post a request, sent when it is due whatever the answers are doing; committed when answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.bench.stand import figure, percentile

STAND = "product"
RATE = 500  # more than the floor, or it could not be seen how much there is above it
SECONDS = 60
CONNECTIONS = 16


def run(product: Any) -> Iterator[dict[str, Any]]:
    from mentions.models import Mention, Origin
    from tests.factories import make_queue, make_source

    make_queue()
    make_source("bench")
    latencies, refused, took = asyncio.run(_send(product.url))
    stored = Mention.objects.filter(origin=Origin.LIVE).count()  # the product's own canaries apart
    sent = RATE * SECONDS
    yield figure("webhook", (sent - refused) / took, "posts/s", floor=300, aim=500, asked=RATE, seconds=SECONDS)
    yield figure("webhook.p99", percentile(latencies, 0.99) * 1000, "ms", most=1000)
    yield figure("webhook.lost", sent - refused - stored, "posts", most=0, refused=refused)


async def _send(url: str) -> tuple[list[float], int, float]:
    place = urlsplit(url)
    due: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()
    latencies: list[float] = []
    refused = 0

    async def work() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while (job := await due.get()) is not None:
            number, at = job
            writer.write(_request(number, place.netloc))
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
    for number in range(RATE * SECONDS):
        at = began + number / RATE
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait((number, at))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return latencies, refused, time.perf_counter() - began


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
    headers = signed("webhook-secret", f"delivery-{number}", body) | {
        "host": host,
        "content-type": "application/json",
        "content-length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /hooks/bench/ HTTP/1.1\r\n{head}\r\n".encode() + body
