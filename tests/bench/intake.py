"""Intake in batches of 500, everything written, against `COPY` into one bare table of the same texts.

`intake.rows` compares with the same posts whole: their identifiers, times and raw records as JSON, which is what
has to be written at the very least. `intake.processes` is the road that webhooks and the API take: every web process
stores what it was sent, so the writers are as many as the product has by default.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connections

from config import collecting
from tests.bench.stand import figure, pairs, timed

POSTS = 5000
BATCH = 500
PROCESSES = 2
WORDS = """
my card was declined again at the store and nobody answers the phone please help me with this today the app is down
since this morning I cannot log in to see anything thank you for the quick answer great service as always how do I open
a savings account for my daughter what are your opening hours on saturday in the city centre
""".split()  # noqa: SIM905  a sentence reads better than a list of its words


STAND = "engines"


def run() -> Iterator[dict[str, Any]]:
    from mentions import intake
    from tests.factories import make_queue, make_rule, make_source, post

    queue = make_queue()
    for number in range(20):
        make_rule(queue, conditions={"words_any": [f"never{number}", "nowhere"]})
    source = make_source()
    chance = random.Random(7)
    numbers = itertools.count()
    connection = connections["default"]
    owner = connections["admin"]

    def posts() -> list[dict[str, Any]]:
        made = []
        for _ in range(POSTS):
            number = next(numbers)
            text = "@bank " + " ".join(chance.choices(WORDS, k=28))
            # Four of ten write for the first time, the others are known.
            known = chance.random() > 0.4 and number > 1000
            author = f"author-{chance.randrange(number) if known else number}"
            made.append(post(text, external_id=f"ts:bench{number}", author=author))
        return made

    with owner.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_bare (text text)")
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_whole "
            "(external_id text, author text, text text, at timestamptz, raw jsonb)"
        )
        cursor.execute(f"GRANT ALL ON bench_bare, bench_whole TO {connection.settings_dict['USER']}")

    def store(made: list[dict[str, Any]]) -> None:
        for start in range(0, POSTS, BATCH):
            outcome = intake.receive(source, made[start : start + BATCH])
            assert outcome.count("accepted") == BATCH

    def ours() -> float:
        made = posts()
        return POSTS / timed(lambda: store(made))

    def ours_together() -> float:
        return PROCESSES * POSTS / _together([posts() for _ in range(PROCESSES)], store)

    def bare() -> float:
        made = posts()

        def work() -> None:
            for start in range(0, POSTS, BATCH):
                with (
                    connection.cursor() as cursor,
                    cursor.copy("COPY bench_bare (text) FROM STDIN") as copy,
                ):
                    for one in made[start : start + BATCH]:
                        copy.write_row((one["text"],))

        return POSTS / timed(work)

    def whole() -> float:
        made = posts()

        def work() -> None:
            for start in range(0, POSTS, BATCH):
                with (
                    connection.cursor() as cursor,
                    cursor.copy("COPY bench_whole FROM STDIN") as copy,
                ):
                    for one in made[start : start + BATCH]:
                        author, at = one["author"]["id"], one["created_at"]
                        copy.write_row((one["external_id"], author, one["text"], at, json.dumps(one)))

        return POSTS / timed(work)

    ours()
    collecting.settle()  # as our processes do before they begin
    value, baseline = pairs(ours, bare)
    yield figure("intake", value, "posts/s", baseline, floor=0.05, aim=0.10, batch=BATCH)
    value, baseline = pairs(ours_together, bare)
    yield figure("intake.processes", value, "posts/s", baseline, batch=BATCH, processes=PROCESSES)
    value, baseline = pairs(ours, whole)
    yield figure("intake.rows", value, "posts/s", baseline, batch=BATCH)


def _together(shares: list[list[dict[str, Any]]], store: Callable[[list[dict[str, Any]]], None]) -> float:
    """Seconds from when all processes are ready until each has stored its share."""
    for connection in connections.all(initialized_only=True):
        connection.close()  # no two processes may share one
    fork = multiprocessing.get_context("fork")
    ready = fork.Barrier(len(shares) + 1)

    def work(share: list[dict[str, Any]]) -> None:
        connections["default"].ensure_connection()
        ready.wait()
        store(share)
        connections.close_all()

    writers = [fork.Process(target=work, args=(share,)) for share in shares]
    for writer in writers:
        writer.start()
    ready.wait()
    began = time.perf_counter()
    for writer in writers:
        writer.join()
    assert not any(writer.exitcode for writer in writers)
    return time.perf_counter() - began
