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
    Whole = np.ndarray[Any, np.dtype[np.int64]]
    Truths = np.ndarray[Any, np.dtype[np.bool_]]

STRIDE = 64
# A run of fewer numbers is read whole.
LONG = 512


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


def different(runs: Sequence[Numbers]) -> int:
    """How many different numbers there are in some sorted runs, whose numbers count up from one and so lie close."""
    import numpy as np

    runs = [run for run in runs if len(run)]
    if not runs:
        return 0
    # Of one run neighbours tell, of more a mark for each number: both are much quicker than sorting or hashing.
    if len(runs) == 1:
        return 1 + int(np.count_nonzero(runs[0][1:] != runs[0][:-1]))
    lowest = min(int(run[0]) for run in runs)
    seen = np.zeros(max(int(run[-1]) for run in runs) - lowest + 1, dtype=np.bool_)
    for run in runs:
        seen[run - lowest] = True
    return int(np.count_nonzero(seen))


def narrow(runs: Sequence[Run], pool: Numbers, shares: Sequence[float]) -> list[Narrowed | None]:
    """Where to look for some percentiles of all the numbers: of the runs, and of the `pool`, in any order, that is
    here as a whole. None for each where there are no numbers."""
    import numpy as np

    n = sum(run.n for run in runs) + len(pool)
    if not n:
        return [None] * len(shares)
    places = [(int(share * (n - 1)), share * (n - 1) % 1) for share in shares]
    if not runs:
        return [Narrowed(low, further, known=(pool,)) for low, further in places]
    if len(runs) == 1 and not len(pool):
        row = runs[0].row
        return [Narrowed(0, further, (Slice(row, low, low + 2 if further else low + 1),)) for low, further in places]
    pool = np.sort(pool)
    marks = _Marks.of([*runs, Run(0, len(pool), pool[::STRIDE])] if len(pool) else runs)
    return [_narrow(marks, pool, low, further) for low, further in places]


@dataclass(frozen=True, eq=False, slots=True)
class _Marks:
    """The marks of all runs, one run after the other. `block` is the place of each in its run (`run`), `even` whether
    the run's next mark is the same, so that the numbers between the two need not be read."""

    runs: Sequence[Run]
    starts: Whole
    marks: Numbers
    run: Whole
    block: Whole
    even: Truths
    ascending: Numbers
    at_least: Whole
    at_most: Whole

    @classmethod
    def of(cls, runs: Sequence[Run]) -> _Marks:
        """The marks of these runs, each of which has one at least."""
        import numpy as np

        lengths = np.array([len(run.marks) for run in runs])
        starts = np.cumsum(lengths) - lengths
        marks = np.concatenate([run.marks for run in runs])
        run = np.repeat(np.arange(len(runs)), lengths)
        even = np.append(marks[:-1] == marks[1:], False)
        even[starts[1:] - 1] = False
        # How many more numbers there are for sure up to each mark than up to the one before, and how many more there
        # can be before the next mark than before this one.
        at_least, at_most = np.full(len(marks), STRIDE), np.full(len(marks), STRIDE)
        at_least[starts] = 1
        at_most[starts + lengths - 1] = np.array([run.n for run in runs]) - STRIDE * (lengths - 1)
        order = np.argsort(marks, kind="stable")
        return cls(
            runs,
            starts,
            marks,
            run,
            np.arange(len(marks)) - starts[run],
            even,
            marks[order],
            np.cumsum(at_least[order]),
            np.cumsum(at_most[order]),
        )

    def bounds(self, low: int, high: int) -> tuple[int, int | None]:
        """Two marks between which the numbers at places `low` and `high` lie; None where no mark is so high.

        Numbers below a mark can only lie in the blocks that begin below it.
        """
        import numpy as np

        place = int(np.searchsorted(self.at_least, high + 1))
        floor = int(self.ascending[int(np.searchsorted(self.at_most, low, "right"))])
        return floor, int(self.ascending[place]) if place < len(self.ascending) else None

    def slices(self, wanted: Truths) -> list[Slice]:
        """The blocks that are `wanted`, in as few pieces as can be."""
        import numpy as np

        follows = np.concatenate(([False], wanted[:-1] & wanted[1:] & (self.run[:-1] == self.run[1:])))
        firsts = np.flatnonzero(wanted & ~follows)
        lasts = np.flatnonzero(wanted & ~np.append(follows[1:], False))
        return [
            Slice(self.runs[run].row, STRIDE * first, min(STRIDE * (last + 1), self.runs[run].n))
            for run, first, last in zip(
                self.run[firsts].tolist(), self.block[firsts].tolist(), self.block[lasts].tolist(), strict=True
            )
        ]


def _narrow(its: _Marks, pool: Numbers, low: int, further: float) -> Narrowed:
    import numpy as np

    floor, ceiling = its.bounds(low, low + 1 if further else low)
    if floor == ceiling:
        return Narrowed(0, 0, known=(np.array([floor]),))
    # Of each run from the block in which the floor may lie up to the last that begins below the ceiling.
    first = np.maximum(np.add.reduceat(its.marks < floor, its.starts, dtype=np.int64) - 1, 0)
    wanted = its.block >= first[its.run]
    if ceiling is not None:
        wanted &= its.marks <= ceiling
    known = []
    if len(pool):
        its_blocks = np.flatnonzero(wanted[its.starts[-1] :])
        if len(its_blocks):
            known.append(pool[STRIDE * its_blocks[0] : STRIDE * (its_blocks[-1] + 1)])
        wanted[its.starts[-1] :] = False
    even = wanted & its.even
    return Narrowed(
        low - STRIDE * int(first.sum()),
        further,
        its.slices(wanted & ~even),
        known,
        (its.marks[even],) if even.any() else (),
    )


def missing(wanted: Iterable[Narrowed | None]) -> list[Slice]:
    """What has to be read for some percentiles, each slice once."""
    return list(dict.fromkeys(one for narrowed in wanted if narrowed for one in narrowed.slices))
