"""Reports on paper: a PDF of the questions, answers, charts, figures and definitions, made without a browser.

It is for files that are sent and kept, so it holds every table; the page itself prints as well.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.translation import gettext as _

from commandcenter import earlier
from commandcenter.reports import Line, Section, answering, drawn, naming, wording
from commandcenter.reports.answering import Answer
from commandcenter.reports.drawn import BOLD, FACE, PAPER

WIDTH = 504.0  # what the margins leave of the narrower sheet, A4
FRAME = 6.0  # what the frame keeps free at each side
WIDE = 8  # more columns than this are set smaller


def document(answer: Answer, by: str) -> bytes:
    """The report as a PDF."""
    from reportlab.lib.pagesizes import A4, LETTER
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    fonts()
    buffer = io.BytesIO()
    title = str(answer.report.title)
    sheet = LETTER if settings.PAPER == "letter" else A4
    margin = (sheet[0] - WIDTH) / 2 - FRAME

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(FACE, 7)
        canvas.setFillColor(PAPER["muted"])
        canvas.drawString(
            margin + FRAME,
            10 * mm,
            _("%(title)s, made %(at)s by %(who)s") % {"title": title, "at": wording.stamp(answer.ask.now), "who": by},
        )
        canvas.drawRightString(sheet[0] - margin - FRAME, 10 * mm, str(page.page))

    template = SimpleDocTemplate(
        buffer, pagesize=sheet, leftMargin=margin, rightMargin=margin, topMargin=16 * mm, bottomMargin=18 * mm,
        title=title, author=settings.BANK_NAME,
    )  # fmt: skip
    template.build(list(_story(answer)), onFirstPage=foot, onLaterPages=foot)
    return buffer.getvalue()


def _story(answer: Answer) -> Iterator[Any]:
    from reportlab.platypus import KeepTogether, Paragraph, Spacer

    ask, report, content = answer.ask, answer.report, answer.content
    muted = PAPER["muted"]
    style = _styles()
    yield Paragraph(escape(str(report.question)), style["title"])
    about = [wording.period(ask.period), _("Days of %(zone)s") % {"zone": settings.BANK_TIME_ZONE}]
    about += [f"{name}: {value}" for name, value in naming.chosen(ask.chosen).items()]
    if ask.before:
        about.append(_("beside %(period)s") % {"period": wording.period(ask.before)})
    if lag := answering.lag(answer):
        about.append(lag.rstrip("."))
    yield Paragraph(escape(". ".join(about) + "."), style["muted"])
    for words in answering.caveats(answer):
        yield Paragraph(f"▲ {escape(words)}", style["body"])
    yield Spacer(1, 8)
    for one in content.headlines:
        words = ". ".join(part for part in (one.n, one.change) if part)
        yield Paragraph(
            f"<b>{escape(str(one.title))}: {escape(wording.figure(one.figure))}</b> "
            f'<font color="{muted}">{escape(words)}</font>',
            style["body"],
        )
    for section in content.sections:
        yield Spacer(1, 10)
        yield KeepTogether(
            [
                Paragraph(escape(str(section.question)), style["question"]),
                Paragraph(escape(section.answer), style["body"]),
                *_picture(answer, section),
            ]
        )
        if section.lines:
            yield Spacer(1, 4)
            yield _table(answer, section)
    yield Spacer(1, 12)
    same = _("Definitions of version %(version)s. Exactly these figures can be read again at %(address)s") % {
        "version": earlier.version(ask.as_of),
        "address": answering.same_again(answer),
    }
    yield Paragraph(escape(same), style["muted"])
    for entry in answering.definitions(answer):
        parts = (entry.sentence, entry.clock, entry.population, entry.exclusions, entry.statistic)
        yield Paragraph(f"<b>{escape(str(entry.title))}</b> {escape(' '.join(map(str, parts)))}", style["muted"])


def _picture(answer: Answer, section: Section) -> Iterator[Any]:
    """The section's chart or map with what has to be said of it."""
    from reportlab.platypus import Paragraph, Spacer

    chart, drawn_around = answering.pictured(answer, section)
    note = f"{section.note} {drawn_around}".strip()
    if chart or section.map:
        yield Spacer(1, 5)
    if section.map:
        yield drawn.heat_map(section.map, WIDTH)
    if chart:
        yield drawn.chart(chart, WIDTH)
    if note:
        yield Paragraph(escape(note), _styles()["muted"])


def _table(answer: Answer, section: Section) -> Any:
    from reportlab.platypus import LongTable, Paragraph, TableStyle

    wide = len(section.columns) > WIDE
    blind, marked = answering.blind_parts(answer), answering.marked_parts(answer)
    style = _styles()
    head = [
        Paragraph(f"<b>{escape(words)}</b>", style["head" if place else "cell"])
        for place, words in enumerate(_heads(section))
    ]
    rows = [
        [
            Paragraph(escape(_title(line, blind, marked)), style["cell"]),
            *(wording.figure(figure) for figure in line.figures),
        ]
        for line in section.lines
    ]
    first = 26 if wide else 34
    width = (WIDTH - first * 2.83) / len(section.columns)
    return LongTable(
        [head, *rows],
        colWidths=[first * 2.83, *[width] * len(section.columns)],
        repeatRows=1,
        hAlign="LEFT",
        style=TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), FACE, 6 if wide else 7),
                ("TEXTCOLOR", (0, 0), (-1, -1), PAPER["text"]),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, PAPER["text"]),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, PAPER["line"]),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ]
        ),
    )


def _heads(section: Section) -> Iterator[str]:
    yield str(section.head)
    for column in section.columns:
        yield str(column.title)


def _title(line: Line, blind: Mapping[date, int], marked: Mapping[date, Sequence[str]]) -> str:
    """What the line is about, and what its figures lack."""
    told = [line.title]
    if line.so_far:
        told.append(_("so far"))
    if minutes := {day.isoformat(): spent for day, spent in blind.items()}.get(line.key):
        told.append(_("blind for %(spell)s") % {"spell": wording.spell(60 * minutes)})
    told += {day.isoformat(): words for day, words in marked.items()}.get(line.key, [])
    return ", ".join(told)


@cache
def fonts() -> None:
    """A face that knows the letters of most alphabets: names of queues, teams and people stand on paper too."""
    from reportlab.lib.fonts import addMapping
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(settings.BASE_DIR) / "static" / "vendor" / "dejavu-fonts-ttf-2.37.3"
    pdfmetrics.registerFont(TTFont(FACE, folder / "DejaVuSansCondensed.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, folder / "DejaVuSansCondensed-Bold.ttf"))
    addMapping(FACE, 0, 0, FACE)
    addMapping(FACE, 1, 0, BOLD)


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle

    plain = ParagraphStyle("body", fontName=FACE, fontSize=9, leading=12.5, textColor=PAPER["text"])
    return {
        "body": plain,
        "title": ParagraphStyle("title", plain, fontName=BOLD, fontSize=15, leading=20, spaceAfter=4),
        "question": ParagraphStyle("question", plain, fontName=BOLD, fontSize=11, leading=15, spaceAfter=2),
        "muted": ParagraphStyle("muted", plain, fontSize=7, leading=10, textColor=PAPER["muted"], spaceAfter=3),
        "cell": ParagraphStyle("cell", plain, fontSize=6.5, leading=8),
        "head": ParagraphStyle("head", plain, fontSize=6.5, leading=8, alignment=TA_RIGHT),
    }
