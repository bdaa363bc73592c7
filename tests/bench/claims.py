"""Fifty agents on one queue of 5,000: our claim against a raw `UPDATE .. SKIP LOCKED .. RETURNING`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, connections

from tests.bench.stand import PAIRS, figure, percentile

STAND = "engines"
AGENTS = 50
WAITING = 5000

_RAW = """
UPDATE bench_queue SET state = 1 WHERE id = (
    SELECT id FROM bench_queue WHERE state = 0 ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
) AND state = 0 RETURNING id
"""


def run() -> Iterator[dict[str, Any]]:
    from agents import cases
    from mentions import intake
    from mentions.models import Conversation
    from tests.factories import make_person, make_queue, make_source, post

    make_queue()
    source = make_source()
    people = [make_person(f"claimer{number}") for number in range(AGENTS)]
    with connections["admin"].cursor() as cursor:
        cursor.execute("CREATE TABLE bench_queue (id int PRIMARY KEY, state int, due_at timestamptz)")
        cursor.execute("CREATE INDEX ON bench_queue (due_at, id) WHERE state = 0")
        cursor.execute(f"GRANT ALL ON bench_queue TO {connection.settings_dict['USER']}")
        cursor.execute("GRANT MAINTAIN ON bench_queue TO PUBLIC")
    latencies: list[float] = []
    doubled = 0
    mine, raw = [], []
    for _ in range(PAIRS):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM bench_queue")
            cursor.execute(
                "INSERT INTO bench_queue SELECT n, 0, now() + n * interval '1 s' FROM generate_series(1, %s) n",
                [WAITING],
            )
            cursor.execute("ANALYZE bench_queue")
        raw.append(_race(lambda _person: _raw(), people, [])[0])
        waiting = WAITING - Conversation.objects.waiting().count()
        for start in range(0, waiting, 500):
            intake.receive(source, [post() for _ in range(min(500, waiting - start))])
        rate, got = _race(lambda person: _claim(cases.claim_next(by=person)), people, latencies)
        mine.append(rate)
        doubled += len(got) - len(set(got))
    mine.sort()
    raw.sort()
    yield figure("claim", mine[PAIRS // 2], "claims/s", raw[PAIRS // 2], floor=0.25, aim=0.5, agents=AGENTS)
    yield figure("claim.p99", percentile(latencies, 0.99) * 1000, "ms", most=250)
    yield figure("claim.double", doubled, "claims", most=0)


def _claim(case: Any) -> int | None:
    return case.conversation_id if case is not None else None


def _raw() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_RAW)
        row = cursor.fetchone()
        return int(row[0]) if row else None


def _race(claim: Callable[[Any], int | None], people: list[Any], latencies: list[float]) -> tuple[float, list[int]]:
    """All agents claim until nothing is left; claims a second and what was got."""
    got: list[int] = []
    start = threading.Barrier(len(people) + 1)

    def work(person: Any) -> None:
        connection.ensure_connection()
        start.wait()
        while True:
            began = time.perf_counter()
            won = claim(person)
            if won is None:
                break
            latencies.append(time.perf_counter() - began)
            got.append(won)
        connections.close_all()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return len(got) / (time.perf_counter() - began), got
