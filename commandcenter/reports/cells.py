"""A section's table as HTML, made in one go.

A quarter of a year by day has two thousand figures, each with the address of its rows; a template takes longer over
them than the database does over counting them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commandcenter.reports import Figure, Section, wording
from commandcenter.reports.asking import Ask

TOTAL = format_html(' class="{}"', "total")


def url(ask: Ask, figure: Figure) -> str:
    """Where the rows behind a figure are; empty where it has none."""
    if figure.rows is None or figure.value is None:
        return ""
    return f"{_rows_of(ask.report)}?{ask.address(list=figure.rows.list, **figure.rows.narrowed)}"


def body(ask: Ask, section: Section, blind: Mapping[date, int]) -> SafeString:
    """The rows of the section's table: what each is about, and every figure in words with the way to its rows.

    `blind` are the minutes of days in which a source did not see: a line of such a day says so.
    """
    minutes = {day.isoformat(): spent for day, spent in blind.items()}
    so_far = format_html(' <span class="tag">{}</span>', _("so far"))
    return format_html_join(
        "",
        '<tr{}><th scope="row">{}{}{}</th>{}</tr>',
        (
            (
                TOTAL if line.key == "all" else "",
                line.title,
                so_far if line.so_far else "",
                _blind(minutes[line.key]) if line.key in minutes else "",
                format_html_join("", "{}", ((_cell(ask, figure),) for figure in line.figures)),
            )
            for line in section.lines
        ),
    )


def _cell(ask: Ask, figure: Figure) -> SafeString:
    said, address = wording.figure(figure), url(ask, figure)
    if not address:
        return format_html('<td class="number">{}</td>', said)
    return format_html('<td class="number"><a href="{}">{}</a></td>', address, said)


def _blind(minutes: int) -> SafeString:
    said = _("blind for %(spell)s") % {"spell": wording.spell(60 * minutes)}
    return format_html(' <span class="chip" data-state="risk">{}</span>', said)


@cache
def _rows_of(report: str) -> str:
    return reverse("commandcenter:report_rows", args=[report])
