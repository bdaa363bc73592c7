"""A section's table as HTML, made in one go.

A quarter of a year by day has two thousand figures, each with the address of its rows; a template takes longer over
them than the database does over counting them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from commandcenter.reports import Figure, Section, wording
from commandcenter.reports.asking import Ask


def url(ask: Ask, figure: Figure) -> str:
    """Where the rows behind a figure are; empty where it has none."""
    if figure.rows is None or figure.value is None:
        return ""
    return f"{_rows_of(ask.report)}?{ask.address(list=figure.rows.list, **figure.rows.narrowed)}"


def body(ask: Ask, section: Section, blind: Mapping[date, int]) -> SafeString:
    """The rows of the section's table: what each is about, and every figure in words with the way to its rows.

    `blind` are the minutes of days in which a source did not see: a line of such a day says so.
    """
    return mark_safe("".join(_lines(ask, section, {day.isoformat(): minutes for day, minutes in blind.items()})))  # noqa: S308  every piece that is not ours is escaped below


def _lines(ask: Ask, section: Section, blind: Mapping[str, int]) -> Iterator[str]:
    so_far = f' <span class="tag">{escape(_("so far"))}</span>'
    for line in section.lines:
        yield '<tr class="total">' if line.key == "all" else "<tr>"
        yield f'<th scope="row">{escape(line.title)}{so_far if line.so_far else ""}'
        if line.key in blind:
            yield f' <span class="chip" data-state="risk">{escape(_blind(blind[line.key]))}</span>'
        yield "</th>"
        for figure in line.figures:
            said, address = escape(wording.figure(figure)), url(ask, figure)
            yield (
                f'<td class="number"><a href="{escape(address)}">{said}</a></td>'
                if address
                else (f'<td class="number">{said}</td>')
            )
        yield "</tr>"


def _blind(minutes: int) -> str:
    return _("blind for %(spell)s") % {"spell": wording.spell(60 * minutes)}


@cache
def _rows_of(report: str) -> str:
    return reverse("commandcenter:report_rows", args=[report])
