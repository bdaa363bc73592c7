"""The rows that decide, read together as values: routing rules, queues, SLA policies, calendars."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from mentions import routing, sla
from mentions.listening.matching import Matcher, compiled
from mentions.listening.query import BadQuery
from mentions.models import Calendar, Origin, Queue, RoutingRule, SavedSearch, SlaPolicy, Source
from mentions.posts import Post
from mentions.triage import Brand

_TTL_S = 2.0


@dataclass(frozen=True)
class Accounts:
    """Our own accounts: the source of each, by network and identifier; by handle where no identifier is known yet."""

    by_id: Mapping[tuple[str, str], int]
    by_handle: Mapping[tuple[str, str], int]

    @cached_property
    def networks(self) -> frozenset[str]:
        """Those on which we have an account."""
        return frozenset(network for network, _name in (*self.by_id, *self.by_handle))

    def wrote(self, post: Post) -> int | None:
        """The source whose account wrote this, through whichever source it was heard; None if somebody else did."""
        if post.origin != "live":
            return None
        found = self.by_id.get((post.network, post.author.id))
        if found is None and self.by_handle:
            found = self.by_handle.get((post.network, _folded(post.author.handle)))
        return found


@dataclass(frozen=True)
class Rival:
    """A saved search for a rival, through one account of ours: what fits it and does not mean us is `source`'s."""

    source: Source
    account: int
    fits: Matcher


@dataclass(frozen=True)
class Rulebook:
    """One consistent reading. `policies` and `policy_ids` are by queue id; `default_queue` always exists.

    `brand` is what the sources say of the bank's own names, hosts and campaigns, and of its rivals; `accounts` are
    those that are ours, `rivals` what rivals are listened to by.
    """

    router: routing.Router
    policies: Mapping[int, sla.Policy]
    policy_ids: Mapping[int, int]
    default_queue: int
    brand: Brand
    accounts: Accounts
    rivals: tuple[Rival, ...] = ()


class _Kept:
    book: Rulebook | None = None
    until: float = 0.0


def current() -> Rulebook:
    """The rulebook as of the last two seconds, so that a changed rule decides almost at once.

    Raises:
        Queue.DoesNotExist: no default queue is set up, without which a post could be nowhere.
    """
    if _Kept.book is None or time.monotonic() > _Kept.until:
        _Kept.book = read()
        _Kept.until = time.monotonic() + _TTL_S
    return _Kept.book


def forget() -> None:
    """Read again at the next question; for whoever has just changed a rule."""
    _Kept.book = None


def furnish() -> None:
    """Give an empty installation the one queue without which a post could be nowhere."""
    if Queue.objects.filter(is_default=True).exists():
        return
    hours, _ = Calendar.objects.get_or_create(name="Round the clock")
    policy, _ = SlaPolicy.objects.get_or_create(name="No promise yet", defaults={"calendar": hours})
    Queue.objects.create(slug="inbox", name="Inbox", policy=policy, is_default=True)


def read() -> Rulebook:
    """The rulebook as the database has it now."""
    calendars = {row.pk: calendar(row) for row in Calendar.objects.all()}
    policies = {row.pk: policy(row, calendars[row.calendar_id]) for row in SlaPolicy.objects.all()}
    queues = list(Queue.objects.all())
    default = next((queue.pk for queue in queues if queue.is_default), None)
    if default is None:
        raise Queue.DoesNotExist("no default queue: mark one queue as the default in the set-up pages")
    rules = [as_rule(row) for row in RoutingRule.objects.filter(active=True).order_by("position", "id")]
    return Rulebook(
        router=routing.compile_rules(rules, default),
        policies={queue.pk: policies[queue.policy_id] for queue in queues},
        policy_ids={queue.pk: queue.policy_id for queue in queues},
        default_queue=default,
        brand=_brand(),
        accounts=_accounts(),
        rivals=tuple(_rivals()),
    )


def as_rule(row: RoutingRule) -> routing.Rule:
    """A rule's row as the value that `mentions.routing` decides with."""
    return routing.Rule(
        id=row.pk,
        version=row.version,
        name=row.name,
        conditions=row.conditions,
        queue_id=row.queue_id,
        priority=row.priority,
        tags=tuple(row.tags),
        actionable=row.actionable or None,
        reason=row.reason,
    )


def _accounts() -> Accounts:
    by_id: dict[tuple[str, str], int] = {}
    by_handle: dict[tuple[str, str], int] = {}
    ours = Source.objects.filter(rival="", origin=Origin.LIVE).order_by("-active", "pk")
    for pk, network, account_id, handle in ours.values_list("pk", "network", "account_id", "handle"):
        if account_id:
            by_id.setdefault((network, account_id), pk)
        elif handle:
            by_handle.setdefault((network, _folded(handle)), pk)
    return Accounts(by_id, by_handle)


def _rivals() -> Iterator[Rival]:
    asked = Source.objects.filter(active=True, search__active=True, search__kind=SavedSearch.Subject.RIVAL)
    for source in asked.select_related("search").order_by("pk"):
        assert source.search is not None
        assert source.via_id is not None
        with suppress(BadQuery):  # the language was different when it was saved
            yield Rival(source, source.via_id, compiled(source.search.query))


def _folded(handle: str) -> str:
    return handle.removeprefix("@").casefold()


def _brand() -> Brand:
    names: set[str] = set()
    hosts: set[str] = set()
    campaigns: set[str] = set()
    rivals: set[str] = set()
    for source in Source.objects.filter(active=True).only("handle", "brand", "rival", "settings", "search"):
        if source.rival or source.search_id:
            # A topic of the industry is no bank: who speaks of overdraft fees may well mean ours.
            if source.rival and not source.settings.get("industry"):
                rivals.add(source.rival.lower())
            continue
        names |= {name.lower() for name in (source.handle, source.brand, *source.settings.get("names", ())) if name}
        hosts |= {host.lower() for host in source.settings.get("hosts", ())}
        campaigns |= {tag.lower() for tag in source.settings.get("campaigns", ())}
    return Brand(tuple(sorted(names)), frozenset(hosts), tuple(sorted(rivals)), tuple(sorted(campaigns)))


def calendar(row: Calendar) -> sla.Calendar:
    """A calendar row as the value that `mentions.sla` reckons with."""
    return sla.Calendar(
        zone=row.zone,
        blocks={int(day): tuple((a, b) for a, b in blocks) for day, blocks in row.blocks.items()},
        holidays=frozenset(date.fromisoformat(day) for day in row.holidays),
        name=row.name,
    )


def policy(row: SlaPolicy, hours: sla.Calendar) -> sla.Policy:
    """A policy row as the value that `mentions.sla` reckons with."""
    return sla.Policy(
        name=row.name,
        first_response_s=row.first_response_s,
        next_response_s=row.next_response_s,
        resolution_s=row.resolution_s,
        by_priority={int(priority): float(factor) for priority, factor in row.by_priority.items()},
        pause_when_pending=row.pause_when_pending,
        calendar=hours,
    )


def policy_state(row: SlaPolicy) -> dict[str, Any]:
    """A policy with its calendar as plain values, as an edition keeps it."""
    return {
        "name": row.name,
        "first_response_s": row.first_response_s,
        "next_response_s": row.next_response_s,
        "resolution_s": row.resolution_s,
        "by_priority": row.by_priority,
        "pause_when_pending": row.pause_when_pending,
        "calendar": calendar_state(row.calendar),
    }


def calendar_state(row: Calendar) -> dict[str, Any]:
    """A calendar as plain values, as an edition keeps it."""
    return {"id": row.pk, "name": row.name, "zone": row.zone, "blocks": row.blocks, "holidays": row.holidays}


def policy_of(state: Mapping[str, Any]) -> sla.Policy:
    """The policy that `policy_state` kept."""
    hours = {name: value for name, value in state["calendar"].items() if name != "id"}
    own = {name: value for name, value in state.items() if name != "calendar"}
    return policy(SlaPolicy(**own), calendar(Calendar(**hours)))
