"""Brief: what the morning's meeting needs: yesterday, what drives this morning, what is planned, what was missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from agents.models import Original, Reply, ReplyState
from commandcenter import brief, metrics, periods
from commandcenter.figures import Change
from commandcenter.models import Profile
from commandcenter.periods import Period
from commandcenter.scenes import Scene, _posts, _wording
from mentions import naming

MOST_DRIVERS = 4
MOST_PLANNED = 3
AHEAD = timedelta(hours=24)
JUST_NOW = timedelta(minutes=15)


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """Yesterday's four figures, the brief's drivers of this morning, planned posts, and misses."""
    yesterday = Period.today(now).back(1)
    yesterday = Period.of(yesterday.first, yesterday.first, now=now)
    rate, waits = metrics.response_rate(yesterday), metrics.first_response(yesterday)
    tone, kept = metrics.net_sentiment(yesterday), metrics.attainment(yesterday, now)
    change = Change(metrics.volume(yesterday).total, metrics.volume(yesterday.back(7)).total)
    unanswered = rate.n - rate.numerator
    return {
        "weekday": date_format(yesterday.first, "l"),
        "mentions": _wording.number(change.value),
        "against": _wording.compared(change, profile),
        "rate": _wording.percent(rate.percent),
        "n": _wording.number(rate.n),
        "wait": _wording.duration(timedelta(seconds=waits.median) if waits.median is not None else None),
        "waits": _wording.number(waits.n),
        "tone": _wording.signed(tone.value),
        "scored": _wording.number(tone.n),
        "unanswered": _wording.number(unanswered),
        "late": _wording.number(kept.missed),
        "promises": _wording.number(kept.n),
        "status": _wording.missed(unanswered, kept.missed),
        "drivers": [
            {
                "name": naming.topic(one.topic),
                "value": _wording.number(one.against.value),
                "against": _wording.against(one.against),
            }
            for one in brief.drivers(now)[:MOST_DRIVERS]
        ],
        "planned": _planned(now),
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether there was a yesterday."""
    yesterday = Period.today(now).back(1)
    return metrics.volume(Period.of(yesterday.first, yesterday.first, now=now)).total > 0


def _planned(now: datetime) -> list[dict[str, Any]]:
    """What is approved and waits for its time, soonest first, and what has just left."""
    coming = Q(reply__state=ReplyState.HELD, reply__held_until__gt=now - JUST_NOW, reply__held_until__lt=now + AHEAD)
    left = Q(reply__state=ReplyState.SENT, reply__sent_at__gt=now - JUST_NOW)
    rows = list(Original.objects.filter(coming | left).select_related("reply__source", "reply__author"))
    rows.sort(key=lambda row: _moment(row.reply))
    today = periods.bank_day(now)
    return [
        {
            "title": row.title,
            "at": _wording.clock(_moment(row.reply)),
            "tomorrow": periods.bank_day(_moment(row.reply)) != today,
            "network": _posts.network_title(row.reply.source.network),
            "owner": str(row.reply.author),
        }
        for row in rows[:MOST_PLANNED]
    ]


def _moment(reply: Reply) -> datetime:
    """When it left or leaves; of what is held or sent one of them is known."""
    at = reply.sent_at or reply.held_until
    assert at is not None
    return at


SCENE = Scene(
    title=_("Morning brief"),
    purpose=_("The morning meeting decides who answers what was missed, and who watches what rises."),
    listens_to=("mention.", "reply.sent", "conversation.", "post."),
    context=context,
    strangers=False,
    figures=("volume", "response_rate", "first_response", "net_sentiment", "attainment", "drivers"),
    has_input=has_input,
    counted=True,
    pace_s=10.0,
)
