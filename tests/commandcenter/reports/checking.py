"""Figures of a report against the rows that they open and against a count by hand."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import QueryDict

from agents.models import User
from commandcenter import asof, reports
from commandcenter.populations import Filters
from commandcenter.reports import Figure, asking, behind
from tests.commandcenter.reports.hand import Hand, Opened, percentage, percentile


def figures(content: reports.Content) -> Iterator[tuple[str, str, str, Figure]]:
    for section in content.sections:
        for line in section.lines:
            for column, figure in zip(section.columns, line.figures, strict=True):
                yield section.key, line.key, column.key, figure
    for number, one in enumerate(content.headlines):
        yield "headline", str(number), str(one.title), one.figure


def check_list(ask: asking.Ask, report: reports.Report, hand: Hand, by: User, rows: reports.RowsOf) -> Opened:
    """A list by its address, its pages and the number it is said to have, beside the rows counted by hand."""
    address = QueryDict(ask.address(list=rows.list, **rows.narrowed))
    shared = (ask.report, *((name, *values) for name, values in address.lists() if name in asking.PARAMETERS))
    again = hand.asked.get(shared) or asking.read(
        ask.report, address, by=by, now=ask.now, also=behind.ALSO, without=report.without
    )
    hand.asked[shared] = again
    question = behind.question(again, address.dict(), report.lists)
    count = behind.count(question)
    found, _after = behind.read(question, limit=10_000)
    days = behind.counted(question)
    if days is not None:
        assert sum(days.values()) == count, address
        page, after = behind.read(question, limit=3, days=days)
        assert (page, bool(after)) == (found[:3], count > 3), address
    asked = {name: "|".join(address.getlist(name)) for name in address}
    told = hand.rows(rows.list, asked)
    if rows.list in ("available", "away"):
        assert sum(one.seconds or 0 for one in found) == sum(row["seconds"] for row in told), address
        assert count == len(found)
    else:
        assert count == len(found) == len(told), address
    return Opened(rows.list, asked, count, [one.seconds for one in found], told)


def check_figures(ask: asking.Ask, report: reports.Report, hand: Hand, by: User, *, most: int = 10_000) -> int:
    """Each figure of a report, or all headlines and as many others evenly spread, against the rows it opens and a count
    by hand."""
    with asof.known(None):  # as a page is read
        return _check(ask, report, hand, by, most)


def _check(ask: asking.Ask, report: reports.Report, hand: Hand, by: User, most: int) -> int:
    checked = 0
    told = list(figures(report.content(ask)))
    headlines, others = ([one for one in told if (one[0] == "headline") is first] for first in (True, False))
    for section, line, column, figure in [*headlines, *others[:: -(-len(others) // most) or 1]]:
        where = (ask, section, line, column, figure)
        if figure.rows is None:
            continue
        address = ask.address(list=figure.rows.list, **figure.rows.narrowed)
        assert figure.rows.list in report.lists, where
        if address not in hand.opened:  # a median, its n and its 90th percentile have the same rows
            hand.opened[address] = check_list(ask, report, hand, by, figure.rows)
        one = hand.opened[address]
        seconds = [row["seconds"] for row in one.rows if row["seconds"] is not None]
        if figure.unit == "count":
            assert figure.value == one.count, where
        elif figure.unit == "seconds":
            assert sorted(int(lasted) for lasted in one.seconds if lasted is not None) == sorted(seconds), where
            share = 0.9 if "90" in column or "p90" in column else 1.0 if "ldest" in column else 0.5
            assert figure.value == percentile(seconds, share), where
        elif column in ("occupancy", "before") and section == "desk":
            there = hand.rows("available", one.asked) if ask.filters == Filters() else []
            assert figure.value == (100 * sum(seconds) / (60 * len(there)) if there else None), where
        elif figure.unit == "percent":
            assert figure.value == percentage(hand, column, one), where
        elif figure.unit == "points":
            tones = [len(hand.rows(name, one.asked)) for name in ("positive", "negative", "scored")]
            assert figure.value == (100 * (tones[0] - tones[1]) / tones[2] if tones[2] else None), where
        elif figure.unit == "total":
            assert figure.value == sum(seconds), where
        elif figure.unit == "each":
            handed = sum(row["transfers"] for row in one.rows)
            assert figure.value == (handed / one.count if one.count else None), where
        elif figure.unit == "sum":
            assert figure.value == sum(row["reach"] for row in one.rows), where
        else:
            raise AssertionError(where)
        checked += 1
    return checked
