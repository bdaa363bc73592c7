"""A small application behind our web server, for what our own pages cannot show: `python -m tests.config.echo`

It prints its port, echoes what a socket says, closes with the code that a socket names as `close CODE`, and answers
every request after half a second. An argument makes it impatient: a request has as many seconds, a body another as
many, and large ones together a megabyte.
"""

import asyncio
import os
import socket
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.web import BoundedChannel, BoundedRequest, WebServer


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await asyncio.sleep(0.5)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        said = message["text"]
        if said.startswith("close "):
            await send({"type": "websocket.close", "code": int(said.removeprefix("close "))})
        else:
            await send({"type": "websocket.send", "text": said})


if __name__ == "__main__":
    if sys.argv[1:]:
        BoundedChannel.HEADERS_S = BoundedChannel.BODY_S = float(sys.argv[1])
        BoundedRequest.LARGE_TOGETHER = 1024 * 1024
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(2048)
        print(bound.getsockname()[1], flush=True)
        WebServer(echo, bound.fileno()).run()
