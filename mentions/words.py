"""Finding words in what people write: whatever their case and accents, whole, in any script.

Pure, and fast enough to run on every post: a vocabulary finds all its terms in one pass over a text.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

# Letters that carry their stroke or ligature in themselves, so that no decomposition takes it off.
_PLAIN: Final = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
# Latin, Hebrew and Arabic marks that writers leave out; Indic vowel signs are letters and stay.
_MARKS: Final = (range(0x0300, 0x0370), range(0x0591, 0x05C8), range(0x064B, 0x0660), (0x0640, 0x0670))
_FOLD: Final = str.maketrans(_PLAIN | {chr(mark): "" for marks in _MARKS for mark in marks})
_ASCII: Final = str.maketrans({chr(c): " " for c in range(128) if not chr(c).isalnum()})
_LETTERS: Final = r"\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3"
_WORD: Final = re.compile(rf"(?:[^\W_]|[{_LETTERS}])+")
_NO_WORD: Final = re.compile(rf"[^\w{_LETTERS}]+")
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def folded(text: str) -> list[str]:
    """The words of a text as they are compared: without case, accents and punctuation."""
    if text.isascii():
        return text.lower().translate(_ASCII).split()
    plain = _BEYOND_ASCII.sub(_plain, text.lower())
    return plain.translate(_ASCII).split() if plain.isascii() else _WORD.findall(plain)


def _plain(run: re.Match[str]) -> str:
    return _folded_run(run.group())


@lru_cache(maxsize=16_384)
def _folded_run(run: str) -> str:
    """Letters beyond ASCII without case and accents, anything else as a space; most texts repeat theirs."""
    plain = unicodedata.normalize("NFKD", run).casefold().translate(_FOLD)
    return _NO_WORD.sub(" ", unicodedata.normalize("NFC", plain))


class Vocabulary:
    """A set of words and phrases that is looked for in many texts.

    `terms` are as `folded` gives them, joined by spaces.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._words: set[str] = set()
        self._phrases: dict[str, list[tuple[str, str]]] = {}
        self._parts: list[str] = []
        for term in terms:
            words = term.split()
            if _UNSPACED.search(term):
                # Chinese, Japanese and Thai put no space between words, Korean none before its particles.
                self._parts.append(term)
            elif len(words) == 1:
                self._words.add(term)
            else:
                self._phrases.setdefault(words[0], []).append((term, f" {term} "))

    def found(self, text: str) -> set[str]:
        """The terms that occur in the text, as whole words where its script has words."""
        words = folded(text)
        distinct = set(words)
        hits = distinct & self._words
        line = ""
        for first in distinct & self._phrases.keys():
            line = line or f" {' '.join(words)} "
            hits.update(term for term, padded in self._phrases[first] if padded in line)
        if self._parts and not text.isascii():
            line = line or " ".join(words)
            hits.update(part for part in self._parts if part in line)
        return hits
