"""How the set-up pages say things: a rule's conditions and what it does, and how two lists of rules differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mentions import naming
from mentions.models import Kind
from mentions.routing import CONDITIONS

PRIORITIES = {
    1: gettext_lazy("1, urgent"),
    2: gettext_lazy("2, high"),
    3: gettext_lazy("3, usual"),
    4: gettext_lazy("4, low"),
}
ACTIONABLE = {
    "true": gettext_lazy("needs an answer"),
    "false": gettext_lazy("needs no answer"),
    "undecided": gettext_lazy("undecided"),
}


def conditions(given: Mapping[str, Any]) -> list[str]:
    """Each condition in words, in the order in which they are looked at; nothing for a rule that takes everything."""
    found = []
    for key in CONDITIONS:
        if key not in given:
            continue
        value = given[key]
        items = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
        match key:
            case "network":
                found.append(_or(map(naming.network, items)))
            case "source":
                found.append(_("source %(names)s") % {"names": _or(items)})
            case "visibility":
                found.append(_or(str(naming.VISIBILITIES.get(item, item)) for item in items))
            case "kind":
                found.append(_or(str(Kind(item).label) if item in Kind.values else item for item in items))
            case "language":
                found.append(_or(map(naming.language, items)))
            case "topic":
                found.append(_or(naming.topic(item).lower() for item in items))
            case "tone":
                found.append(_or(str(naming.TONES.get(item, item)) for item in items))
            case "urgency_min":
                found.append(_("urgency %(level)s or more") % {"level": value})
            case "reach_min":
                found.append(ngettext("%(n)s follower or more", "%(n)s followers or more", value) % {"n": f"{value:,}"})
            case "rating_max":
                found.append(ngettext("%(n)d star or fewer", "%(n)d stars or fewer", value) % {"n": value})
            case "words_any":
                found.append(_("says %(words)s") % {"words": _or(map(_quoted, items))})
            case "words_all":
                found.append(_("says %(words)s") % {"words": _and(map(_quoted, items))})
            case "words_none":
                found.append(_("does not say %(words)s") % {"words": _or(map(_quoted, items))})
            case "actionable":
                found.append(_or(str(ACTIONABLE.get(item, item)) for item in items))
            case "spam":
                found.append(_("spam") if value else _("no spam"))
            case "phishing":
                found.append(_("phishing") if value else _("no phishing"))
    return found


def rule(state: Mapping[str, Any], queues: Mapping[int, str]) -> str:
    """A rule in one line: `X, English, fraud, urgency 2 or more → Fraud, 1, urgent`."""
    met = ", ".join(conditions(state["conditions"])) or _("everything")
    return f"{met} → {deed(state, queues)}"


def deed(state: Mapping[str, Any], queues: Mapping[int, str]) -> str:
    """Where a rule sends what it takes, and how it is treated there."""
    return f"{queues.get(state['queue'], _('a queue'))}, {treatment(state)}"


def treatment(state: Mapping[str, Any]) -> str:
    """What a rule says of what it takes, beside the queue."""
    parts = [_("priority %(n)s") % {"n": state["priority"]}]
    if state["actionable"]:
        parts.append(str(ACTIONABLE[state["actionable"]]))
    if state["tags"]:
        parts.append(_("tagged %(tags)s") % {"tags": ", ".join(state["tags"])})
    return ", ".join(parts)


def lists(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], queues: Mapping[int, str]
) -> list[str]:
    """How one list of rules differs from the one before it, a sentence each."""
    old = {each["id"]: each for each in before}
    found = []
    for each in after:
        was = old.get(each["id"])
        if was is None:
            found.append(_("“%(name)s” added: %(rule)s") % {"name": each["name"], "rule": rule(each, queues)})
        elif was["active"] != each["active"]:
            words_ = _("“%(name)s” switched on") if each["active"] else _("“%(name)s” switched off")
            found.append(words_ % {"name": each["name"]})
        elif was != each:
            said = {"name": each["name"], "before": rule(was, queues), "after": rule(each, queues)}
            if was["name"] != each["name"]:
                said["name"] = f"{was['name']} → {each['name']}"
            found.append(_("“%(name)s” changed from %(before)s to %(after)s") % said)
    common = [each["id"] for each in after if each["id"] in old]
    if common != [each["id"] for each in before if each["id"] in set(common)]:
        places = {each["id"]: place for place, each in enumerate(before, start=1)}
        moved = [
            (abs(place - places[each["id"]]), each["name"], places[each["id"]], place)
            for place, each in enumerate(after, start=1)
            if each["id"] in places
        ]
        _by, name, was_at, is_at = max(moved)
        found.append(_("“%(name)s” moved from place %(was)d to %(now)d") % {"name": name, "was": was_at, "now": is_at})
    return found


def _quoted(item: str) -> str:
    return f"“{item}”"


def _or(items: Iterable[str]) -> str:
    return _(" or ").join(items)


def _and(items: Iterable[str]) -> str:
    return _(" and ").join(items)
