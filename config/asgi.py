"""The one ASGI application: people, machines, files and sockets, each by the shortest road."""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import closing
from typing import Any, cast

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core.exceptions import RequestAborted  # noqa: E402
from django.core.handlers.asgi import ASGIHandler, get_script_prefix  # noqa: E402
from django.core.signals import request_started  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.http.response import HttpResponseBase  # noqa: E402
from django.urls import set_script_prefix  # noqa: E402

from commandcenter.routing_ws import websocket_urlpatterns  # noqa: E402
from config import proxies  # noqa: E402
from config.files import StaticFiles  # noqa: E402

_Receive = Callable[[], Awaitable[Mapping[str, Any]]]
_Send = Callable[[Mapping[str, Any]], Awaitable[None]]

MACHINE_PATHS = ("/api/v1/posts", "/healthz", "/readyz")


class Handler(ASGIHandler):
    """Django behind the named middleware instead of the settings' own."""

    def __init__(self, middleware: Iterable[str]) -> None:
        self.middleware = list(middleware)
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        usual, settings.MIDDLEWARE = settings.MIDDLEWARE, self.middleware
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = usual


class SignedEvents(Handler):
    """Django without the threads and tasks that each request has of its own, to be told that it began, ended or broke.

    What is answered here reads by `mentions.writer.look_up` alone, which gives its connection back itself, and what was
    delivered is stored whether or not its sender waits for the answer.
    """

    async def __call__(self, scope: dict[str, Any], receive: _Receive, send: _Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with closing(body):
            set_script_prefix(get_script_prefix(scope))
            request_started.send(sender=self.__class__, scope=scope)
            request, refused = self.create_request(scope, body)
            answer = cast(HttpResponseBase, refused) if request is None else await self.run_get_response(request)
            with closing(answer):
                await self.send_response(answer, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        async with ThreadSensitiveContext():
            return await super().get_response_async(request)


class Pages(Handler):
    """Django in one thread from the first middleware to the last.

    Django would go to the thread and back for each of them and for the view, and while another page is rendered every
    such change waits for the interpreter.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


class Application:
    """Chooses the road of a connection by its kind and path.

    Signed events, posts and probes come from machines, without session and form, so they pass by the middleware that
    people need and stay in the event loop; and probes know no host name.
    """

    def __init__(self) -> None:
        self.people: Any = Pages(settings.MIDDLEWARE)
        self.machines: Any = Handler(settings.MACHINE_MIDDLEWARE)
        self.events: Any = SignedEvents(settings.MACHINE_MIDDLEWARE)
        self.files = StaticFiles(settings.STATIC_ROOT, settings.STATIC_URL, settings.FILE_MAX_AGE)
        self.sockets = OriginValidator(CookieMiddleware(URLRouter(websocket_urlpatterns)), settings.SOCKET_ORIGINS)

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = cast(Scope, proxies.behind(scope, settings.INSTALLATION.proxies))
        if scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            if path.startswith(settings.STATIC_URL):
                await self.files(scope, receive, send)
            elif path.startswith("/hooks/"):
                await self.events(scope, receive, send)
            elif path in MACHINE_PATHS:
                await self.machines(scope, receive, send)
            else:
                await self.people(scope, receive, send)


application = Application()
