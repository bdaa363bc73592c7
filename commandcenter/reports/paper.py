"""Reports on paper: a PDF of the questions, answers, figures and definitions, A4, made without a browser.

The page itself prints with its charts; this is for files that are sent and kept, so it holds every table.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.translation import gettext as _

from commandcenter import glossary
from commandcenter.reports import Section, answering, wording
from commandcenter.reports.answering import Answer

INK, MUTED, LINE = "#1B1F24", "#57606A", "#C9CFD6"
WIDE = 8  # more columns than this are set smaller


def document(answer: Answer) -> bytes:
    """The report as a PDF."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    _fonts()
    buffer = io.BytesIO()
    title = str(answer.report.title)

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont("Vera", 7)
        canvas.setFillColor(MUTED)
        canvas.drawString(
            16 * mm, 10 * mm, _("%(title)s, made %(at)s") % {"title": title, "at": wording.stamp(answer.ask.now)}
        )
        canvas.drawRightString(A4[0] - 16 * mm, 10 * mm, str(page.page))

    template = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=16 * mm, rightMargin=16 * mm, topMargin=16 * mm, bottomMargin=18 * mm,
        title=title, author=settings.BANK_NAME,
    )  # fmt: skip
    template.build(list(_story(answer)), onFirstPage=foot, onLaterPages=foot)
    return buffer.getvalue()


def _story(answer: Answer) -> Iterator[Any]:
    from reportlab.platypus import KeepTogether, Paragraph, Spacer

    ask, report, content = answer.ask, answer.report, answer.content
    style = _styles()
    yield Paragraph(escape(str(report.question)), style["title"])
    about = [wording.period(ask.period), _("Days of %(zone)s") % {"zone": settings.BANK_TIME_ZONE}]
    about += [f"{name}: {value}" for name, value in ask.chosen.items()]
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
            f'<font color="{MUTED}">{escape(words)}</font>',
            style["body"],
        )
    for section in content.sections:
        yield Spacer(1, 10)
        yield KeepTogether(
            [
                Paragraph(escape(str(section.question)), style["question"]),
                Paragraph(escape(section.answer), style["body"]),
                Paragraph(escape(section.note), style["muted"]),
            ]
        )
        if section.lines:
            yield Spacer(1, 4)
            yield _table(section)
    yield Spacer(1, 12)
    same = _("Definitions of version %(version)s. Exactly these figures can be read again at %(address)s") % {
        "version": glossary.VERSION,
        "address": answering.same_again(answer),
    }
    yield Paragraph(escape(same), style["muted"])
    for key in dict.fromkeys(section.definition.key for section in content.sections):
        entry = glossary.define(key)
        parts = (entry.sentence, entry.clock, entry.population, entry.exclusions, entry.statistic)
        yield Paragraph(f"<b>{escape(str(entry.title))}</b> {escape(' '.join(map(str, parts)))}", style["muted"])


def _table(section: Section) -> Any:
    from reportlab.platypus import LongTable, Paragraph, TableStyle

    wide = len(section.columns) > WIDE
    style = _styles()
    head = [
        Paragraph(f"<b>{escape(words)}</b>", style["head" if place else "cell"])
        for place, words in enumerate(_heads(section))
    ]
    rows = [
        [Paragraph(escape(line.title), style["cell"]), *(wording.figure(figure) for figure in line.figures)]
        for line in section.lines
    ]
    first = 26 if wide else 34
    width = (504 - first * 2.83) / len(section.columns)
    return LongTable(
        [head, *rows],
        colWidths=[first * 2.83, *[width] * len(section.columns)],
        repeatRows=1,
        hAlign="LEFT",
        style=TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), "Vera", 6 if wide else 7),
                ("TEXTCOLOR", (0, 0), (-1, -1), INK),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ]
        ),
    )


def _heads(section: Section) -> Iterator[str]:
    yield str(section.head)
    for column in section.columns:
        yield str(column.title)


@cache
def _fonts() -> None:
    """Reportlab's own face, whose signs go beyond the standard fonts of PDF."""
    import reportlab
    from reportlab.lib.fonts import addMapping
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont("Vera", folder / "Vera.ttf"))
    pdfmetrics.registerFont(TTFont("Vera-Bold", folder / "VeraBd.ttf"))
    addMapping("Vera", 0, 0, "Vera")
    addMapping("Vera", 1, 0, "Vera-Bold")


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle

    plain = ParagraphStyle("body", fontName="Vera", fontSize=9, leading=12.5, textColor=INK)
    return {
        "body": plain,
        "title": ParagraphStyle("title", plain, fontName="Vera-Bold", fontSize=15, leading=20, spaceAfter=4),
        "question": ParagraphStyle("question", plain, fontName="Vera-Bold", fontSize=11, leading=15, spaceAfter=2),
        "muted": ParagraphStyle("muted", plain, fontSize=7, leading=10, textColor=MUTED, spaceAfter=3),
        "cell": ParagraphStyle("cell", plain, fontSize=6.5, leading=8),
        "head": ParagraphStyle("head", plain, fontSize=6.5, leading=8, alignment=TA_RIGHT),
    }
