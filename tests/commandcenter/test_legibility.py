"""How large words are for whoever stands furthest away."""

import math

import pytest

from commandcenter.legibility import LABELS, reach, readable_to_m, width_m


@pytest.mark.parametrize(
    ("width", "distance", "expected"),
    [
        (1.43, 3, "near"),
        (1.43, 5, "room"),
        (1.43, 8, "far"),
        (1.21, 8, "street"),
        (0, 5, "near"),
        (math.nan, 5, "near"),
        (-1, 5, "near"),
    ],
)
def test_the_layout_follows_the_distance_of_the_furthest_viewer(width, distance, expected):
    assert reach(width, distance).layout == expected


@pytest.mark.parametrize("inches", [32, 43, 55, 65, 75, 85, 98])
@pytest.mark.parametrize("distance", [1, 2, 3, 4.5, 6, 8, 12, 20, 40])
def test_the_smallest_words_are_sixteen_minutes_of_arc_at_the_furthest_viewer(inches, distance):
    found = reach(width_m(inches), distance)
    units = LABELS[found.layout] * found.scale
    capitals_m = 0.728 * units / 192 * width_m(inches)
    minutes = math.degrees(math.atan(capitals_m / distance)) * 60
    assert minutes >= 15.9


def test_a_screen_of_65_inches_is_read_from_three_metres_and_more():
    assert 3 < readable_to_m(65) < 3.6
    assert readable_to_m(65, "street") > 10
