"""What a manager reads: the report contract, and discovery by file name.

A report is one file in this package, `commandcenter/reports/<key>.py` (a hyphen of the key is a low line there), that
ends in `REPORT = Report(...)`. Nothing is registered anywhere. It answers questions: each section has a sentence, a
chart, the table of the same figures, and for each figure the rows behind it. Pages and exports are made from the same
`Section` values, so a figure cannot differ between them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from commandcenter.glossary import Definition
from commandcenter.reports.asking import Ask

Unit = Literal["count", "percent", "seconds", "points", "change", "each", "sum", "total"]

# What a manager comes to ask, in the order of asking; each report is about one of them.
SUBJECTS: Mapping[str, StrPromise] = {
    "answers": gettext_lazy("How do we answer?"),
    "talk": gettext_lazy("What is said?"),
    "people": gettext_lazy("Who does the work?"),
}


@dataclass(frozen=True, slots=True)
class RowsOf:
    """Where the rows behind a figure are: the list's name, and what it narrows the report's own question to."""

    list: str
    narrowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit; None is told as a dash. `rows` leads to what it was counted from."""

    value: float | int | None
    unit: Unit
    rows: RowsOf | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a section's table. Its `key` names it in exports."""

    key: str
    title: StrPromise | str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a section's table: what it is about, and a figure for each column. `key` names it in exports."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    so_far: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure at the top of a report: with n, what it was before, and its definition."""

    definition: Definition
    title: StrPromise | str
    figure: Figure
    n: str
    change: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday in a heat map: where it stands, how strong (0 to 5), and its figure."""

    x: int
    y: int
    level: int
    figure: Figure
    words: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A drawing of our own: cells of one size (`cell`) with their numbers, and where its rows and columns are named."""

    width: int
    height: int
    cell: tuple[int, int]
    cells: tuple[Cell, ...]
    rows: tuple[tuple[int, str], ...]
    columns: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A manager's question and its answer. `chart` is a Plotly figure as plain JSON values, `map` a heat map."""

    key: str
    question: StrPromise
    answer: str
    definition: Definition
    head: StrPromise | str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    chart: Mapping[str, Any] | None = None
    note: str = ""
    map: HeatMap | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A report's answers to what was asked."""

    headlines: Sequence[Headline]
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `question` is what it is for; `lists` names its drill-down lists (see `reports.lists`).

    `subject` is a key of `SUBJECTS`.
    `without` are filters that mean nothing to it. One of the `whole_bank` is for those who see every team.
    """

    title: StrPromise
    question: StrPromise
    subject: str
    lists: frozenset[str]
    content: Callable[[Ask], Content]
    without: frozenset[str] = frozenset()
    whole_bank: bool = False


class UnknownReport(LookupError):
    """There is no report of this key."""


def get(key: str) -> Report:
    """The report of this key. Raises `UnknownReport`."""
    try:
        return _all()[key]
    except KeyError:
        raise UnknownReport(key) from None


def every() -> Mapping[str, Report]:
    """All reports by key: by subject, then in alphabetical order."""
    return _all()


@cache
def _all() -> dict[str, Report]:
    found = {}
    for module in pkgutil.iter_modules(__path__):
        report = getattr(importlib.import_module(f"{__name__}.{module.name}"), "REPORT", None)
        if isinstance(report, Report):
            found[module.name.replace("_", "-")] = report
    subjects = list(SUBJECTS)
    return dict(sorted(found.items(), key=lambda its: (subjects.index(its[1].subject), its[0])))
