"""What is known of the connections that sources hold open: whether they live, and what that means in words.

Who holds them writes the rows (`mentions.streaming`); whoever asks by the clock reads here whether that is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.utils.translation import gettext as _

from mentions import networks
from mentions.models import Source, Stream
from mentions.sources import delivery
from mentions.sources.sealing import UnreadableSecrets, account

# Whoever holds a connection says every few seconds that it lives; after this long nobody is believed to.
BELIEVED: Final = timedelta(seconds=30)
# Beside a stream that hears all that there is, the clock only makes sure.
BESIDE_A_STREAM: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heard:
    """One connection in words: since when it lives or is lost, and what follows; `delivered` counts events."""

    name: str
    state: Literal["live", "lost", "silent"]
    words: str
    since: datetime | None
    why: str
    delivered: int


def live(source: Source, *, now: datetime, ever_since: datetime | None = None) -> bool:
    """Whether the account's streams all live, so that what is addressed to us is heard as it happens."""
    found = list(Stream.objects.filter(source=source))
    return bool(found) and all(
        _lives(stream, now)
        and (ever_since is None or (stream.live_since is not None and stream.live_since <= ever_since))
        for stream in found
    )


def hears_all(source: Source, *, now: datetime) -> bool:
    """Whether the account's streams all live and leave nothing out, so that it sees whatever becomes of asking."""
    return live(source, now=now) and not _leaves_out(source)


def searching(source: Source, *, now: datetime) -> bool:
    """Whether what the saved searches look for is heard through a stream of this account."""
    names = _searching_names(source.network)
    return any(_lives(stream, now) for stream in Stream.objects.filter(source=source, name__in=names))


def let_rest(source: Source, *, now: datetime) -> None:
    """It was asked just now, and what comes next is heard as it happens: the clock may wait.

    Called after the source's row was changed, in the same transaction. Whoever notes that a stream is lost changes
    that row too and sets the clock to now, so neither can miss the other.
    """
    held_by = source.via or source
    heard = live(source, now=now) if source.via is None else searching(held_by, now=now)
    if heard:
        if source.via is None and (_leaves_out(source) or not networks.get(source.network).streams_own):
            return
        later = max(timedelta(seconds=source.poll_every_s or 0), BESIDE_A_STREAM)
        Source.objects.filter(pk=source.pk).update(next_poll_at=now + later)


def of(source: Source, *, now: datetime) -> list[Heard]:
    """The connections of a source as people read them."""
    return [_heard(stream, now) for stream in Stream.objects.filter(source=source).order_by("name")]


def _heard(stream: Stream, now: datetime) -> Heard:
    if _lives(stream, now):
        return Heard(stream.name, "live", _("Live, as it happens"), stream.live_since, "", stream.delivered)
    if stream.live_since is not None:
        words = _("Silent; the network is asked by the clock")
        return Heard(stream.name, "silent", words, stream.seen_at, "", stream.delivered)
    words = _("Broken off; the network is asked by the clock")
    return Heard(stream.name, "lost", words, stream.lost_at, stream.error, stream.delivered)


def _lives(stream: Stream, now: datetime) -> bool:
    return stream.live_since is not None and stream.seen_at is not None and now - stream.seen_at < BELIEVED


def _leaves_out(source: Source) -> bool:
    told = delivery.of(source)
    delivered = told is not None and told.delivers
    try:
        return networks.get(source.network).leaves_out(account(source), delivered=delivered)
    except (networks.UnknownNetwork, UnreadableSecrets):
        return True


def _searching_names(network: str) -> frozenset[str]:
    try:
        return networks.get(network).searching_streams
    except networks.UnknownNetwork:
        return frozenset()
