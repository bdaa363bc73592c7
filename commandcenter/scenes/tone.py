"""Tone: how people speak of the bank, minute by minute, beside its rivals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from commandcenter import periods, usual, voices
from commandcenter.models import Profile
from commandcenter.scenes import Scene, _chart, _wording
from commandcenter.voices import Tone

MOST_RIVALS = 3  # more lines cannot be told apart from across a room
LOW, HIGH = -100, 100


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """Net sentiment of the last half hour, and of the half hour up to each minute of the last three hours."""
    ours, *rivals = voices.tones(now)
    shown = sorted(rivals, key=lambda tone: -tone.now.n)[:MOST_RIVALS]
    last = periods.minute(now)
    before = ours.minutes[-1 - int(voices.SPELL.total_seconds() // 60)]
    tone = ours.now
    return {
        "value": _wording.signed(tone.value) if tone.n >= voices.FEWEST else _wording.NOTHING,
        "few": tone.n < voices.FEWEST,
        "n": _wording.number(tone.n),
        "negative": _wording.percent(100 * tone.negative / tone.n if tone.n else None),
        "positive": _wording.percent(100 * tone.positive / tone.n if tone.n else None),
        "parts": _wording.parts(tone) if tone.n else None,
        "before": _wording.signed(before.value) if before.n >= voices.FEWEST else _wording.NOTHING,
        "bank": settings.BANK_NAME,
        "voices": [_voice(one, place) for place, one in enumerate((ours, *shown), start=1)],
        "rivals": bool(rivals),
        "width": _chart.WIDTH,
        "height": _chart.HEIGHT,
        "middle": _chart.HEIGHT // 2,
        "times": [_wording.clock(last - voices.SHOWN * part / 3) for part in (3, 2, 1, 0)],
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether enough posts were scored in these three hours; asked once a minute, like the points themselves."""
    last = periods.minute(now)
    return usual.once_a_minute("tone", (last - voices.SHOWN, last), lambda _span: _any_point(now))


def _any_point(now: datetime) -> bool:
    return any(point is not None for point in voices.tones(now)[0].points)


def _voice(tone: Tone, place: int) -> dict[str, Any]:
    points = tone.points
    return {
        "name": tone.name or settings.BANK_NAME,
        "place": place,
        "value": _wording.signed(points[-1]),
        "n": _wording.number(tone.now.n),
        "path": _chart.line(points, low=LOW, high=HIGH),
        "end": _chart.end(points, low=LOW, high=HIGH),
    }


SCENE = Scene(
    title=_("Tone"),
    purpose=_("The supervisor looks for the cause when the tone falls, and for whether it falls for rivals too."),
    listens_to=("mention.",),
    context=context,
    strangers=False,
    figures=("tone_by_minute",),
    has_input=has_input,
    counted=True,
    pace_s=5.0,
)
