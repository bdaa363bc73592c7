"""Where posts come from, as far as their networks say: countries, and the states of the USA.

A network gives a country, a place in words, a point, some of these or, mostly, nothing. A point lies in the state on
whose drawing it falls; the drawing is the one that the map shows (`static/maps.svg`).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import datetime
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from commandcenter import rollups, usual
from commandcenter.populations import NOT_A_RIVAL
from commandcenter.sums import sums
from commandcenter.usual import Against, Span

STATES: Final = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
HOME: Final = "US"  # it is told by its states
_BY_NAME: Final = {name.lower(): code for code, name in STATES.items()} | {
    "washington dc": "DC",
    "washington d.c.": "DC",
    "new york city": "NY",
    "nyc": "NY",
}
_AMERICA: Final = {"us", "usa", "u.s.", "u.s.a.", "united states", "united states of america", "america"}
_PLACED = "(m.country <> '' OR m.place <> '' OR m.latitude IS NOT NULL)"
_TOLD = (
    f"m.origin = 'live' AND NOT m.spam AND m.{NOT_A_RIVAL} AND {_PLACED} AND m.occurred_at >= %s AND m.occurred_at < %s"
)


def told(now: datetime) -> tuple[int, int, list[Against], list[Against]]:
    """Posts of the window, those with a place, and each state and each country beside what is usual there.

    Of a post that gives a place in words which name no country, the country is empty.
    """
    span = usual.window(now)
    total, placed, by_state, by_country = _count(span)
    weeks, states, countries = usual.once_a_minute("places", span, _usually)
    return total, placed, usual.beside(by_state, (weeks, states)), usual.beside(by_country, (weeks, countries))


def name(key: str) -> str:
    """What people call a state, by its code after "US-", or a country."""
    country, _dash, state = key.partition("-")
    return STATES.get(state, state) if state else _countries().get(country, country)


@cache
def _countries() -> dict[str, str]:
    """The names of the countries, of the time zones' own table of them."""
    table = resources.files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    return {code: name.strip() for code, name in (line.split("\t", 1) for line in lines)}


def subject(now: datetime, key: str) -> str | None:
    """The topic that at least half of a place's posts of the window are about; None if there is none, or few posts."""
    topics: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.country, m.place, m.latitude, m.longitude, m.topics FROM mentions_mention m WHERE {_TOLD}",
            usual.window(now),
        )
        rows = [topics for *place, topics in cursor.fetchall() if key in (f"US-{state_of(*place)}", place[0])]
    for found in rows:
        topics.update(found)
    most = max(topics.items(), key=lambda one: (one[1], one[0]), default=("", 0))
    return most[0] if len(rows) >= usual.FEWEST and 2 * most[1] >= len(rows) else None


def minutes(now: datetime, key: str) -> Counter[datetime]:
    """How many of a place's posts of the window came in each of its minutes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('minute', m.occurred_at), m.country, m.place, m.latitude, m.longitude "
            f"FROM mentions_mention m WHERE {_TOLD}",
            usual.window(now),
        )
        return Counter(at for at, *place in cursor.fetchall() if key in (f"US-{state_of(*place)}", place[0]))


def any_since(start: datetime) -> bool:
    """Whether any post since then came with a place."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM mentions_mention m WHERE {_PLACED} AND m.occurred_at >= %s "
            f"AND m.origin = 'live' AND m.{NOT_A_RIVAL})",
            [start],
        )
        return bool(cursor.fetchone()[0])


def state_of(country: str, place: str, latitude: float | None, longitude: float | None) -> str | None:
    """The state's code; None where the post is not from one, or does not say."""
    if country not in ("", "US"):
        return None
    named = _named(place, country)
    if named is None and latitude is not None and longitude is not None:
        return _drawn_at(round(latitude, 2), round(longitude, 2))
    return named


def _usually(span: Span) -> tuple[int, Counter[str], Counter[str]]:
    """In how many earlier weeks anything was heard, and the sums of states and of countries over these."""
    spans = usual.earlier(span)
    heard = usual.heard_weeks(spans)
    states: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for week in heard:
        _total, _placed, by_state, by_country = _count(spans[week])
        states += by_state
        countries += by_country
    return len(heard), states, countries


def _count(span: Span) -> tuple[int, int, Counter[str], Counter[str]]:
    """All posts of the stretch, those with a place, and these by state and by country. Spam is left out."""
    by_state: Counter[str] = Counter()
    by_country: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.country, m.place, m.latitude, m.longitude, count(*) FROM mentions_mention m "
            f"WHERE {_TOLD} GROUP BY 1, 2, 3, 4",
            span,
        )
        for country, place, latitude, longitude, count in cursor.fetchall():
            state = state_of(country, place, latitude, longitude)
            if state is not None:
                by_state[f"US-{state}"] += count
            by_country[country or (HOME if state is not None else "")] += count
    counts = sums(rollups.MENTIONS, [span]).get((0, None), (0,) * len(rollups.MENTIONS.counts))
    return counts[0] - counts[2], by_country.total(), by_state, by_country


@lru_cache(maxsize=4096)
def _named(place: str, country: str) -> str | None:
    """The state that words name: "Charlotte, NC", "North Carolina, USA", "Texas"."""
    parts = [part.strip() for part in place.split(",") if part.strip()]
    while parts and parts[-1].lower() in _AMERICA:
        parts.pop()
        country = "US"
    if not parts:
        return None
    last = parts[-1]
    found = _BY_NAME.get(last.lower())
    if found is not None:
        # Georgia is a country too, and a lone word may be anything.
        return found if country == "US" or len(parts) > 1 or found != "GA" else None
    code = re.sub(r"\s+\d{5}(-\d{4})?$", "", last).replace(".", "").strip()
    return code if code in STATES and (len(parts) > 1 or country == "US") else None


# --- From a point to a state ---------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _drawn_at(latitude: float, longitude: float) -> str | None:
    x, y = projected(latitude, longitude)
    for code, rings in _drawing().items():
        if sum(_inside(x, y, ring) for ring in rings) % 2:
            return code
    return None


@cache
def _drawing() -> dict[str, list[list[tuple[float, float]]]]:
    """The outlines of the states, as the map draws them."""
    text = (Path(settings.BASE_DIR) / "static" / "maps.svg").read_text()
    return {code: _rings(path) for code, path in re.findall(r'<path id="us-([A-Z]{2})" d="([^"]+)"', text)}


def _rings(path: str) -> list[list[tuple[float, float]]]:
    """The closed rings of a path that begins each with an absolute point and goes on by relative ones."""
    rings = []
    for part in path.split("z")[:-1]:
        points = [tuple(map(float, pair.split(","))) for pair in part[1:].replace("l", " ").split()]
        x, y = points[0]
        ring = [(x, y)]
        for across, down in points[1:]:
            x, y = x + across, y + down
            ring.append((x, y))
        rings.append(ring)
    return rings


def _inside(x: float, y: float, ring: list[tuple[float, float]]) -> bool:
    inside = False
    x1, y1 = ring[-1]
    for x2, y2 in ring:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
        x1, y1 = x2, y2
    return inside


_SCALE, _LEFT, _TOP = 1300.0, 487.5, 305.0


def projected(latitude: float, longitude: float) -> tuple[float, float]:
    """A point on the drawing of the states: Albers' projection, Alaska and Hawaii moved below the others."""
    if latitude > 50 and longitude < -129:
        x, y = _albers(latitude, longitude, 154.0, (-2.0, 58.5), (55.0, 65.0), 0.35 * _SCALE)
        return _LEFT - 0.307 * _SCALE + x, _TOP + 0.201 * _SCALE + y
    if latitude < 24 and longitude < -150:
        x, y = _albers(latitude, longitude, 157.0, (-3.0, 19.9), (8.0, 18.0), _SCALE)
        return _LEFT - 0.205 * _SCALE + x, _TOP + 0.212 * _SCALE + y
    x, y = _albers(latitude, longitude, 96.0, (-0.6, 38.7), (29.5, 45.5), _SCALE)
    return _LEFT + x, _TOP + y


def _albers(
    latitude: float,
    longitude: float,
    turned: float,
    centre: tuple[float, float],
    parallels: tuple[float, float],
    scale: float,
) -> tuple[float, float]:
    south, north = map(math.radians, parallels)
    n = (math.sin(south) + math.sin(north)) / 2
    c = 1 + math.sin(south) * (2 * n - math.sin(south))

    def raw(longitude: float, latitude: float) -> tuple[float, float]:
        r = math.sqrt(c - 2 * n * math.sin(math.radians(latitude))) / n
        angle = n * math.radians(longitude)
        return r * math.sin(angle), math.sqrt(c) / n - r * math.cos(angle)

    x, y = raw(longitude + turned, latitude)
    x0, y0 = raw(*centre)
    return scale * (x - x0), -scale * (y - y0)
