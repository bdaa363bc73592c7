"""Events leave for the bank's webhook: signed, several at once, tried again until they are taken.

`deliver_due` is one turn of a loop that somebody else runs; it may be called from several processes. Events
that wait together travel together, so a burst costs few requests; their order is not promised.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import httpx
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mentions.sandbox.models import Event, Settings
from mentions.sandbox.sealing import unseal

log = logging.getLogger(__name__)

TURN = 500
TOGETHER = 25
AT_ONCE = 4
# Longer than the slowest turn: what a killed process had in hand is delivered again after this.
LEASE = timedelta(seconds=60)
QUICK = timedelta(minutes=10)
LONGEST = timedelta(hours=24)
KEPT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: taken, or not and when to try again, and whether its events part company."""

    taken: bool
    wait_s: float | None = None
    part: bool = False


def deliver_due(now: datetime | None = None) -> int:
    """Delivers what is due and says how many events were taken; a full turn means that more may wait."""
    square = Settings.current()
    if not square.webhook_url:
        return 0
    events = _lease(now or timezone.now())
    if not events:
        return 0
    batches = _batches(events)
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(min(AT_ONCE, len(batches))) as threads:
        for start in range(0, len(batches), AT_ONCE):
            if any(not outcome.taken and not outcome.part for outcome in outcomes):
                # It is down or overrun: the rest of the turn waits like those that just failed.
                outcomes += [Outcome(taken=False)] * (len(batches) - len(outcomes))
                break
            bodies = [(_body(batch, square), _name(batch)) for batch in batches[start : start + AT_ONCE]]
            outcomes += threads.map(lambda sent: _post(square.webhook_url, square.secret, *sent), bodies)
    return sum(_settle(batch, outcome) for batch, outcome in zip(batches, outcomes, strict=True))


def sweep(now: datetime | None = None) -> int:
    """Forgets events that were settled days ago, and with them what the log can be asked for."""
    before = (now or timezone.now()) - KEPT
    gone, _ = Event.objects.filter(created_at__lt=before).exclude(delivered_at=None, abandoned_at=None).delete()
    return gone


def sign(secret: str, stamp: str, name: str, body: bytes) -> str:
    """HMAC-SHA256 over time, delivery and raw body, in small hexadecimal letters."""
    return hmac.new(secret.encode(), f"{stamp}.{name}.".encode() + body, hashlib.sha256).hexdigest()


def _lease(now: datetime) -> list[Event]:
    with transaction.atomic():
        due = Event.objects.select_for_update(skip_locked=True).filter(
            delivered_at=None, abandoned_at=None, due_at__lte=now
        )
        events = list(due.order_by("due_at", "id")[:TURN])
        Event.objects.filter(pk__in=[event.pk for event in events]).update(
            due_at=now + LEASE, attempts=F("attempts") + 1
        )
    return events


def _batches(events: Sequence[Event]) -> list[list[Event]]:
    """Events together, but for those whose company was refused before."""
    sociable = [event for event in events if not event.alone]
    batches = [sociable[start : start + TOGETHER] for start in range(0, len(sociable), TOGETHER)]
    return batches + [[event] for event in events if event.alone]


def _body(batch: Sequence[Event], square: Settings) -> bytes:
    told = [event.describe(json.loads(unseal(event.sealed) or "{}")) for event in batch]
    return json.dumps({"account": square.bank_handle, "events": told}).encode()


def _name(batch: Sequence[Event]) -> str:
    """The same for the same events, so that a delivery whose answer was lost is known again."""
    if len(batch) == 1:
        return f"e{batch[0].pk}"
    return "b" + hashlib.sha256(",".join(str(event.pk) for event in batch).encode()).hexdigest()[:32]


def _post(url: str, secret: str, body: bytes, name: str) -> Outcome:
    stamp = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "user-agent": "Town Square",
        "townsquare-delivery": name,
        "townsquare-timestamp": stamp,
        "townsquare-signature": f"v1={sign(secret, stamp, name, body)}",
    }
    try:
        answer = _client(os.getpid()).post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        log.info("delivery %s failed: %s", name, type(error).__name__)
        return Outcome(taken=False)
    if answer.is_success:
        return Outcome(taken=True)
    log.info("delivery %s was answered with %s", name, answer.status_code)
    wait = answer.headers.get("retry-after", "")
    asked = min(int(wait), 60) if wait.isascii() and wait.isdigit() and len(wait) < 6 else None
    return Outcome(taken=False, wait_s=asked, part=answer.status_code in (400, 413, 422))


def _settle(batch: Sequence[Event], outcome: Outcome) -> int:
    now = timezone.now()
    rows = Event.objects.filter(pk__in=[event.pk for event in batch])
    if outcome.taken:
        rows.update(delivered_at=now)
        return len(batch)
    oldest = min(event.created_at for event in batch)
    if now - oldest > LONGEST:
        rows.filter(created_at__lt=now - LONGEST).update(abandoned_at=now)
    wait = outcome.wait_s
    if wait is None:
        tries = min(max(event.attempts for event in batch), 5)
        wait = min(0.5 * 2**tries, 10.0) if now - oldest < QUICK else 60.0
    rows.update(due_at=now + timedelta(seconds=wait), alone=outcome.part)
    return 0


@lru_cache(maxsize=2)
def _client(process: int) -> httpx.Client:
    """One client a process; a forked child must not share its parent's connections."""
    return httpx.Client(timeout=httpx.Timeout(10, connect=3), trust_env=False)
