"""Routing rules as a list that people change: each change is a new edition of the whole list.

A rule is never deleted, because conversations name it; one that is switched off decides nothing and keeps its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from mentions import editions, routing, rulebook, scrub
from mentions.editions import NotSaved
from mentions.models import Queue, RoutingRule

SUBJECT: Final = "rules"
_STEP: Final = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as a person wants it; see `mentions.routing.Rule`. `actionable` is "" to leave triage's word standing."""

    name: str
    queue_id: int
    priority: int = routing.DEFAULT_PRIORITY
    conditions: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    actionable: str = ""
    reason: str = ""
    active: bool = True


def rows() -> list[RoutingRule]:
    """Every rule in its order, those that are switched off too."""
    return list(RoutingRule.objects.select_related("queue").order_by("position", "id"))


def state() -> list[dict[str, Any]]:
    """The whole list as an edition keeps it."""
    return [_as_state(row) for row in rows()]


def edition() -> int:
    """The number of the list that decides now."""
    return editions.number(SUBJECT)


def draft(wanted: Wanted, *, rule_id: int | None) -> list[routing.Rule]:
    """The list that would decide if the rule were saved. Raises `NotSaved`."""
    check(wanted)
    found = rows()
    mine = routing.Rule(
        id=rule_id or 0,
        version=next((row.version + 1 for row in found if row.pk == rule_id), 1),
        name=wanted.name,
        conditions=wanted.conditions,
        queue_id=wanted.queue_id,
        priority=wanted.priority,
        tags=wanted.tags,
        actionable=wanted.actionable or None,
        reason=wanted.reason,
    )
    listed = [mine if row.pk == rule_id else rulebook.as_rule(row) for row in found if row.active or row.pk == rule_id]
    if rule_id is None:
        listed.append(mine)
    return [rule for rule in listed if rule is not mine or wanted.active]


def check(wanted: Wanted) -> None:
    """Raises `NotSaved` with a sentence if the rule makes no sense."""
    if not wanted.name.strip():
        raise NotSaved(_("Give the rule a name."))
    try:
        routing.validate(wanted.conditions)
    except (ValueError, TypeError) as wrong:
        raise NotSaved(str(wrong)) from wrong
    if not 1 <= wanted.priority <= 4:
        raise NotSaved(_("Priority is 1 (highest) to 4."))
    if wanted.actionable and wanted.actionable not in routing.ACTIONABLE:
        raise NotSaved(_("Say whether it needs an answer, or leave that to triage."))
    queue = Queue.objects.filter(pk=wanted.queue_id).first()
    if queue is None or queue.retired_at is not None:
        raise NotSaved(_("Choose a queue that is worked."))


def save(
    wanted: Wanted, *, by: int | None, rule_id: int | None = None, seen: int | None = None, now: datetime | None = None
) -> RoutingRule:
    """Keep a rule, a new one at the end of the list. Raises `NotSaved`, and `Stale` if the list was changed since."""
    wanted = _typed(wanted)
    moment = now or timezone.now()
    with transaction.atomic():
        editions.lock(SUBJECT, seen=seen)
        check(wanted)
        before = state()
        row = _row(rule_id) if rule_id else RoutingRule(position=_last() + _STEP, version=0)
        for name, value in {
            "name": wanted.name,
            "queue_id": wanted.queue_id,
            "priority": wanted.priority,
            "conditions": dict(wanted.conditions),
            "tags": list(wanted.tags),
            "actionable": wanted.actionable,
            "reason": wanted.reason,
            "active": wanted.active,
        }.items():
            setattr(row, name, value)
        if rule_id is None or _as_state(row) not in before:
            row.version += 1
            row.save()
        editions.keep(
            SUBJECT,
            before=before,
            after=state(),
            what="rule_changed" if rule_id else "rule_made",
            by=by,
            now=moment,
            rule=row.pk,
            version=row.version,
        )
    return row


def switch(rule_id: int, *, on: bool, by: int | None, seen: int | None = None, now: datetime | None = None) -> None:
    """Let a rule decide, or not. Raises `NotSaved`, and `Stale`."""
    moment = now or timezone.now()
    with transaction.atomic():
        editions.lock(SUBJECT, seen=seen)
        before = state()
        row = _row(rule_id)
        if on and row.queue.retired_at is not None:
            raise NotSaved(_("Its queue has been retired; give it another one first."))
        if row.active != on:
            row.active = on
            row.version += 1
            row.save(update_fields=["active", "version"])
        what = "rule_on" if on else "rule_off"
        editions.keep(SUBJECT, before=before, after=state(), what=what, by=by, now=moment, rule=rule_id)


def move(rule_id: int, *, to: int, by: int | None, seen: int | None = None, now: datetime | None = None) -> int:
    """Put a rule at the place `to` of the list, counted from 1. Returns where it stands. Raises `NotSaved`, `Stale`."""
    moment = now or timezone.now()
    with transaction.atomic():
        editions.lock(SUBJECT, seen=seen)
        before = state()
        order = rows()
        row = next((each for each in order if each.pk == rule_id), None)
        if row is None:
            raise NotSaved(_("There is no such rule."))
        order.remove(row)
        place = min(max(to, 1), len(order) + 1)
        order.insert(place - 1, row)
        for position, each in enumerate(order, start=1):
            if each.position != position * _STEP:
                RoutingRule.objects.filter(pk=each.pk).update(position=position * _STEP)
        editions.keep(
            SUBJECT, before=before, after=state(), what="rule_moved", by=by, now=moment, rule=rule_id, to=place
        )
    return place


def _typed(wanted: Wanted) -> Wanted:
    """The rule without private numbers in its words."""
    conditions = {
        key: [scrub.typed(item) for item in value] if key.startswith("words_") and isinstance(value, list) else value
        for key, value in wanted.conditions.items()
    }
    return replace(
        wanted,
        name=scrub.typed(wanted.name, 120),
        conditions=conditions,
        tags=tuple(scrub.typed(tag, 40) for tag in wanted.tags),
        reason=scrub.typed(wanted.reason, 40),
    )


def _row(rule_id: int) -> RoutingRule:
    row = RoutingRule.objects.select_related("queue").filter(pk=rule_id).first()
    if row is None:
        raise NotSaved(_("There is no such rule."))
    return row


def _last() -> int:
    return RoutingRule.objects.aggregate(last=Max("position"))["last"] or 0


def _as_state(row: RoutingRule) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "conditions": row.conditions,
        "queue": row.queue_id,
        "priority": row.priority,
        "tags": list(row.tags),
        "actionable": row.actionable,
        "reason": row.reason,
        "active": row.active,
    }
