"""Alerts: whoever is on duty is told what cannot wait, whether or not anybody looks at a screen.

`raise_` opens an alert and writes down, in the same transaction, who is to be told how; `agents.alerts.sending`
tells them, at least once. Somebody acknowledges, or the next rank is told, and then the managers. Who knew when
stands in the deliveries and in the events. What raises alerts is in `agents.alerts.watch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from agents import access
from agents.alerts import duty
from agents.models import Alert, AlertDelivery, AlertHook, AlertKind, AlertRule, Team, User
from mentions import events
from mentions.events import SYSTEM, Actor

LAST_LEVEL = 3


def rule_for(kind: str) -> AlertRule:
    """How this kind is handled; a kind that nobody has set up yet gets the house's defaults."""
    return AlertRule.objects.get_or_create(kind=AlertKind(kind))[0]


def raise_(
    kind: str,
    subject: str,
    about: Mapping[str, Any],
    *,
    team: Team | None = None,
    again: bool = True,
    now: datetime | None = None,
) -> Alert | None:
    """Something is so that somebody must know; None if this kind is switched off.

    An open alert of the same subject is that alert, with what is so now, counted once more with `again`. One that was
    over and comes back within its quiet time is open again. Neither notifies anybody at once; but whoever had it had
    what was known then, so it is nobody's again and calls when its quiet time is over, see `escalate_due`. Anything
    else is a new alert.
    """
    rule = rule_for(kind)
    if not rule.active:
        return None
    moment = now or timezone.now()
    with transaction.atomic():
        _one_at_a_time(kind, subject)
        # Locked, so that whoever acknowledges or escalates it meanwhile is neither overwritten nor overlooked.
        same = Alert.objects.select_for_update(of=("self",)).filter(kind=kind, subject=subject)
        known = same.filter(over_at=None).first() or same.filter(quiet_until__gt=moment).order_by("-pk").first()
        if known is None:
            return _open(rule, subject, about, team or rule.team, moment)
        if known.over_at is not None or again:
            if known.over_at is not None:
                _tell("alert.again", known, SYSTEM, moment)
            _come_again(known, about, moment)
        elif known.about != about:
            known.about = dict(about)
            known.save(update_fields=["about"])
        return known


def acknowledge(alert: Alert, *, by: User, now: datetime | None = None) -> Alert:
    """Somebody has it. The first to say so is who is named; saying it again changes nothing."""
    access.require(by, "see alerts")
    moment = now or timezone.now()
    with transaction.atomic():
        first = Alert.objects.filter(pk=alert.pk, acknowledged_at=None).update(
            acknowledged_by=by, acknowledged_at=moment
        )
        fresh = Alert.objects.select_related("acknowledged_by", "team").get(pk=alert.pk)
        if first:
            _tell("alert.acknowledged", fresh, Actor.person(by.pk), moment)
            _to_programs(fresh, "acknowledged", moment)
    return fresh


def over(kind: str, subject: str, *, now: datetime | None = None) -> bool:
    """It is no longer so: the open alert of this subject, if any, is closed."""
    moment = now or timezone.now()
    with transaction.atomic():
        alert = Alert.objects.select_for_update().filter(kind=kind, subject=subject, over_at=None).first()
        if alert is None:
            return False
        alert.over_at = moment
        alert.save(update_fields=["over_at"])
        _tell("alert.over", alert, SYSTEM, moment)
        _to_programs(alert, "over", moment)
    return True


def escalate_due(*, now: datetime | None = None) -> int:
    """Tell the next rank of whatever nobody has acknowledged in time; returns how many alerts went up.

    What came again after somebody had it begins with the first rank, once its quiet time is over.
    """
    moment = now or timezone.now()
    waiting = Alert.objects.filter(over_at=None, acknowledged_at=None, level__lt=LAST_LEVEL).values_list("pk", "kind")
    return sum(_escalate(pk, rule_for(kind), moment) for pk, kind in list(waiting))


def seen(alert: Alert, *, by: User, now: datetime | None = None) -> None:
    """The person has opened it: who knew when."""
    AlertDelivery.objects.filter(alert=alert, person=by, seen_at=None).update(seen_at=now or timezone.now())


def open_for(user: User) -> int:
    """How many alerts wait for an acknowledgement that this person could give."""
    return access.alerts_for(user).filter(over_at=None, acknowledged_at=None).count()


def _open(rule: AlertRule, subject: str, about: Mapping[str, Any], team: Team | None, now: datetime) -> Alert:
    alert = Alert.objects.create(
        kind=rule.kind,
        subject=subject,
        about=dict(about),
        team=team,
        opened_at=now,
        last_at=now,
        notified_at=now,
        quiet_until=now + timedelta(seconds=rule.quiet_s),
    )
    _tell("alert.opened", alert, SYSTEM, now)
    _notify(alert, rule, now)
    return alert


def _come_again(alert: Alert, about: Mapping[str, Any], now: datetime) -> None:
    if alert.acknowledged_at is not None or (alert.over_at is not None and alert.level == LAST_LEVEL):
        alert.acknowledged_by, alert.acknowledged_at, alert.level = None, None, 0
    alert.over_at, alert.count, alert.last_at, alert.about = None, alert.count + 1, now, dict(about)
    alert.save(
        update_fields=["acknowledged_by", "acknowledged_at", "level", "over_at", "count", "last_at", "about"],
    )


def _escalate(pk: int, rule: AlertRule, now: datetime) -> bool:
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).filter(pk=pk, over_at=None, acknowledged_at=None).first()
        if alert is None:
            return False
        if now < (alert.notified_at + timedelta(seconds=rule.escalate_s) if alert.level else alert.quiet_until):
            return False
        if not alert.level:
            alert.quiet_until = now + timedelta(seconds=rule.quiet_s)
        alert.level, alert.notified_at = alert.level + 1, now
        alert.save(update_fields=["level", "notified_at", "quiet_until"])
        _tell("alert.escalated", alert, SYSTEM, now)
        _notify(alert, rule, now)
    return True


def _notify(alert: Alert, rule: AlertRule, now: datetime) -> None:
    """Write down who is told at this level; they are told by `sending`.

    Of overdue work in a queue that no team works, those are told who can open it and give it a team.
    """
    nobodys = alert.kind == AlertKind.OVERDUE and alert.team is None
    if rule.by_mail:
        for person in duty.to_tell(LAST_LEVEL if nobodys else alert.level, alert.team, now):
            _deliver(alert, f"p{person.pk}-{alert.level}", now, person=person, address=person.email)
    if rule.by_hook:
        _to_programs(alert, str(alert.level), now)


def _to_programs(alert: Alert, what: str, now: datetime) -> None:
    for hook in AlertHook.objects.filter(active=True):
        if not hook.kinds or alert.kind in hook.kinds:
            _deliver(alert, f"h{hook.pk}-{what}", now, hook=hook, address=hook.name)


def _deliver(
    alert: Alert, what: str, now: datetime, *, address: str, person: User | None = None, hook: AlertHook | None = None
) -> None:
    """One row a message; the key makes a second one for the same person, occasion and level impossible."""
    AlertDelivery.objects.get_or_create(
        key=f"alert-{alert.pk}-{alert.count}-{what}",
        defaults={
            "alert": alert,
            "level": alert.level,
            "person": person,
            "hook": hook,
            "address": address,
            "made_at": now,
            "next_try_at": now,
        },
    )


def _one_at_a_time(kind: str, subject: str) -> None:
    """Whoever raises the same subject in the same moment waits for the other; ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"alert {kind} {subject}"])


def _tell(kind: str, alert: Alert, by: Actor, now: datetime) -> None:
    events.record(kind, at=now, by=by, data={"alert": alert.pk, "kind": str(alert.kind), "level": alert.level})
