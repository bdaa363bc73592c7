"""What an alert says, for mail, for programs and for pages; made of names and figures, never of a customer's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Alert, AlertKind

# Stands in the words of a spike where its beginning, `since`, is to be told on the reader's clock.
SINCE = "{since}"
WORST: frozenset[str] = frozenset({AlertKind.FOREIGN_POST, AlertKind.INCIDENT})


def title(alert: Alert) -> str:
    """One sentence that says what is wrong, its times on the clock of the active zone."""
    return _TITLES[alert.kind](alert.about, _clock(alert))


def title_abroad(alert: Alert) -> str:
    """The same for mail and programs, whose readers sit anywhere: on the bank's clock, which it names."""
    with timezone.override(settings.BANK_TIME_ZONE):
        said = title(alert)
    return f"{said} ({settings.BANK_TIME_ZONE})" if _told_time(alert.about) else said


def advice(alert: Alert) -> str:
    """What to do first."""
    return {
        AlertKind.BLIND: _("Open the source in the set-up: the last error says what to do. Posts are fetched later."),
        AlertKind.FOREIGN_POST: _("If nobody of us wrote it, freeze all sending now and change the account's keys."),
        AlertKind.TOKEN: _("Give the source new keys in the set-up before these end."),
        AlertKind.SPIKE: _("Look at the suggestion on the incidents page: declare an incident or dismiss it."),
        AlertKind.OVERDUE: _("Move people to this queue."),
        AlertKind.COPIED: _("It was disconnected. Find out who had its device, then connect it again."),
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


def clock(moment: datetime, *, beside: datetime) -> str:
    """The hour of a moment in the active zone, with its day where that is not the one beside which it is read."""
    same_day = timezone.localdate(moment) == timezone.localdate(beside)
    return date_format(timezone.localtime(moment), "H:i" if same_day else "j M Y, H:i")


def _told_time(about: Mapping[str, Any]) -> str:
    return str(about.get("since") or about.get("ends") or "")


def _clock(alert: Alert) -> str:
    told = _told_time(alert.about)
    return clock(datetime.fromisoformat(told), beside=alert.opened_at) if told else ""


def _overdue(about: Mapping[str, Any], _at: str) -> str:
    late = int(about.get("late", 0))
    said = ngettext("%(n)d conversation is overdue in %(queue)s", "%(n)d conversations are overdue in %(queue)s", late)
    return said % {"n": late, "queue": about.get("queue", "")}


def _blind(about: Mapping[str, Any], since: str) -> str:
    told = {"source": about.get("source", ""), "since": since}
    if about.get("undelivered"):
        return _("%(source)s: its network has failed to deliver here since %(since)s") % told
    if places := int(about.get("places", 0)):
        said = ngettext(
            "%(source)s was put out of a group at %(since)s and hears nothing there",
            "%(source)s was put out of %(n)d groups since %(since)s and hears nothing there",
            places,
        )
        return said % (told | {"n": places})
    return _("%(source)s is blind since %(since)s") % told


def _token(about: Mapping[str, Any], at: str) -> str:
    if about.get("refused"):
        return _("%(source)s: the network refuses our keys") % {"source": about.get("source", "")}
    return _("%(source)s: the keys end at %(at)s") % {"source": about.get("source", ""), "at": at}


def _spike(about: Mapping[str, Any], since: str) -> str:
    if not about.get("words"):
        return _("Far more than usual: %(what)s") % {"what": about.get("what", "")}
    return str(about["words"]).replace(SINCE, since)


_TITLES: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    AlertKind.BLIND: _blind,
    AlertKind.FOREIGN_POST: lambda a, _at: (
        _("A post under our name on %(source)s was not sent from here") % {"source": a.get("source", "")}
    ),
    AlertKind.TOKEN: _token,
    AlertKind.SPIKE: _spike,
    AlertKind.OVERDUE: _overdue,
    AlertKind.COPIED: lambda a, _at: (
        _("The screen %(screen)s was copied, or behaves like a copy") % {"screen": a.get("screen", "")}
    ),
    AlertKind.INCIDENT: lambda a, _at: (
        _("Incident declared (%(severity)s): %(name)s") % {"severity": a.get("severity", ""), "name": a.get("name", "")}
    ),
}
