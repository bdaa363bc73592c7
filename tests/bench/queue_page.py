"""The first page of a queue over HTTP, with 10,000 mentions stored and with 1,000,000."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connections

from tests.bench.stand import figure, percentile

STAND = "product"
FEW, MANY = 10_000, 1_000_000
OPEN = 2_000
FROM = 10_000_000  # keys beyond those that the product itself takes meanwhile
ASKED = 200
STATEMENTS = Path(__file__).with_suffix(".sql")


def run(product: Any) -> Iterator[dict[str, Any]]:
    from tests.factories import PASSWORD, make_person, make_queue, make_source

    queue = make_queue()
    source = make_source("bench")
    make_person("reader")
    _fill(source.pk, queue.pk, 0, FEW)
    cookie = _sign_in(product.url, "reader", PASSWORD)
    few = _page(product.url, cookie)
    _fill(source.pk, queue.pk, FEW, MANY)
    many = _page(product.url, cookie)
    p95, before = percentile(many, 0.95) * 1000, percentile(few, 0.95) * 1000
    yield figure("queue_page.p95", p95, "ms", before, most=60, ratio_most=1.3, mentions=MANY)


def _fill(source: int, queue: int, start: int, stop: int) -> None:
    """Stored conversations of one mention each, one in 250 still waiting, straight into the tables."""
    values = {"source": source, "queue": queue, "start": FROM + start, "stop": FROM + stop - 1}
    values["open"] = (stop - start) // OPEN
    with connections["admin"].cursor() as cursor:
        for statement in STATEMENTS.read_text().split(";\n"):
            cursor.execute(statement, values)
    connections["admin"].close()


def _sign_in(url: str, username: str, password: str) -> str:
    """The session cookie of a person."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from agents.models import User

    user = User.objects.get(username=username)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _page(url: str, cookie: str) -> list[float]:
    """Seconds of each of many first pages on one kept connection."""
    place = urlsplit(url)
    assert place.hostname is not None
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    taken = []
    for number in range(ASKED + 20):
        began = time.perf_counter()
        connection.request("GET", "/console/view/care/", headers={"cookie": cookie})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, answer.status
        assert body.count(b'class="row"') == 50, body.count(b'class="row"')
        if number >= 20:
            taken.append(time.perf_counter() - began)
    return taken
