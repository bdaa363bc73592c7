"""Topics: what is written about more than usual, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from commandcenter import drills, terms, usual
from commandcenter.models import Profile
from commandcenter.scenes import Scene, _practised, _wording
from commandcenter.usual import Against
from mentions import naming

MOST_ROWS = 6
MOST_PRACTISED = 2  # of them of an exercise, while one runs
MOST_WORDS = 6


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The topics by how far they are above usual, the strongest first, and the words that rise."""
    total, topics = usual.topics(now)
    practised = _practised.topics(MOST_PRACTISED)
    real = [one for one in topics if one.value][:MOST_ROWS]
    shown = real[: MOST_ROWS - len(practised)]
    # Real bars have the length they have without an exercise, whose own are cut at the end of that scale.
    top = max((length for one in real for length in (one.value, one.usual or 0)), default=0)
    top = top or max((n for _key, n in practised), default=1)
    return {
        "since": _wording.clock(usual.window(now)[0]),
        "total": _wording.number(total),
        "compared": any(one.usual is not None for one in shown),
        "first": _row(shown[0], top) if shown and shown[0].rises else None,
        "rows": [
            *(_row(one, top) for one in shown),
            *(_row_practised(key, n, top) for key, n in practised),
        ],
        "sample": _wording.number(terms.SAMPLE) if terms.is_of_samples(now) else "",
        "words": [
            {"word": term.word, "n": _wording.number(term.people), "longer": _wording.width(term.word) > 14}
            for term in terms.rising(now, MOST_WORDS)
        ],
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether any topic was written about, asked once a minute, or an exercise runs."""
    return drills.running() is not None or usual.once_a_minute(
        "any topic", usual.window(now), lambda _span: _any_topic(now)
    )


def _any_topic(now: datetime) -> bool:
    return any(one.value for one in usual.topics(now)[1])


def _row(one: Against, top: float) -> dict[str, Any]:
    name = naming.topic(one.key)
    return {
        "name": name,
        "size": _wording.size(name),
        "value": _wording.number(one.value),
        "times": _wording.times(one.times),
        "against": _wording.against(one),
        "status": _wording.rise(one),
        "bar": round(1000 * one.value / top),
        "mark": round(1000 * one.usual / top) if one.usual is not None else None,
    }


def _row_practised(key: str, value: int, top: float) -> dict[str, Any]:
    """A topic of a running exercise, under its mark; its bar is on the scale of the real ones and no longer."""
    name = naming.topic(key)
    about = {"name": name, "size": _wording.size(name), "value": _wording.number(value), "against": ""}
    return about | {"status": _wording.exercise(), "bar": min(round(1000 * value / top), 1000), "mark": None}


SCENE = Scene(
    title=_("Topics"),
    purpose=_("The supervisor looks at the posts of a topic far above usual, and declares an incident if it is one."),
    listens_to=("mention.",),
    context=context,
    strangers=False,
    figures=("rising_topics", "rising_terms"),
    has_input=has_input,
    counted=True,
    pace_s=5.0,
)
