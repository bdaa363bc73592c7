"""How a customer's post comes about: a sentence, its slots filled, in that person's own way of writing."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from config.demo import names
from config.demo.bank import BANK
from config.demo.customers import Customer, Style
from config.demo.texts import ADDED, BEFORE, BEHIND, IMPATIENT, WORDS, Theme

LONGEST: Final = 480
# Themes whose texts stand as they are: the work of editors, reviewers and swindlers.
FORMAL: Final = frozenset({"impostor", "spam", "news", "press", "review-bad", "review-mixed", "review-good"})
# Card numbers that the card networks publish for testing: they pass every check and belong to nobody.
TEST_CARDS: Final = (
    "4111 1111 1111 1111", "4242424242424242", "5555-5555-5555-4444", "5105 1051 0510 5100", "378282246310005",
)  # fmt: skip
_SLOT: Final = re.compile(r"\{(\w+)\}")
_EMOJI: Final = {
    "negative": ("😡", "😤", "🙄", "😩", "🤦", "😭", "💀", "👎"),
    "neutral": ("🤔", "🙏", "👀", "😅"),
    "positive": ("❤️", "🎉", "👏", "😊", "💚", "🙌", "😍"),
}
_SPARED: Final = re.compile(r"[@#]\w+|https?://\S+|\S*\d\S*")


@dataclass(frozen=True, slots=True)
class Written:
    """A text and the theme that it came from."""

    text: str
    theme: str
    tone: str


def opening(theme: Theme, who: Customer, rng: random.Random, *, private: bool, about: Mapping[str, str]) -> Written:
    """The first post of a conversation. `about` fixes slots, as a rival's name or a city where something broke."""
    line = rng.choice(theme.lines)
    if who.language in BEFORE and theme.key not in FORMAL:
        line = _dressed(line, who.language, theme.tone, rng)
    if private:
        line = line.replace("{at} ", "").replace(" {at}", "").replace("{bank}", BANK.short)
        line = line[:1].upper() + line[1:]
    text = roughen(fill(line, who, rng, about), who.style, theme.tone, rng)
    if private:
        added = fill(rng.choice(ADDED.get(who.language, ADDED["en"])), who, rng, about)
        text = f"{text} {added}".strip()
    return Written(text[:LONGEST], theme.key, theme.tone)


def _dressed(line: str, language: str, tone: str, rng: random.Random) -> str:
    """The line with something before it or behind it, as the mood is."""
    if rng.random() < 0.22:
        before = rng.choice(BEFORE[language][tone])
        line = f"{before} {line if before[-1] in '.!:' or line[0] in '{#@' else line[0].lower() + line[1:]}"
    if rng.random() < 0.28:
        line = f"{line}{'' if line[-1] in '.!?' else '.'} {rng.choice(BEHIND[language][tone])}"
    return line


def impatient(who: Customer, rng: random.Random) -> Written:
    """What somebody adds who has waited too long."""
    line = rng.choice(IMPATIENT.get(who.language, IMPATIENT["en"]))
    return Written(roughen(fill(line, who, rng, {}), who.style, "negative", rng), "impatient", "negative")


def after(theme: Theme, who: Customer, rng: random.Random) -> Written | None:
    """What somebody writes once the bank has answered; None if the matter rests there."""
    if not theme.after:
        return None
    line = rng.choice(theme.after)
    return Written(roughen(fill(line, who, rng, {}), who.style, "neutral", rng), theme.key, "neutral")


def fill(line: str, who: Customer, rng: random.Random, about: Mapping[str, str]) -> str:
    """The line with every slot filled."""
    return _SLOT.sub(lambda slot: about.get(slot[1]) or _slot(slot[1], who, rng), line)


def _slot(name: str, who: Customer, rng: random.Random) -> str:
    words = WORDS.get(who.language, WORDS["en"])
    match name:
        case "at":
            return BANK.at
        case "bank":
            return rng.choices((BANK.short, BANK.at, BANK.name, BANK.short.lower()), weights=(5, 3, 1, 2))[0]
        case "name":
            return who.name
        case "city":
            return names.CITIES[who.city][0] if rng.random() < 0.7 else rng.choice(names.CITIES)[0]
        case "branch":
            return rng.choice(names.BRANCHES)
        case "store":
            return rng.choice(names.STORES)
        case "rep":
            return rng.choice(names.STAFF)
        case "rival":
            return rng.choice(names.RIVALS)
        case "amount":
            return f"${rng.choice((rng.randrange(14, 98), rng.randrange(100, 980)))}.{rng.randrange(100):02}"
        case "small":
            return f"${rng.randrange(2, 39)}.{rng.randrange(100):02}"
        case "fee":
            return rng.choice(("$35", "$29", "$12", "$3.50", "$15", "$5", "$25"))
        case "big":
            return f"${rng.randrange(11, 240) * 100:,}"
        case "minutes":
            return str(rng.randrange(15, 96))
        case "hours" | "days":
            return str(rng.randrange(2, 12))
        case "last4":
            return f"{rng.randrange(10_000):04}"
        case "reference":
            return f"LM-{rng.randrange(100_000, 999_999)}"
        case "phone":
            return f"(704) 555-01{rng.randrange(100):02}"
        case "pan":
            return rng.choice(TEST_CARDS)
        case "when" | "day":
            return rng.choice(words[name])
    raise KeyError(f"no slot is called {name}")


def roughen(text: str, style: Style, tone: str, rng: random.Random) -> str:
    """The text as this person would type it."""
    if style.lower and rng.random() < 0.9:
        text = _sparing(text, str.lower)
    elif style.loud and tone == "negative":
        text = _sparing(text, str.upper)
    if style.typos:
        text = _mistyped(text, style.typos, rng)
    if style.bare:
        text = text.rstrip(".!").replace("'", "").replace(", ", " ") if rng.random() < 0.6 else text.rstrip(".")
    elif tone == "negative" and rng.random() < 0.08:
        text = text.rstrip(".") + rng.choice(("!!", "!!!", "...", " SMH"))
    if rng.random() < style.emoji:
        text += " " + rng.choice(_EMOJI[tone]) * rng.choice((1, 1, 1, 2, 3))
    return text


def _sparing(text: str, change: Callable[[str], str]) -> str:
    """The text changed, but for handles, tags, links and figures."""
    parts, last = [], 0
    for kept in _SPARED.finditer(text):
        parts += [change(text[last : kept.start()]), kept[0]]
        last = kept.end()
    return "".join([*parts, change(text[last:])])


def _mistyped(text: str, share: float, rng: random.Random) -> str:
    """Some neighbouring letters swapped, dropped or doubled; handles, links and figures stay right."""
    kept = [match.span() for match in _SPARED.finditer(text)]
    letters = list(text)
    mistakes = min(int(rng.expovariate(1 / (share * len(text) + 1e-9))), 3)
    for _ in range(mistakes):
        at = rng.randrange(1, max(len(letters) - 1, 2))
        if at + 1 >= len(letters) or any(start <= at + 1 and at - 1 < stop for start, stop in kept):
            continue
        if not (letters[at].isascii() and letters[at].isalpha() and letters[at + 1 : at + 2]):
            continue
        kind = rng.randrange(3)
        if kind == 0 and letters[at + 1].isalpha():
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif kind == 1:
            letters[at] = ""
        else:
            letters[at] *= 2
        letters = list("".join(letters))
        kept = [match.span() for match in _SPARED.finditer("".join(letters))]
    return "".join(letters)
