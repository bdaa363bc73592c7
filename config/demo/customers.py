"""The demonstration's customers: who writes, with a name, a handle, followers, and a way of writing.

Nothing about them is left to chance, so that the same people write in the history and in the live stream, and
look the same in every installation.
"""

import random
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from config.demo import names

POOL: Final = 6000
SCAMMERS: Final = 60

# Which languages the bank's customers write in, and how many of a hundred.
LANGUAGES: Final = {
    "en": 62.0, "es": 15.0, "tl": 7.0, "zh": 4.0, "fr": 2.0, "de": 1.8, "pt": 2.0, "ja": 1.2, "ko": 1.0, "vi": 1.4,
    "hi": 0.9, "ar": 0.9, "it": 0.4, "ru": 0.4,
}  # fmt: skip
# How names of other scripts are spelled in a handle.
_SPELLED: Final = {
    "ru": names.words("alla boris vera gleb dina egor zhanna ilya kira lev nina oleg rita yura"),
    "zh": names.words("xiaowen jianguo lihua zhiqiang yutong siyuan meiling haoran jiayi wenbo xiuying zixuan"),
    "ja": names.words("hina kenta misaki sho sakura daisuke yumi takuya mao ryo aya naoki"),
    "ko": names.words("jiwoo seojun minji hyunwoo subin doyun yeeun junho haneul yujin"),
    "hi": names.words("aarav anita deepak kavya mohan neha priya rahul sanjay sunita vikas jyoti"),
    "ar": names.words("ahmad amina bilal dana rami salma omar fatima karim layla majid nour huda yousef"),
}


@dataclass(frozen=True, slots=True)
class Style:
    """A way of writing: shares of posts or letters, from 0 to 1."""

    lower: bool
    bare: bool
    loud: bool
    emoji: float
    typos: float


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes. `number` is who they are, `city` an index into `names.CITIES`."""

    number: int
    handle: str
    name: str
    language: str
    followers: int
    verified: bool
    city: int
    style: Style


@lru_cache(maxsize=1)
def everybody() -> tuple[Customer, ...]:
    """All customers by number, each with a handle of their own; from POOL on impostors (even) and spammers (odd)."""
    taken: set[str] = set()
    people = []
    for number in range(POOL + SCAMMERS):
        rng = random.Random(f"customer {number}")
        one = _customer(number, rng) if number < POOL else _scammer(number, rng)
        if one.handle.lower() in taken:
            one = replace(one, handle=f"{one.handle}{number}")
        taken.add(one.handle.lower())
        people.append(one)
    return tuple(people)


def _customer(number: int, rng: random.Random) -> Customer:
    language = rng.choices(list(LANGUAGES), weights=list(LANGUAGES.values()))[0]
    which = rng.randrange(len(names.FIRST[language]))
    first, last = names.FIRST[language][which], rng.choice(names.LAST[language])
    spelled = _SPELLED[language][which] if language in _SPELLED else plain(first)
    name = f"{last}{first}" if language in ("zh", "ja", "ko") else f"{first} {last}"
    verified = rng.random() < 0.006
    followers = int(10 ** min(rng.gauss(2.1, 0.7), 4.6)) if not verified else rng.randrange(15_000, 600_000)
    style = Style(
        lower=rng.random() < 0.3,
        bare=rng.random() < 0.25,
        loud=rng.random() < 0.04,
        emoji=rng.random() ** 2 * 0.5,
        typos=max(rng.gauss(0.004, 0.006), 0.0),
    )
    handle = _handle(number, spelled, plain(last), rng)
    city = rng.choices(range(len(names.CITIES)), weights=[city[4] for city in names.CITIES])[0]
    return Customer(number, handle, name, language, followers, verified, city, style)


def plain(name: str) -> str:
    """A name in small Latin letters, or nothing if it has none."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in letters.lower() if letter.isalpha())


def _handle(number: int, first: str, last: str, rng: random.Random) -> str:
    mark = f"{number % 97:02}"
    last = last or rng.choice(names.NICK_END)
    shape = rng.randrange(6)
    if shape == 0:
        made = f"{first}_{last}"
    elif shape == 1:
        made = f"{first}{last}{mark}"
    elif shape == 2:
        made = f"{first[0]}_{last}_{mark}"
    elif shape == 3:
        made = f"{rng.choice(names.NICK_START)}_{rng.choice(names.NICK_END)}_{mark}"
    elif shape == 4:
        made = f"{rng.choice(names.NICK_END)}_{first}"
    else:
        made = f"{last}_{first}".title()
    return made[:26]


def _scammer(number: int, rng: random.Random) -> Customer:
    bait = ("Larkmere_Support", "LarkmereHelpDesk", "larkmere_secure", "Larkmere_Care_Team")
    lure = ("Easy_Income", "TradeWithVera", "bestdealz", "QuickLoanNow")
    dressed = rng.choice(lure if number % 2 else bait)
    handle = f"{dressed}_{rng.randrange(100, 999)}{number % 10}"
    style = Style(lower=False, bare=False, loud=rng.random() < 0.3, emoji=0.3, typos=0.002)
    return Customer(number, handle, handle.replace("_", " "), "en", rng.randrange(0, 40), False, 0, style)


_PRINTED: Final = Style(lower=False, bare=False, loud=False, emoji=0.0, typos=0.0)
# Who publishes the news, on no social network.
OUTLETS: Final = tuple(
    Customer(-1 - index, name.lower().replace(" ", "_"), name, "en", followers, True, city, _PRINTED)
    for index, (name, followers, city) in enumerate(
        (
            ("Piedmont Evening Lantern", 84_000, 0),
            ("Bay Compass Daily", 121_000, 7),
            ("Money and Main", 36_500, 13),
            ("Carolina Ledgerline", 18_200, 1),
            ("The Branch Line Letter", 9_400, 5),
        )
    )
)
