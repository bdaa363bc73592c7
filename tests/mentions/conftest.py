"""A source on Town Square, whose network is there behind a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mentions import hooks, rulebook, sandbox
from mentions.models import Source
from tests.factories import make_queue, make_source
from tests.mentions.watching import AGO


@pytest.fixture
def town(live_server: Any) -> Iterator[Source]:
    make_queue()
    url = live_server.url.replace("127.0.0.1", "localhost")
    sandbox.configure(f"{url}/hooks/townsquare/square", "webhook-secret", "meridian", "bank-token")
    source = make_source(base_url=f"{url}/sandbox", handle="meridian", poll_every_s=30)
    Source.objects.update(created_at=timezone.now() - timedelta(days=3), last_ok_at=timezone.now() - AGO)
    hooks.forget()
    rulebook.forget()
    source.refresh_from_db()
    yield source
    rulebook.forget()
