"""What the keys in figures are called: networks, queues, languages, topics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from agents.models import Site, Team, User
from commandcenter.models import Grain, MentionRollup
from commandcenter.rollups import BY_PLACE
from mentions.models import Queue, Source
from mentions.naming import language, network, topic
from mentions.triage.topics import PHRASES

__all__ = [
    "chosen",
    "exercise",
    "language",
    "languages",
    "network",
    "networks",
    "people",
    "queues",
    "teams",
    "topic",
    "topics",
]

# How long something open has waited, as `metrics.BANDS` divide it.
BANDS = (
    gettext_lazy("up to 15 min"),
    gettext_lazy("15 min to 1 h"),
    gettext_lazy("1 h to 4 h"),
    gettext_lazy("4 h to 24 h"),
    gettext_lazy("over 24 h"),
)
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


def chosen(given: Mapping[str, str | int | tuple[str, ...]]) -> dict[str, str]:
    """Filters, and what a list is narrowed to, in words: what each is called, and its value."""
    told: dict[str, str] = {}
    for name, value in given.items():
        title, words = _CHOSEN.get(name, (None, None))
        if title is not None and words is not None:
            told[str(title)] = " + ".join(map(words, value if isinstance(value, tuple) else (value,)))
    return told


def _named(model: type[Model]) -> Callable[[Any], str]:
    """What a row is called, by its slug."""
    return lambda slug: str(model._default_manager.filter(slug=slug).first() or slug)  # noqa: SLF001  documented API


_CHOSEN: Mapping[str, tuple[StrPromise, Callable[[Any], str]]] = {
    "team": (gettext_lazy("Team"), _named(Team)),
    "queue": (gettext_lazy("Queue"), _named(Queue)),
    "network": (gettext_lazy("Network"), network),
    "language": (gettext_lazy("Language"), lambda code: language("" if code == "-" else code)),
    "topic": (gettext_lazy("Topic"), topic),
    "site": (gettext_lazy("Site"), _named(Site)),
    "weekday": (gettext_lazy("Weekday"), lambda day: str(WEEKDAYS[day])),
    "hour": (gettext_lazy("Hour"), lambda hour: f"{hour:02}:00"),
    "band": (gettext_lazy("Age"), lambda band: str(BANDS[band])),
    "person": (gettext_lazy("Person"), lambda pk: str(User.objects.filter(pk=pk).first() or pk)),
    "rival": (gettext_lazy("Rival"), str),
}


def exercise(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of an exercise (see `drills.figures`), its topics by name, and how long it took to claim."""
    to_claim = figures.get("to_claim_s")
    return {
        "figures": figures,
        "topics": [(topic(key), count) for key, count in figures.get("topics", ())],
        "to_claim": None if to_claim is None else timedelta(seconds=round(to_claim)),
    }


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
