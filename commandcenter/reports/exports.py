"""Reports and lists as files. Every cell is safe in a spreadsheet, whatever a stranger wrote.

What a spreadsheet would take for the beginning of a formula (= + - @ or one of their full-width and small forms) gets
an apostrophe in front, whatever white or invisible signs stand before it; a text that begins with a tab or a new line
gets one too. Spreadsheets of half the world read CSV by semicolons and do not mind quotes within a line, so the same
holds behind each semicolon, tab and new line. Numbers are numbers and need none, and cells of XLSX are typed as text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from commandcenter import earlier
from commandcenter.reports import Figure, Headline, Section, about, answering, asking, cells
from commandcenter.reports.answering import Answer

BOM = "\ufeff"
# Where a cell begins, or what some spreadsheet takes for one; then what it skips, then what it calculates.
_BEGINS = r"[;\t\r\n\x0b\x0c\x85\u2028\u2029]"
_SKIPPED = "[\\s\\x00-\\x1f\"'\\xad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]*"
# A run is taken whole and looked behind once: a stranger may write some ten thousand new lines.
_RUN = re.compile(rf"(?:^|{_BEGINS}){_SKIPPED}")
_BEGIN = re.compile(_BEGINS)
_FORMULA = frozenset("=+-@＝＋－＠﹦﹢﹣﹫−")
_FIELDS = (
    *("report", "section", "row", "figure", "value", "unit", "from", "to", "until", "so_far", "blind_minutes"),
    *("n", "change", "filters", "zone", "as_of", "made_at", "made_by", "definitions"),
)
HEADLINES = "headlines"
_MOMENTS = frozenset({"at", "received", "answered_at", "due", "closed_at"})  # columns of rows
TABLE_ROW = 3  # of a sheet, below the question, its answer and an empty line


def safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return _RUN.sub(_quoted, value)
    return value


def _quoted(run: re.Match[str]) -> str:
    text = run[0]
    first = "'" if run.start() == 0 and not text.startswith(";") else ""
    if run.string[run.end() : run.end() + 1] in _FORMULA:
        return first + _BEGIN.sub(r"\g<0>'", text)
    return first + text if text.startswith(("\t", "\r", "\n")) else text


def table(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV with a byte order mark, in pieces of some hundred rows."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, 1):
        writer.writerow([safe("" if cell is None else cell) for cell in row])
        if number % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def figures(answer: Answer, by: str) -> Iterator[Sequence[Any]]:
    """Every figure of a report, one a row: what it is, its value and unit, the period it was counted in, and for how
    many minutes of that a source did not see what is missing since; of key figures also n and the change; and what was
    asked, of when and by whom."""
    yield _FIELDS
    ask = answer.ask
    asked = (
        *(about.filters(ask), settings.BANK_TIME_ZONE, ask.as_of.isoformat() if ask.as_of else ""),
        *(ask.now.isoformat(), by, earlier.version(ask.as_of)),
    )

    def counted_in(figure: Figure) -> tuple[str, str, str, int]:
        where = figure.rows.narrowed if figure.rows else {}
        minutes = answering.blind_minutes(answer, figure.rows)
        return where.get("from", ""), where.get("to", ""), where.get("until", ""), minutes

    for key, one in _headlines(answer):
        first, last, until, minutes = counted_in(one.figure)
        yield (
            *(ask.report, HEADLINES, key, str(one.title), one.figure.value, one.figure.unit, first, last, until),
            *("no" if ask.period.complete else "yes", minutes, one.n, one.change, *asked),
        )
    for section in answer.content.sections:
        for line in section.lines:
            for column, figure in zip(section.columns, line.figures, strict=True):
                first, last, until, minutes = counted_in(figure)
                yield (
                    *(ask.report, section.key, line.key, column.key, figure.value, figure.unit),
                    *(first, last, until, "yes" if line.so_far else "no", minutes, "", "", *asked),
                )


def _headlines(answer: Answer) -> Iterator[tuple[str, Headline]]:
    """The key figures with a key each: the figure's own, and where it is told twice its place among these."""
    told: Counter[str] = Counter()
    for one in answer.content.headlines:
        key = one.definition.key
        told[key] += 1
        yield key if told[key] == 1 else f"{key}-{told[key]}", one


def section_table(answer: Answer, section: Section, by: str) -> Iterator[Sequence[Any]]:
    """One section as the page shows it: a remark of what was asked, then a line a row, a figure a column."""
    yield about.remark(about.of_report(answer, by))
    yield (str(section.head), *(str(column.title) for column in section.columns))
    for line in section.lines:
        yield (line.title, *(figure.value for figure in line.figures))


def document(answer: Answer, by: str) -> dict[str, Any]:
    """The report as JSON values; `rows` and `links` are where the rows behind its figures are read."""
    ask = answer.ask

    def link(figure: Figure) -> str | None:
        return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if (path := cells.url(ask, figure)) else None

    return {
        "report": ask.report,
        "title": str(answer.report.title),
        "period": {
            "from": ask.period.first.isoformat(),
            "to": ask.period.last.isoformat(),
            "until": ask.period.end.isoformat(),
            "complete": ask.period.complete,
            "zone": settings.BANK_TIME_ZONE,
        },
        "filters": {name: list(values) if name in asking.SEVERAL else values[0] for name, values in ask.chosen.items()},
        "compare": ask.compare,
        "definitions": earlier.version(ask.as_of),
        "same_again": answering.same_again(answer),
        "made_at": ask.now.isoformat(),
        "made_by": by,
        "as_of": ask.as_of.isoformat() if ask.as_of else None,
        "ingest_lag_s": {"median": answer.lag.median, "p90": answer.lag.p90, "n": answer.lag.n},
        "ingest_lag_by_network_s": {
            network: {"median": one.median, "p90": one.p90, "n": one.n} for network, one in answer.lags.items()
        },
        "blind": [
            {
                "source": one.source,
                "network": one.network,
                "since": one.since.isoformat(),
                "until": one.until.isoformat(),
                "minutes": one.minutes,
                "filled": one.filled,
            }
            for one in (*answer.blind, *answer.blind_before)
        ],
        "caveats": list(answering.caveats(answer)),
        "headlines": [
            {
                "key": key,
                "title": str(one.title),
                "value": one.figure.value,
                "unit": one.figure.unit,
                "n": one.n,
                "change": one.change,
                "definition": str(one.definition.sentence),
                "rows": link(one.figure),
            }
            for key, one in _headlines(answer)
        ],
        "sections": [
            {
                "key": section.key,
                "question": str(section.question),
                "answer": section.answer,
                "definition": str(section.definition.sentence),
                "rows": [
                    {
                        "key": line.key,
                        "title": line.title,
                        "so_far": line.so_far,
                        **{
                            column.key: figure.value
                            for column, figure in zip(section.columns, line.figures, strict=True)
                        },
                        "links": {
                            column.key: where
                            for column, figure in zip(section.columns, line.figures, strict=True)
                            if (where := link(figure))
                        },
                    }
                    for line in section.lines
                ],
            }
            for section in answer.content.sections
        ],
    }


def workbook(answer: Answer, by: str) -> bytes:
    """The report as XLSX: a sheet of what was asked and what it means, the key figures, then one for each section."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "in_memory": False, "strings_to_formulas": False})
    bold, title = book.add_format({"bold": True}), book.add_format({"bold": True, "font_size": 14})
    formats = {
        "percent": book.add_format({"num_format": "0.0"}),
        "points": book.add_format({"num_format": "+0.0;-0.0;0.0"}),
        "each": book.add_format({"num_format": "0.00"}),
        "total": book.add_format({"num_format": "0"}),
        "seconds": book.add_format({"num_format": "0"}),
        "count": book.add_format({"num_format": "#,##0"}),
    }
    _about(book, about.of_report(answer, by))
    if answer.content.headlines:
        sheet = book.add_worksheet(_("Key figures"))
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, 1, 14)
        sheet.set_column(2, 3, 48)
        sheet.freeze_panes(1, 0)
        for column, head in enumerate((_("Figure"), _("Value"), _("Made of"), _("Change"))):
            sheet.write_string(0, column, str(head), bold)
        for number, one in enumerate(answer.content.headlines, 1):
            sheet.write_string(number, 0, str(one.title))
            if one.figure.value is not None:
                sheet.write_number(number, 1, one.figure.value, formats.get(one.figure.unit, formats["count"]))
            sheet.write_string(number, 2, one.n)
            sheet.write_string(number, 3, one.change)
    for place, section in enumerate(answer.content.sections, 1):
        sheet = book.add_worksheet(f"{place} {section.key}"[:31])
        sheet.freeze_panes(TABLE_ROW + 1, 1)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, len(section.columns), 16)
        sheet.write_string(0, 0, str(section.question), title)
        sheet.write_string(1, 0, section.answer)
        for column, title_of in enumerate([section.head, *(one.title for one in section.columns)]):
            sheet.write_string(TABLE_ROW, column, str(title_of), bold)
        for number, line in enumerate(section.lines, TABLE_ROW + 1):
            sheet.write_string(number, 0, line.title)
            for column, figure in enumerate(line.figures, 1):
                if figure.value is not None:
                    sheet.write_number(number, column, figure.value, formats.get(figure.unit, formats["count"]))
    book.close()
    return buffer.getvalue()


def rows_json(rows: Iterator[Sequence[Any]], about: Mapping[str, Any]) -> Iterator[bytes]:
    """One JSON object in pieces: `about` and, as "rows", an object for each row with the names of the first one."""
    names = next(rows)
    yield json.dumps(about, cls=DjangoJSONEncoder).removesuffix("}").encode() + b', "rows": ['
    for number, row in enumerate(rows):
        told = json.dumps(dict(zip(names, row, strict=True)), cls=DjangoJSONEncoder)
        yield (", " if number else "").encode() + told.encode()
    yield b"]}"


def rows_workbook(rows: Iterator[Sequence[Any]], facts: Iterable[tuple[str, str]], file: IO[bytes]) -> None:
    """The rows of a list as XLSX, written row by row to a file: times and numbers typed, all else as plain text.

    A spreadsheet's times know no zone, and an hour of one night a year comes twice: behind its row each moment of the
    bank's clock stands in UTC too, by which what lies between two moments can be counted again. `facts` are what the
    file has to say of itself, on a sheet of their own.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, time = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet(_("Rows"))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 3, 14)
    sheet.set_column(4, 4, 60)
    moments: list[int] = []
    for number, row in enumerate(rows):
        if number == 0:
            moments = [column for column, name in enumerate(row) if name in _MOMENTS]
            again: list[Any] = [f"{row[column]}_utc" for column in moments]
        else:
            again = [row[column] and row[column].astimezone(UTC) for column in moments]
        for column, cell in enumerate((*row, *again)):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell.replace(tzinfo=None, microsecond=0), time)
            elif isinstance(cell, int | float):
                sheet.write_number(number, column, cell)
            elif cell:
                sheet.write_string(number, column, str(cell)[:32_000], bold if number == 0 else None)
    _about(book, facts)
    book.close()


def _about(book: Any, facts: Iterable[tuple[str, str]]) -> None:
    """A sheet of names and values, the title first."""
    sheet = book.add_worksheet(_("About"))
    bold, title = book.add_format({"bold": True}), book.add_format({"bold": True, "font_size": 14})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for number, (name, value) in enumerate(facts):
        sheet.write_string(number, 0, name, title if number == 0 else bold)
        sheet.write_string(number, 1, value)
