"""What the keys in figures are called: networks, queues, languages, topics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from agents.models import Team, User
from agents.pages.words import language, network, topic
from commandcenter.models import Grain, MentionRollup
from commandcenter.rollups import BY_PLACE
from mentions.models import Queue, Source
from mentions.triage.topics import PHRASES

__all__ = ["language", "languages", "network", "networks", "people", "queues", "teams", "topic", "topics"]

DAY, WEEKS = timedelta(days=1), timedelta(weeks=6)


def queues() -> dict[Any, Queue]:
    """Every queue by its id."""
    return {queue.pk: queue for queue in Queue.objects.all()}


def teams() -> dict[Any, Team]:
    """Every team by its id."""
    return {team.pk: team for team in Team.objects.all()}


def people() -> dict[Any, User]:
    """Everybody who works or worked here, by id."""
    return {person.pk: person for person in User.objects.all()}


def topics() -> list[str]:
    """The topics that the machine knows, in alphabetical order."""
    return sorted(PHRASES)


def networks() -> list[str]:
    """The networks that something was heard from in the last weeks, or that a source is connected to."""
    return _seen("network", Source.objects.values_list("network", flat=True))


def languages() -> list[str]:
    """The languages that something was written in in the last weeks."""
    return [code for code in _seen("language", []) if code]


def _seen(column: str, also: Iterable[str]) -> list[str]:
    """Distinct values in the rollups, kept for some minutes: a list of choices need not know the newest post."""
    kept = cache.get(f"reports/{column}")
    if kept is None:
        recent = MentionRollup.objects.filter(
            Q(grain=Grain.DAY, start__gt=timezone.now() - WEEKS)
            | Q(grain=Grain.QUARTER, start__gt=timezone.now() - DAY),
            topic=BY_PLACE,
        )
        kept = sorted({*recent.values_list(column, flat=True).distinct(), *also})
        cache.set(f"reports/{column}", kept, 300)
    return list(kept)
