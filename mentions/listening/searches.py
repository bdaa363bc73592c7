"""Saved searches as rows: made and changed by a person, each time with an event that says who and what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mentions import events, networks, rulebook
from mentions.events import Actor
from mentions.listening import lookback
from mentions.listening.query import parse
from mentions.models import Heard, Origin, SavedSearch, Source

NETWORK: Final = "search"
COMPARED: Final = frozenset({SavedSearch.Subject.RIVAL, SavedSearch.Subject.INDUSTRY})
POLL_EVERY_S: Final = 120


class NotSaved(ValueError):
    """A search that cannot be kept like that; the sentence is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as a person wants it. `accounts` are the keys of the sources through which it is asked.

    `voice` is whose voice the posts of a rival or of the industry count as; empty for what is ours.
    """

    name: str
    query: str
    kind: str
    voice: str = ""
    enters_queues: bool = False
    active: bool = True
    accounts: frozenset[int] = field(default_factory=frozenset)


def askable() -> QuerySet[Source]:
    """The accounts whose networks can be searched."""
    keys = [network.key for network in map(networks.get, networks.keys()) if network.capabilities.search]
    return Source.objects.filter(
        network__in=keys, origin=Origin.LIVE, disconnected_at=None, via=None, rival=""
    ).order_by("name")


def save(
    wanted: Wanted,
    *,
    by: int | None,
    search: SavedSearch | None = None,
    seen: int | None = None,
    now: datetime | None = None,
) -> SavedSearch:
    """Keep a new search, or `search` as it is wanted from now on. Raises `query.BadQuery` and `NotSaved`.

    `seen` is the version from which whoever changes it set out: of another nothing is changed.

    The kind stays what it was, and so does whose voice it listens to once it has heard anything: what posts counted as
    is not changed behind the figures.
    """
    moment = now or timezone.now()
    parse(wanted.query)
    name = wanted.name.strip()
    kind = SavedSearch.Subject(wanted.kind if search is None else search.kind)
    compared = kind in COMPARED
    voice = (wanted.voice.strip() or (name if kind == SavedSearch.Subject.INDUSTRY else "")) if compared else ""
    if search is not None and heard(search):
        voice = search.voice
    if not name:
        raise NotSaved(_("Give it a name."))
    if compared and not voice:
        raise NotSaved(_("Say which rival it listens to."))
    fields = {
        "name": name,
        "query": wanted.query.strip(),
        "kind": kind,
        "voice": voice,
        "enters_queues": wanted.enters_queues and not compared,
        "active": wanted.active,
    }
    try:
        with transaction.atomic():
            row = _kept(search, fields, by, seen)
            _through(row, wanted.accounts)
            events.record(
                "search.made" if search is None else "search.changed",
                at=moment,
                by=Actor.person(by),
                data={
                    "search": row.pk,
                    "version": row.version,
                    "kind": str(kind),
                    "active": row.active,
                    "enters_queues": row.enters_queues,
                    "accounts": sorted(wanted.accounts),
                },
            )
    except IntegrityError:
        raise NotSaved(_("There is a search of this name already.")) from None
    rulebook.forget()
    return row


def heard(search: SavedSearch) -> bool:
    """Whether anything was heard through it."""
    counted = search.sources.filter(last_post_at__isnull=False).exists()
    return counted or Heard.objects.filter(search=search).exists()


def _kept(search: SavedSearch | None, fields: dict[str, object], by: int | None, seen: int | None) -> SavedSearch:
    if search is None:
        return SavedSearch.objects.create(**fields, owner=by)
    row = SavedSearch.objects.select_for_update().get(pk=search.pk)
    if seen is not None and seen != row.version:
        raise NotSaved(
            _("Somebody changed it meanwhile: “%(name)s” now listens for “%(query)s”. Save again to replace that.")
            % {"name": row.name, "query": row.query}
        )
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return row


def _through(search: SavedSearch, accounts: Iterable[int]) -> None:
    """A source for each account that it is asked through; those it is not asked through any more rest."""
    chosen = set(accounts)
    now = timezone.now()
    search.sources.exclude(via__in=chosen).update(active=False)
    for account in askable().filter(pk__in=chosen):
        now_so = {
            "name": f"{search.name}: {account.name}"[:120],
            "active": search.active,
            "poll_every_s": max(POLL_EVERY_S, networks.get(account.network).poll_every_s),
            "next_poll_at": None,
            "settings": {"industry": True} if search.kind == SavedSearch.Subject.INDUSTRY else {},
        }
        slug = f"search-{search.pk}-{account.pk}-{slugify(search.name)}"[:60]
        source, made = Source.objects.update_or_create(
            search=search, via=account, defaults=now_so, create_defaults=now_so | {"slug": slug, "network": NETWORK}
        )
        if made:
            lookback.begin(source, now=now)
    search.sources.update(rival=search.voice)
