"""What `/healthz` and `/readyz` say: the process lives; every part of the installation works."""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.conf import Conf
from django_q.status import Stat

from config.listener import HEARTBEAT_KEY
from mentions import events

REMEMBERED_SECONDS = 1.0  # anyone may ask, so asking often must cost nothing
FAILING = 3

_remembered: tuple[float, dict[str, Any]] = (0.0, {})


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives; whether it can work is `/readyz`'s to say."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Every part with its state, 503 if one is down."""
    global _remembered  # noqa: PLW0603
    at, state = _remembered
    if time.monotonic() - at > REMEMBERED_SECONDS:
        state = readiness()
        _remembered = (time.monotonic(), state)
    return JsonResponse(state, status=200 if state["status"] == "ok" else 503)


def readiness() -> dict[str, Any]:
    """The state of each part in a word, `unsealed` as a count, and `status` over all of them."""
    parts = {name: _word(probe) for name, probe in PROBES.items()}
    down = [name for name, word in parts.items() if word != "ok"]
    unsealed = _unsealed() if parts["database"] == "ok" else None
    if unsealed:
        down.append("unsealed_events")
    return {"status": "down" if down else "ok", "down": down, **parts, "unsealed_events": unsealed}


def _word(probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception:  # whatever is wrong with a part, the answer is that it is down
        return "down"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _redis() -> str:
    cache.set("readyz", 1, 5)
    return "ok" if cache.get("readyz") == 1 else "down"


def _worker() -> str:
    return "ok" if any(stat.status in (Conf.IDLE, Conf.WORKING) for stat in Stat.get_all()) else "down"


def _listener() -> str:
    beat = cache.get(HEARTBEAT_KEY)
    if beat is None:
        return "down"
    failing = [name for name, loop in beat["loops"].items() if loop["failures"] >= FAILING]
    return f"failing: {', '.join(failing)}" if failing else "ok"


def _unsealed() -> int:
    return events.unsealed_for()


PROBES: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "worker": _worker,
    "listener": _listener,
}
