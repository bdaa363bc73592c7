"""The addresses of the sockets."""

from typing import Any

from django.urls import path

from commandcenter.consumers import ConsoleSocket, WallSocket

websocket_urlpatterns: list[Any] = [
    path("ws/console/", ConsoleSocket.as_asgi()),
    path("ws/wall/", WallSocket.as_asgi()),
]
