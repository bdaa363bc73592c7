"""Facts whose every number counts: how long waits were, at which hour of the day, when answers came.

A median of a quarter cannot be made from medians of its days, so the numbers themselves are kept. Four modules, each
with one thing to know:

    kinds     what each kind of fact is, as the statement that counts it from the rows
    keeping   stores what is over, by hour and by bank day, and counts again what events made doubtful
    reading   answers questions from what is stored, and from the rows for the rest; both are always equal
    ranks     exact percentiles of numbers in many sorted runs, without reading all of them
"""

from commandcenter.facts.keeping import Keeper, doubt, doubt_between, forget, keep
from commandcenter.facts.kinds import BY_PEOPLE, HOURLY, KINDS, Hourly, What
from commandcenter.facts.reading import Axis, Facts, below, by_hour, distinct, read

__all__ = [
    "BY_PEOPLE",
    "HOURLY",
    "KINDS",
    "Axis",
    "Facts",
    "Hourly",
    "Keeper",
    "What",
    "below",
    "by_hour",
    "distinct",
    "doubt",
    "doubt_between",
    "forget",
    "keep",
    "read",
]
