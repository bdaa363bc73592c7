"""How a text sounds: negative, neutral or positive, by lexicons and a few rules of speech.

English uses VADER's lexicon with our own additions and a leaner reading of it. Other languages have lexicons
of our own; where those were not good enough when measured, only a clear tone is named and the rest stays
"unknown" rather than "neutral".
"""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Final, NamedTuple

from mentions.reasons import kept
from mentions.triage import lexicon_english, lexicon_world
from mentions.triage.phrases import arabic
from mentions.triage.reading import Reading, listed
from mentions.words import folded

NEGATIVE: Final = "negative"
NEUTRAL: Final = "neutral"
POSITIVE: Final = "positive"
UNKNOWN: Final = "unknown"

# Chosen on the development tweets; scores run from -1 to 1.
NEGATIVE_TO: Final = -0.12
POSITIVE_FROM: Final = 0.24
# Languages whose lexicon reached a macro recall of 50 there: silence means neutral.
MEASURED: Final = frozenset({"en", "es", "fr", "de", "pt", "it"})
# In the others only this much tone is called by its name.
_CLEAR = 0.35
_CLEAR_BY_TOPIC = 0.2

_SPREAD = 15.0
_NEGATED = -0.74
_NEGATED_ELSEWHERE = -0.6
_TITLE = 0.3
_CAPITALS = 0.733
_EXCLAIMED = 0.292
_ASKED = 0.6
_BITTER = 0.3
_NEGATIONS = listed(
    "aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neither neednt"
    " never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent without wont wouldnt rarely"
    " seldom despite no hardly barely"
)
_STRONGER = listed(
    "absolutely amazingly awfully completely considerably deeply effing enormously entirely especially exceptionally"
    " extremely fabulously flippin fricking frickin friggin fully fuckin fucking greatly hella highly hugely incredible"
    " incredibly intensely majorly more most particularly purely quite really remarkably so substantially thoroughly"
    " total totally tremendously uber unbelievably unusually utterly very super such too"
)
_WEAKER = listed(
    "almost barely hardly kinda less little marginally occasionally partly scarcely slightly somewhat sorta"
)
_BOOSTS: Final = {**dict.fromkeys(_STRONGER, 0.293), **dict.fromkeys(_WEAKER, -0.293)}
_MOST_CACHED = 60_000
_BY_DISTANCE = (1.0, 0.95, 0.9)
# Before these "like" is a verb of liking; anywhere else it compares.
_LIKING = listed("i really we they you don't dont would also just")
_AROUND = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”‘’…"
_STRETCHED = re.compile(r"(.)\1{2,}")
_EMOTICON = re.compile(r"[:;=8xX]['-]?[)(DPpOo/\\3*|]+|<3+|\^_*\^|\(:")
_EMOTICON_STARTS = frozenset(":;=8xX<^(")
_GLAD = (")", "D", "*", "3", "^", "(:")
_HAN_OR_KANA = ("zh", "ja")
# A phrase, the same between spaces, and what it weighs.
_Phrase = tuple[str, str, float]


class Tone(NamedTuple):
    """A tone, its strength from -1 to 1, and the words that weighed most."""

    value: str
    score: float
    reason: str


def of(reading: Reading, language: str, lean: tuple[float, str] = (0.0, "")) -> Tone:
    """Returns how a text in `language` sounds; `lean` is a weight that its topic brings, and the words for it."""
    if language == "en":
        total, telling = _english(reading.plain)
    elif language in lexicon_world.WORDS:
        total, telling = _elsewhere(reading, language)
    else:
        total, telling = 0.0, []
    total += _signs(reading.plain, telling)
    if lean[0]:
        # "Down on payday. Great job.": beside trouble, good words are often meant the other way round.
        total = lean[0] + (total * _BITTER if total * lean[0] < 0 else total)
        telling.append((lean[1], lean[0]))
    shouts = min(reading.plain.count("!"), 3) * _EXCLAIMED
    total += shouts if total > 0 else -shouts if total < 0 else 0.0
    if "?" in reading.plain and language == "en":
        total *= _ASKED
    clear = _CLEAR_BY_TOPIC if lean[0] * total > 0 else _CLEAR
    return _named(total / math.sqrt(total * total + _SPREAD), telling, language, clear)


def _named(score: float, telling: Sequence[tuple[str, float]], language: str, clear: float) -> Tone:
    if language not in MEASURED:
        if abs(score) < clear:
            return Tone(UNKNOWN, 0.0, kept("no_lexicon" if language not in lexicon_world.WORDS else "no_clear_words"))
        return Tone(POSITIVE if score > 0 else NEGATIVE, score, _because(telling, score))
    if score >= POSITIVE_FROM:
        return Tone(POSITIVE, score, _because(telling, score))
    if score <= NEGATIVE_TO:
        return Tone(NEGATIVE, score, _because(telling, score))
    return Tone(NEUTRAL, score, kept("no_strong_words" if telling else "no_words_of_tone"))


def _because(telling: Sequence[tuple[str, float]], score: float) -> str:
    leaning = [(word, weight) for word, weight in telling if weight * score > 0]
    loudest = sorted(leaning, key=lambda pair: -abs(pair[1]))[:3]
    words = tuple(dict.fromkeys(word for word, _ in loudest))
    return kept("loudest", words) if words else kept("punctuation")


def _english(plain: str) -> tuple[float, list[tuple[str, float]]]:
    lexicon, own, phrases = _english_lexicon()
    words = [word if word.isalnum() else word.strip(_AROUND) or word for word in plain.split()]
    lowered = [*map(str.lower, words)]
    telling: list[tuple[str, float]] = []
    total = 0.0
    turn = lowered.index("but") if "but" in lowered else None
    shouting: bool | None = None
    weights = _english_weights()
    for place, word in enumerate(lowered):
        weight = weights[word]
        if weight is None:
            continue
        if _means_nothing(word, place, lowered, lexicon):
            continue
        written = words[place]
        if written[0].isupper():
            if shouting is None:
                capitals = sum(other.isupper() and len(other) > 1 for other in words)
                shouting = 0 < capitals < 0.7 * len(words)
            if len(written) > 1 and written.isupper():
                if shouting:
                    weight += _CAPITALS if weight > 0 else -_CAPITALS
            elif place and word not in own and words[place - 1][-1:] not in ".!?:":
                weight *= _TITLE  # most likely a name: "Big Brother", "the Grateful Dead"
        weight = _in_context(weight, place, lowered)
        if turn is not None:
            weight *= 0.5 if place < turn else 1.5
        total += weight
        telling.append((word, weight))
    total += _phrases(lowered, phrases, telling)
    return total, telling


def _means_nothing(word: str, place: int, words: Sequence[str], lexicon: Mapping[str, float]) -> bool:
    if word in _BOOSTS:
        return True
    if word == "no":
        return place + 1 < len(words) and words[place + 1] in lexicon
    return word == "like" and (place == 0 or words[place - 1] not in _LIKING)


def _in_context(weight: float, place: int, words: Sequence[str]) -> float:
    for distance in (1, 2, 3):
        if place < distance:
            break
        before = words[place - distance]
        boost = _BOOSTS.get(before)
        if boost is not None and (distance == 1 or before not in ("so", "more")):
            weight += (boost if weight > 0 else -boost) * _BY_DISTANCE[distance - 1]
        if before in _NEGATIONS or before.endswith("n't"):
            return weight * _NEGATED
    return weight


def _phrases(words: Sequence[str], phrases: Mapping[str, Sequence[_Phrase]], telling: list[tuple[str, float]]) -> float:
    total = 0.0
    line = ""
    for first in dict.fromkeys([word for word in words if word in phrases]):
        line = line or f" {' '.join(words)} "
        for phrase, padded, weight in phrases[first]:
            if padded in line:
                total += weight
                telling.append((phrase, weight))
    return total


def _elsewhere(reading: Reading, language: str) -> tuple[float, list[tuple[str, float]]]:
    if language in _HAN_OR_KANA:
        return _unspaced(reading.plain, language)
    negators = lexicon_world.NEGATORS[language]
    tokens = reading.words
    telling: list[tuple[str, float]] = []
    for place, token in enumerate(tokens):
        weight = _weight(language, token)
        if not weight:
            continue
        if place and tokens[place - 1] in lexicon_world.BOOSTERS:
            weight *= 1.25
        if token not in negators and not negators.isdisjoint(tokens[max(0, place - 3) : place]):
            weight *= _NEGATED_ELSEWHERE
        telling.append((token, weight))
    total = sum(weight for _, weight in telling)
    return total + _phrases(tokens, _world_lexicon(language)[2], telling), telling


@lru_cache(maxsize=65_536)
def _weight(language: str, token: str) -> float:
    words, stems, _ = _world_lexicon(language)
    token = arabic(token)
    if token in words:
        return words[token]
    return next((stems[token[:n]] for n in range(min(len(token), 10), 2, -1) if token[:n] in stems), 0.0)


def _unspaced(plain: str, language: str) -> tuple[float, list[tuple[str, float]]]:
    words, _, _ = _world_lexicon(language)
    negators = lexicon_world.NEGATORS[language]
    telling: list[tuple[str, float]] = []
    for word, weight in words.items():
        at = plain.find(word)
        if at >= 0:
            negated = not negators.isdisjoint(plain[max(0, at - 2) : at])
            telling.append((word, weight * _NEGATED_ELSEWHERE if negated else weight))
    return sum(weight for _, weight in telling), telling


def _signs(plain: str, telling: list[tuple[str, float]]) -> float:
    """Adds up emoji and emoticons."""
    total = 0.0
    if not plain.isascii():
        emoji, pattern = _emoji()
        found = pattern.findall(plain)
        for sign in set(found):
            weight = emoji[sign] * min(2, found.count(sign))
            telling.append((sign, weight))
            total += weight
    for word in [word for word in plain.split() if word[0] in _EMOTICON_STARTS]:
        begun = _EMOTICON.match(word)
        if begun is None:
            continue
        sign = begun[0]
        weight = 1.5 if sign.startswith("<3") or sign.endswith(_GLAD) else -1.5 if sign[-1] in "(/\\|" else 0.0
        telling.append((sign, weight))
        total += weight
    return total


@cache
def _vader() -> dict[str, float]:
    text = (resources.files("vaderSentiment") / "vader_lexicon.txt").read_text("utf-8")
    return {row[0]: float(row[1]) for row in (line.split("\t") for line in text.splitlines()) if len(row) > 1}


@cache
def _english_lexicon() -> tuple[dict[str, float], frozenset[str], dict[str, list[_Phrase]]]:
    lexicon = {word: weight for word, weight in _vader().items() if word not in lexicon_english.SILENT}
    own = {word: weight for weight, words in lexicon_english.WORDS.items() for word in words.split()}
    phrases: dict[str, list[_Phrase]] = {}
    for weight, several in lexicon_english.PHRASES.items():
        for phrase in several:
            phrases.setdefault(phrase.split(" ", 1)[0], []).append((phrase, f" {phrase} ", weight))
    return lexicon | own, frozenset(own), phrases


class _Weights(dict[str, float | None]):
    """What each word seen before weighs in English, stretched ones ("sooooo") too; None weighs nothing."""

    def __missing__(self, word: str) -> float | None:
        lexicon = _english_lexicon()[0]
        weight = lexicon.get(word)
        if weight is None and len(word) > 4 and _STRETCHED.search(word) is not None:
            weight = lexicon.get(_STRETCHED.sub(r"\1\1", word)) or lexicon.get(_STRETCHED.sub(r"\1", word))
        if len(self) > _MOST_CACHED:
            self.clear()
        self[word] = weight
        return weight


@cache
def _english_weights() -> _Weights:
    return _Weights()


@cache
def _emoji() -> tuple[dict[str, float], re.Pattern[str]]:
    text = (resources.files("vaderSentiment") / "emoji_utf8_lexicon.txt").read_text("utf-8")
    weights: dict[str, float] = {}
    for line in text.splitlines():
        sign, _, said = line.partition("\t")
        weight = sum(_vader().get(word, 0.0) for word in said.split())
        if weight and len(sign) == 1 and not sign.isascii():
            weights[sign] = weight
    return weights, re.compile(f"[{''.join(weights)}]")


@cache
def _world_lexicon(language: str) -> tuple[dict[str, float], dict[str, float], dict[str, list[_Phrase]]]:
    """Returns words, beginnings of words, and phrases by their first word."""
    words: dict[str, float] = {}
    stems: dict[str, float] = {}
    phrases: dict[str, list[_Phrase]] = {}
    for weight, terms in lexicon_world.WORDS[language].items():
        for written in terms.split():
            parts = [arabic(part) for part in folded(written.rstrip("*").replace("_", " "))]
            if language in _HAN_OR_KANA:
                words[written] = weight
            elif len(parts) > 1:
                phrase = " ".join(parts)
                phrases.setdefault(parts[0], []).append((phrase, f" {phrase} ", weight))
            else:
                (stems if written.endswith("*") else words)[parts[0]] = weight
    return words, stems, phrases
