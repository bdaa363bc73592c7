"""Holding a connection for every source that can be streamed, one thread each, by whoever leads the listeners."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from mentions import networks
from mentions.models import Origin, Source, Stream
from mentions.networks import NetworkError
from mentions.sources.sealing import UnreadableSecrets, account
from mentions.streaming import wanting
from mentions.streaming.holding import Holder, ask_now

log = logging.getLogger(__name__)

HUNG_AFTER_S: Final = 60.0
LEFT_ALONE: Final = timedelta(seconds=60)

Key = tuple[int, str]


class Streams:
    """The connections of this process. Made anew whenever it takes the lead; `tick` starts, renews and ends them."""

    def __init__(self) -> None:
        self.held: dict[Key, Holder] = {}

    def tick(self) -> bool:
        """Look after the connections, and at which there should be; never more at once."""
        for holder in self.held.values():
            holder.trust()
        self._bury()
        plan = {(source.pk, name): source for source in _streamed() for name in _names(source)}
        self._renew(plan)
        self._start(plan)
        _note_silent()
        return False

    def end(self) -> None:
        """Let go of every connection."""
        for holder in self.held.values():
            holder.stop()
        for holder in self.held.values():
            holder.join(5)
        self.held.clear()

    def _bury(self) -> None:
        for key, holder in list(self.held.items()):
            if not holder.is_alive():
                del self.held[key]
            elif time.monotonic() - holder.beat > HUNG_AFTER_S:
                # Whatever it still brings is not stored: its successor holds the stream.
                log.error("a stream hangs", extra={"source": holder.source.slug})
                holder.stop()
                del self.held[key]

    def _renew(self, plan: Mapping[Key, Source]) -> None:
        """End what is not to be held any more, or would be opened differently now."""
        for key, holder in self.held.items():
            source = plan.get(key)
            if source is None or wanting.version(source, wanting.searches(source)) != holder.version:
                holder.stop()
        # What is paused or refused goes on where it was; what its network offers no more is forgotten.
        streamed = {source_id for source_id, _name in plan}
        for stream in Stream.objects.filter(Q(source__in=streamed) | Q(source__disconnected_at__isnull=False)):
            if (stream.source_id, stream.name) not in plan:
                stream.delete()

    def _start(self, plan: Mapping[Key, Source]) -> None:
        later = set(Stream.objects.filter(next_at__gt=timezone.now()).values_list("source_id", "name"))
        for key, source in plan.items():
            if key not in self.held and key not in later:
                self.held[key] = holder = Holder(source, key[1])
                holder.start()


def _streamed() -> list[Source]:
    """The sources of which a stream is to be held."""
    known = map(networks.get, networks.keys())
    streaming = [network.key for network in known if network.capabilities.stream]
    found = Source.objects.filter(
        network__in=streaming, active=True, refused_at=None, search=None, origin=Origin.LIVE
    ).exclude(secrets="")
    return list(found)


def _names(source: Source) -> tuple[str, ...]:
    try:
        wanted = wanting.wanted(source, wanting.searches(source))
        return networks.get(source.network).streams(account(source), wanted)
    except (NetworkError, UnreadableSecrets):
        return ()


def _note_silent() -> None:
    """A stream that nobody holds any more says nothing of its end: it is lost, and the clock takes over."""
    now = timezone.now()
    silent = Stream.objects.filter(live_since__isnull=False, seen_at__lt=now - LEFT_ALONE).select_related("source")
    for stream in silent:
        still = Stream.objects.filter(pk=stream.pk, seen_at=stream.seen_at)
        if still.update(live_since=None, lost_at=stream.seen_at):
            ask_now(stream.source, now)
