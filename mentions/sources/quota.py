"""One budget an account, shared by all who call its network, and what that costs.

Each lane leaves a part of the budget to the lanes before it: deletions may take all of it, campaigns only what
is above half. The bucket is one row that one statement changes, so any number of processes share it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from django.db import connection
from django.db.models import Sum

from mentions import networks
from mentions.models import Budget, Source, Usage
from mentions.networks import Quota, Rate

Lane = Literal["deletes", "replies", "reads", "campaigns"]

RESERVED: Final[dict[Lane, float]] = {"deletes": 0.0, "replies": 0.05, "reads": 0.25, "campaigns": 0.5}
STREAM: Final = "stream"  # beside the lanes: what came over a stream, which takes nothing from the budget
_MOST_JITTER_S: Final = 5.0
_COUNT: Final = (
    "INSERT INTO mentions_usage (source_id, day, lane, calls, posts, messages) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (source_id, day, lane) DO UPDATE SET calls = mentions_usage.calls + EXCLUDED.calls, "
    "posts = mentions_usage.posts + EXCLUDED.posts, messages = mentions_usage.messages + EXCLUDED.messages"
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the network lets an account do still, and what asking costs.

    `streamed_30_days` are events that came by themselves, which are no calls; `posts_30_days` and `messages_30_days`
    are what was given, by whatever way, where the network bills it. `runs_out_at` is when nothing is left if asking
    goes on as it has, None if it is renewed before. `cost` and `cost_a_month` are in the source's own `currency`, None
    where no price is set.
    """

    quota: Quota | None
    told_at: datetime | None
    runs_out_at: datetime | None
    calls_today: int
    calls_30_days: int
    streamed_30_days: int
    posts_30_days: int
    messages_30_days: int
    cost: float | None
    cost_a_month: float | None
    currency: str


def take(source: Source, lane: Lane, *, now: datetime, cost: int = 1, kind: str = "") -> datetime | None:
    """Take `cost` calls for a lane. None: go ahead. A time: it is not before then that asking makes sense.

    `kind` is what is asked for, by the contract's verb: the network may have asked just that to wait.
    """
    rate = rate_of(source)
    capacity = float(rate.calls) if rate else 0.0
    speed = rate.calls / rate.per_s if rate else 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mentions_budget (source_id, level, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [source.pk, capacity, now],
        )
        cursor.execute(
            "UPDATE mentions_budget SET level = l.level - %(cost)s, at = greatest(at, %(now)s) FROM (SELECT least("
            "%(capacity)s, level + greatest(0, extract(epoch FROM %(now)s - at)) * %(speed)s)::float8 AS level "
            "FROM mentions_budget WHERE source_id = %(source)s FOR UPDATE) l WHERE source_id = %(source)s "
            "AND (wait_until IS NULL OR wait_until <= %(now)s) "
            "AND coalesce((waits->>%(kind)s)::float8, 0) <= extract(epoch FROM %(now)s) "
            "AND (%(capacity)s = 0 OR l.level - %(cost)s >= %(reserve)s)",
            {
                "cost": cost if rate else 0,
                "now": now,
                "capacity": capacity,
                "speed": speed,
                "source": source.pk,
                "reserve": min(RESERVED[lane] * capacity, capacity - cost),
                "kind": kind,
            },
        )
        if cursor.rowcount:
            cursor.execute(_COUNT, [source.pk, now.date(), lane, cost, 0, 0])
            return None
    budget = Budget.objects.get(pk=source.pk)
    until = now + timedelta(seconds=1)
    if rate:
        level = min(capacity, budget.level + max(0.0, (now - budget.at).total_seconds()) * speed)
        missing = min(RESERVED[lane] * capacity, capacity - cost) + cost - level
        until = max(until, now + timedelta(seconds=max(0.0, missing) / speed))
    alone = datetime.fromtimestamp(budget.waits.get(kind, 0), UTC)
    return max(until, budget.wait_until or until, alone)


def spend(
    source: Source, lane: Lane, *, now: datetime, calls: int, weight: int, posts: int = 0, messages: int = 0
) -> None:
    """Count calls that were made beyond what was taken beforehand, and take their `weight` from the budget.

    `posts` and `messages` are those that they brought and that are billed.
    """
    if not (calls or weight or posts or messages):
        return
    rate = rate_of(source)
    with connection.cursor() as cursor:
        if rate and weight:
            cursor.execute(
                "UPDATE mentions_budget SET level = greatest(level - %s, %s) WHERE source_id = %s",
                [weight, -float(rate.calls), source.pk],
            )
        if calls or posts or messages:
            cursor.execute(_COUNT, [source.pk, now.date(), lane, calls, posts, messages])


def streamed(source: Source, name: str, events: int, *, now: datetime) -> None:
    """Count what a stream of this name brought; where posts are billed, those are."""
    if events:
        network = networks.get(source.network)
        posts = events if network.bills_posts and name in network.searching_streams else 0
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [source.pk, now.date(), STREAM, events, posts, 0])


def jittered(until: datetime, *, now: datetime) -> datetime:
    """A little later than that, and not all in one moment."""
    pause = max(0.0, (until - now).total_seconds())
    return max(now, until) + timedelta(seconds=random.uniform(0, min(_MOST_JITTER_S, pause / 4 + 0.25)))


def wait(source: Source, until: datetime, *, now: datetime, kind: str = "") -> datetime:
    """The network asks us to come back later: nobody calls for this account before, or nobody for this `kind`."""
    until = jittered(until, now=now)
    if kind:
        rate = rate_of(source)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO mentions_budget (source_id, level, at, waits) "
                "VALUES (%(source)s, %(full)s, %(now)s, jsonb_build_object(%(kind)s::text, %(until)s::float8)) "
                "ON CONFLICT (source_id) DO UPDATE SET waits = mentions_budget.waits || EXCLUDED.waits",
                {
                    "source": source.pk,
                    "full": float(rate.calls) if rate else 0.0,
                    "now": now,
                    "kind": kind,
                    "until": until.timestamp(),
                },
            )
        return until
    Budget.objects.update_or_create(
        source=source, defaults={"wait_until": until}, create_defaults={"wait_until": until, "level": 0.0, "at": now}
    )
    return until


def note(source: Source, quota: Quota | None, *, now: datetime) -> None:
    """Remember what the network said is left, and since when its window was watched."""
    if quota is None:
        return
    resets_at = quota.resets_at.isoformat() if quota.resets_at else None
    before = source.quota
    same = before.get("unit") == quota.unit and before.get("remaining", -1) >= quota.remaining
    first = before.get("first") if same and before.get("resets_at") == resets_at else None
    source.quota = {
        "unit": quota.unit,
        "limit": quota.limit,
        "remaining": quota.remaining,
        "resets_at": resets_at,
        "at": now.isoformat(),
        "first": first or {"at": now.isoformat(), "remaining": quota.remaining},
    }
    Source.objects.filter(pk=source.pk).update(quota=source.quota)


def forecast(source: Source, *, now: datetime) -> Forecast:
    """What is left, until when it lasts, and what it costs."""
    counted = Usage.objects.filter(source=source, day__gt=now.date() - timedelta(days=30))
    streamed = counted.filter(lane=STREAM).aggregate(events=Sum("calls"))["events"] or 0
    used = counted.exclude(lane=STREAM)
    month = used.aggregate(calls=Sum("calls"))["calls"] or 0
    today = used.filter(day=now.date()).aggregate(calls=Sum("calls"))["calls"] or 0
    given = counted.aggregate(posts=Sum("posts"), messages=Sum("messages"))
    posts, messages = given["posts"] or 0, given["messages"] or 0
    quota, told_at, runs_out_at = None, None, None
    if source.quota:
        told = source.quota
        told_at = datetime.fromisoformat(told["at"])
        resets_at = datetime.fromisoformat(told["resets_at"]) if told["resets_at"] else None
        quota = Quota(told["unit"], told["limit"], told["remaining"], resets_at)
        runs_out_at = _runs_out(quota, told, told_at)
    elif (plan := source.settings.get("posts_a_month")) is not None:
        quota, told_at, runs_out_at = _of_plan(source, int(plan), now)
    days = min(30, max(1, (now - source.created_at).days + 1))
    cost = _cost(source, calls=month, posts=posts, messages=messages)
    return Forecast(
        quota=quota,
        told_at=told_at,
        runs_out_at=runs_out_at,
        calls_today=today,
        calls_30_days=month,
        streamed_30_days=streamed,
        posts_30_days=posts,
        messages_30_days=messages,
        cost=cost,
        cost_a_month=cost / days * 30 if cost is not None else None,
        currency=str(source.settings.get("currency", "")),
    )


def _cost(source: Source, *, calls: int, posts: int, messages: int) -> float | None:
    """What that costs by the contract with the network; None where no price is set."""
    each = {"price_per_call": calls, "price_per_post": posts, "price_per_message": messages}
    told = [count * float(price) for name, count in each.items() if (price := source.settings.get(name)) is not None]
    return sum(told) if told else None


def _of_plan(source: Source, plan: int, now: datetime) -> tuple[Quota, datetime, datetime | None]:
    """What is left of the posts that are paid for a month, where the network does not tell, and when it is used up."""
    began = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = (began + timedelta(days=32)).replace(day=1)
    used = Usage.objects.filter(source=source, day__gte=began.date()).aggregate(posts=Sum("posts"))["posts"] or 0
    quota = Quota("posts", plan, max(0, plan - used), ends)
    since = max(began, source.created_at)
    first = {"at": since.isoformat(), "remaining": plan}
    return quota, now, _runs_out(quota, {"first": first}, now)


def rate_of(source: Source) -> Rate | None:
    """How often this source may ask: as an administrator set it, else as its network's file says."""
    told = source.settings.get("rate")
    if isinstance(told, dict) and told.get("calls") and told.get("per_s"):
        return Rate(int(told["calls"]), int(told["per_s"]))
    try:
        return networks.get(source.network).rate
    except networks.UnknownNetwork:
        return None


def _runs_out(quota: Quota, told: dict[str, object], told_at: datetime) -> datetime | None:
    if quota.remaining <= 0:
        return told_at
    first = told["first"]
    assert isinstance(first, dict)
    watched = (told_at - datetime.fromisoformat(first["at"])).total_seconds()
    spent = first["remaining"] - quota.remaining
    if watched <= 0 or spent <= 0:
        return None
    at = told_at + timedelta(seconds=min(quota.remaining * watched / spent, 10 * 365 * 86400))
    return None if quota.resets_at is not None and at >= quota.resets_at else at
