"""The after-report: what happened, what it did to the figures, how we answered, and who knew when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agents import access
from agents.models import AlertDelivery, User
from commandcenter import incidents
from commandcenter.incidents import curve
from commandcenter.models import Incident


def document(incident: Incident, *, by: User, now: datetime) -> dict[str, Any]:
    """Everything of the report as JSON values; the page is made of the same. Numbers of conversations `by` may see."""
    line = curve.of(incident, now)
    return {
        "incident": incident.pk,
        "name": incident.name,
        "exercise": incident.drill_id is not None,
        "severity": incident.severity,
        "owner": str(incident.owner),
        "opened_by": str(incident.opened_by),
        "since": incident.since.isoformat(),
        "opened_at": incident.opened_at.isoformat(),
        "closed_at": _iso(incident.closed_at),
        "closed_by": str(incident.closed_by) if incident.closed_by else None,
        "counts": incident.topic or "all mentions",
        "statement": incident.holding,
        "lesson": incident.lesson,
        "figures": _figures(curve.during(incident, now)),
        "hours": [
            {"start": hour.start.isoformat(), "mentions": hour.value, "usual": hour.usual} for hour in line.hours
        ],
        "clocks": [
            {
                "name": clock.rule["name"],
                "source": clock.rule["source"],
                "runs_since": _iso(due.start),
                "due_at": _iso(due.at),
                "done_at": _iso(clock.done_at),
                "done_by": str(clock.done_by) if clock.done_by else None,
            }
            for clock in incident.clocks.select_related("done_by")
            for due in [incidents.due(clock, incident)]
        ],
        "timeline": [
            {
                "at": entry.at.isoformat(),
                "by": str(entry.by) if entry.by else None,
                "kind": entry.event,
                "text": entry.text,
            }
            for entry in incident.entries.select_related("by")
        ],
        "who_knew_when": [
            {
                "who": str(each.person) if each.person else each.address,
                "told_at": each.made_at.isoformat(),
                "sent_at": _iso(each.sent_at),
                "opened_at": _iso(each.seen_at),
                "result": each.answer,
            }
            for each in told(incident)
        ],
        "conversations": [
            {"number": each.number, "state": each.state, "replies": each.reply_count}
            for each in access.conversations_for(by).filter(incidents=incident).order_by("pk")
        ],
    }


def told(incident: Incident) -> list[AlertDelivery]:
    """Every message that went out about it, by the alerts of the incident and of what suggested it."""
    subjects = [f"incident:{incident.pk}"]
    subjects += [f"suggestion:{pk}" for pk in incident.suggestions.values_list("pk", flat=True)]
    found = AlertDelivery.objects.filter(alert__subject__in=subjects).select_related("person", "alert")
    return list(found.order_by("made_at", "pk"))


def _figures(during: curve.During) -> dict[str, Any]:
    return {
        "mentions": during.mentions,
        "mentions_usual": during.mentions_usual,
        "negative": during.negative,
        "scored": during.scored,
        "conversations": during.conversations,
        "actionable": during.actionable,
        "answered": during.answered,
        "first_response_median_s": during.first_response_s,
        "first_response_n": during.first_response_n,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
