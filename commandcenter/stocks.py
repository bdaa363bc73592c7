"""What was open at each midnight of the bank: taken once, as it was known then, and never counted again.

A stock is of a moment, so nothing that happens later changes what stood there, and `asof` tells it. Since that has to
look through everything that happened since, it is done while little has, and kept; of midnights long past it is caught
up with one at a time, the newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from commandcenter import asof, earlier, periods, populations
from commandcenter.earlier import counted
from commandcenter.facts import ranks
from commandcenter.figures import BANDS, Backlog
from commandcenter.models import Stock, StockTaking
from commandcenter.populations import EVERYTHING, Filters

# As long as a period and the one beside it may last for which stocks are caught up with.
BACK_DAYS = 100
# What happened before midnight is recorded by then.
_SETTLED = timedelta(minutes=1)


def tick() -> None:
    """The listener's loop: one stock, if one is to be taken."""
    take()


def take(*, now: datetime | None = None) -> bool:
    """Take the newest stock that is missing. False if there is none."""
    moment = now or timezone.now()
    midnight = _missing(moment)
    if midnight is None:
        return False
    with asof.known(midnight):
        stood = _standing(midnight)
    with transaction.atomic():
        taking, fresh = StockTaking.objects.get_or_create(at=midnight, defaults={"definitions": earlier.version(None)})
        if fresh:
            Stock.objects.bulk_create([Stock(taking=taking, **one) for one in stood])
    return True


@counted
def backlog_at(midnight: datetime, filters: Filters = EVERYTHING) -> dict[int | None, Backlog] | None:
    """`metrics.backlog` as it was at a midnight of the bank; None where no stock was taken."""
    taking = StockTaking.objects.filter(at=midnight).first()
    if taking is None:
        return None
    rows = Stock.objects.filter(taking=taking)
    for name, some in (("network", filters.networks), ("language", filters.languages), ("queue_id", filters.queues)):
        rows = rows if some is None else rows.filter(**{f"{name}__in": some})
    if filters.topic is not None:
        rows = rows.filter(topics__contains=[filters.topic])
    piles: dict[int | None, list[Stock]] = {None: list(rows)}
    for row in piles[None]:
        piles.setdefault(row.queue_id, []).append(row)
    return {key: _together(pile) for key, pile in piles.items()}


def alike(*midnights: datetime, now: bool = False) -> bool:
    """Whether the stocks of these midnights, and with `now` what is open at the moment that figures are asked of, were
    counted by one definition. One that was not taken differs from none."""
    taken = set(StockTaking.objects.filter(at__in=midnights).values_list("definitions", flat=True))
    return earlier.alike("backlog", taken | {earlier.version(asof.at())} if now else taken)


def _missing(now: datetime) -> datetime | None:
    today = periods.bank_day(now - _SETTLED)
    with connection.cursor() as cursor:
        oldest = populations.oldest(cursor)
    if oldest is None:
        return None
    wanted = [periods.midnight(today - timedelta(days=back)) for back in range(BACK_DAYS)]
    taken = set(StockTaking.objects.filter(at__gte=wanted[-1]).values_list("at", flat=True))
    return next((one for one in wanted if one not in taken and one > oldest), None)


def _standing(midnight: datetime) -> list[dict[str, Any]]:
    """What is open, by place, as of the moment at which this is asked."""
    population = populations.open_conversations(EVERYTHING)
    names = ("queue_id", "network", "language", "topics", "waiting", "claimed", "pending", "overdue", "ages")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_id, network, language, topics, count(*) FILTER (WHERE state = 'waiting'), "
            "count(*) FILTER (WHERE state = 'claimed'), count(*) FILTER (WHERE state LIKE 'pending%%'), "
            "count(*) FILTER (WHERE due_at < %(now)s), string_agg(int4send(age), ''::bytea ORDER BY age) "
            "FROM (SELECT c.queue_id, a.network, c.language, c.topics, c.state, c.due_at, "
            f"{populations.AGE} AS age {population.sql}) g GROUP BY 1, 2, 3, 4",
            population.values | {"now": midnight},
        )
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _together(pile: Sequence[Stock]) -> Backlog:
    ages = ranks.numbers(b"".join(bytes(row.ages) for row in pile))
    median, p90 = (one.value({}) if one else None for one in ranks.narrow([], ages, (0.5, 0.9)))
    limits = [0, *BANDS, 2**31]
    bands = [int(((ages >= low) & (ages < high)).sum()) for low, high in pairwise(limits)]
    waiting, claimed, pending, overdue = (
        sum(getattr(row, name) for row in pile) for name in ("waiting", "claimed", "pending", "overdue")
    )
    oldest = float(ages.max()) if len(ages) else None
    first, second, third, fourth, fifth = bands
    return Backlog(
        len(ages), waiting, claimed, pending, overdue, oldest, median, p90, (first, second, third, fourth, fifth)
    )
