"""Share of voice: how much is said of the bank beside its rivals, by the searches that listen to each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from commandcenter import metrics, usual, voices
from commandcenter.figures import Voice
from commandcenter.models import Profile
from commandcenter.periods import Period
from commandcenter.scenes import Scene, _chart, _wording

DAYS = 7
MOST_RIVALS = 3


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The bank's share of seven days and of the seven before, each voice with its posts, closed days as lines."""
    today = Period.today(now)
    week = Period.of(today.back(DAYS - 1).first, today.first, now=now)
    told = metrics.share_of_voice(week)
    earlier_week = week.back(DAYS)
    before = usual.once_a_minute(
        "voices before", (earlier_week.start, earlier_week.end), lambda _span: metrics.share_of_voice(earlier_week)
    )
    days, by_day = voices.by_day(now, DAYS)
    total = sum(voice.mentions for voice in told)
    ours, *rivals = told
    shown = [ours, *sorted(rivals, key=lambda voice: -voice.mentions)[:MOST_RIVALS]]
    lines = {voice.name: by_day.get(voice.name, [0] * len(days)) for voice in shown}
    top = _chart.round_up(max(max(line) for line in lines.values()))
    share, earlier = _share(told), _share(before)
    return {
        "rivals": bool(rivals),
        "value": _wording.percent(share),
        "n": _wording.number(total),
        "points": _wording.signed(share - earlier) if share is not None and earlier is not None else "",
        "voices": [_voice(voice, place, total, lines[voice.name], top) for place, voice in enumerate(shown, start=1)],
        "searches": ", ".join(search for voice in shown[1:] for search in voice.searches),
        "width": _chart.WIDTH,
        "height": _chart.HEIGHT,
        "middle": _chart.HEIGHT // 2,
        "top": _wording.number(top),
        "half": _wording.number(top // 2),
        "days": [date_format(day.first, "D") for day in days],
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether anything is heard of a rival at all."""
    return voices.any_rival(now)


def _share(told: list[Voice]) -> float | None:
    total = sum(voice.mentions for voice in told)
    return 100 * told[0].mentions / total if total and len(told) > 1 else None


def _voice(voice: Voice, place: int, total: int, line: list[int], top: int) -> dict[str, Any]:
    return {
        "name": voice.name or settings.BANK_NAME,
        "place": place,
        "share": _wording.percent(100 * voice.mentions / total if total else None),
        "bar": round(1000 * voice.mentions / total) if total else 0,
        "n": _wording.number(voice.mentions),
        "path": _chart.line(line, low=0, high=top),
        "end": _chart.end(line, low=0, high=top),
    }


SCENE = Scene(
    title=_("Share of voice"),
    purpose=_("Marketing and press see who is talked of more than usual, and prepare an answer or a campaign."),
    listens_to=("mention.",),
    context=context,
    strangers=False,
    figures=("share_of_voice",),
    has_input=has_input,
    counted=True,
    pace_s=10.0,
)
