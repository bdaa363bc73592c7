"""Charts on paper: what `charts` describes and the script draws on the page, as vector drawings for a PDF.

A drawing is as wide as the page's text and says the same as the page: numbers at the marks, names at the ends of lines,
the unit above, days that a source was blind behind it. What is not over is hollow. Lengths are in points.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commandcenter.reports import HeatMap, charts, wording

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

# The light theme's values of the stylesheet's roles (static/css/tokens.css); paper is white.
PAPER: Mapping[str, str] = {
    "text": "#15191F",
    "muted": "#525C69",
    "line": "#D5DAE1",
    "field": "#7C8592",
    "mark": "#6B7683",
    "data-1": "#1F5FBF",
    "data-2": "#D66E05",
    "chip-risk": "#FFC145",
    "surface": "#FFFFFF",
    "sunk": "#ECEEF2",
}
FACE, BOLD = "DejaVu", "DejaVu-Bold"
SIZE, SMALL = 7.0, 6.0
HEIGHT, ROW = 150.0, 15.0
_TOP, _FOOT, _GAP = 22.0, 14.0, 4.0
_STEPS = (1, 2, 2.5, 5, 10)
# How much of its colour a cell of a heat map has, by its level; the strongest are mixed with ink instead of paper.
_PALE, _DEEP = (0.14, 0.26, 0.38), (0.12, 0.22)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the marks stand: the rectangle of the plot, its values from `low` to `high`, and its columns."""

    left: float
    right: float
    floor: float
    ceiling: float
    low: float
    high: float
    columns: int

    @property
    def slot(self) -> float:
        return (self.right - self.left) / self.columns

    def middle(self, place: float) -> float:
        return self.left + self.slot * (place + 0.5)

    def height(self, value: float) -> float:
        return self.floor + (value - self.low) / (self.high - self.low) * (self.ceiling - self.floor)


def chart(figure: Mapping[str, Any], width: float) -> Drawing:
    """One of the figures of `charts` as a drawing."""
    first = figure["data"][0]
    lying = first.get("orientation") == "h" or first.get("mode") == "markers+text"
    return _lying(figure, width) if lying else _standing(figure, width)


def heat_map(drawn: HeatMap, width: float) -> Drawing:
    """The hours of a week, every cell with its number."""
    from reportlab.graphics.shapes import Drawing, Rect

    scale = width / drawn.width
    made = Drawing(width, drawn.height * scale)
    high = drawn.height * scale
    for x, words in drawn.columns:
        made.add(_words(words, x * scale, high - 16 * scale, SMALL, "muted", "middle"))
    for y, words in drawn.rows:
        made.add(_words(words, 0, high - y * scale - SMALL / 3, SMALL, "muted"))
    wide, tall = (length * scale for length in drawn.cell)
    for cell in drawn.cells:
        left, floor = cell.x * scale, high - cell.y * scale - tall
        made.add(Rect(left, floor, wide, tall, fillColor=_level(cell.level), strokeColor=None))
        role = "surface" if cell.level > len(_PALE) else "text" if cell.level else "muted"
        middle = left + wide / 2
        made.add(_words(wording.figure(cell.figure), middle, floor + tall / 2 - SMALL / 3, SMALL, role, "middle"))
    return made


# --- Upright bars and lines -------------------------------------------------------------------------------------------


def _standing(figure: Mapping[str, Any], width: float) -> Drawing:
    from reportlab.graphics.shapes import Drawing, Line, Rect

    made = Drawing(width, HEIGHT)
    traces, layout = figure["data"], figure["layout"]
    categories = traces[0]["x"]
    low, high, ticks = _range(traces, layout)
    suffix = layout["yaxis"].get("ticksuffix", "")
    told = [f"{_tick(tick)}{suffix}" for tick in ticks]
    ends = [note for note in layout["annotations"] if note.get("xref") != "paper"]
    left = max(_width(words) for words in told) + 2 * _GAP
    right = width - max((_width(note["text"]) + 3 * _GAP for note in ends), default=_GAP)
    frame = _Frame(left, right, _FOOT, HEIGHT - _TOP, low, high, len(categories))
    for band in layout.get("shapes", ()):
        start, end = frame.middle(band["x0"]), frame.middle(band["x1"])
        tall = frame.ceiling - frame.floor
        made.add(Rect(start, frame.floor + band["y0"] * tall, end - start, (band["y1"] - band["y0"]) * tall,
                      fillColor=_colour(band["name"]), fillOpacity=band.get("opacity", 0.3),
                      strokeColor=None))  # fmt: skip
    for tick, words in zip(ticks, told, strict=True):
        height = frame.height(tick)
        role = "field" if tick == 0 else "line"
        made.add(Line(left, height, right, height, strokeColor=_colour(role), strokeWidth=0.5))
        made.add(_words(words, left - _GAP, height - SIZE / 3, SIZE, "muted", "end"))
    for place in _labelled(categories, frame.slot):
        middle = min(frame.middle(place), width - _width(categories[place]) / 2)
        made.add(_words(categories[place], middle, 2, SIZE, "muted", "middle"))
    upright = [trace for trace in traces if trace["type"] == "bar"]
    for place, trace in enumerate(upright):
        grouped = layout.get("barmode") == "group"
        for mark in _bars(trace, frame, place if grouped else 0, len(upright) if grouped else 1):
            made.add(mark)
    for trace in traces:
        if trace["type"] == "scatter":
            for mark in _line(trace, frame):
                made.add(mark)
    for note in ends:
        height = frame.height(note["y"]) + note["yshift"] * (frame.ceiling - frame.floor) / charts.PLOT_PX
        start = frame.middle(categories.index(note["x"])) + 2 * _GAP
        made.add(_words(note["text"], start, height - SIZE / 3, SIZE, "text"))
    for mark in _above(layout, width):
        made.add(mark)
    return made


def _bars(trace: Mapping[str, Any], frame: _Frame, place: int, beside: int) -> Iterator[Any]:
    from reportlab.graphics.shapes import Rect

    colour, wide = _colour(trace["meta"]["role"]), frame.slot * 0.72 / beside
    hollow = trace.get("marker", {}).get("pattern", {}).get("shape", [""] * frame.columns)
    said = _with_room(trace.get("text", [""] * frame.columns), trace["y"], frame.slot)
    for column, value in enumerate(trace["y"]):
        if value is None:
            continue
        left = frame.middle(column) - frame.slot * 0.36 + wide * place
        ground, height = frame.height(0), frame.height(value)
        yield Rect(
            left, min(ground, height), max(wide - 0.4, 0.4), abs(height - ground), strokeColor=colour, strokeWidth=0.5,
            fillColor=_colour("surface") if hollow[column] else colour,
        )  # fmt: skip
        if said[column]:
            foot = height + 2 if value >= 0 else height - SIZE
            yield _words(said[column], left + wide / 2, foot, SIZE, "text", "middle")


def _with_room(said: Sequence[str], values: Sequence[float | None], slot: float) -> Sequence[str]:
    """The numbers at the bars as far as they stand apart: all, else those at the highest and the last alone."""
    widest = max(map(_width, said))
    if widest + 1 < slot:
        return said
    last = len(said) - 1
    highest = max(range(last + 1), key=lambda place: abs(values[place] or 0))
    kept = {last, highest} if (last - highest) * slot > widest else {last}
    return [words if place in kept else "" for place, words in enumerate(said)]


def _line(trace: Mapping[str, Any], frame: _Frame) -> Iterator[Any]:
    from reportlab.graphics.shapes import Circle, PolyLine

    colour, points = _colour(trace["meta"]["role"]), list(enumerate(trace["y"]))
    pieces: list[list[float]] = [[]]
    for place, value in points:
        if value is None:
            pieces.append([])
        else:
            pieces[-1] += [frame.middle(place), frame.height(value)]
    for piece in pieces:
        if len(piece) > 2:
            yield PolyLine(piece, strokeColor=colour, strokeWidth=trace["line"]["width"] / 2)
    symbols = trace["marker"]["symbol"]
    for place, value in points:
        if value is not None:
            yield Circle(
                frame.middle(place), frame.height(value), trace["marker"]["size"] / 3.5,
                fillColor=_colour("surface") if symbols[place].endswith("open") else colour,
                strokeColor=colour, strokeWidth=0.7,
            )  # fmt: skip


def _above(layout: Mapping[str, Any], width: float) -> Iterator[Any]:
    """The unit at the left, and from the right what a colour means, with a square of it."""
    from reportlab.graphics.shapes import Rect

    right, height = width, HEIGHT - SIZE - 1
    for note in layout["annotations"]:
        if note.get("xref") != "paper":
            continue
        if note["x"] == 0:
            yield _words(note["text"], 0, height, SIZE, "muted")
            continue
        yield _words(note["text"], right, height, SIZE, "text", "end")
        right -= _width(note["text"]) + SIZE + 2
        yield Rect(right, height - 0.5, SIZE - 1, SIZE - 1, fillColor=_colour(note["name"]), strokeColor=None)
        right -= 3 * _GAP


def _range(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> tuple[float, float, list[float]]:
    """From where to where the numbers go, and where lines stand behind them."""
    values = [value for trace in traces for value in trace["y"] if value is not None]
    low, high = layout["yaxis"].get("range", (min([0, *values]), max([0, *values]) or 1))
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    whole = all(value == int(value) for value in values)
    step = next(power * one for one in _STEPS if power * one >= rough * 0.999)
    step = max(1, math.ceil(step)) if whole else step
    ticks = [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return low, high * (1 if "range" in layout["yaxis"] else 1.04), ticks


def _tick(value: float) -> str:
    return (wording.number(value) if value == int(value) else f"{value:g}").replace("-", "−")


def _labelled(categories: Sequence[str], slot: float) -> range:
    """The columns whose names stand below, as far apart as they need; the last is one of them."""
    every = max(1, math.ceil((max(map(_width, categories)) + 2 * _GAP) / slot))
    return range((len(categories) - 1) % every, len(categories), every)


# --- Lying bars and dots ----------------------------------------------------------------------------------------------


def _lying(figure: Mapping[str, Any], width: float) -> Drawing:
    from reportlab.graphics.shapes import Circle, Drawing, Line, Rect

    (trace,) = figure["data"]
    names = [_cut(html.unescape(name), width * 0.36) for name in trace["y"]]
    height = ROW * len(names) + _TOP
    made = Drawing(width, height)
    left = max(map(_width, names)) + 2 * _GAP
    right = width - max(map(_width, trace["text"])) - 3 * _GAP
    most = max([value for value in trace["x"] if value is not None], default=0) or 1
    colour = _colour(trace["meta"]["role"])
    for place, (name, value, said) in enumerate(zip(names, trace["x"], trace["text"], strict=True)):
        middle = height - _TOP - ROW * (place + 0.5)
        end = left + (value or 0) / most * (right - left)
        made.add(_words(name, left - _GAP, middle - SIZE / 3, SIZE, "text", "end"))
        if trace["type"] == "bar":
            made.add(Rect(left, middle - ROW * 0.33, end - left, ROW * 0.66, fillColor=colour, strokeColor=None))
        else:
            made.add(Line(left, middle, right, middle, strokeColor=_colour("line"), strokeWidth=0.5))
            made.add(Circle(end, middle, 2.8, fillColor=colour, strokeColor=None))
        made.add(_words(said, end + 1.5 * _GAP, middle - SIZE / 3, SIZE, "text"))
    made.add(Line(left, 0, left, height - _TOP, strokeColor=_colour("field"), strokeWidth=0.5))
    made.add(_words(figure["layout"]["annotations"][0]["text"], 0, height - SIZE - 1, SIZE, "muted"))
    return made


def _cut(words: str, most: float) -> str:
    """Words as far as they fit."""
    if _width(words) <= most:
        return words
    while words and _width(f"{words}…") > most:
        words = words[:-1]
    return f"{words}…"


# --- Ink --------------------------------------------------------------------------------------------------------------


def _width(words: str) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(words, FACE, SIZE))


def _words(words: str, x: float, y: float, size: float, role: str, anchor: str = "start") -> Any:
    from reportlab.graphics.shapes import String

    return String(x, y, words, fontName=FACE, fontSize=size, fillColor=_colour(role), textAnchor=anchor)


def _colour(role: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(PAPER[role])


def _level(level: int) -> Any:
    from reportlab.lib.colors import linearlyInterpolatedColor

    if not level:
        return _colour("sunk")
    if level <= len(_PALE):
        return linearlyInterpolatedColor(_colour("surface"), _colour("data-1"), 0, 1, _PALE[level - 1])
    return linearlyInterpolatedColor(_colour("data-1"), _colour("text"), 0, 1, _DEEP[level - len(_PALE) - 1])
