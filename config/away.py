"""What is answered while PostgreSQL is away: a calm page and a time to ask again, made without asking anybody."""

from __future__ import annotations

import sys
from typing import Final

import psycopg
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

AGAIN_S: Final = 3
_MACHINES: Final = ("/api/", "/hooks/", "/metrics")
# Classes of SQLSTATE: no connection, no room for one, an operator at work. A statement that ran too long is ours.
_AWAY: Final = ("08", "53", "57")
_TOO_LONG: Final = "57014"


def broken(request: HttpRequest) -> HttpResponse:
    """The answer to a request that failed: 503 if that was for want of the database, else 500."""
    if not is_away(sys.exc_info()[1]):
        return server_error(request)
    if request.path.startswith(_MACHINES):
        answer: HttpResponse = JsonResponse(
            {"error": "the database does not answer: ask again in a moment"}, status=503
        )
    else:
        page = render_to_string("503.html", {"asked": request.method in ("GET", "HEAD")})
        answer = HttpResponse(page, status=503)
    answer["Retry-After"] = str(AGAIN_S)
    answer["Cache-Control"] = "no-store"
    return answer


def is_away(error: BaseException | None) -> bool:
    """Whether it says that the database could not be reached, or went away in the middle."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            state = error.sqlstate
            return state is None or (state.startswith(_AWAY) and state != _TOO_LONG)
        error = error.__cause__
    return False
