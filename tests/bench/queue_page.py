"""The first page of a queue over HTTP, with 10,000 mentions stored and with 1,000,000."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.db import connections

from tests.bench.stand import figure, percentile

STAND = "product"
FEW, MANY = 10_000, 1_000_000
OPEN_ONE_IN = 250
ASKED = 200


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
    values = {"source": source, "queue": queue, "start": start + 1, "stop": stop, "open": OPEN_ONE_IN}
    with connections["admin"].cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
    connections["admin"].close()


_AGO = "now() - (n %% 8640000) * interval '1 second'"
_STATEMENTS = (
    (
        "INSERT INTO mentions_author (id, network, external_id, handle, name, followers, verified, avatar_url, first_seen_at) "
        "SELECT n, 'townsquare', 'a' || n, 'writer' || n, 'Writer ' || n, n % 5000, false, '', now() "
        "FROM generate_series(%(start)s, %(stop)s) n"
    ),
    (
        "INSERT INTO mentions_conversation (id, source_id, author_id, visibility, origin, state, actionable, "
        "actionable_reason, actionable_by, queue_id, priority, tags, returned, version, routed_why, due_at, due_target, "
        "due_why, resolution_why, pending_note, opened_at, received_at, queued_at, waiting_since, last_inbound_at, closed_at, "
        "disposition, inbound_count, reply_count, transfer_count, reopened_count, first_mention_id, last_mention_id, "
        "language, topics) SELECT n, %(source)s, n, 'public', 'live', "
        "CASE WHEN n %% %(open)s = 0 THEN 'waiting' ELSE 'closed' END, true, 'needs an answer', 'rule', %(queue)s, "
        f"1 + n %% 4, '{{}}', false, 1, 'bench', CASE WHEN n %% %(open)s = 0 THEN now() + n %% 9000 * interval '1 second' END, "
        f"'first_response', '', '', '', {_AGO}, {_AGO}, now(), now(), now(), "
        "CASE WHEN n %% %(open)s <> 0 THEN now() END, '', 1, 0, 0, 0, n, n, 'en', '{}' "
        "FROM generate_series(%(start)s, %(stop)s) n"
    ),
    (
        "INSERT INTO mentions_mention (id, network, external_id, origin, source_id, author_id, conversation_id, kind, "
        "visibility, url, network_at, occurred_at, received_at, edit_hash, language, sentiment, topics, urgency, spam, phishing, "
        "labels, label_version, reach, likes, reposts, replies, country, place) SELECT n, 'townsquare', 'ts:' || n, 'live', "
        "%(source)s, n, n, 'post', 'public', '', now() - interval '1 day', now() - interval '1 day', now(), '', 'en', "
        "n %% 3 - 1, '{}', 0, false, false, '{}', 'bench', 0, 0, 0, 0, '', '' FROM generate_series(%(start)s, %(stop)s) n"
    ),
    (
        "INSERT INTO mentions_mentioncontent (mention_id, text, author_handle, author_name, quoted, redacted) "
        "SELECT n, '@bank my card was declined again at the store, please help me with this today ' || n, 'writer' || n, "
        "'Writer ' || n, '', '{}' FROM generate_series(%(start)s, %(stop)s) n"
    ),
    "ANALYZE mentions_author, mentions_conversation, mentions_mention, mentions_mentioncontent",
)


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
