"""The headers that keep a browser out of trouble, on answers that are meant for machines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]


class SameHeaders:
    """Gives every answer the headers that people's pages have, worked out once.

    The two middlewares that people need for this change to a thread and back for each request, and put the same
    policy together again each time; machines' answers carry no nonce and are all alike.
    """

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self._headers: dict[bool, dict[str, str]] = {}
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        response = await self.get_response(request)
        secure = request.is_secure()
        if secure not in self._headers:
            self._headers[secure] = _of_people(request)
        for name, value in self._headers[secure].items():
            response.headers.setdefault(name, value)
        return response


def _of_people(request: HttpRequest) -> dict[str, str]:
    """What a page for people would carry besides its content."""

    def nothing(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    bare = HttpResponse()
    CSPMiddleware(nothing).process_response(request, bare)
    SecurityMiddleware(nothing).process_response(request, bare)
    return {name: value for name, value in bare.headers.items() if name != "Content-Type"}
