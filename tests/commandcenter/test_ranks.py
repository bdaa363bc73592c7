"""Percentiles of many sorted runs are exact, and little of the runs is read for them."""

from __future__ import annotations

import random
from itertools import chain

import numpy as np
import pytest

from commandcenter.facts import ranks
from tests.commandcenter.reports.hand import percentile

SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)


def found(runs: list[list[int]], pool: list[int]) -> tuple[list[float | None], int]:
    """The percentiles, and how many stored numbers were read for them."""
    stored = {row: sorted(run) for row, run in enumerate(runs, 1) if run}
    marked = [ranks.Run(row, len(run), np.array(run[:: ranks.STRIDE])) for row, run in stored.items()]
    wanted = ranks.narrow(marked, np.array(pool, dtype=np.int32), SHARES)
    slices = {one: np.array(stored[one.row][one.start : one.stop]) for one in ranks.missing(wanted)}
    return [one.value(slices) if one else None for one in wanted], sum(map(len, slices.values()))


@pytest.mark.parametrize("seed", range(100))
def test_whatever_the_numbers_are_the_percentiles_are_those_of_all_together(seed: int) -> None:
    chance = random.Random(seed)
    spread = chance.choice([1, 2, 3, 9, 50, 5000, 2**31 - 1])
    sizes = [chance.choice([0, 1, 2, 63, 64, 65, 128, 700]) for _ in range(chance.choice([0, 1, 2, 9]))]
    runs = [[chance.randrange(spread) + chance.choice([0, 0, spread // 2]) for _ in range(size)] for size in sizes]
    runs = [[min(number, 2**31 - 1) for number in run] for run in runs]
    pool = [chance.randrange(spread) for _ in range(chance.choice([0, 0, 1, 200]))]
    every = [number for run in [*runs, pool] for number in run]
    told, _read = found(runs, pool)
    assert told == [percentile(every, share) for share in SHARES]


def test_runs_that_lie_apart_and_runs_of_one_number_are_no_exception() -> None:
    runs = [[7] * 500, list(range(1000, 1500)), [7] * 64, list(range(100))]
    told, _read = found(runs, [7, 1499, 0])
    assert told == [percentile([*chain.from_iterable(runs), 7, 1499, 0], share) for share in SHARES]


def test_of_a_month_of_ten_thousand_waits_a_day_little_is_read() -> None:
    chance = np.random.default_rng(90)
    runs = [np.floor(chance.lognormal(6, 1, 10_000)).astype(int).tolist() for _ in range(30)]
    told, read = found(runs, [])
    assert told == [percentile(list(chain.from_iterable(runs)), share) for share in SHARES]
    assert read < 0.05 * 30 * 10_000


def test_of_a_quarter_of_a_queue_with_a_thousand_waits_a_day_little_is_read() -> None:
    """A queue, a network or a topic has fewer a day than the bank, and is asked for as often."""
    chance = np.random.default_rng(91)
    runs = [np.floor(chance.lognormal(6, 1, 1_200)).astype(int).tolist() for _ in range(90)]
    marked = [run for run in runs if len(run) > ranks.LONG]
    whole = [number for run in runs if len(run) <= ranks.LONG for number in run]
    told, read = found(marked, whole)
    assert told == [percentile(list(chain.from_iterable(runs)), share) for share in SHARES]
    assert read + len(whole) < 0.4 * 90 * 1_200


def test_of_numbers_that_are_often_the_same_hardly_any_is_read() -> None:
    chance = np.random.default_rng(9)
    runs = [np.floor(chance.exponential(2, 10_000)).astype(int).tolist() for _ in range(30)]
    told, read = found(runs, [0] * 50)
    assert told == [percentile([*chain.from_iterable(runs), *[0] * 50], share) for share in SHARES]
    assert read < 0.05 * 30 * 10_000
    told, read = found([[0] * 10_000] * 30, [0] * 50)
    assert told == [0] * len(SHARES)
    assert read <= 30 * ranks.STRIDE


@pytest.mark.parametrize("sizes", [(), (0,), (1,), (300,), (0, 300), (300, 1, 0, 64)])
def test_different_numbers_are_counted_once_in_whichever_run_they_are(sizes: tuple[int, ...]) -> None:
    chance = random.Random(len(sizes))
    runs = [sorted(chance.randrange(7, 90) for _ in range(size)) for size in sizes]
    told = ranks.different([np.array(run, dtype=np.int32) for run in runs])
    assert told == len(set(chain(*runs)))
