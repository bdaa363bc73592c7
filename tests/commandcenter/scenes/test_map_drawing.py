"""The drawing of the world: no country is drawn across it."""

import re
from pathlib import Path

from django.conf import settings


def test_no_line_of_a_country_runs_across_the_map():
    drawing = (Path(settings.BASE_DIR) / "static" / "maps.svg").read_text()
    countries = re.findall(r'<path id="(world-[A-Z]+)" d="([^"]*)"', drawing)
    assert len(countries) > 150
    for name, path in countries:
        steps = [float(step) for step in re.findall(r"[l ](-?[\d.]+),", path)]
        assert max(map(abs, steps)) < 300, name
