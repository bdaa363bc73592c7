"""The times in which a source did not see: how they begin and end, how they are filled, and who may call one lost.

A gap begins when its source last saw, not when that was noticed. What a source polls is filled by the very next
polls, from its cursor; anything else is asked for by `fill_due`, as far as its network can be asked. Nothing
closes a gap but its filling, or a person who declares it lost and says why.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentions import intake, networks, scrub
from mentions.events import Actor
from mentions.models import Gap, Mention, Origin, Source
from mentions.networks import Fetched, NetworkError
from mentions.sources import credentials, gate, notices, quota
from mentions.sources.sealing import UnreadableSecrets
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

MARGIN: Final = timedelta(minutes=1)
LONGEST_BACK_FILL: Final = timedelta(days=90)
_AT_ONCE: Final = 5
_AGAIN: Final = timedelta(minutes=2)
# A network that pushes tries again by itself after an outage; it is asked when it has had the time to.
_ITS_OWN_TRY: Final = timedelta(seconds=30)
# Times that were asked for, in which nobody was blind.
NOT_BLIND: Final = (Gap.Reason.ASKED, Gap.Reason.BEFORE)
UNFINISHED: Final = (Gap.Status.OPEN, Gap.Status.FILLING)
LATE: Final = timedelta(minutes=5)
_GAPS_LOOKED_AT: Final = 200
_BROUGHT: Final = {
    Gap.Reason.BEFORE.value: gettext_lazy("brought by the look-back of its search"),
    Gap.Reason.ASKED.value: gettext_lazy("brought by a back-fill that somebody asked for"),
}


class NotAGap(ValueError):
    """These times, or this gap, cannot be what was asked; the message is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Blind:
    """A time in which a source did not see and that is not made good: for walls and reports.

    `until` is None while it lasts. `lost` means that a person has declared it so.
    """

    gap_id: int
    source_id: int
    source: str
    network: str
    since: datetime
    until: datetime | None
    reason: str
    lost: bool


def touching(start: datetime, end: datetime, *, source_ids: Sequence[int] | None = None) -> list[Blind]:
    """The unfilled gaps of live sources that touch a stretch of time, oldest first; figures for it may be low."""
    found = (
        Gap.objects.filter(Q(ended_at=None) | Q(ended_at__gt=start), started_at__lt=end, source__origin=Origin.LIVE)
        .exclude(state=Gap.Status.FILLED)
        .exclude(reason__in=NOT_BLIND)
        .select_related("source")
        .order_by("started_at", "pk")
    )
    if source_ids is not None:
        found = found.filter(source__in=source_ids)
    return [
        Blind(
            gap_id=gap.pk,
            source_id=gap.source_id,
            source=gap.source.name,
            network=gap.source.network,
            since=gap.started_at,
            until=gap.ended_at,
            reason=str(gap.get_reason_display()),
            lost=gap.state == Gap.Status.LOST,
        )
        for gap in found
    ]


def brought(mentions: Sequence[Mention]) -> dict[int, str]:
    """What made good for the posts that were not heard as they were written, by their keys: a gap, asked for in words.

    A post counts as brought by a gap if it was written in its time and came here after its end.
    """
    late = [mention for mention in mentions if mention.received_at - mention.occurred_at > LATE]
    if not late:
        return {}
    known = Gap.objects.filter(
        source__in={mention.source_id for mention in late},
        started_at__lte=max(mention.occurred_at for mention in late) + MARGIN,
        ended_at__gte=min(mention.occurred_at for mention in late) - MARGIN,
    ).order_by("-started_at")
    rows = list(known[:_GAPS_LOOKED_AT])
    found = {}
    for mention in late:
        for gap in rows:
            assert gap.ended_at is not None
            within = gap.started_at - MARGIN <= mention.occurred_at <= gap.ended_at + MARGIN
            if gap.source_id == mention.source_id and within and mention.received_at >= gap.ended_at:
                found[mention.pk] = _BROUGHT.get(gap.reason, _("brought when a gap was filled"))
                break
    return {own: str(words) for own, words in found.items()}


def begin(source: Source, reason: str, *, since: datetime, by: int | None = None) -> None:
    """The source does not see, and has not since then. One gap at a time: the first reason stands."""
    try:
        with transaction.atomic():
            Gap.objects.create(source=source, reason=reason, started_at=since, asked_by=by)
    except IntegrityError:
        return


def end(source: Source, *, now: datetime) -> None:
    """The source sees again; what it missed is still to be filled."""
    Gap.objects.filter(source=source, place="", ended_at=None).update(
        ended_at=now, state=Gap.Status.FILLING, next_at=None if polled(source) else now + _ITS_OWN_TRY
    )


def record(source: Source, reason: str, *, since: datetime, until: datetime, by: int | None = None) -> Gap:
    """A time that is over, in which the source did not see or that is to be asked for again."""
    by_polling = polled(source) and reason != Gap.Reason.ASKED
    return Gap.objects.create(
        source=source,
        reason=reason,
        started_at=since,
        ended_at=until,
        state=Gap.Status.FILLING,
        asked_by=by,
        next_at=None if by_polling else until if reason == Gap.Reason.ASKED else until + _ITS_OWN_TRY,
    )


def caught_up(source: Source, *, found: int, complete: bool, now: datetime) -> None:
    """Polling has come to the end of what the network has: the source's gaps are filled.

    Not so where the network no longer had all of it; then the gap is asked for otherwise, or waits for a person.
    """
    waiting = Gap.objects.filter(source=source, ended_at__isnull=False, next_at=None, state=Gap.Status.FILLING).exclude(
        reason=Gap.Reason.ASKED
    )
    for gap in waiting:
        with transaction.atomic():
            if not still_unfinished(gap):
                continue
            if complete:
                _fill(gap, source, found, now)
            else:
                gap.error = _("The network no longer has everything that came in this time.")
                Gap.objects.filter(pk=gap.pk).update(state=Gap.Status.OPEN, next_at=now, error=gap.error)


def count(source: Source, found: int) -> None:
    """Polling on the way to the end brought this many posts that were missing."""
    if found:
        Gap.objects.filter(source=source, next_at=None, state=Gap.Status.FILLING).update(found=F("found") + found)


def ask_again(source: Source, *, since: datetime, until: datetime, by: int, now: datetime | None = None) -> Gap:
    """A person wants what came between two times. Raises `NotAGap` with the reason where that cannot be."""
    moment = now or timezone.now()
    if until <= since or since > moment:
        raise NotAGap(_("The end must come after the start, and the start before now."))
    if until - since > LONGEST_BACK_FILL:
        raise NotAGap(_("Ask for at most 90 days at once."))
    if not _can(source, "history"):
        raise NotAGap(_("This network cannot be asked for a stretch of time."))
    if source.disconnected_at is not None or credentials.awaits_sign_in(source):
        raise NotAGap(_("It is not signed in, so its network cannot be asked."))
    with transaction.atomic():
        gap = record(source, Gap.Reason.ASKED, since=since, until=min(until, moment), by=by)
        tell("source.back_fill", source, moment, Actor.person(by), gap=gap.pk)
    return gap


def declare_lost(gap: Gap, *, note: str, by: int, now: datetime | None = None) -> None:
    """A person says that what came in this time will not be had any more. Raises `NotAGap`."""
    moment = now or timezone.now()
    words = scrub.typed(note, 300)
    if not words:
        raise NotAGap(_("Say why it is lost; whoever reads the reports will want to know."))
    with transaction.atomic():
        fresh = Gap.objects.select_for_update(of=("self",)).select_related("source").get(pk=gap.pk)
        if fresh.state not in UNFINISHED:
            raise NotAGap(_("This gap is closed already."))
        if fresh.ended_at is None and fresh.place:
            fresh.ended_at = moment  # whoever runs the place may never let us in again, and it is theirs to say so
        if fresh.ended_at is None:
            raise NotAGap(_("The source is still blind; a gap can be declared lost when it is over."))
        fresh.state, fresh.closed_at, fresh.closed_by = Gap.Status.LOST, moment, by
        fresh.note, fresh.next_at = words, None
        fresh.save()
        tell("source.gap_lost", fresh.source, moment, Actor.person(by), gap=fresh.pk)


def fill_due() -> int:
    """Ask for the next piece of what is missing where that is due; returns how many gaps were worked on."""
    now = timezone.now()
    due = (
        Gap.objects.filter(closed_at=None, ended_at__isnull=False, next_at__lte=now, source__active=True)
        .exclude(reason=Gap.Reason.BEFORE)
        .select_related("source")
        .order_by("next_at")[:_AT_ONCE]
    )
    gaps = list(due)
    for gap in gaps:
        _ask(gap, now)
    return len(gaps)


def unfinished(source: Source) -> QuerySet[Gap]:
    """The gaps of a source that are neither filled nor declared lost, newest first."""
    return Gap.objects.filter(source=source, state__in=UNFINISHED).order_by("-started_at")


def still_unfinished(gap: Gap) -> bool:
    """Whether it is neither filled nor lost by now, with its row locked: a person may have closed it meanwhile."""
    row = Gap.objects.select_for_update(of=("self",)).filter(pk=gap.pk, state__in=UNFINISHED)
    return row.values_list("pk", flat=True).first() is not None


def polled(source: Source) -> bool:
    """Whether the source is asked by a timer, so that its cursor fills its gaps."""
    return source.poll_every_s is not None and (source.search_id is not None or _can(source, "fetch"))


def _ask(gap: Gap, now: datetime) -> None:
    source = gap.source
    by_history = _can(source, "history")
    if not by_history and (gap.reason == Gap.Reason.ASKED or polled(source) or not _can(source, "fetch")):
        _leave_to_a_person(gap, _("This network cannot be asked for what it has sent before."))
        return
    if (wait := gate.enter(source, "reads", now=now, kind="history")) is not None:
        Gap.objects.filter(pk=gap.pk).update(next_at=wait.until)
        return
    network = networks.get(source.network)
    try:
        acting = credentials.ready(source, now=now)
        with gate.asking(source, "reads", now=now):
            if by_history:
                assert gap.ended_at is not None
                page = network.history(acting, gap.started_at - MARGIN, gap.ended_at + MARGIN, gap.cursor)
            else:
                page = network.fetch(acting, source.cursor)
    except (NetworkError, UnreadableSecrets) as error:
        _not_now(gap, source, error, now)
        return
    gate.succeeded(source.pk)
    quota.note(source, page.quota, now=now)
    with transaction.atomic():
        # What came is here whatever becomes of the gap.
        found = missing(source, page, now=now)
        if not by_history:
            Source.objects.filter(pk=source.pk).update(cursor=page.cursor)
        if not still_unfinished(gap):
            return
        gap.found, gap.error, gap.state = gap.found + found, "", Gap.Status.FILLING
        if by_history:
            gap.cursor = page.cursor
        if page.unfinished or (by_history and page.next_at is not None):
            gap.next_at = page.next_at or now + _AGAIN
            gap.save(update_fields=["found", "error", "state", "cursor", "next_at"])
        elif page.complete:
            _fill(gap, source, 0, now)
        else:
            _leave_to_a_person(gap, _("The network no longer has everything that came in this time."))


def missing(source: Source, page: Fetched, *, now: datetime) -> int:
    """Store a page and count the posts that were not here; operations and repetitions are not counted.

    What it tells of our account is written down as well.
    """
    said, items = notices.apart(source.network, page.items)
    notices.take(source, said, now=now)
    if not items:
        return 0
    outcome = intake.receive(source, items, now=now)
    return sum(
        result.status == "accepted" and "op" not in item for item, result in zip(items, outcome.items, strict=True)
    )


def _fill(gap: Gap, source: Source, found: int, now: datetime) -> None:
    gap.found += found
    gap.state, gap.closed_at, gap.next_at, gap.error = Gap.Status.FILLED, now, None, ""
    gap.save(update_fields=["found", "cursor", "state", "closed_at", "next_at", "error"])
    tell("source.gap_filled", source, now, gap=gap.pk, found=gap.found)


def _leave_to_a_person(gap: Gap, why: str) -> None:
    with transaction.atomic():
        if still_unfinished(gap):
            gap.state, gap.next_at, gap.error = Gap.Status.OPEN, None, why
            gap.save(update_fields=["found", "cursor", "state", "next_at", "error"])


def _not_now(gap: Gap, source: Source, error: Exception, now: datetime) -> None:
    follow = error.follow if isinstance(error, NetworkError) else "give_up"
    until = gate.failed(source, error, now=now, kind="history") if isinstance(error, NetworkError) else None
    gap.error = str(error)[:300]
    if follow == "give_up":
        _leave_to_a_person(gap, gap.error)
        return
    again = max(until or now, now + _AGAIN)
    Gap.objects.filter(pk=gap.pk, state__in=UNFINISHED).update(next_at=again, error=gap.error)
    log.warning("a gap could not be filled", extra={"source": source.slug, "gap": gap.pk, "follow": follow})


def _can(source: Source, capability: Any) -> bool:
    try:
        return bool(getattr(networks.get(source.network).capabilities, capability))
    except networks.UnknownNetwork:
        return False
