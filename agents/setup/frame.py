"""What every set-up page has: the parts of the set-up beside each other, the history of a thing, who changed what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import access, proposals
from agents.access import person
from agents.models import User
from mentions import editions
from mentions.editions import NotSaved, Stale
from mentions.models import Edition

_PARTS: tuple[tuple[str, str | Promise, str, str], ...] = (
    ("overview", gettext_lazy("Sources"), "agents:setup", "set up"),
    ("searches", gettext_lazy("Searches"), "agents:searches", "set up"),
    ("rules", gettext_lazy("Rules"), "agents:rules", "set up"),
    ("queues", gettext_lazy("Queues and teams"), "agents:queues_setup", "set up"),
    ("promises", gettext_lazy("SLA and hours"), "agents:promises", "set up"),
    ("people", gettext_lazy("People"), "agents:people", "set up"),
    ("guard", gettext_lazy("Guard"), "agents:guards", "read the guard"),
    ("texts", gettext_lazy("Texts"), "agents:texts", "write texts"),
    ("tokens", gettext_lazy("API tokens"), "agents:tokens", "set up"),
    ("alerts", gettext_lazy("Alerts"), "agents:alert_setup", "manage alerts"),
    ("second", gettext_lazy("Second person"), "agents:proposals", "agree to changes"),
)
_WHAT: dict[str, str | Promise] = {
    "found": gettext_lazy("as it was found"),
    "made": gettext_lazy("made it"),
    "changed": gettext_lazy("changed it"),
    "retired": gettext_lazy("retired it"),
    "agreed": gettext_lazy("changed it, and a second person agreed"),
    "approved": gettext_lazy("approved it"),
    "withdrawn": gettext_lazy("withdrew it"),
    "rule_made": gettext_lazy("added a rule"),
    "rule_changed": gettext_lazy("changed a rule"),
    "rule_moved": gettext_lazy("moved a rule"),
    "rule_on": gettext_lazy("switched a rule on"),
    "rule_off": gettext_lazy("switched a rule off"),
}


def page(
    request: HttpRequest, part: str, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A set-up page. It is kept by nobody, since it may show a secret once."""
    user = person(request)
    waiting = proposals.open_for(user)
    parts = [
        {
            "title": title,
            "url": reverse(name),
            "current": key == part,
            "count": waiting if key == "second" else 0,
        }
        for key, title, name, action in _PARTS
        if access.may(user, action)
    ]
    path = template if "/" in template else f"agents/setup/{template}"
    response = render(request, path, {"parts": parts, **(context or {})}, status=status)
    patch_cache_control(response, no_store=True)
    return response


def attempt(form: forms.Form, deed: Callable[[], object]) -> Stale | bool:
    """Do what a valid form asks: True if it was done, False with the reason in the form, or what others changed."""
    try:
        deed()
    except Stale as stale:
        form.add_error(None, str(stale))
        return stale
    except NotSaved as why:
        form.add_error(None, str(why))
        return False
    return True


def do(request: HttpRequest, deed: Callable[[], object], done: str, to: str, *arguments: Any) -> HttpResponse:
    """A button's deed: what came of it is said on the page that it leads to."""
    try:
        deed()
    except NotSaved as why:
        messages.warning(request, str(why))
    else:
        if done:
            messages.success(request, done)
    return HttpResponseRedirect(reverse(to, args=arguments))


def names(people: Iterable[int | None]) -> dict[int, str]:
    """Who these people are."""
    found = User.objects.in_bulk([pk for pk in people if pk is not None])
    return {pk: str(user) for pk, user in found.items()}


def history(kept: list[Edition], told: Callable[[Any, Any], list[str]]) -> list[dict[str, Any]]:
    """Editions, newest first, as pages show them; `told` says how a state differs from the one before it."""
    who = names(edition.by for edition in kept)
    shown = []
    for edition, older in zip_longest(kept, kept[1:]):
        shown.append(
            {
                "number": edition.number,
                "at": edition.at,
                "who": who.get(edition.by, "") if edition.by is not None else "",
                "what": str(_WHAT.get(edition.what, edition.what)),
                "differences": told(older.state, edition.state) if older is not None else [],
            }
        )
    return shown


def since(stale: Stale | bool, subject: str, key: int, told: Callable[[Any, Any], list[str]]) -> list[dict[str, Any]]:
    """What others changed since a form was made, as `history` has it; nothing if it is not stale."""
    if not isinstance(stale, Stale):
        return []
    first = stale.since[0].number
    kept = [edition for edition in editions.of(subject, key) if edition.number >= first - 1]
    return [entry for entry in history(kept, told) if entry["number"] >= first]


def plain(before: Any, after: Any, titles: dict[str, Any]) -> list[str]:
    """Differences of two flat states in words: `Name: Fraud → Fraud desk`."""
    return [
        _("%(name)s: %(before)s → %(after)s")
        % {
            "name": titles.get(each.name, each.name),
            "before": _value(each.before),
            "after": _value(each.after),
        }
        for each in editions.differences(before, after)
    ]


def number(given: str | None) -> int | None:
    """The edition that a form was made from."""
    return int(given) if given and given.isdecimal() and len(given) < 9 else None


def _value(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {its}" for key, its in value.items())
    return str(value)
