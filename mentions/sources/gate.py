"""Whether a source's network may be called now: its circuit breaker, and its budget.

After several faults in a row the circuit opens and nobody calls; then one call is let through, and its fate
decides. Faults are those of the network or the way to it; a refusal of one text is none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError
from django.db.models import F
from django.utils.translation import gettext as _

from mentions import http, networks
from mentions.models import Source
from mentions.networks import NetworkError
from mentions.sources import quota
from mentions.sources.quota import Lane
from mentions.sources.sealing import UnreadableSecrets

log = logging.getLogger(__name__)

OPENS_AFTER: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)
_ONE_TRY: Final = timedelta(seconds=45)
# What does not come right by being asked for again.
FOR_GOOD: Final = ("give_up", "poison")


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: until when, and why in words."""

    until: datetime
    why: str


def enter(source: Source, lane: Lane, *, now: datetime, cost: int = 1, kind: str = "") -> Wait | None:
    """Take leave to call. None: go ahead (`calling`), and say afterwards how it went (`succeeded` or `failed`).

    `kind` is what is asked for, by the contract's verb, where its network may have asked just that to wait.
    """
    row = Source.objects.filter(pk=source.pk)
    failures, until = row.values_list("failures", "circuit_until").get()
    if failures >= OPENS_AFTER and until is not None:
        if until > now:
            return Wait(until, _("The network had several faults in a row; it is tried again soon."))
        if not row.filter(circuit_until=until).update(circuit_until=now + _ONE_TRY):
            return Wait(now + timedelta(seconds=1), _("The network is just being tried again."))
    later = quota.take(source, lane, now=now, cost=cost, kind=kind)
    if later is None:
        return None
    # The one try was not made: whoever has a budget may make it.
    row.filter(circuit_until=now + _ONE_TRY).update(circuit_until=until)
    return Wait(later, _("What the network lets this account do is used up for the moment."))


@contextmanager
def calling(source: Source, lane: Lane, *, now: datetime, taken: int = 1) -> Iterator[http.Calls]:
    """What is called in here is counted call by call, since one question may take several; `taken` were by `enter`.

    Gives the list of calls, by method and address: empty if the question was answered without asking the network.
    """
    with http.counting() as calls:
        try:
            yield calls
        finally:
            weight = sum(networks.get(source.network).cost_of(method, url) for method, url in calls)
            more, weight = max(0, len(calls) - taken), max(0, weight - taken)
            given = {"posts": calls.posts, "messages": calls.messages}
            quota.spend(source, lane, now=now, calls=more, weight=weight, **given)


@contextmanager
def asking(source: Source, lane: Lane, *, now: datetime, taken: int = 1) -> Iterator[http.Calls]:
    """`calling` for what only reads: whatever a connector stumbles over in an answer is the answer's end and no more.

    It is logged with its place, and told as a `NetworkError` that says nothing of the words: so the next source is
    asked, and this one again later.
    """
    try:
        with calling(source, lane, now=now, taken=taken) as calls:
            yield calls
    except (NetworkError, UnreadableSecrets, networks.UnknownNetwork, DatabaseError):
        raise
    except Exception:
        log.exception("a connector could not read an answer", extra={"source": source.slug, "network": source.network})
        why = _("%(network)s gave an answer that our connector cannot read; the log says where")
        raise NetworkError(why % {"network": networks.get(source.network).title}, "poison") from None


def succeeded(source_id: int) -> None:
    """The network answered: the circuit is closed."""
    Source.objects.filter(pk=source_id, failures__gt=0).update(failures=0, circuit_until=None)


def failed(
    source: Source, error: NetworkError, *, now: datetime, kind: str = "", called: bool = True
) -> datetime | None:
    """What a refusal or fault means for the next calls; until when the caller waits, and whoever the error holds.

    `called` is False where the refusal is our own, which says nothing of whether the network can be reached.
    """
    if error.follow in ("retry", "unknown") and error.retry_at is not None:
        if error.holds == "nobody" or (error.holds == "kind" and not kind):
            return quota.jittered(error.retry_at, now=now)
        return quota.wait(source, error.retry_at, now=now, kind=kind if error.holds == "kind" else "")
    if error.follow not in ("retry", "unknown"):
        if called:
            succeeded(source.pk)
        return None
    Source.objects.filter(pk=source.pk, failures__lt=1000).update(failures=F("failures") + 1)
    failures = Source.objects.values_list("failures", flat=True).get(pk=source.pk)
    if failures < OPENS_AFTER:
        return None
    pause: timedelta = FIRST_PAUSE * 2 ** min(failures - OPENS_AFTER, 8)
    until = now + min(pause, LONGEST_PAUSE)
    Source.objects.filter(pk=source.pk).update(circuit_until=until)
    return until
