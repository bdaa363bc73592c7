"""Who writes what, where: one post after another, as the bank's sources would hear them."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from config.demo import names
from config.demo.customers import OUTLETS, POOL, SCAMMERS, Customer, everybody
from config.demo.rhythm import ZONE, Moment, moments
from config.demo.texts import NEWS, PICTURES, REVIEWS, RIVALS, VOICES, Theme
from config.demo.writing import Written, opening

# Where an ordinary post is written, in hundredths.
PLACES: Final = {"town-square": 86, "app-reviews": 4, "news": 0.5, "rivals": 9.5}
SCAMS: Final = frozenset({"impostor", "spam"})
# Languages of people for whom the bank's night is day.
AWAKE_AT_NIGHT: Final = frozenset({"tl", "zh", "ja", "ko", "vi", "hi"})
NIGHT: Final = range(6)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One post, before any network has it. `source` is a slug of `bank.SOURCES`, `picture` one of Town Square's."""

    at: datetime
    source: str
    who: Customer
    written: Written
    private: bool = False
    picture: str = ""


def spoken(since: datetime, until: datetime, rng: random.Random) -> Iterator[Spoken]:
    """What people begin to write between two times, in order; what they answer later depends on the bank."""
    for moment in moments(since, until, rng):
        yield speak(moment, rng)


def speak(moment: Moment, rng: random.Random) -> Spoken:
    """One post at a moment."""
    if moment.burst is not None:
        return _on_the_square(
            moment, rng, moment.burst.themes, {"city": moment.burst.city} if moment.burst.city else {}
        )
    place = rng.choices(list(PLACES), weights=list(PLACES.values()))[0]
    if place == "town-square":
        return _on_the_square(moment, rng, (), {})
    if place == "rivals":
        rival = rng.choices(names.RIVALS, weights=(5, 3, 2))[0]
        theme, who = _drawn(RIVALS, rng), _somebody(rng, "en")
        written = opening(theme, who, rng, private=False, about={"rival": rival})
        return Spoken(moment.at, f"rival-{rival.split()[0].lower()}", who, written)
    theme, who = (
        (_drawn(REVIEWS, rng), _somebody(rng, "en")) if place == "app-reviews" else (NEWS[0], rng.choice(OUTLETS))
    )
    return Spoken(moment.at, place, who, opening(theme, who, rng, private=False, about={}))


def _on_the_square(moment: Moment, rng: random.Random, keys: tuple[str, ...], about: Mapping[str, str]) -> Spoken:
    """A post on Town Square, about one of the themes named or about anything."""
    night = moment.at.astimezone(ZONE).hour in NIGHT
    for _ in range(20):
        who = _somebody(rng, None)
        if night and who.language not in AWAKE_AT_NIGHT and rng.random() < 0.5:
            continue
        known = {theme.key: theme for theme in VOICES[who.language]}
        theme = known.get(rng.choices(keys, weights=range(len(keys) + 1, 1, -1))[0]) if keys else None
        if not keys or theme is not None:
            break
    theme = theme or _drawn(VOICES[who.language], rng)
    if theme.key in SCAMS:
        scammer = POOL + 2 * rng.randrange(SCAMMERS // 2) + (theme.key == "spam")
        who = replace(everybody()[scammer], language=who.language)
    private = rng.random() < theme.private
    written = opening(theme, who, rng, private=private, about=about)
    picture = PICTURES.get(theme.key, "") if not private and rng.random() < 0.05 else ""
    return Spoken(moment.at, "town-square", who, written, private, picture)


def _somebody(rng: random.Random, language: str | None) -> Customer:
    """A customer; some write often and most hardly ever."""
    while True:
        who = everybody()[int(POOL * rng.random() ** 1.25)]
        if language is None or who.language == language:
            return who


def _drawn(themes: tuple[Theme, ...], rng: random.Random) -> Theme:
    return rng.choices(themes, cum_weights=_weights(themes))[0]


@lru_cache(maxsize=64)
def _weights(themes: tuple[Theme, ...]) -> tuple[float, ...]:
    total, sums = 0.0, []
    for theme in themes:
        total += theme.weight
        sums.append(total)
    return tuple(sums)
