"""Charts as Plotly figures, built here, drawn by the vendored script on the page and by `drawn` on paper.

A figure is plain JSON: its traces and its layout. Plotly's own package would check it, and take a second to load.

Colours are roles of the stylesheet (`data-1`, `muted`, ...), carried in each trace's `meta`: the page's script gives
them the values of the reader's theme. Labels stand at the marks, so that no legend is needed. Times are the bank's
local days and hours, as plain text axes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROW_PX = 30
HEIGHT = 280
PLOT_PX = HEIGHT - 80  # what the words above and below leave of it
LINE_PX, CHARACTER_PX, NAME_PX = 17, 7, 96
_NAMES = {"autorange": "reversed", "type": "category", "dtick": 1, "zeroline": False, "ticksuffix": "  "}
_NUMBERS = {"type": "linear", "rangemode": "tozero", "showgrid": False}
FEW = 5
MARKS_AT, MARK_HIGH = (1.005, 1.025, 0.985), 0.012  # of the picture's height: what went on meanwhile
MANY = 14  # more columns than this leave no room for a number at each


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars: a value a category (None is a gap), and how each value is said.

    A mark opens the rows behind the figure that stands in its category's line of the table in this `column` (a key);
    without one, in the first column that has rows.
    """

    name: str
    values: Sequence[float | None]
    said: Sequence[str]
    role: str = "data-1"
    column: str = ""


def columns(
    categories: Sequence[str], series: Series, *, unit: str, beside: Series | None = None, open_end: bool = False
) -> dict[str, Any]:
    """Upright bars by day; `beside` stands left of each: what it was before. With `open_end` the last is hatched."""
    last = len(categories) - 1
    trace = _upright(categories, series) | {
        "text": [said if last < MANY or place == last else "" for place, said in enumerate(series.said)],
        "textposition": "outside",
        "textangle": 0,
        "constraintext": "none",
        "marker": {"pattern": {"shape": ["/" if open_end and place == last else "" for place in range(last + 1)]}},
    }
    layout = _layout(unit) | {"barmode": "group", "bargap": 0.28, "bargroupgap": 0.04}
    values = [value or 0 for one in (series, beside) if one for value in one.values]
    if max(values, default=0) <= FEW:
        layout["yaxis"]["dtick"] = 1  # there are no half mentions
    if beside is None:
        return {"data": [trace], "layout": layout}
    layout["annotations"].append(_note(beside.name, beside.role, at=1, mark=True))
    return {"data": [_upright(categories, beside), trace], "layout": layout}


def lines(
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    unit: str,
    top: float | None = None,
    open_end: bool = False,
) -> dict[str, Any]:
    """Lines by day with the last value written at its end. With `open_end` the last mark is hollow: not over."""
    traces = [
        {
            "type": "scatter",
            "name": one.name,
            "x": list(categories),
            "y": list(one.values),
            "customdata": list(one.said),
            "meta": {"role": one.role, "column": one.column},
            "mode": "lines+markers",
            "line": {"width": 3 if place == 0 else 2},
            "marker": {"size": 7 if len(categories) <= 31 else 4, "symbol": _symbols(len(categories), open_end)},
            "connectgaps": False,
            "cliponaxis": False,
            "hovertemplate": f"{one.name}<br>%{{x}}<br>%{{customdata}}<extra></extra>",
        }
        for place, one in enumerate(series)
    ]
    labels = _at_the_ends(categories, series)
    layout = _layout(unit)
    layout["margin"]["r"] = 28 + CHARACTER_PX * max((len(label["text"]) for label in labels), default=0)
    # By itself the axis would make room for the labels and push the lines together.
    layout["xaxis"]["range"] = [-0.5, len(categories) - 0.5]
    layout["annotations"] += labels
    if top is not None:
        layout["yaxis"]["range"] = [0, top]
    return {"data": traces, "layout": layout}


def tells(figure: Mapping[str, Any]) -> bool:
    """Whether anything can be seen in the picture: an empty frame says less than the sentence above it."""
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    points = [trace for trace in figure["data"] if trace["type"] == "scatter"]
    return any(value for one in bars for value in one["x" if "orientation" in one else "y"]) or any(
        value is not None for one in points for value in one["y"]
    )


def shaded(figure: Mapping[str, Any], categories: Collection[str]) -> Mapping[str, Any]:
    """The picture with a band behind those of its columns."""
    places = [place for place, name in enumerate(figure["data"][0]["x"]) if name in categories]
    bands = [
        {
            "type": "rect",
            "name": "chip-risk",
            "layer": "below",
            "yref": "paper",
            "x0": place - 0.5,
            "x1": place + 0.5,
            "y0": 0,
            "y1": 1,
        }
        for place in places
    ]
    return _with_shapes(figure, bands) if bands else figure


def marked(figure: Mapping[str, Any], spans: Sequence[Collection[str]]) -> Mapping[str, Any]:
    """The picture with a line above it for each of these spans of its columns; where two meet, one above the other."""
    order = {name: place for place, name in enumerate(figure["data"][0]["x"])}
    lines: list[dict[str, Any]] = []
    for span in spans:
        places = [order[name] for name in span if name in order]
        if not places:
            continue
        first, last = min(places) - 0.4, max(places) + 0.4
        taken = {line["y0"] for line in lines if line["x0"] <= last and line["x1"] >= first}
        floor = next((at for at in MARKS_AT if at not in taken), MARKS_AT[-1])
        lines.append(
            {
                "type": "rect",
                "name": "mark",
                "layer": "above",
                "yref": "paper",
                "opacity": 1,
                "x0": first,
                "x1": last,
                "y0": floor,
                "y1": floor + MARK_HIGH,
            }
        )
    return _with_shapes(figure, lines)


def _with_shapes(figure: Mapping[str, Any], more: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    layout = figure["layout"]
    return {**figure, "layout": layout | {"shapes": [*layout.get("shapes", ()), *more]}}


def bars(categories: Sequence[str], series: Series, *, unit: str) -> dict[str, Any]:
    """Lying bars, longest first as given, each with its value at its end."""
    trace = {
        "type": "bar",
        "name": series.name,
        "orientation": "h",
        "y": [_literal(category) for category in categories],
        "x": list(series.values),
        "text": list(series.said),
        "textposition": "outside",
        "customdata": list(series.said),
        "meta": {"role": series.role, "column": series.column},
        "cliponaxis": False,
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }
    layout = _layout(unit) | {"bargap": 0.35, "height": max(120, ROW_PX * len(categories) + 48)}
    layout["margin"]["r"] = 28 + CHARACTER_PX * max(map(len, series.said), default=0)
    layout["yaxis"] |= _NAMES | {"showgrid": False}
    layout["xaxis"] |= _NUMBERS | {"zeroline": False, "showticklabels": False}
    return {"data": [trace], "layout": layout}


def dots(categories: Sequence[str], series: Series, *, unit: str) -> dict[str, Any]:
    """A dot for each of many, on one line of numbers, with its value beside it."""
    trace = {
        "type": "scatter",
        "name": series.name,
        "x": list(series.values),
        "y": [_literal(category) for category in categories],
        "text": list(series.said),
        "customdata": list(series.said),
        "mode": "markers+text",
        "textposition": "middle right",
        "meta": {"role": series.role, "column": series.column},
        "marker": {"size": 10},
        "cliponaxis": False,
        "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
    }
    layout = _layout(unit) | {"height": max(120, 24 * len(categories) + 60)}
    layout["margin"]["r"] = 60
    layout["yaxis"] |= _NAMES | {"showgrid": True}
    layout["xaxis"] |= _NUMBERS | {"zeroline": True, "nticks": 6}
    return {"data": [trace], "layout": layout}


def shares(categories: Sequence[str], series: Sequence[Series], *, unit: str) -> dict[str, Any]:
    """Upright bars to both sides of nothing: what is below is given as negative shares."""
    layout = _layout(unit) | {"barmode": "relative", "bargap": 0.3}
    layout["yaxis"] |= {"rangemode": "normal", "ticksuffix": " %"}
    for place, one in enumerate(reversed(series)):
        layout["annotations"].append(_note(one.name, one.role, at=1, mark=True) | {"xshift": -NAME_PX * place})
    return {"data": [_upright(categories, one) for one in series], "layout": layout}


def _at_the_ends(categories: Sequence[str], series: Sequence[Series]) -> list[dict[str, Any]]:
    """Each line's name and last value beside its end, moved apart where two would lie on each other."""
    ends = []
    for one in series:
        known = [place for place, value in enumerate(one.values) if value is not None]
        if known:
            ends.append((float(one.values[known[-1]] or 0), known[-1], one))
    top = max((value for one in series for value in one.values if value is not None), default=0) or 1
    labels, floor = [], LINE_PX / 2 - LINE_PX  # nor on the names of the days below
    for value, place, one in sorted(ends, key=lambda end: end[0]):
        height = value / top * PLOT_PX
        shift = max(0.0, floor + LINE_PX - height)
        floor = height + shift
        labels.append(
            {
                "x": categories[place],
                "y": value,
                "text": f"{one.name} {one.said[place]}",
                "xanchor": "left",
                "xshift": 10,
                "yshift": shift,
                "showarrow": False,
                "name": one.role,
            }
        )
    return labels


def _upright(categories: Sequence[str], one: Series) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": one.name,
        "x": list(categories),
        "y": list(one.values),
        "customdata": list(one.said),
        "meta": {"role": one.role, "column": one.column},
        "hovertemplate": "%{x}<br>%{customdata}<extra></extra>",
        "cliponaxis": False,
    }


def _symbols(count: int, open_end: bool) -> list[str]:
    return ["circle"] * (count - open_end) + ["circle-open"] * open_end


def _layout(unit: str) -> dict[str, Any]:
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 40, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            "type": "category",
            "fixedrange": True,
            "automargin": True,
            "showgrid": False,
            "tickangle": 0,
            "ticklabelstandoff": 6,
        },
        "yaxis": {
            "fixedrange": True,
            "automargin": True,
            "rangemode": "tozero",
            "zeroline": True,
            "nticks": 5,
        },
        "annotations": [_note(unit, "muted", at=0)],
    }


def _note(text: str, role: str, *, at: float, mark: bool = False) -> dict[str, Any]:
    """Words above the picture, at its left (0) or right end (1); a `mark` is a square of the role that they explain."""
    return {
        "text": text,
        "name": role,
        "mark": mark,
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": at,
        "y": 1,
        "xanchor": "right" if at else "left",
        "yanchor": "bottom",
        "yshift": 10,
    }


def _literal(words: str) -> str:
    """Words as they are: Plotly would read tags in them."""
    return words.replace("&", "&amp;").replace("<", "&lt;")
