"""One web process: Daphne on a socket that the supervisor bound, with limits. `python -m config.web DESCRIPTOR`

Twisted would take a body of any length, spool it to a file, and only then ask us; a card number would be on the disk
before it is masked. Here a body is refused by its length before it is read, cut off at the limit where its length
was not told, and kept in memory. It has to be here within a time, and all large ones together take so much memory
and no more: who is asking is not known before the last byte. Of requests that are half here there are so many at once;
whoever has been sending longest makes room, so that nobody shuts the house by beginning and not ending.
"""

import asyncio
import io
import json
import logging
import os
import re
import resource
import signal
import socket
import sys
from typing import Any, ClassVar, Final

import uvloop
from twisted.internet import asyncioreactor

asyncioreactor.install(uvloop.new_event_loop())  # before Daphne chooses a slower one

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from django.urls import get_resolver
from twisted.internet import reactor
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.logger import globalLogBeginner
from twisted.web.http import HTTPChannel

from config import collecting

BACKLOG = 2048
CONNECTIONS = 16384  # of one process, where the machine allows it; usual is 1024
INBOUND_FRAME = 4096
SOCKET_SECONDS = 90 * 24 * 3600  # our consumers close far earlier, with a code that browsers answer by coming back
LINGER_SECONDS = 2.0
LINGER_BYTES = 8 * 1024 * 1024
STOP_SECONDS = 2.0
SERVICE_RESTART = 1012
SESSION_COOKIE = settings.SESSION_COOKIE_NAME.encode()

logger = logging.getLogger(__name__)


class BoundedChannel(HTTPChannel):
    """One HTTP connection that waits so long for a request, and stops listening once it has refused a body."""

    HEADERS_S = 20.0
    BODY_S = 60.0
    MOST_AWAITED = 512
    awaited: ClassVar[dict["BoundedChannel", None]] = {}  # whose request is not all here, the longest awaited first
    refused = False
    swallowed = 0
    _deadline: Any = None

    def connectionMade(self) -> None:
        super().connectionMade()
        self.expect_within(self.HEADERS_S)

    def connectionLost(self, reason: Any) -> None:
        self.expected()
        super().connectionLost(reason)

    def expect_within(self, seconds: float) -> None:
        """What is awaited now comes within this time as a whole, however often a byte of it comes."""
        self.expected()
        self._deadline = self.callLater(seconds, self._overdue)
        self.awaited[self] = None
        if len(self.awaited) > self.MOST_AWAITED:
            next(iter(self.awaited))._overdue()

    def expected(self) -> None:
        """It came, or is awaited no more."""
        self.awaited.pop(self, None)
        if self._deadline is not None:
            if self._deadline.active():
                self._deadline.cancel()
            self._deadline = None

    def _overdue(self) -> None:
        self.expected()
        self.transport.abortConnection()

    def refuse(self, status: bytes, detail: str) -> None:
        """Answer and close; what still arrives is thrown away, and not for long.

        The client may be in the middle of sending: closing at once would reset the connection before it has read
        the answer.
        """
        self.expected()
        self.refused = True
        self.persistent = 0
        body = json.dumps({"error": detail, "detail": detail}).encode()
        self.transport.writeSequence(
            [
                b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\n" % status,
                b"Content-Length: %d\r\n\r\n" % len(body),
                body,
            ]
        )
        self.transport.loseWriteConnection()
        self._abortingCall = reactor.callLater(LINGER_SECONDS, self.forceAbortClient)

    def dataReceived(self, data: bytes) -> None:
        if not self.refused:
            if self._deadline is None and not self._handlingRequest:
                self.expect_within(self.HEADERS_S)
            super().dataReceived(data)
            return
        self.swallowed += len(data)
        if self.swallowed > LINGER_BYTES:
            self._networkProducer.pauseProducing()

    def _send100Continue(self) -> None:
        if not self.refused:
            super()._send100Continue()


class BoundedRequest(WebRequest):
    """One request whose body has a limit and stays in memory, of which large bodies get so much together."""

    SMALL = 64 * 1024  # these always find room, so that nobody shuts the house by sending large ones
    LARGE_TOGETHER = 64 * 1024 * 1024
    held_by_all: ClassVar[int] = 0
    held = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)  # Django reads forms

    def gotLength(self, length: int | None) -> None:
        self.content = io.BytesIO()
        self.limit = body_limit(self.channel._path, known=SESSION_COOKIE in self.received_cookies)
        self.channel.expect_within(self.channel.BODY_S)
        if length is not None:
            self._fits(length)

    def handleContentChunk(self, data: bytes) -> None:
        if self.channel.refused:
            return
        length = self.content.tell() + len(data)
        if not self._fits(length):
            self.content = io.BytesIO()
            self._let_go()
            return
        self.content.write(data)
        if length > self.SMALL:
            BoundedRequest.held_by_all += length - self.held
            self.held = length

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if not self.channel.refused:
            self.channel.expected()
            super().requestReceived(command, path, version)

    def finish(self) -> None:
        self._let_go()
        super().finish()

    def connectionLost(self, reason: Any) -> None:
        self._let_go()
        super().connectionLost(reason)

    def _fits(self, length: int) -> bool:
        """Whether a body of this length may be here; otherwise its sender has been told why not."""
        if length > self.limit:
            detail = f"The body is too large: at most {self.limit} bytes are taken here."
            self.channel.refuse(b"413 Content Too Large", detail)
        elif length > self.SMALL and self.held_by_all - self.held + length > self.LARGE_TOGETHER:
            detail = "Too much is being sent at this moment: send it again in a few seconds."
            self.channel.refuse(b"503 Service Unavailable\r\nRetry-After: 5", detail)
        return not self.channel.refused

    def _let_go(self) -> None:
        BoundedRequest.held_by_all -= self.held
        self.held = 0


class BoundedFactory(HTTPFactory):
    """Makes bounded channels."""

    def buildProtocol(self, address: IPv4Address | IPv6Address | None) -> BoundedChannel:
        channel = BoundedChannel()
        channel.factory = self
        channel.requestFactory = BoundedRequest
        channel.callLater = reactor.callLater
        channel.timeOut = self.timeOut
        return channel

    def log(self, request: Any) -> None:
        """Nothing: whoever answers logs what is worth it, and a line about every request would be thrown away."""


class Pressure:
    """Whether the other end takes what it is sent; Twisted calls whoever is told that a producer."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.free = asyncio.Event()
        self.free.set()

    def pauseProducing(self) -> None:
        self.free.clear()

    def resumeProducing(self) -> None:
        self.free.set()
        if self.transport.disconnecting:
            self.transport.unregisterProducer()

    def stopProducing(self) -> None:
        self.free.set()


class Socket(WebSocketProtocol):
    """One websocket that can say every code of the protocol, and whose sender feels a reader that does not read.

    Autobahn lets an application close with 1000 or a code of its own; browsers come back by themselves only where
    they are told 1012, that the service restarts.
    """

    pressure: Pressure | None = None

    def onOpen(self) -> None:
        self.pressure = Pressure(self.transport)
        self.transport.unregisterProducer()  # the HTTP connection that this was
        self.transport.registerProducer(self.pressure, True)
        super().onOpen()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        if self.pressure is not None:
            self.pressure.free.set()
        super().onClose(wasClean, code, reason)

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:
        """What goes to many sockets is framed once; what would go to a closing one is dropped."""
        if self.state == self.STATE_OPEN and isinstance(content, str):
            self.transport.write(self.factory.framed(content))
        elif self.state in (self.STATE_CONNECTING, self.STATE_OPEN):
            super().serverSend(content, binary)

    def serverClose(self, code: int | None = None) -> None:
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=1000 if code is None else code, isReply=False)


class SocketFactory(WebSocketFactory):
    """Makes our sockets, and the bytes of what they are sent."""

    protocol = Socket
    _framed: tuple[str, bytes] = ("", b"")

    def framed(self, text: str) -> bytes:
        """The text as one frame; the very same text, sent to the next socket, costs nothing."""
        if self._framed[0] is not text:
            self._framed = (text, self.prepareMessage(text.encode()).payloadHybi)
        return self._framed[1]


class WebServer(Server):
    """Daphne on one given descriptor, with our limits and a stop that lets requests finish."""

    def __init__(self, application: Any, descriptor: int) -> None:
        super().__init__(
            application,
            endpoints=[f"fd:{descriptor}"],
            signal_handlers=False,
            http_timeout=120,
            request_buffer_size=settings.API_BODY_LIMIT + 1,
            websocket_timeout=SOCKET_SECONDS,
            websocket_handshake_timeout=10,
            websocket_max_message_size=INBOUND_FRAME,
            websocket_max_frame_size=INBOUND_FRAME,
            application_close_timeout=10,
            server_name="",
        )
        self.descriptor = descriptor
        self.connections: dict[Any, dict[str, Any]] = {}

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        most = CONNECTIONS if allowed == resource.RLIM_INFINITY else min(allowed, CONNECTIONS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, allowed))
        globalLogBeginner.beginLoggingTo([lambda event: None], redirectStandardIO=False, discardBuffer=True)
        self.http_factory = BoundedFactory(self)
        self.ws_factory = SocketFactory(self, server=self.server_name)
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,  # `OriginValidator` decides, and refuses it
            openHandshakeTimeout=self.websocket_handshake_timeout,
            failByDrop=False,  # a frame that is too large is answered with a code
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
        )
        loop = reactor._asyncioEventloop
        asyncio.set_event_loop(loop)
        with socket.socket(fileno=os.dup(self.descriptor)) as bound:
            bound.listen(BACKLOG)
            family = bound.family
        port = reactor.adoptStreamPort(self.descriptor, family, self.http_factory)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.wind_down, port)
        reactor.run(installSignalHandlers=False)

    async def handle_reply(self, protocol: Any, message: Any) -> None:
        """Whoever sends to a slow socket waits, and so can leave out what the socket would never catch up with."""
        await super().handle_reply(protocol, message)
        if isinstance(protocol, Socket) and protocol.pressure is not None:
            await protocol.pressure.free.wait()

    def wind_down(self, port: Any) -> None:
        """Take no more connections, send sockets away to come back elsewhere, and end when requests have finished."""
        port.stopListening()
        for protocol in list(self.connections):
            if isinstance(protocol, Socket):
                protocol.serverClose(SERVICE_RESTART)
        self._end_when_idle(reactor.seconds() + STOP_SECONDS)

    def _end_when_idle(self, deadline: float) -> None:
        busy = any(
            not details.get("disconnected") and not isinstance(protocol, Socket)
            for protocol, details in self.connections.items()
        )
        if busy and reactor.seconds() < deadline:
            reactor.callLater(0.05, self._end_when_idle, deadline)
        else:
            reactor.stop()


# Where people attach pictures to what they write.
_TAKES_PICTURES: Final = re.compile(rb"/(?:console/[0-9]+/attach|posts/write)/(?:\?.*)?")


def body_limit(path: bytes, *, known: bool) -> int:
    """The most bytes that a body sent to `path` may have, by somebody who seems to have signed in."""
    if path.startswith(b"/api/"):
        return settings.API_BODY_LIMIT
    return settings.PICTURE_BODY_LIMIT if known and _TAKES_PICTURES.fullmatch(path) else settings.BODY_LIMIT


def main(descriptor: int) -> None:
    from config.asgi import application

    get_resolver().url_patterns  # noqa: B018  # the first request need not wait for everything that they import
    collecting.settle()
    WebServer(application, descriptor).run()
    logging.shutdown()
    # The thread of a request that was given up waits for ever for a loop that is no more, and an orderly exit for the
    # thread; what it had not committed ends with its connection.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
