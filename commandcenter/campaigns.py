"""A campaign's posts: those whose words hold its hashtag, by day, and how people spoke before, during and after.

A deleted post has no words any more, so it leaves these counts. Days that are over change seldom and are counted
again every quarter of an hour; the running one is counted each time somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from commandcenter import metrics, periods, rollups
from commandcenter.figures import NetSentiment
from commandcenter.models import Campaign, Profile
from commandcenter.periods import Period
from commandcenter.populations import NOT_A_RIVAL
from mentions import search

SHOWN_AFTER = timedelta(days=3)  # so that its result is seen, and it then leaves the walls by itself
MOST_BEFORE = 14
MANY = 2000  # events; a busy minute holds fewer
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a campaign. `total` without spam; the tones are of these."""

    day: date
    total: int
    tone: NetSentiment


@dataclass(frozen=True, slots=True)
class Course:
    """How a campaign goes: its days so far, and the bank's tone before, during and after it (None if not yet)."""

    days: tuple[Day, ...]
    before: NetSentiment
    during: NetSentiment
    after: NetSentiment | None

    @property
    def total(self) -> int:
        return sum(one.total for one in self.days)

    @property
    def tone(self) -> NetSentiment:
        """How people speak who use the hashtag."""
        return _sum([one.tone for one in self.days])


def shown(profile: Profile, now: datetime) -> Campaign | None:
    """The campaign of the day: the newest one that runs or ended a moment ago; for strangers one of theirs."""
    today = periods.bank_day(now)
    found: QuerySet[Campaign] = Campaign.objects.filter(
        first_day__lte=today, last_day__gte=today - SHOWN_AFTER, ended_at=None
    )
    if profile == Profile.STREET:
        found = found.filter(public=True, confirmed_by__isnull=False)
    return found.order_by("-first_day", "pk").first()


def being_counted() -> bool:
    """Whether many posts are not in the search yet, from which a campaign's are counted."""
    return search.behind() > MANY


def course(campaign: Campaign, now: datetime, *, public_only: bool) -> Course:
    """What became of it until now. `public_only` leaves private messages out, as strangers' screens must."""
    today = periods.bank_day(now)
    last = min(campaign.last_day, today)
    closed = _closed(campaign, min(last, today - ONE_DAY), now, public_only) if campaign.first_day < today else ()
    running = _count(campaign.hashtag, today, today, public_only) if last == today else ()
    length = min((last - campaign.first_day).days + 1, MOST_BEFORE)
    first = campaign.first_day
    return Course(
        _whole((*closed, *running), first, last),
        _bank(first - length * ONE_DAY, first - ONE_DAY, now),
        _bank(first, last, now),
        _bank(campaign.last_day + ONE_DAY, today, now) if today > campaign.last_day else None,
    )


def _bank(first: date, last: date, now: datetime) -> NetSentiment:
    return metrics.net_sentiment(Period.of(first, last, now=now))


def _whole(found: tuple[Day, ...], first: date, last: date) -> tuple[Day, ...]:
    """Days without any post are days too."""
    by_day = {one.day: one for one in found}
    days = [first + offset * ONE_DAY for offset in range((last - first).days + 1)]
    return tuple(by_day.get(day, Day(day, 0, NetSentiment(0, 0, 0, 0))) for day in days)


_kept: dict[tuple[object, ...], tuple[Day, ...]] = {}


def _closed(campaign: Campaign, last: date, now: datetime, public_only: bool) -> tuple[Day, ...]:
    key = (campaign.pk, campaign.hashtag, campaign.first_day, last, public_only, rollups.quarter(now))
    if key not in _kept:
        for old in [old for old in _kept if old[0] == campaign.pk and old[4] == public_only]:
            del _kept[old]
        _kept[key] = _count(campaign.hashtag, campaign.first_day, last, public_only)
    return _kept[key]


def forget() -> None:
    """Count the days that are over again at the next question."""
    _kept.clear()


def _count(hashtag: str, first: date, last: date, public_only: bool) -> tuple[Day, ...]:
    tag = hashtag.lstrip("#").lower()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (m.occurred_at AT TIME ZONE %(zone)s)::date, count(*), count(*) FILTER (WHERE m.sentiment = 1), "
            "count(*) FILTER (WHERE m.sentiment = 0), count(*) FILTER (WHERE m.sentiment = -1), "
            "count(*) FILTER (WHERE m.sentiment IS NULL) "
            "FROM mentions_searchentry e JOIN mentions_mention m ON m.id = e.mention_id "
            "WHERE e.words @@ plainto_tsquery('simple', %(tag)s) AND strpos(lower(e.text), '#' || %(tag)s) > 0 "
            "AND m.occurred_at >= %(start)s AND m.occurred_at < %(stop)s AND m.origin = 'live' AND NOT m.spam "
            f"AND m.deleted_at IS NULL AND m.{NOT_A_RIVAL}"
            + (" AND m.visibility = 'public'" if public_only else "")
            + " GROUP BY 1 ORDER BY 1",
            {
                "zone": periods.bank_zone().key,
                "tag": tag,
                "start": periods.midnight(first),
                "stop": periods.midnight(last + ONE_DAY),
            },
        )
        return tuple(Day(day, total, NetSentiment(*tones)) for day, total, *tones in cursor.fetchall())


def _sum(tones: list[NetSentiment]) -> NetSentiment:
    return NetSentiment(
        sum(one.positive for one in tones),
        sum(one.neutral for one in tones),
        sum(one.negative for one in tones),
        sum(one.unscored for one in tones),
    )
