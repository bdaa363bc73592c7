"""Pulse: are we answering, and is today an ordinary day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from commandcenter import metrics, periods
from commandcenter.figures import HourCount, MentionsToday, NetSentiment, Rate, Waits
from commandcenter.models import Profile
from commandcenter.periods import Period
from commandcenter.scenes import Scene, _chart, _public, _wording

WIDTH, HEIGHT = 1000, 240  # of the line's own coordinates; the screen stretches them
LABELLED_EVERY = 6


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """Response rate, mentions, tone and the last 24 hours.

    Strangers are told of public posts alone, and in the place of the tone how long an answer usually takes.
    """
    today = Period.today(now)
    if profile == Profile.STREET:
        return {
            "rate": _rate(_public.response_rate(today), profile),
            "mentions": _mentions(_public.mentions_today(now), profile, now),
            "wait": _wait(_public.first_response(today), profile),
            "line": _line(_public.volume_by_hour(now), profile),
        }
    return {
        "rate": _rate(metrics.response_rate(today), profile),
        "mentions": _mentions(metrics.mentions_today(now), profile, now),
        "tone": _tone(metrics.net_sentiment(today)),
        "line": _line(metrics.volume_by_hour(now), profile),
    }


def _rate(rate: Rate, profile: Profile) -> dict[str, Any]:
    told = not _too_few(rate.numerator, profile)  # else the share and what it is of would tell how few
    return {
        "value": _wording.percent(rate.percent) if told else _wording.total(rate.numerator, profile),
        "is_number": told,
        "share": round(rate.percent or 0) if told else None,
        "answered": _wording.total(rate.numerator, profile),
        "n": _wording.total(rate.n, profile),
        "none": rate.n == 0 and profile != Profile.STREET,
        "undecided": _wording.number(rate.undecided) if rate.undecided and profile != Profile.STREET else "",
    }


def _mentions(mentions: MentionsToday, profile: Profile, now: datetime) -> dict[str, Any]:
    weekday = date_format(periods.moved(now, -7).astimezone(periods.bank_zone()), "l")
    return {
        "value": _wording.total(mentions.value, profile),
        "is_number": not _too_few(mentions.value, profile),
        "against_yesterday": _wording.compared(mentions.against_yesterday, profile),
        "yesterday": _wording.total(mentions.yesterday, profile),
        "against_week_ago": _wording.compared(mentions.against_week_ago, profile),
        "week_ago": _wording.total(mentions.week_ago, profile),
        "weekday": weekday,
        "far": _wording.far(mentions.value, mentions.yesterday, mentions.week_ago)
        if profile != Profile.STREET
        else None,
    }


def _wait(waits: Waits, profile: Profile) -> dict[str, Any]:
    told = not _too_few(waits.n, profile)
    length = timedelta(seconds=waits.median) if told and waits.median is not None else None
    return {
        "is_number": told,
        "length": _wording.duration(length),
        "words": _wording.total(waits.n, profile),
        "n": _wording.number(waits.n) if told else "",
    }


def _tone(tone: NetSentiment) -> dict[str, Any]:
    return {
        "value": _wording.signed(tone.value),
        "n": _wording.number(tone.n),
        "none": tone.n == 0,
        "mood": _wording.mood(tone),
        "parts": _wording.parts(tone) if tone.n else None,
        "negative": _wording.percent(100 * tone.negative / tone.n if tone.n else None),
        "positive": _wording.percent(100 * tone.positive / tone.n if tone.n else None),
    }


def _line(hours: list[HourCount], profile: Profile) -> dict[str, Any]:
    """The last 24 hours as SVG paths, oldest first; the running hour apart, since it is not over."""
    values = [max(hour.value, _wording.FEWEST) if profile == Profile.STREET else hour.value for hour in hours]
    top = _chart.round_up(max(values))
    step = WIDTH / (len(hours) - 1)
    points = [f"{place * step:.1f},{HEIGHT * (1 - value / top):.1f}" for place, value in enumerate(values)]
    path = "M" + "L".join(points[:-1])
    peak = max(range(len(hours) - 1), key=lambda place: values[place])
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "middle": HEIGHT // 2,
        "path": path,
        "area": f"{path}V{HEIGHT}H0Z",
        "running": f"M{points[-2]}L{points[-1]}",
        "end": f"M{points[-2]}h0",
        "top": _wording.number(top),
        "half": _wording.number(top // 2),
        "ticks": [
            {"column": place + 1, "words": _clock(hour.start)}
            for place, hour in enumerate(hours)
            if hour.start.astimezone(periods.bank_zone()).hour % LABELLED_EVERY == 0
        ],
        "last": _wording.total(hours[-1].value, profile),
        "peak": {"value": _wording.total(hours[peak].value, profile), "at": _clock(hours[peak].start)},
    }


def _clock(moment: datetime) -> str:
    return moment.astimezone(periods.bank_zone()).strftime("%H:%M")


def _too_few(value: int, profile: Profile) -> bool:
    return profile == Profile.STREET and value < _wording.FEWEST


SCENE = Scene(
    title=_("Pulse"),
    purpose=_("The supervisor adds people when fewer are answered, and looks for the cause when the day is not usual."),
    listens_to=("mention.", "conversation.", "reply."),
    context=context,
    strangers=True,
    figures=("response_rate", "volume", "net_sentiment", "first_response"),
    counted=True,
)
