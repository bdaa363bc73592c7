"""Reports of 90 days over 1,000,000 mentions: each report over HTTP, the rows behind a figure, and a large file.

The limit holds for the slowest report by itself: a figure of all together would hide it.

`BENCH_MENTIONS` asks for another number; with `BENCH_DATA_DIR` what was filled in is kept and found again.
"""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connection, connections

from tests.bench.queue_page import _sign_in
from tests.bench.stand import figure, percentile, timed

STAND = "product"
MANY = int(os.environ.get("BENCH_MENTIONS", "1000000"))
FROM = 10_000_000
DAYS = 90
ROUNDS = 21
PIECE = 250_000
STATEMENTS = Path(__file__).with_suffix(".sql")
# What a report without rollups would ask: counts and exact percentiles by day and queue.
RAW = """
SELECT (m.occurred_at AT TIME ZONE 'America/New_York')::date, c.queue_id, count(*),
    count(*) FILTER (WHERE m.spam), count(*) FILTER (WHERE m.sentiment = 1), count(*) FILTER (WHERE m.sentiment = -1),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds), percentile_cont(0.9) WITHIN GROUP (ORDER BY s.seconds)
FROM mentions_mention m JOIN mentions_conversation c ON c.id = m.conversation_id
JOIN mentions_stretch s ON s.conversation_id = c.id
WHERE m.origin = 'live' AND m.occurred_at >= now() - interval '90 days' GROUP BY 1, 2
"""


def run(product: Any) -> Iterator[dict[str, Any]]:
    from django.utils import timezone

    from agents.models import Role
    from commandcenter import periods, reports, rollups
    from mentions.models import Mention
    from tests.factories import PASSWORD, make_person, make_queue, make_source

    if not Mention.objects.filter(pk=FROM + MANY - 1).exists():
        queues = [make_queue(name).pk for name in ("care", "fraud", "cards", "lending")]
        source = make_source("bench")
        make_person("mary", role=Role.MANAGER, teams=())
        people = [make_person(f"agent{number}").pk for number in range(20)]
        filled = timed(lambda: _fill(source.pk, queues, people))
        counted = timed(rollups.start_over)
        while rollups.roll():
            pass
        kept = timed(_keep)
        yield figure("reports.rebuild", counted + kept, "s", filled, mentions=MANY, facts=kept)
    now = timezone.now()
    cookie = _sign_in(product.url, "mary", PASSWORD)
    raw = sorted(timed(_raw) for _ in range(3))[1]
    today = periods.bank_day(now)
    asked = {"from": (today - timedelta(days=DAYS - 1)).isoformat(), "to": today.isoformat()}
    first = [_get(product.url, cookie, f"/reports/{key}/?{urlencode(asked)}")[0] for key in reports.every()]
    yield figure("reports.first", max(first) * 1000, "ms", raw * 1000)
    for _ in range(8):  # whichever process has not answered since it started
        _get(product.url, cookie, f"/reports/volume/?{urlencode(asked)}")
    taken: dict[str, list[float]] = {key: [] for key in reports.every()}
    for key in [*taken] * ROUNDS:  # in turns, so that what else the machine does meets each of them
        taken[key].append(_get(product.url, cookie, f"/reports/{key}/?{urlencode(asked)}")[0])
    for key, one in taken.items():
        yield figure(f"reports.{key}", percentile(one, 0.5) * 1000, "ms", raw * 1000, longest=max(one) * 1000)
    p95 = {key: percentile(one, 0.95) for key, one in taken.items()}
    worst = max(p95, key=lambda key: p95[key])
    yield figure("reports.p95", p95[worst] * 1000, "ms", raw * 1000, most=300, ratio_most=0.1, worst=worst)
    rows = []
    slow = (0.0, "")
    for name in ("mentions", "negative", "spam", "private"):
        for more in ({}, {"queue": "fraud"}, {"topic": "fees"}):
            address = f"/reports/{'sentiment' if name == 'negative' else 'volume'}/rows/?"
            address += urlencode(asked | {"list": name} | more)
            once = [_get(product.url, cookie, address)[0] for _ in range(ROUNDS)]
            slow = max(slow, (percentile(once, 0.95), f"{name} {more}"))
            rows += once
    more_lists = (
        *(("response", name) for name in ("first_response", "time_to_claim")),
        *(("resolution", name) for name in ("closed", "active", "handled", "closings")),
        *(("volume", "authors"), ("sla", "first_response_missed")),
    )
    for report, name in more_lists:
        address = f"/reports/{report}/rows/?{urlencode(asked | {'list': name})}"
        once = [_get(product.url, cookie, address)[0] for _ in range(ROUNDS)]
        slow = max(slow, (percentile(once, 0.95), name))
        rows += once
    yield figure(
        "reports.rows_p95", percentile(rows, 0.95) * 1000, "ms", most=100, worst=slow[1], worst_p95=slow[0] * 1000
    )
    many, address = _largest_file(now)
    before = _memory(product, "VmRSS")
    took, size = _get(product.url, cookie, address)
    yield figure(
        "reports.xlsx_memory",
        _memory(product, "VmHWM") - before,
        "MB",
        most=200,
        held=before,
        seconds=took,
        bytes=size,
        rows=many,
    )


def _largest_file(now: datetime) -> tuple[int, str]:
    """The list of mentions that has most rows of those that a file holds, and its address."""
    from commandcenter import metrics, periods
    from commandcenter.views.reports import ROWS_IN_A_FILE

    yesterday, found = periods.bank_day(now) - timedelta(days=1), []
    for days in range(1, 15):
        period = metrics.Period.of(yesterday - timedelta(days=days - 1), yesterday, now=now)
        asked = {"from": period.first.isoformat(), "to": yesterday.isoformat(), "list": "mentions"}
        for more in ({}, {"network": "x"}, {"language": "es"}):
            filters = metrics.Filters(**{f"{name}s": (value,) for name, value in more.items()})
            total = metrics.volume(period, filters).total
            if total <= ROWS_IN_A_FILE:
                found.append((total, f"/reports/volume/rows.xlsx?{urlencode(asked | more)}"))
    return max(found)


def _fill(source: int, queues: list[int], people: list[int]) -> None:
    """Mentions of 90 days, a conversation and a wait each, one in a thousand still open."""
    with connections["admin"].cursor() as cursor:
        for start in range(FROM, FROM + MANY, PIECE):
            values = {"source": source, "queues": queues, "people": people}
            values |= {"start": start, "stop": min(start + PIECE, FROM + MANY) - 1}
            for statement in STATEMENTS.read_text().split(";\n"):
                cursor.execute(statement, values)
    connections["admin"].close()


def _keep() -> None:
    from commandcenter import facts

    while facts.keep():
        pass


def _raw() -> None:
    with connection.cursor() as cursor:
        cursor.execute(RAW)
        cursor.fetchall()


def _get(url: str, cookie: str, path: str) -> tuple[float, int]:
    """Seconds that one request on a fresh connection took, and the size of its answer."""
    place = urlsplit(url)
    assert place.hostname is not None
    asking = http.client.HTTPConnection(place.hostname, place.port, timeout=120)
    began = time.perf_counter()
    asking.request("GET", path, headers={"cookie": cookie})
    answer = asking.getresponse()
    size = 0
    while piece := answer.read(1 << 16):
        size += len(piece)
    taken = time.perf_counter() - began
    asking.close()
    assert answer.status == 200, (path, answer.status)
    return taken, size


def _memory(product: Any, what: str) -> float:
    """Megabytes of the web processes together: what they hold now (VmRSS), or held at most since that was asked."""
    held = 0.0
    for pid in product.run["pids"]["web"]:
        status = Path(f"/proc/{pid}/status").read_text()
        held += int(status.partition(f"{what}:")[2].split()[0]) / 1024
        if what == "VmRSS":
            Path(f"/proc/{pid}/clear_refs").write_text("5")
    return held
