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

MOST_ROWS = 5
RECENT = timedelta(hours=24)


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The states shaded by how far they are above usual, the countries by posts, and how many posts say nothing."""
    total, placed, states, countries = places.states(now)
    told = [one for one in states if one.value >= usual.FEWEST]
    most = max(countries.values(), default=0)
    return {
        "since": _wording.clock(usual.window(now)[0]),
        "total": _wording.number(total),
        "placed": _wording.number(placed),
        "share": _wording.percent(100 * placed / total if total else None),
        "none": placed == 0,
        "first": _row(told[0]) if told and told[0].rises else None,
        "rows": [_row(one) for one in told[:MOST_ROWS]],
        "states": [{"code": one.key, "shade": _shade(one)} for one in told],
        "countries": [
            {"code": code, "shade": 1 + min(3, 4 * count // most) if most else 1}
            for code, count in countries.most_common()
            if code
        ],
        "abroad": _wording.number(sum(count for code, count in countries.items() if code not in ("", "US"))),
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
    name = places.STATES[one.key]
    return {
        "name": name,
        "size": _wording.size(name),
        "value": _wording.number(one.value),
        "times": _wording.times(one.times),
        "against": _wording.against(one),
        "status": _wording.rise(one),
    }


SCENE = Scene(
    title=_("Where it comes from"),
    purpose=_("The supervisor asks branches and machines of a state far above usual, and warns the other sites."),
    listens_to=("mention.",),
    context=context,
    strangers=False,
    figures=("places",),
    has_input=has_input,
    pace_s=5.0,
)
