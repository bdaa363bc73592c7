"""Charts as values: what is not over is told apart, labels do not lie on each other, words stay words."""

from __future__ import annotations

from commandcenter.reports import charts
from commandcenter.reports.charts import Series

DAYS = ["Mon", "Tue", "Wed"]


def test_the_day_that_is_not_over_is_hatched_and_every_bar_says_its_number() -> None:
    series = Series("Mentions", [3, 1, 2], ["3", "1", "2"])
    (bars,) = charts.columns(DAYS, series, unit="Mentions", open_end=True)["data"]
    assert bars["marker"]["pattern"]["shape"] == ["", "", "/"]
    assert bars["text"] == ["3", "1", "2"]


def test_where_there_is_no_room_the_last_number_stands_alone() -> None:
    many = [str(day) for day in range(60)]
    (bars,) = charts.columns(many, Series("Mentions", list(range(60)), many), unit="Mentions")["data"]
    assert [text for text in bars["text"] if text] == ["59"]


def test_lines_are_labelled_at_their_ends_and_the_labels_keep_apart() -> None:
    low, high = Series("Median", [1, None, 2.0], ["1", "", "2"]), Series("P90", [9, 100, 2.1], ["9", "100", "2.1"])
    figure = charts.lines(DAYS, [low, high], unit="Minutes", open_end=True)
    labels = {note["text"]: note for note in figure["layout"]["annotations"]}
    assert {"Median 2", "P90 2.1"} < set(labels)
    assert labels["P90 2.1"]["yshift"] - labels["Median 2"]["yshift"] > 15
    assert figure["data"][0]["marker"]["symbol"] == ["circle", "circle", "circle-open"]


def test_a_line_without_values_has_no_label() -> None:
    figure = charts.lines(DAYS, [Series("Median", [None] * 3, [""] * 3)], unit="Minutes")
    assert len(figure["layout"]["annotations"]) == 1


def test_a_name_is_no_markup() -> None:
    (bars,) = charts.bars(["<b>Care</b> & more"], Series("Mentions", [1], ["1"]), unit="Mentions")["data"]
    assert bars["y"] == ["&lt;b>Care&lt;/b> &amp; more"]
