"""Charts as Plotly figures, built here and drawn by the vendored script; the only place that knows Plotly.

Colours are roles of the stylesheet (`data-1`, `muted`, ...), carried in each trace's `meta`: the page's script gives
them the values of the reader's theme. Labels stand at the marks, so that no legend is needed. Times are the bank's
local days and hours, as plain text axes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ROW_PX = 30
HEIGHT = 280
MANY = 14  # more columns than this leave no room for a number at each


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars: a value a category (None is a gap), and how each value is said."""

    name: str
    values: Sequence[float | None]
    said: Sequence[str]
    role: str = "data-1"


def columns(
    categories: Sequence[str], series: Series, *, unit: str, beside: Series | None = None, open_end: bool = False
) -> dict[str, Any]:
    """Upright bars by day; `beside` is a stroke at what each was before. With `open_end` the last is hatched."""
    from plotly import graph_objects as go

    last = len(categories) - 1
    few = last < MANY
    figure = go.Figure(
        go.Bar(
            name=series.name,
            x=list(categories),
            y=list(series.values),
            text=[said if few or place == last else "" for place, said in enumerate(series.said)],
            textposition="outside",
            textangle=0,
            customdata=list(series.said),
            meta={"role": series.role},
            marker={"pattern": {"shape": ["/" if open_end and place == last else "" for place in range(last + 1)]}},
            hovertemplate="%{x}<br>%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    if beside is not None:
        figure.add_trace(
            go.Scatter(
                name=beside.name,
                x=list(categories),
                y=list(beside.values),
                customdata=list(beside.said),
                mode="markers",
                marker={"symbol": "line-ew-open", "size": 22 if few else 8, "line": {"width": 2}},
                meta={"role": beside.role},
                hovertemplate="%{customdata}<extra></extra>",
                cliponaxis=False,
            )
        )
        figure.add_annotation(
            xref="paper",
            yref="paper",
            x=1,
            y=1,
            xanchor="right",
            yanchor="bottom",
            yshift=8,
            text=f"— {beside.name}",
            showarrow=False,
            name=beside.role,
        )
    figure.update_layout(**_layout(unit), bargap=0.28)
    return _plain(figure)


def lines(
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    unit: str,
    top: float | None = None,
    open_end: bool = False,
) -> dict[str, Any]:
    """Lines by day with the last value written at its end. With `open_end` the last mark is hollow: not over."""
    from plotly import graph_objects as go

    figure = go.Figure()
    for place, one in enumerate(series):
        known = [i for i, value in enumerate(one.values) if value is not None]
        figure.add_trace(
            go.Scatter(
                name=one.name,
                x=list(categories),
                y=list(one.values),
                customdata=list(one.said),
                meta={"role": one.role},
                mode="lines+markers",
                line={"width": 3 if place == 0 else 2},
                marker={"size": 7 if len(categories) <= 31 else 4, "symbol": _symbols(len(categories), open_end)},
                connectgaps=False,
                cliponaxis=False,
                hovertemplate=f"{one.name}<br>%{{x}}<br>%{{customdata}}<extra></extra>",
            )
        )
        if known:
            figure.add_annotation(
                x=categories[known[-1]],
                y=one.values[known[-1]],
                text=f"{one.name} {one.said[known[-1]]}",
                xanchor="left",
                xshift=10,
                showarrow=False,
                name=one.role,
            )
    figure.update_layout(**_layout(unit), margin_r=150)
    if top is not None:
        figure.update_yaxes(range=[0, top])
    return _plain(figure)


def bars(categories: Sequence[str], series: Series, *, unit: str) -> dict[str, Any]:
    """Lying bars, longest first as given, each with its value at its end."""
    from plotly import graph_objects as go

    figure = go.Figure(
        go.Bar(
            name=series.name,
            orientation="h",
            y=list(categories),
            x=list(series.values),
            text=list(series.said),
            textposition="outside",
            customdata=list(series.said),
            meta={"role": series.role},
            cliponaxis=False,
            hovertemplate="%{y}<br>%{customdata}<extra></extra>",
        )
    )
    figure.update_layout(**_layout(unit), bargap=0.35, margin_r=72)
    figure.update_layout(height=max(120, ROW_PX * len(categories) + 48))
    figure.update_yaxes(autorange="reversed", title=None, showgrid=False, ticksuffix="  ")
    figure.update_xaxes(title=None, rangemode="tozero", showgrid=False, showticklabels=False, zeroline=False)
    return _plain(figure)


def _symbols(count: int, open_end: bool) -> list[str]:
    return ["circle"] * (count - open_end) + ["circle-open"] * open_end


def _layout(unit: str) -> dict[str, Any]:
    return {
        "template": None,
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 28, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            "type": "category",
            "fixedrange": True,
            "automargin": True,
            "showgrid": False,
            "tickangle": 0,
            "nticks": 10,
        },
        "yaxis": {
            "fixedrange": True,
            "automargin": True,
            "rangemode": "tozero",
            "zeroline": True,
            "nticks": 5,
            "title": {"text": unit, "standoff": 8},
        },
    }


def _plain(figure: Any) -> dict[str, Any]:
    """The figure as plain JSON values, without Plotly's own types."""
    plain: dict[str, Any] = json.loads(figure.to_json())
    return plain
