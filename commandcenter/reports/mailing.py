"""A report as a mail: the key figures, each question with its answer and its table in plain text, and a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from commandcenter.reports import Line, Section, answering, exports, naming, wording
from commandcenter.reports.answering import Answer

# A mail is read on a phone: of a longer table it has the first lines and the sums, the workbook has all.
LINES, COLUMNS = 12, 5
WIDTH = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def text(answer: Answer) -> str:
    """The whole report in words and plain tables."""
    ask = answer.ask
    about = [wording.period(ask.period), *(f"{name}: {value}" for name, value in naming.chosen(ask.chosen).items())]
    if ask.before:
        about.append(_("beside %(period)s") % {"period": wording.period(ask.before)})
    about.append(_("days of %(zone)s") % {"zone": settings.BANK_TIME_ZONE})
    told = [str(answer.report.question), ". ".join(about) + ".", ""]
    told += [f"! {words}" for words in answering.caveats(answer)]
    for one in answer.content.headlines:
        beside = ". ".join(part for part in (one.n, one.change) if part)
        told.append(f"{one.title}: {wording.figure(one.figure)}" + (f" ({beside})" if beside else ""))
    for section in answer.content.sections:
        told += ["", str(section.question).upper(), section.answer, *_table(section)]
    same = _("Exactly these figures, later too: %(address)s") % {"address": answering.same_again(answer)}
    return "\n".join([*told, "", same])


def workbook(answer: Answer, by: str) -> tuple[str, bytes, str]:
    """The report as a file to go with the mail: its name, its bytes and their type."""
    period = answer.ask.period
    return f"{answer.ask.report}-{period.first}-{period.last}.xlsx", exports.workbook(answer, by), XLSX


def _table(section: Section) -> Iterator[str]:
    """The section's table with its columns under one another; nothing where it has no lines."""
    if not section.lines:
        return
    sums = [line for line in section.lines if line.key in ("all", "before")]
    plain = [line for line in section.lines if line not in sums]
    shown, columns = [*plain[:LINES], *sums], section.columns[:COLUMNS]
    heads = [str(column.title) for column in columns]
    cells = [[wording.figure(figure) for figure in line.figures[:COLUMNS]] for line in shown]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    first = min(WIDTH, max(len(_title(line)) for line in shown))
    yield ""
    yield "  ".join([" " * first, *(head.rjust(width) for head, width in zip(heads, widths, strict=True))])
    for line, figures in zip(shown, cells, strict=True):
        said = (figure.rjust(width) for figure, width in zip(figures, widths, strict=True))
        yield "  ".join([_title(line)[:first].ljust(first), *said])
    if len(plain) > LINES or len(section.columns) > COLUMNS:
        yield _("The whole table is in the file.")


def _title(line: Line) -> str:
    return f"{line.title} ({_('so far')})" if line.so_far else line.title
