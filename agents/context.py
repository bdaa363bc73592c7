"""What every page for people who work here knows: who is looking, where they may go, whether sending is frozen."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from agents import access, alerts, foreign, freeze, proposals
from agents.models import Role, User

# Pages that are reached from an entry of the navigation and stand at an address of their own.
_BESIDE = {
    "commandcenter:walls": ("/screens/", "/overview/"),
    "commandcenter:incidents": ("/drills/",),
    "commandcenter:reports": ("/brief/",),
    "agents:texts": ("/setup/",),
}
PREFERENCES = {
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "shortcuts": ("on", "alt", "off"),
}


def page(request: HttpRequest) -> dict[str, Any]:
    """The frame's context; see base.html. What is asked of the database is asked where it is shown, once."""
    user = request.user
    if not isinstance(user, User) or not user.is_authenticated:
        return {
            "preferences": {name: choices[0] for name, choices in PREFERENCES.items()},
            "person": None,
            "release": settings.RELEASE,
            "demonstration": settings.DEMO,
        }
    return {
        "navigation": cache(lambda: _navigation(request, user)),
        "preferences": preferences(user),
        "person": {
            "id": user.pk,
            "name": str(user),
            "role": user.role,
            "role_title": Role(user.role).label,
            "team_title": cache(lambda: ", ".join(team.name for team in user.teams.all())),
            "zone": user.time_zone,
        },
        "release": settings.RELEASE,
        "frozen": cache(lambda: _frozen(user)),
        "foreign_posts": cache(lambda: _foreign(user)),
        "demonstration": settings.DEMO,
        "undo": cache(lambda: request.session.pop("undo", None)),
        "can_work": access.may(user, "work cases"),
    }


def _frozen(user: User) -> dict[str, Any] | None:
    now = freeze.current()
    if now is None:
        return None
    return {
        "since": now.started_at,
        "by": now.started_by,
        "reason": now.reason,
        "waits_for_second": str(freeze.wants_it_lifted(now) or ""),
        "url": reverse("agents:freeze") if access.may(user, "freeze sending") else "",
    }


def _foreign(user: User) -> dict[str, Any] | None:
    """Posts under the bank's name that nobody here sent and nobody has explained."""
    found = list(foreign.unexplained()[:100])
    if not found:
        return None
    return {
        "count": len(found),
        "where": found[0].source.name,
        "may_freeze": access.may(user, "freeze sending"),
    }


def preferences(user: User) -> dict[str, str]:
    """The person's choices, each one of those offered."""
    chosen = user.preferences
    return {name: chosen[name] if chosen.get(name) in choices else choices[0] for name, choices in PREFERENCES.items()}


def _navigation(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    pages = [
        ("see console", _("Console"), "agents:console", "inbox", "g c"),
        ("approve replies", _("Approvals"), "agents:approvals", "stamp", "g a"),
        ("see posts", _("Posts"), "commandcenter:own_posts", "send", "g p"),
        ("see incidents", _("Incidents"), "commandcenter:incidents", "triangle-alert", "g i"),
        ("see alerts", _("Alerts"), "agents:alerts", "info", "g l"),
        ("see walls", _("Wall"), "commandcenter:walls", "monitor", "g w"),
        ("see reports", _("Reports"), "commandcenter:reports", "chart-column", "g r"),
        ("set up", _("Set-up"), "agents:setup", "settings", "g s"),
        *(() if access.may(user, "set up") else (("write texts", _("Set-up"), "agents:texts", "settings", "g s"),)),
        ("freeze sending", _("Freeze"), "agents:freeze", "snowflake", "g f"),
    ]
    entries = []
    for action, title, name, icon, shortcut in pages:
        if not access.may(user, action):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        counts = {
            "agents:approvals": lambda: access.replies_to_approve(user).count() + access.edits_to_approve(user).count(),
            "agents:alerts": lambda: alerts.open_for(user),
            "agents:setup": lambda: proposals.open_for(user),
            "agents:texts": lambda: proposals.open_for(user),
        }
        waiting = counts[name]() if name in counts else None
        entries.append(
            {
                "title": title,
                "url": url,
                "icon": icon,
                "current": request.path.startswith((url, *_BESIDE.get(name, ()))),
                "count": waiting,
                "shortcut": shortcut,
            }
        )
    return entries
