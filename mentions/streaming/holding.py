"""One connection to one network, from its opening to its end, in a thread of its own.

Items and cursor are committed together, and only by whoever holds the stream: a process that lost the lead and has
not noticed yet finds another holder's name in the row, and stores nothing. Nothing is read on while something is
being stored, so what comes faster than that waits at the network's end.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from django.db import Error, InterfaceError, OperationalError, connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from mentions import intake, networks, sources
from mentions.intake import Batch, Unreadable
from mentions.listening.polling import narrowed, stored_under
from mentions.models import Gap, Source, Stream
from mentions.networks import NetworkError, Streamed
from mentions.sources import gaps, gate, quota
from mentions.sources.credentials import ready, refused
from mentions.sources.sealing import UnreadableSecrets
from mentions.sources.telling import tell
from mentions.streaming import wanting
from mentions.streaming.wanting import Search

log = logging.getLogger(__name__)

SAID_EVERY_S: Final = 5.0
TRUSTED_S: Final = 20.0
STEADY: Final = timedelta(minutes=1)  # a connection that lasted so long was a good one
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 320.0
REFUSED_WAIT_S: Final = 3600.0
NOTICED: Final = timedelta(seconds=60)  # a break that is shorter is no gap


class Superseded(Exception):
    """Somebody else holds this stream now."""


class Holder(threading.Thread):
    """Holds one stream of a source until it ends, is told to stop, or somebody else holds it."""

    def __init__(self, source: Source, name: str) -> None:
        super().__init__(name=f"stream {source.slug} {name}", daemon=True)
        self.source = source
        self.stream_name = name
        self.searches = wanting.searches(source)
        self.version = wanting.version(source, self.searches)
        self.token = uuid.uuid4()
        self.beat = time.monotonic()
        self._trusted_until = time.monotonic() + TRUSTED_S
        self._ending = threading.Event()
        self._said = 0.0
        self._delivered = 0
        self._live = False
        self._asked_at = timezone.now()

    def trust(self) -> None:
        """Whoever leads still does. Without that word a connection ends itself: others may hold it by now."""
        self._trusted_until = time.monotonic() + TRUSTED_S

    def stop(self) -> None:
        """End the connection at its next breath."""
        self._ending.set()

    def run(self) -> None:
        """Listen. Whatever ends it is written down with the time at which it is to be tried again."""
        try:
            self._listen()
        except Superseded:
            log.info("a stream is held by somebody else", extra={"source": self.source.slug})
        except Exception as error:
            try:
                self._ended(error)
            except Superseded:
                log.info("a stream is held by somebody else", extra={"source": self.source.slug})
            except (Error, psycopg.Error):
                log.exception("the end of a stream was not written down", extra={"source": self.source.slug})
        finally:
            connections.close_all()

    def _listen(self) -> None:
        now = timezone.now()
        cursor = self._take_over(now)
        if (wait := gate.enter(self.source, "reads", now=now)) is not None:
            raise NetworkError(wait.why, "retry", wait.until)
        network = networks.get(self.source.network)
        wanted = wanting.wanted(self.source, self.searches)
        heard = network.stream(ready(self.source, now=now), self.stream_name, cursor, wanted)
        with closing(heard):
            for streamed in heard:
                self.beat = time.monotonic()
                if self._ending.is_set() or self.beat > self._trusted_until:
                    self._mine(live_since=None, lost_at=timezone.now(), next_at=None)
                    return
                if not self._live:
                    self._went_live(cursor)
                self._take(streamed)
                cursor = streamed.cursor

    def _take_over(self, now: datetime) -> dict[str, Any]:
        """Our name into the row; the cursor that the last commit left there."""
        row, _made = Stream.objects.get_or_create(source=self.source, name=self.stream_name)
        Stream.objects.filter(pk=row.pk).update(holder=self.token, live_since=None, lost_at=row.lost_at or now)
        found: dict[str, Any] = Stream.objects.values_list("cursor", flat=True).get(pk=row.pk)
        return found

    def _went_live(self, cursor: dict[str, Any]) -> None:
        """It is open. What was missed until now comes by itself as far as the network keeps it; the clock asks too."""
        now = timezone.now()
        row = Stream.objects.get(source=self.source, name=self.stream_name)
        keeps = networks.get(self.source.network).stream_keeps if cursor else timedelta(0)
        with transaction.atomic():
            self._mine(live_since=now, lost_at=None, seen_at=now, error="", next_at=None)
            source = Source.objects.select_for_update(no_key=True).get(pk=self.source.pk)
            if row.seen_at is not None and now - row.seen_at > max(keeps, NOTICED):
                _note_gap(source, since=row.seen_at, until=now)
            if source.blind_since is not None:
                gaps.end(source, now=now)
                tell("source.sees_again", source, now)
            seen = {"last_ok_at": now, "blind_since": None, "late_since": None, "last_error": ""}
            Source.objects.filter(pk=source.pk).update(**seen)
            tell("source.stream_live", source, now, stream=self.stream_name)
            ask_now(source, now)
        self._live = True

    def _take(self, streamed: Streamed) -> None:
        self._delivered += streamed.delivered
        if streamed.items or streamed.found:
            self._store(streamed)
        if time.monotonic() - self._said >= SAID_EVERY_S:
            now = timezone.now()
            self._mine(cursor=streamed.cursor, seen_at=now, delivered=F("delivered") + self._delivered)
            quota.streamed(self.source, self.stream_name, self._delivered, now=now)
            sources.heard(self.source.pk, now=now)
            self._delivered, self._said = 0, time.monotonic()

    def _store(self, streamed: Streamed) -> None:
        try:
            self._commit(streamed)
        except (OperationalError, InterfaceError, Superseded):
            raise  # the database is away: from the cursor on it will come again
        except Exception:
            log.exception("a batch of a stream was not stored", extra={"source": self.source.slug})
            self._commit_apart(streamed)

    def _commit(self, streamed: Streamed, *, cursor: dict[str, Any] | None = None) -> None:
        now = timezone.now()
        batches = [Batch(self.source, streamed.items)] if streamed.items else []
        batches += _fitting(self.searches, streamed.found)
        for batch in batches:
            if not batch.prepared:
                batch.prepare()
        with transaction.atomic():
            if batches:
                outcomes = intake.receive_all(batches, now=now)
                found = sum(outcome.count("accepted") for outcome in outcomes)
                seen = {"last_post_at": now} if found else {}
                Source.objects.filter(pk=self.source.pk).update(last_ok_at=now, late_since=None, **seen)
            self._mine(cursor=streamed.cursor if cursor is None else cursor, seen_at=now)

    def _commit_apart(self, streamed: Streamed) -> None:
        """One by one, so that what cannot be stored is set aside and keeps nothing else from it."""
        before = Stream.objects.values_list("cursor", flat=True).get(source=self.source, name=self.stream_name)
        alone = [Streamed(before, items=(item,)) for item in streamed.items]
        alone += [Streamed(before, found=(item,)) for item in streamed.found]
        for one in alone:
            try:
                self._commit(one, cursor=before)
            except (OperationalError, InterfaceError, Superseded):
                raise
            except Exception as error:
                item = (*one.items, *one.found)[0]
                why = f"it could not be stored: {type(error).__name__}"
                intake.receive(self.source, [Unreadable(_line(item), why)])
        self._commit(Streamed(streamed.cursor))

    def _mine(self, **fields: Any) -> None:
        mine = Stream.objects.filter(source=self.source, name=self.stream_name, holder=self.token)
        if not mine.update(**fields):
            raise Superseded

    def _ended(self, error: Exception) -> None:
        now = timezone.now()
        row = Stream.objects.get(source=self.source, name=self.stream_name)
        steady = row.live_since is not None and now - row.live_since > STEADY
        failures = 1 if steady else min(row.failures + 1, 1000)
        follow = error.follow if isinstance(error, NetworkError) else "retry"
        wait = FIRST_WAIT_S * 2 ** min(failures - 1, 12)
        wait = REFUSED_WAIT_S if follow == "give_up" else min(wait, LONGEST_WAIT_S)
        again = now + timedelta(seconds=wait * random.uniform(0.5, 1.0))
        if isinstance(error, NetworkError) and error.retry_at is not None:
            again = max(again, error.retry_at)
        words = str(error) if isinstance(error, NetworkError | UnreadableSecrets) else type(error).__name__
        with transaction.atomic():
            mine = {"failures": failures, "next_at": again, "error": words[:300], "live_since": None}
            self._mine(**mine, lost_at=row.lost_at or now)
            if self._live:
                tell("source.stream_lost", self.source, now, stream=self.stream_name, follow=follow)
            if follow == "reauthorise":
                refused(self.source, now=now, asked_at=self._asked_at)
            ask_now(self.source, now)
        level = logging.WARNING if isinstance(error, NetworkError | UnreadableSecrets) else logging.ERROR
        log.log(level, "a stream ended: %s", words, extra={"source": self.source.slug, "follow": follow})


def ask_now(account: Source, now: datetime) -> None:
    """The clock stands at now for the account and its searches: what a stream may have missed is asked for."""
    Source.objects.filter(Q(pk=account.pk) | Q(via=account), poll_every_s__isnull=False).update(next_poll_at=now)


def _note_gap(source: Source, *, since: datetime, until: datetime) -> None:
    """We were away for longer than the stream keeps, and nothing else listened."""
    if source.last_ok_at is not None and source.last_ok_at > since + NOTICED:
        return
    known = Gap.objects.filter(source=source, state__in=gaps.UNFINISHED, started_at__lte=since + NOTICED)
    if known.filter(Q(ended_at=None) | Q(ended_at__gte=until - NOTICED)).exists():
        return
    gaps.record(source, Gap.Reason.STOPPED, since=since, until=until)
    tell("source.gap", source, until, since=since.isoformat(), reason="stopped")


def _fitting(searches: Sequence[Search], found: Sequence[dict[str, Any]]) -> list[Batch]:
    if not found:
        return []
    batches = [narrowed(Batch(stored_under(each.source), found), each.matcher) for each in searches]
    return [batch for batch in batches if batch.prepared]


def _line(item: object) -> str:
    return json.dumps(item, default=str)[:20_000]
