"""Exact percentiles of numbers that lie in many sorted runs, without reading all of them.

A long run carries marks: every `STRIDE`th of its numbers. They tell between which two numbers a percentile of all the
runs must lie, and so which short slice of each run is worth reading; ten times as many numbers are little more work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.int32]]

STRIDE = 64
# A run of fewer numbers is read whole.
LONG = 2048


class Slice(NamedTuple):
    """The numbers from place `start` up to and without `stop` of a stored run (`row`)."""

    row: int
    start: int
    stop: int


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """`n` stored numbers in ascending order (`row`), of which the marks are here."""

    row: int
    n: int
    marks: Numbers


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Where a percentile lies: its place among the numbers that are `known`, those of the slices, and `blocks`, each
    of which stands for `STRIDE` equal numbers; and the part of the way to the next number."""

    place: int
    further: float
    slices: Sequence[Slice] = ()
    known: Sequence[Numbers] = ()
    blocks: Sequence[Numbers] = ()

    def value(self, read: Mapping[Slice, Numbers]) -> float:
        """The percentile, given what the slices hold: between two numbers as `percentile_cont` tells it."""
        import numpy as np

        places = (self.place, self.place + 1) if self.further else (self.place,)
        pool = np.concatenate([*self.known, *(read[one] for one in self.slices), *self.blocks])
        if self.blocks:
            weights = np.ones(len(pool), dtype=np.int64)
            weights[len(pool) - sum(map(len, self.blocks)) :] = STRIDE
            order = np.argsort(pool)
            found = pool[order][np.searchsorted(np.cumsum(weights[order]), places, "right")]
        else:
            found = np.partition(pool, places)[list(places)]
        return float(found[0]) + self.further * (float(found[-1]) - float(found[0]))


def numbers(stored: bytes) -> Numbers:
    """Numbers as they are stored: four bytes each, the highest first."""
    import numpy as np

    return np.frombuffer(stored, dtype=">i4").astype(np.int32)


def narrow(runs: Sequence[Run], pool: Numbers, shares: Sequence[float]) -> list[Narrowed | None]:
    """Where to look for some percentiles of all the numbers: of the runs, and of the `pool`, in any order, that is
    here as a whole. None for each where there are no numbers."""
    import numpy as np

    if runs and len(pool):
        pool = np.sort(pool)
    return [_narrow(runs, pool, share) for share in shares]


def _narrow(runs: Sequence[Run], pool: Numbers, share: float) -> Narrowed | None:
    import numpy as np

    n = sum(run.n for run in runs) + len(pool)
    if not n:
        return None
    low = int(share * (n - 1))
    further = share * (n - 1) - low
    high = low + 1 if further else low
    if not runs:
        return Narrowed(low, further, known=(pool,))
    if len(runs) == 1 and not len(pool):
        return Narrowed(0, further, (Slice(runs[0].row, low, high + 1),))
    every = [*runs, Run(0, len(pool), pool[::STRIDE])] if len(pool) else runs
    floor, ceiling = _bounds(every, low, high)
    if floor == ceiling:
        return Narrowed(0, 0, known=(np.array([floor]),))
    slices: list[Slice] = []
    known, blocks, skipped = [], [], 0
    for run in every:
        # From the block in which the floor may lie up to the last that begins below the ceiling.
        first = max(int(np.searchsorted(run.marks, floor)) - 1, 0)
        last = len(run.marks) if ceiling is None else int(np.searchsorted(run.marks, ceiling, "right"))
        skipped += STRIDE * first
        if not run.row:
            known.append(pool[STRIDE * first : STRIDE * last])
            continue
        marks = run.marks[first : last + 1]
        even = marks[:-1] == marks[1:]  # a block between two equal marks need not be read
        if even.any():
            blocks.append(marks[:-1][even])
        slices += _slices(run, first, np.append(even, False)[: max(last - first, 0)])
    return Narrowed(low - skipped, further, slices, known, blocks)


def _bounds(runs: Sequence[Run], low: int, high: int) -> tuple[int, int | None]:
    """Two marks between which the numbers at places `low` and `high` lie; None where no mark is so high.

    Numbers below a mark can only lie in the blocks that begin below it.
    """
    import numpy as np

    marks = np.concatenate([run.marks for run in runs])
    order = np.argsort(marks, kind="stable")
    at_least = np.cumsum(np.concatenate([_at_least(run) for run in runs])[order])
    at_most = np.cumsum(np.concatenate([_at_most(run) for run in runs])[order])
    place = int(np.searchsorted(at_least, high + 1))
    floor = int(marks[order[int(np.searchsorted(at_most, low, "right"))]])
    return floor, int(marks[order[place]]) if place < len(marks) else None


def _slices(run: Run, first: int, even: np.ndarray[Any, np.dtype[np.bool_]]) -> list[Slice]:
    """What has to be read of a run from its block `first` on: the blocks that are not `even`, in as few pieces as can
    be."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([True], even, [True])).astype(np.int8)))
    starts, stops = edges[::2].tolist(), edges[1::2].tolist()
    return [
        Slice(run.row, STRIDE * (first + start), min(STRIDE * (first + stop), run.n))
        for start, stop in zip(starts, stops, strict=True)
    ]


def missing(wanted: Iterable[Narrowed | None]) -> list[Slice]:
    """What has to be read for some percentiles, each slice once."""
    return list(dict.fromkeys(one for narrowed in wanted if narrowed for one in narrowed.slices))


def _at_least(run: Run) -> Numbers:
    """How many more numbers there are for sure up to each mark than up to the one before."""
    import numpy as np

    more = np.full(len(run.marks), STRIDE)
    more[0] = 1
    return more


def _at_most(run: Run) -> Numbers:
    """How many more numbers there can be before the next mark than before this one."""
    import numpy as np

    more = np.full(len(run.marks), STRIDE)
    more[-1] = run.n - STRIDE * (len(run.marks) - 1)
    return more
