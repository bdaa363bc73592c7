"""What an alert says, for mail, for programs and for pages; made of names and figures, never of a customer's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Alert, AlertKind

WORST: frozenset[str] = frozenset({AlertKind.FOREIGN_POST, AlertKind.INCIDENT})


def title(alert: Alert) -> str:
    """One sentence that says what is wrong."""
    return _TITLES[alert.kind](alert.about)


def advice(alert: Alert) -> str:
    """What to do first."""
    return {
        AlertKind.BLIND: _("Open the source in the set-up: the last error says what to do. Posts are fetched later."),
        AlertKind.FOREIGN_POST: _("If nobody of us wrote it, freeze all sending now and change the account's keys."),
        AlertKind.TOKEN: _("Give the source new keys in the set-up before these end."),
        AlertKind.SPIKE: _("Look at the suggestion on the incidents page: declare an incident or dismiss it."),
        AlertKind.OVERDUE: _("Move people to this queue."),
        AlertKind.INCIDENT: _("Open the incident: its owner, its statement and its clocks stand there."),
    }[AlertKind(alert.kind)]


def where(alert: Alert) -> str:
    """The page where something can be done about it; its own page where there is none."""
    path = str(alert.about.get("path", ""))
    return path if path.startswith("/") else reverse("agents:alert", args=[alert.pk])


def link(alert: Alert) -> str:
    """The alert's own address, which asks for sign-in."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("agents:alert", args=[alert.pk])


def state(alert: Alert) -> str:
    """open, acknowledged or over."""
    if alert.over_at is not None:
        return "over"
    return "open" if alert.acknowledged_at is None else "acknowledged"


def _overdue(about: Mapping[str, Any]) -> str:
    late = int(about.get("late", 0))
    said = ngettext("%(n)d conversation is overdue in %(queue)s", "%(n)d conversations are overdue in %(queue)s", late)
    return said % {"n": late, "queue": about.get("queue", "")}


def _token(about: Mapping[str, Any]) -> str:
    if about.get("refused"):
        return _("%(source)s: the network refuses our keys") % {"source": about.get("source", "")}
    return _("%(source)s: the keys end on %(at)s") % {
        "source": about.get("source", ""),
        "at": str(about.get("ends", ""))[:16].replace("T", " "),
    }


_TITLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    AlertKind.BLIND: lambda a: (
        _("%(source)s is blind since %(since)s UTC")
        % {"source": a.get("source", ""), "since": str(a.get("since", ""))[11:16]}
    ),
    AlertKind.FOREIGN_POST: lambda a: (
        _("A post under our name on %(source)s was not sent from here") % {"source": a.get("source", "")}
    ),
    AlertKind.TOKEN: _token,
    AlertKind.SPIKE: lambda a: str(a.get("words") or _("Far more than usual: %(what)s") % {"what": a.get("what", "")}),
    AlertKind.OVERDUE: _overdue,
    AlertKind.INCIDENT: lambda a: (
        _("Incident declared (%(severity)s): %(name)s") % {"severity": a.get("severity", ""), "name": a.get("name", "")}
    ),
}
