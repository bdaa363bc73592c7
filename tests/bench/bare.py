"""A server that does nothing but fan out: `python -m tests.bench.bare hub|raw DESCRIPTOR`.

`hub` is the product's own hub, socket and web process without any decision of who may hear what; `raw` is the limit:
`websockets`' own broadcast of the same bytes. Both hear what is told on the channel of announcements.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def hub(descriptor: int) -> None:
    import django

    from config import collecting, web

    django.setup(set_prefix=False)
    from commandcenter.sockets import Socket
    from mentions import live
    from mentions.live import Change, Truth

    class Everybody:
        """Passes on whatever is told."""

        def __init__(self) -> None:
            self.sockets: dict[Anybody, None] = {}

        def changed(self, change: Change) -> None:
            pass

        def beat(self, truth: Truth) -> None:
            pass

        def told(self, message: Mapping[str, Any]) -> None:
            text = json.dumps(message)
            for one in list(self.sockets):
                if not one.busy:
                    one.offer(text)

    everybody = Everybody()

    class Anybody(Socket):
        """Lets everybody in."""

        async def connect(self) -> None:
            await self.accept()
            if not everybody.sockets:
                live.hub().join(everybody)
            everybody.sockets[self] = None

        def _depart(self) -> None:
            everybody.sockets.pop(self, None)

    collecting.settle()
    web.WebServer(Anybody.as_asgi(), descriptor).run()


async def raw(descriptor: int) -> None:
    import django
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    django.setup(set_prefix=False)
    import redis.asyncio
    from django.conf import settings

    from mentions import live

    connected: set[ServerConnection] = set()

    async def take(connection: ServerConnection) -> None:
        connected.add(connection)
        await connection.wait_closed()
        connected.discard(connection)

    subscription = redis.asyncio.Redis.from_url(settings.REDIS_URL).pubsub()
    await subscription.subscribe(live.channel())
    async with serve(take, sock=socket.socket(fileno=descriptor), compression=None):
        async for message in subscription.listen():
            if message["type"] == "message":
                broadcast(connected, message["data"].decode())


if __name__ == "__main__":
    if sys.argv[1] == "hub":
        hub(int(sys.argv[2]))
    else:
        import uvloop

        uvloop.run(raw(int(sys.argv[2])))
