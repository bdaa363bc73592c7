"""Charts on paper: they say what the page's charts say, within the paper, in the colours of the light theme."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from reportlab.graphics.shapes import Circle, Drawing, PolyLine, Rect, String
from reportlab.pdfbase.pdfmetrics import stringWidth

from commandcenter.reports import Cell, Figure, HeatMap, charts, drawn, paper
from commandcenter.reports.charts import Series

DAYS = ["Mon", "Tue", "Wed"]
QUARTER = [f"Mon {day} Nov" for day in range(90)]


def of(made: Drawing, kind: type) -> list[Any]:
    return [one for one in made.contents if isinstance(one, kind)]


def said(made: Drawing) -> list[str]:
    return [one.text for one in of(made, String)]


def draw(figure: Any) -> Drawing:
    paper.fonts()
    made = drawn.chart(figure, paper.WIDTH)
    for one in of(made, String):
        before = {"start": 0.0, "middle": 0.5, "end": 1.0}[one.textAnchor]
        wide = stringWidth(one.text, one.fontName, one.fontSize)
        start = one.x - before * wide
        assert start >= -0.01, one.text
        assert start + wide <= made.width + 0.01, one.text
        assert 0 <= one.y <= made.height, one.text
    return made


def test_bars_stand_beside_what_was_before_with_their_numbers_and_the_last_is_hollow() -> None:
    before = Series("the 3 days before", [3, 3, 3], ["3"] * 3, role="mark")
    figure = charts.columns(DAYS, Series("Mentions", [30, 10, 20], ["30", "10", "20"]), unit="Mentions a day",
                            beside=before, open_end=True)  # fmt: skip
    made = draw(figure)
    assert {"30", "10", "20", "Mentions a day", "the 3 days before", *DAYS} <= set(said(made))
    ours = [one for one in of(made, Rect) if one.strokeColor and one.strokeColor.hexval() == "0x1f5fbf"]
    assert [round(one.height / ours[1].height, 6) for one in ours] == [3, 1, 2]
    assert [one.fillColor.hexval() for one in ours] == ["0x1f5fbf", "0x1f5fbf", "0xffffff"]


def test_where_numbers_would_touch_only_the_highest_and_the_last_stand() -> None:
    values = [1234, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
    many = [f"{value},000,000" for value in values]
    figure = charts.columns(QUARTER[: len(values)], Series("Mentions", values, many), unit="Mentions")
    assert [words for words in said(draw(figure)) if words in many] == [many[0], many[-1]]


def test_a_quarter_names_as_many_days_as_fit_and_the_last_of_them() -> None:
    made = draw(charts.lines(QUARTER, [Series("Answered", [50.0] * 90, ["50%"] * 90)], unit="%", top=105))
    named = [words for words in said(made) if words in QUARTER]
    assert named[-1] == QUARTER[-1]
    assert 4 < len(named) < 15
    assert {"0", "25", "50", "75", "100", "Answered 50%"} <= set(said(made))


def test_a_line_is_broken_where_nothing_is_known_and_its_end_is_hollow() -> None:
    values = [1.0, 2.0, None, 4.0, 5.0]
    figure = charts.lines(QUARTER[:5], [Series("Median", values, list("12 45"))], unit="Minutes", open_end=True)
    made = draw(figure)
    assert [len(one.points) for one in of(made, PolyLine)] == [4, 4]
    assert [one.fillColor.hexval() for one in of(made, Circle)] == ["0x1f5fbf"] * 3 + ["0xffffff"]


def test_days_without_sight_have_a_band_behind_them() -> None:
    figure = charts.shaded(charts.columns(DAYS, Series("Mentions", [1, 2, 3], list("123")), unit="Mentions"), ["Tue"])
    bands = [one for one in of(draw(figure), Rect) if one.fillOpacity == 0.3]
    assert [one.fillColor.hexval() for one in bands] == ["0xffc145"]


def test_what_is_below_nothing_hangs_below_the_line() -> None:
    series = [Series("Negative", [-20, -60, -3], list("abc"), "data-2"), Series("Positive", [20, 3, 66], list("abc"))]
    made = draw(charts.shares(DAYS, series, unit="% of all scored"))
    negative, positive = ([one for one in of(made, Rect) if one.strokeColor and one.fillColor.hexval() == colour]
                          for colour in ("0xd66e05", "0x1f5fbf"))  # fmt: skip
    assert max(one.y + one.height for one in negative) <= min(one.y for one in positive) + 0.01
    assert {"−50 %", "0 %", "50 %", "Negative", "Positive"} <= set(said(made))


def test_lying_bars_and_dots_have_names_and_values_in_any_alphabet() -> None:
    names = ["Кредиты <b>", "Fizetés ő", "a name that is far too long for the room that a chart leaves for it " * 2]
    series = Series("Mentions", [10, 5, 0], ["10", "5", "0"])
    for figure in (charts.bars(names, series, unit="Mentions"), charts.dots(names, series, unit="Mentions")):
        told = said(draw(figure))
        assert {"Кредиты <b>", "Fizetés ő", "10", "5", "0"} <= set(told)
        assert any(words.endswith("…") for words in told)


def test_without_values_a_chart_is_an_empty_frame() -> None:
    for figure in (
        charts.lines(DAYS, [Series("Median", [None] * 3, [""] * 3)], unit="Minutes"),
        charts.columns(DAYS, Series("Mentions", [0, 0, 0], ["0"] * 3), unit="Mentions"),
    ):
        assert set(DAYS) <= set(said(draw(figure)))


def test_a_heat_map_has_every_number() -> None:
    cells = tuple(Cell(56 + 46 * place, 26, place, Figure(7 * place, "count"), "") for place in range(6))
    paper.fonts()
    made = drawn.heat_map(HeatMap(56 + 6 * 46, 60, (44, 32), cells, ((42, "Mon"),), ((78, "00"),)), paper.WIDTH)
    assert said(made) == ["00", "Mon", "0", "7", "14", "21", "28", "35"]
    assert len({one.fillColor.hexval() for one in of(made, Rect)}) == 6


def test_paper_has_the_colours_of_the_light_theme() -> None:
    tokens = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9A-F]{6}),", tokens))
    assert {role: light[role] for role in drawn.PAPER} == dict(drawn.PAPER)
