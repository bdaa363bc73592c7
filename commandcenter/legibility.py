"""How large words must be for whoever stands furthest away: sixteen minutes of arc, the least that control rooms allow.

Everything on a wall is set in units of 1/192 of a picture's width, so what counts is the distance in widths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST = 1.23  # units of the smallest words for every width of distance
METRES_PER_INCH = 0.0254
WIDTH_OF_DIAGONAL = 16 / math.hypot(16, 9)

# Layouts by the size of their smallest words in units, and how many widths away these are still read.
LABELS = {"near": 2.8, "room": 4.4, "far": 7.0, "street": 9.5}
REACHES = (("near", 2.3), ("room", 3.6), ("far", 5.7), ("street", math.inf))


@dataclass(frozen=True, slots=True)
class Reach:
    """The layout for a picture and its furthest viewer, and by how much its smallest words must be larger still."""

    layout: str
    scale: float


def reach(width_m: float, distance_m: float) -> Reach:
    """The layout for a picture of this width, seen from this far; where either is senseless, the nearest."""
    widths_away = distance_m / width_m if width_m else math.nan
    layout = next((name for name, limit in REACHES if widths_away <= limit), REACHES[0][0])
    needed = LEAST * widths_away / LABELS[layout]
    return Reach(layout, round(max(1.0, needed), 3) if math.isfinite(needed) else 1.0)


def width_m(inches: float) -> float:
    """The width of a 16:9 panel of this diagonal, in metres."""
    return inches * METRES_PER_INCH * WIDTH_OF_DIAGONAL


def readable_to_m(inches: float, layout: str = "near") -> float:
    """From how far the smallest words of a layout can be read on such a panel."""
    return LABELS[layout] / LEAST * width_m(inches)
