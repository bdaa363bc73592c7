"""Lines and bars as SVG paths in coordinates of their own, which the screen stretches to its shape."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 1000, 240


def line(points: Sequence[float | None], *, low: float, high: float) -> str:
    """A line through the points, spread evenly from left to right; None leaves a gap."""
    if len(points) < 2 or high <= low:
        return ""
    step, path, pen_down = WIDTH / (len(points) - 1), "", False
    for place, point in enumerate(points):
        if point is None:
            pen_down = False
            continue
        path += f"{'L' if pen_down else 'M'}{place * step:.1f},{y(point, low=low, high=high):.1f}"
        pen_down = True
    return path


def end(points: Sequence[float | None], *, low: float, high: float) -> str:
    """A dot at the newest point that there is."""
    for place in range(len(points) - 1, -1, -1):
        point = points[place]
        if point is not None and len(points) > 1:
            return f"M{place * WIDTH / (len(points) - 1):.1f},{y(point, low=low, high=high):.1f}h0"
    return ""


def bars(values: Sequence[float], *, slots: int, top: float) -> str:
    """Upright bars from the left, each in one of so many slots of the width."""
    slot = WIDTH / max(slots, 1)
    return "".join(
        f"M{place * slot + slot * 0.15:.1f},{HEIGHT}V{HEIGHT - HEIGHT * value / top:.1f}h{slot * 0.7:.1f}V{HEIGHT}z"
        for place, value in enumerate(values)
        if value > 0
    )


def y(value: float, *, low: float, high: float) -> float:
    """How far down a value lies."""
    return HEIGHT * (1 - (value - low) / (high - low))


def round_up(value: int) -> int:
    """The next round number that halves well, for the top of a scale."""
    size = 10
    while True:
        for step in (1, 2, 4, 6, 8):
            if value <= step * size:
                return step * size
        size *= 10
