"""What figures meant before they were defined anew, so that a past day is told by the definitions of that day.

Whoever changes what a figure counts leaves here what it was: its words, the functions that counted it, the lists that
it opened, and the moment from which the new ones hold. A report as of an earlier day is then counted, opened and
explained as it was on that day, and names the version of the definitions that it was made by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from commandcenter import asof

if TYPE_CHECKING:
    from commandcenter.glossary import Definition
    from commandcenter.reports.lists import List

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A definition that held until a moment. `counts` are the functions that gave its figures, by name, and `lists`
    their rows, by name, in the place of today's."""

    until: datetime
    definition: Definition
    counts: Mapping[str, Callable[..., Any]]
    lists: Mapping[str, List] = field(default_factory=dict)


EARLIER: tuple[Earlier, ...] = ()  # oldest first; before the first release nothing has a past to keep


def at(moment: datetime | None) -> Iterator[Earlier]:
    """The definitions that held at a moment and hold no more; with None, for now, there are none."""
    told = set()
    for one in EARLIER:
        if moment is not None and moment < one.until and one.definition.key not in told:
            told.add(one.definition.key)
            yield one


def version(moment: datetime | None) -> int:
    """The number of the definitions at a moment, or with None of those that hold now."""
    return 1 + len({one.until for one in EARLIER if moment is None or one.until <= moment})


def alike(count: str, versions: Collection[int]) -> bool:
    """Whether a function (its name) counts the same by all these versions."""
    ends = sorted({one.until for one in EARLIER})
    between = ends[min(versions) - 1 : max(versions) - 1] if versions else []
    return not any(one.until in between and count in one.counts for one in EARLIER)


def mark(name: str, *statements: str) -> str:
    """The name under which it is kept how far something has been counted by these statements (SQL).

    Where one of them is changed the name is another, nothing has been counted under it, and all is counted anew: what
    is stored is never of two definitions, nor of other ones than its rows.
    """
    return f"{name} {sha256(chr(0).join(statements).encode()).hexdigest()[:16]}"


def counted(count: Callable[P, T]) -> Callable[P, T]:
    """A function that gives a figure: as of a past day it counts as it was defined then."""

    @wraps(count)
    def by_the_day(*args: P.args, **kwargs: P.kwargs) -> T:
        for one in at(asof.at()):
            if count.__name__ in one.counts:
                return one.counts[count.__name__](*args, **kwargs)  # type: ignore[no-any-return]
        return count(*args, **kwargs)

    return by_the_day
