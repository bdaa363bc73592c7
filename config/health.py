"""What an installation says about itself: `/healthz` (the process lives), `/readyz` (every part works), `/metrics`."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.status import Stat
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents import tokens
from agents.models import Reply, ReplyState
from commandcenter import canary
from config.listener import HEARTBEAT_KEY
from mentions import events

# Anyone may ask, so asking often must cost next to nothing; that something is mended is seen sooner.
REMEMBERED_SECONDS = {"ok": 1.0, "down": 0.25}
FAILING = 3
WORKER_GRACE_SECONDS = 10.0  # django-q2 forgets its own sign of life after three, which a busy machine outlasts
UP = ("ok", "starting")
ON_THE_WAY = (ReplyState.AWAITING_APPROVAL, ReplyState.HELD, ReplyState.SENDING, ReplyState.UNKNOWN)

_worker_seen = [-WORKER_GRACE_SECONDS]
_remembered: tuple[float, dict[str, Any]] = (0.0, {"status": "down"})


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives; whether it can work is `/readyz`'s to say."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Every part with its state, 503 if one is down."""
    state = readiness()
    return JsonResponse(state, status=200 if state["status"] == "ok" else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of the installation and of this process for Prometheus, to a token of the scope `metrics`."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    program = tokens.program(secret) if scheme.lower() == "bearer" and secret else None
    if program is None:
        return JsonResponse({"detail": "a bearer token is needed"}, status=401, headers={"WWW-Authenticate": "Bearer"})
    if "metrics" not in program.scopes:
        return JsonResponse({"detail": "this token is not for metrics"}, status=403)
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def readiness() -> dict[str, Any]:
    """The state of each part in a word, and `status` over all; a second old at most.

    `unsealed_events` is a count; `canary_age` the seconds since the newest canary that made the whole way was sent.
    """
    global _remembered  # noqa: PLW0603
    at, state = _remembered
    if time.monotonic() - at > REMEMBERED_SECONDS[state["status"]]:
        state = _look()
        _remembered = (time.monotonic(), state)
    return state


def _look() -> dict[str, Any]:
    parts = {name: _word(probe) for name, probe in PROBES.items()}
    down = [name for name, word in parts.items() if word not in UP]
    unsealed, age = (events.unsealed_for(), canary.age()) if parts["database"] == "ok" else (None, None)
    if unsealed:
        down.append("unsealed_events")
    told = {"unsealed_events": unsealed, "canary_age": None if age is None else round(age, 1)}
    return {"status": "down" if down else "ok", "down": down, **parts, **told}


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
    now = time.monotonic()
    if any(stat.status in (Conf.IDLE, Conf.WORKING) for stat in Stat.get_all()):
        _worker_seen[0] = now
    return "ok" if now - _worker_seen[0] < WORKER_GRACE_SECONDS else "down"


def _listener() -> str:
    beat = cache.get(HEARTBEAT_KEY)
    if beat is None:
        return "down"
    failing = [name for name, loop in beat["loops"].items() if loop["failures"] >= FAILING]
    return f"failing: {', '.join(failing)}" if failing else "ok"


PROBES: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "worker": _worker,
    "listener": _listener,
    "canary": canary.state,
}


class Installation(Collector):
    """The figures that every process of the installation would give alike, read when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        state = readiness()
        up = GaugeMetricFamily("glasshouse_up", "Whether a part works", labels=["part"])
        for part in PROBES:
            up.add_metric([part], float(state[part] in UP))
        yield up
        if state["database"] != "ok":
            return
        yield GaugeMetricFamily(
            "glasshouse_unsealed_events", "Events that wait too long for their seal", state["unsealed_events"]
        )
        yield CounterMetricFamily("glasshouse_events", "Events sealed into the chain", events.last_position())
        for name, meaning, value in (
            ("age", "Seconds since the newest canary that arrived was sent", canary.age()),
            ("flight", "Seconds that it took from the webhook to the rendered scene", canary.flight()),
        ):
            if value is not None:
                yield GaugeMetricFamily(f"glasshouse_canary_{name}_seconds", meaning, value)
        replies = GaugeMetricFamily("glasshouse_replies", "Replies on their way out", labels=["state"])
        counted = dict(
            Reply.objects.filter(state__in=ON_THE_WAY).values_list("state").annotate(count=Count("pk")).order_by()
        )
        for word in ON_THE_WAY:
            replies.add_metric([word], counted.get(word, 0))
        yield replies
        yield GaugeMetricFamily("glasshouse_jobs_waiting", "Coarse jobs that wait for the worker", OrmQ.objects.count())


REGISTRY = CollectorRegistry()
REGISTRY.register(Installation())
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
