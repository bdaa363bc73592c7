"""The addresses of the sockets."""

from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import parse_qs

from django.urls import path

from commandcenter.consumers import ConsoleSocket, WallSocket
from commandcenter.device_sockets import DeviceSocket

_device, _person = DeviceSocket.as_asgi(), WallSocket.as_asgi()


def wall(scope: Any, receive: Any, send: Any) -> Awaitable[None]:
    """A wall's socket, of a screen that will prove itself or of a person: the page says which it is."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("as", [""])[0]
    chosen: Callable[..., Awaitable[None]] = _device if asked == "screen" else _person
    return chosen(scope, receive, send)


websocket_urlpatterns: list[Any] = [
    path("ws/console/", ConsoleSocket.as_asgi()),
    path("ws/wall/", cast("Any", wall)),
]
