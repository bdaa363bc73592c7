"""Looking stored copies up again: what is gone from its network goes here too, within the time its terms ask for.

Each source is walked from its oldest live copy to its newest, then waits for its next turn. The place is kept, so
that a restart goes on there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from mentions import intake, networks
from mentions.intake.prepare import Clean, fingerprint, prepare
from mentions.models import Beside, Mention, MentionContent, Source
from mentions.networks import NetworkError
from mentions.posts import BadPost, parse
from mentions.sources import gate, streams
from mentions.sources.credentials import ready
from mentions.sources.sealing import UnreadableSecrets

log = logging.getLogger(__name__)

# A turn begins this much earlier than the terms ask, since it takes its time too; later where a stream tells of
# deletions as they happen.
EARLY: Final = 0.5
TOLD: Final = 0.9
_STEPS_AT_ONCE: Final = 3


def sweep_due() -> bool:
    """Look the next few copies of each source up that has a turn to do; True if there is more at once."""
    now = timezone.now()
    worked = False
    for source in Source.objects.filter(active=True, refused_at=None, network__in=_bound()).order_by("swept_at"):
        every = networks.get(source.network).recheck_every
        assert every is not None
        early = TOLD if _told_of_deletions(source, now) else EARLY
        if source.swept_at is not None and source.sweep_began_at is None and now - source.swept_at < every * early:
            continue
        for _ in range(_STEPS_AT_ONCE):
            if not _step(source, now):
                break
            worked = True
    return worked


def _step(source: Source, now: datetime) -> bool:
    """One `lookup`; False when the turn is done or must wait."""
    network = networks.get(source.network)
    source.refresh_from_db()
    if source.sweep_began_at is None:
        source.sweep_began_at, source.sweep_after = now, 0
    # What searches heard through this account are copies of the same network.
    heard = Q(source=source) | Q(source__via=source)
    live = Mention.objects.filter(heard, drill=None, pk__gt=source.sweep_after, deleted_at=None)
    live = live.filter(content__isnull=False)
    copies = list(live.order_by("pk").values_list("pk", "external_id")[: network.lookup_at_once])
    if copies and not _look_up(source, [external_id for _, external_id in copies], now, _keep_up):
        return False
    source.sweep_after = copies[-1][0] if copies else source.sweep_after
    done, waits = len(copies) < network.lookup_at_once, False
    if done and not _beside(source, now):
        done, waits = False, True
    if done:
        # The turn counts from its start: what came in later is younger than that.
        source.swept_at, source.sweep_began_at = source.sweep_began_at, None
    Source.objects.filter(pk=source.pk).update(
        sweep_after=source.sweep_after, sweep_began_at=source.sweep_began_at, swept_at=source.swept_at
    )
    return not done and not waits


_Found = Mapping[str, dict[str, Any] | None]


def _look_up(
    source: Source, external_ids: Sequence[str], now: datetime, store: Callable[[Source, _Found, datetime], None]
) -> bool:
    """Look these up and `store` what that means; False if it has to be asked again later.

    What is refused for good is asked for by halves, so that one copy keeps no other from its turn; the one that is
    refused alone stays as it is until the next turn.
    """
    if gate.enter(source, "deletes", now=now, kind="lookup") is not None:
        return False
    try:
        with gate.asking(source, "deletes", now=now):
            found = networks.get(source.network).lookup(ready(source, now=now), external_ids)
    except (NetworkError, UnreadableSecrets) as error:
        if isinstance(error, NetworkError):
            gate.failed(source, error, now=now, kind="lookup")
        log.warning("stored copies could not be looked up", extra={"source": source.slug})
        if not isinstance(error, NetworkError) or error.follow not in gate.FOR_GOOD:
            return False
        half = len(external_ids) // 2
        parts = (external_ids[:half], external_ids[half:])
        return not half or all(_look_up(source, part, now, store) for part in parts)
    gate.succeeded(source.pk)
    store(source, found, now)
    return True


def _keep_up(source: Source, found: _Found, now: datetime) -> None:
    intake.receive(source, changes(source.network, found, now), now=now)


def changes(network: str, found: _Found, now: datetime) -> list[dict[str, Any]]:
    """What a look-up means for stored copies: gone is a deletion, other words or stars than it said are an edit."""
    operations: list[dict[str, Any]] = []
    stored = MentionContent.objects.filter(mention__network=network, mention__external_id__in=list(found))
    kept = {own: rest for own, *rest in stored.values_list("mention__external_id", "text", "said", "mention__rating")}
    for external_id, post in found.items():
        about = {"network": network, "external_id": external_id}
        if post is None:
            operations.append(about | {"op": "delete"})
            continue
        try:
            read = parse(post)
        except BadPost:
            continue
        prepared = prepare(read)
        if not isinstance(prepared, Clean) or external_id not in kept:
            continue
        text, said, rating = kept[external_id]
        reworded = prepared.post.text != text and fingerprint(prepared.post.text) != said
        if reworded or prepared.post.rating not in (None, rating):
            said_now = {"text": prepared.post.text, "rating": prepared.post.rating}
            operations.append(about | {"op": "edit", "edited_at": _edited(post, now)} | said_now)
    return operations


def _edited(post: Mapping[str, Any], now: datetime) -> str:
    told = post.get("edited_at")
    return told if isinstance(told, str) else now.isoformat()


def _beside(source: Source, now: datetime) -> bool:
    """The posts that stand beside ours are copies too; False if some have to be asked for again later."""
    at_once = networks.get(source.network).lookup_at_once
    kept = Beside.objects.filter(source=source, state=Beside.Status.KEPT).exclude(asked_at__gte=source.sweep_began_at)
    while external_ids := list(kept.order_by("asked_at").values_list("external_id", flat=True)[:at_once]):
        if not _look_up(source, external_ids, now, _forget_beside):
            return False
        Beside.objects.filter(network=source.network, external_id__in=external_ids).update(asked_at=now)
    return True


def _forget_beside(source: Source, found: _Found, now: datetime) -> None:
    gone = [external_id for external_id, post in found.items() if post is None]
    Beside.objects.filter(network=source.network, external_id__in=gone).update(
        state=Beside.Status.GONE, text="", author_handle="", author_name="", url="", asked_at=now
    )


def _told_of_deletions(source: Source, now: datetime) -> bool:
    """Whether its streams have said what was deleted ever since its last turn."""
    network = networks.get(source.network)
    if not network.capabilities.stream or "delete" not in network.stream_tells or source.swept_at is None:
        return False
    return streams.live(source, now=now, ever_since=source.swept_at)


def _bound() -> list[str]:
    every = map(networks.get, networks.keys())
    return [network.key for network in every if network.recheck_every is not None and network.capabilities.lookup]
