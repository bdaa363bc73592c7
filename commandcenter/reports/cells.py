"""A section's table as HTML, made in one go.

A quarter of a year by day has two thousand figures, each with the address of its rows; a template takes longer over
them than the database does over counting them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commandcenter.reports import Figure, Line, Section, wording
from commandcenter.reports.asking import Ask


def url(ask: Ask, figure: Figure) -> str:
    """Where the rows behind a figure are; empty where it has none."""
    if figure.rows is None or figure.value is None:
        return ""
    return f"{_rows_of(ask.report)}?{ask.address(list=figure.rows.list, **figure.rows.narrowed)}"


def body(ask: Ask, section: Section, blind: Mapping[date, int], marked: Mapping[date, Sequence[str]]) -> SafeString:
    """The rows of the section's table: what each is about, and every figure in words with the way to its rows.

    `blind` are the minutes of parts of the period in which a source did not see, and `marked` what began or ended in
    one: the line of such a part says so.
    """
    meanwhile = {day.isoformat(): words for day, words in marked.items()}
    minutes = {day.isoformat(): spent for day, spent in blind.items()}
    so_far = f' <span class="tag">{escape(_("so far"))}</span>'
    told = []
    for line in section.lines:
        told.append('<tr class="total"><th scope="row">' if line.key == "all" else '<tr><th scope="row">')
        told.append(escape(line.title))
        if line.so_far:
            told.append(so_far)
        if line.key in minutes:
            told.append(_blind(minutes[line.key]))
        told += [f' <span class="tag">{escape(words)}</span>' for words in meanwhile.get(line.key, ())]
        told.append("</th>")
        told += _cells(ask, line)
        told.append("</tr>")
    return SafeString("".join(told))


def _cells(ask: Ask, line: Line) -> Iterator[str]:
    """Figures side by side often have the same rows, whose address is then made once."""
    known: dict[int, str] = {}
    for figure in line.figures:
        said, key = escape(wording.figure(figure)), id(figure.rows)
        if figure.rows is None or figure.value is None:
            yield f'<td class="number">{said}</td>'
            continue
        if key not in known:
            known[key] = escape(url(ask, figure))
        yield f'<td class="number"><a href="{known[key]}">{said}</a></td>'


def _blind(minutes: int) -> str:
    said = _("blind for %(spell)s") % {"spell": wording.spell(60 * minutes)}
    return f' <span class="chip" data-state="risk">{escape(said)}</span>'


@cache
def _rows_of(report: str) -> str:
    return reverse("commandcenter:report_rows", args=[report])
