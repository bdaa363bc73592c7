"""Which of the bank's languages a text is written in.

Cheap evidence decides most texts: a script that one language has to itself, or several of its small words.
The rest goes through py3langid's model, restricted to the bank's languages, a whole batch in one product.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from mentions.reasons import kept
from mentions.triage.reading import Reading

LANGUAGES: Final = (
    "en", "es", "fr", "de", "pt", "it", "nl", "pl", "ru", "uk", "tr", "ar", "he", "hi", "zh", "ja", "ko", "vi", "tl",
    "id", "th", "sv", "da", "el", "ro", "hu",
)  # fmt: skip
UNDETERMINED: Final = "und"

# Languages that most of a bank's customers write in. Others must be more likely by this much (in the model's
# own units): short texts in one of these look like rarer ones by chance.
_FREQUENT = frozenset({"en", "es", "fr", "de", "pt", "it", "zh", "ja", "ar", "tl", "ru", "ko", "vi", "hi"})
_RARE_BY = 3.0
_SHORT = 20
_SURE_ENOUGH = 0.4
_HINT_STANDS = 0.6
_MOST_BYTES = 320

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("th", re.compile(r"[\u0e01-\u0e5b]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
    ("el", re.compile(r"[\u0391-\u03c9]")),
    ("hi", re.compile(r"[\u0904-\u0939]")),
    ("ar", re.compile(r"[\u0621-\u064a\ufe80-\ufefc]")),
    ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    ("ru", re.compile(r"[а-яёА-ЯЁ]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
)
_LATIN = re.compile(r"[A-Za-z]")
_NOT_LETTERS = re.compile(r"[\d_#*~^=+|<>/\\()\[\]{}\"“”«»•:;]+|\bRT\b|(.)(?=\1\1)")

# Small words that no other of these languages has, as they look without accents.
_SMALL_WORDS: dict[str, str] = {
    "en": "the and you with this that have are your what why been they from would there how when which their about"
    " could should because just still my our does did who wasn isn don doesn didn can't it's i'm were anyone",
    "es": "los las que para con pero muy esta estoy tengo porque cuando hola mas ustedes usted hasta donde quiero"
    " desde siempre alguien gracias mis del unos puedo hacer estan tienen mucho",
    "fr": "les des est une pas pour dans avec sur vous nous mais votre c'est cette mon j'ai plus tout aux etre fait"
    " quand merci depuis suis toujours bonjour encore rien chez quoi aussi ont sont",
    "de": "und ich nicht ist das mit auf ein eine sie der die wird auch noch bei wenn nach aber schon mir mich kann"
    " habe sind wie oder zum zur seit warum wieder immer danke euch",
    "pt": "nao voces uma com meu minha para voce mais estou tem isso muito esta foi ate fazer quando obrigado obrigada"
    " pra dos ao quero tenho porque ja ele ela",
    "it": "che non per una sono della con gli questo nella anche mio mia piu ho perche quando grazie sempre ancora dal"
    " delle vostra vostro fatto cosa siete come ciao tutto",
    "tl": "ang ng mga po ko naman lang hindi kayo yung pero ako niyo bakit wala daw kasi din rin paano nang pag talaga"
    " salamat ninyo ba namin nyo kung sana",
}  # fmt: skip
_VOTES = 3
_SCRIPT, _SAID, _NO_WORDS = kept("script"), kept("network_says"), kept("no_words")
_SHORTLY, _LETTERS = kept("too_short"), kept("letters")


class Guess(NamedTuple):
    """A language code, how sure (0 to 1), and what decided."""

    value: str
    score: float
    reason: str


def identify(readings: Sequence[Reading], hints: Sequence[str | None]) -> list[Guess]:
    """Returns one guess a text; `hints` are what the networks say, where they say anything."""
    guesses: list[Guess | None] = []
    open_: list[tuple[int, bytes]] = []
    for place, (reading, hint) in enumerate(zip(readings, hints, strict=True)):
        guess = _by_script(reading, hint) or _by_small_words(reading)
        guesses.append(guess)
        if guess is None:
            open_.append((place, _prepared(reading.plain)))
    if open_:
        for (place, data), (code, score) in zip(open_, _model().classify([data for _, data in open_]), strict=True):
            guesses[place] = _weighed(code, score, data, hints[place])
    return [guess for guess in guesses if guess is not None]


def _by_script(reading: Reading, hint: str | None) -> Guess | None:
    plain = reading.plain
    if plain.isascii():
        return None
    for code, script in _SCRIPTS:
        if script.search(plain) is None:
            continue
        letters = len(script.findall(plain))
        if letters < 2 or letters * 3 < len(_LATIN.findall(plain)):
            continue
        if code == "zh" and hint == "ja":
            code = "ja"  # a few Chinese characters alone may be Japanese
        return Guess(code, 0.98, _SCRIPT)
    return None


def _by_small_words(reading: Reading) -> Guess | None:
    known = _known_small_words()
    votes = [known[word] for word in set(reading.words) if word in known]
    if len(votes) < _VOTES or len(set(votes)) > 1:
        return None
    return Guess(votes[0], 0.97, kept("small_words", len(votes)))


def _weighed(code: str, score: float, data: bytes, hint: str | None) -> Guess:
    known_hint = hint.partition("-")[0].lower() if hint else ""
    if known_hint in LANGUAGES and score < _HINT_STANDS:
        return Guess(known_hint, 0.6, _SAID)
    if not data:
        return Guess(UNDETERMINED, 0.0, _NO_WORDS)
    if len(data.decode(errors="ignore")) < _SHORT and score < _SURE_ENOUGH:
        return Guess(UNDETERMINED, score, _SHORTLY)
    return Guess(code, score, _LETTERS)


def _prepared(plain: str) -> bytes:
    text = plain if plain.isascii() else unicodedata.normalize("NFKC", plain)
    return " ".join(_NOT_LETTERS.sub(" ", text).lower().split()).encode("utf-8", "ignore")[:_MOST_BYTES]


@cache
def _known_small_words() -> dict[str, str]:
    known: dict[str, str] = {}
    shared: set[str] = set()
    for code, words in _SMALL_WORDS.items():
        for word in words.replace("'", " ").split():
            if known.setdefault(word, code) != code:
                shared.add(word)
    return {word: code for word, code in known.items() if word not in shared and len(word) > 1}


class _Model:
    """py3langid's tables cut down to the bank's languages."""

    def __init__(self, languages: Iterable[str]) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        full: Any = LanguageIdentifier.from_model_file(MODEL_FILE)
        full.set_languages(list(languages))
        self._codes: list[str] = list(full.nb_classes)
        self._weights = np.ascontiguousarray(full.nb_ptc, dtype=np.float32)
        rare = np.array([0.0 if code in _FREQUENT else _RARE_BY for code in self._codes], dtype=np.float32)
        self._prior = np.asarray(full.nb_pc, dtype=np.float32) - rare
        self._next: array[int] = full.tk_nextmove
        self._row: list[int] = [row << 8 for row in full.tk_row]
        self._output: list[int] = list(full.tk_output)

    def classify(self, texts: Sequence[bytes]) -> list[tuple[str, float]]:
        """Returns the likeliest code and its share of the likelihood for each text."""
        features: list[int] = []
        counts: list[int] = []
        sizes: list[int] = []
        for text in texts:
            seen: dict[int, int] = {}
            for feature in self._features(text):
                seen[feature] = seen.get(feature, 0) + 1
            features.extend(seen.keys())
            counts.extend(seen.values())
            sizes.append(len(seen))
        scores = np.tile(self._prior, (len(texts), 1))
        filled = [place for place, size in enumerate(sizes) if size]
        if filled:
            starts = np.concatenate(([0], np.cumsum([sizes[place] for place in filled])[:-1]))
            weighed = self._weights[np.array(features)] * np.log1p(np.array(counts, dtype=np.float32))[:, None]
            scores[filled] += np.add.reduceat(weighed, starts, axis=0)
        # Dividing by the root of the length keeps the share comparable between short and long texts.
        spread = (scores - scores.max(axis=1, keepdims=True)) / np.sqrt([[max(len(text), 1)] for text in texts])
        share = np.exp(spread)
        best = scores.argmax(axis=1)
        sure = 1.0 / share.sum(axis=1)
        return [(self._codes[place], float(score)) for place, score in zip(best, sure, strict=True)]

    def _features(self, text: bytes) -> list[int]:
        following, row, output = self._next, self._row, self._output
        state = 0
        found: list[int] = []
        add = found.append
        for byte in text:
            state = following[row[state] + byte]
            feature = output[state]
            if feature >= 0:
                add(feature)
        return found


@cache
def _model() -> _Model:
    return _Model(LANGUAGES)
