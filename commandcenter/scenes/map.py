"""Map: where posts come from, and where more come from than usual."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from commandcenter import places, usual
from commandcenter.models import Profile
from commandcenter.scenes import Scene, _wording
from commandcenter.usual import Against
from mentions import naming

MOST_ROWS = 4
RECENT = timedelta(hours=24)


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """States and countries shaded by how far they are above usual, and how many posts do not say where."""
    total, placed, states, countries = places.told(now)
    abroad = [one for one in countries if one.key not in ("", places.HOME)]
    told = sorted((*states, *abroad), key=lambda one: (not one.far, -one.strength, -one.value, one.key))
    told = [one for one in told if one.value >= usual.FEWEST]
    first, rest = (told[0], told[1:]) if told and told[0].rises else (None, told)
    about = places.subject(now, first.key) if first is not None else None
    return {
        "since": _wording.clock(usual.window(now)[0]),
        "total": _wording.number(total),
        "placed": _wording.number(placed),
        "unknown": _wording.percent(100 - 100 * placed / total if total else None),
        "none": placed == 0,
        "first": _row(first) if first is not None else None,
        "about": naming.topic(about) if about is not None else "",
        "rows": [_row(one) for one in rest[: MOST_ROWS - (first is not None)]],
        "states": [{"code": one.key.lower()[:3] + one.key[3:], "shade": _shade(one)} for one in told if "-" in one.key],
        "countries": [{"code": one.key, "shade": _shade(one)} for one in countries if one.key],
        "abroad": _wording.number(sum(one.value for one in abroad)),
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether any post of the last day said where it came from."""
    return places.any_since(now - RECENT)


def _shade(one: Against) -> int:
    """From 1, as usual, to 4: four times as many and more."""
    if not one.rises:
        return 1
    factor = one.value / max(one.usual or 0, 1)
    return 4 if factor >= 4 else 3 if factor >= 2 else 2


def _row(one: Against) -> dict[str, Any]:
    name = places.name(one.key)
    return {
        "name": name,
        "size": _wording.size(name),
        "value": _wording.number(one.value),
        "times": _wording.times(one.times),
        "against": _wording.against(one),
        "status": _wording.rise(one),
    }


SCENE = Scene(
    title=_("Map"),
    purpose=_("The supervisor asks branches and machines of a place far above usual, and warns the other sites."),
    listens_to=("mention.",),
    context=context,
    strangers=False,
    figures=("places",),
    has_input=has_input,
    counted=True,
    pace_s=5.0,
)
