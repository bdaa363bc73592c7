"""Campaign: how a hashtag goes, against what was hoped for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import campaigns, periods
from commandcenter.campaigns import Course
from commandcenter.figures import NetSentiment
from commandcenter.models import Campaign, Profile
from commandcenter.scenes import Scene, _chart, _wording
from commandcenter.scenes._wording import Status

MOST_SLOTS = 31


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """Its posts against the target and the days; for a room also their tone, and the bank's before and since."""
    campaign = campaigns.shown(profile, now)
    if campaign is None:
        return {"campaign": None}
    street = profile == Profile.STREET
    course = campaigns.course(campaign, now, public_only=street)
    length = (campaign.last_day - campaign.first_day).days + 1
    day = (periods.bank_day(now) - campaign.first_day).days + 1
    fewest = _wording.FEWEST if street else 0
    told = course.total >= fewest
    counting = campaigns.being_counted()
    return {
        "campaign": campaign,
        "size": _wording.size(campaign.name),
        "hashtag": f"#{campaign.hashtag.lstrip('#')}",
        "over": day > length,
        "day": _wording.number(min(day, length)),
        "length": _wording.number(length),
        "value": _wording.total(course.total, profile),
        "is_number": told,
        "target": _wording.number(campaign.target) if campaign.target else "",
        "share": min(100, round(100 * course.total / campaign.target)) if campaign.target and told else None,
        "pace": Status("none", _("Still being counted"))
        if counting
        else _pace(campaign, course, day / length)
        if campaign.target and not street
        else None,
        **_days(campaign, course, fewest),
        **({} if street else _tones(course)),
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether a campaign runs, or ended a moment ago, and its posts have been counted."""
    return campaigns.shown(profile, now) is not None and not campaigns.being_counted()


def _pace(campaign: Campaign, course: Course, passed: float) -> Status:
    """Whether as many have come as must have by now, if they come evenly."""
    if not campaign.target or course.total >= campaign.target:
        return Status("ok", _("Target reached"))
    if course.total >= campaign.target * min(passed, 1):
        return Status("ok", _("Ahead of the target"))
    return Status("risk", _("Behind the target"))


def _days(campaign: Campaign, course: Course, fewest: int) -> dict[str, Any]:
    """Bars of the newest days; none of a day of fewer posts, which could point at single people."""
    days = course.days[-MOST_SLOTS:]
    slots = min(max((campaign.last_day - campaign.first_day).days + 1, len(days)), MOST_SLOTS)
    values = [day.total if day.total >= fewest else 0 for day in days]
    top = _chart.round_up(max(values, default=0))
    return {
        "width": _chart.WIDTH,
        "height": _chart.HEIGHT,
        "middle": _chart.HEIGHT // 2,
        "top": _wording.number(top),
        "half": _wording.number(top // 2),
        "bars": _chart.bars(values[:-1], slots=slots, top=top),
        "last_bar": _last(values, slots, top),
        "first_day": date_format(days[0].day, "MONTH_DAY_FORMAT") if days else "",
        "last_day": date_format(campaign.last_day, "MONTH_DAY_FORMAT"),
    }


def _last(values: list[int], slots: int, top: int) -> str:
    return _chart.bars([0] * (len(values) - 1) + values[-1:], slots=slots, top=top)


def _tones(course: Course) -> dict[str, Any]:
    return {
        "tone": _tone(_("With the hashtag"), course.tone),
        "spells": [
            _tone(name, tone)
            for name, tone in (
                (_("The bank before"), course.before),
                (_("The bank during"), course.during),
                (_("The bank after"), course.after),
            )
            if tone is not None
        ],
    }


def _tone(name: str, tone: NetSentiment) -> dict[str, Any]:
    return {
        "name": name,
        "value": _wording.signed(tone.value),
        "n": _wording.number(tone.n),
        "parts": _wording.parts(tone) if tone.n else None,
    }


SCENE = Scene(
    title=gettext_lazy("Campaign"),
    purpose=gettext_lazy("Marketing asks for more posts when it is behind, and stops it when its tone turns."),
    listens_to=("mention.", "campaign."),
    context=context,
    strangers=True,
    figures=("campaign", "net_sentiment"),
    has_input=has_input,
    counted=True,
    pace_s=5.0,
)
