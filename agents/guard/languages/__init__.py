"""The languages that the guard reads: for each its words, its grammar and its spelling.

English is always read, since agents mix it in everywhere; another language is read beside it when the text
has enough of its little words. What is written in none of them is never let through unread.

The words stand in a text file for each language, by what they do in a sentence: `TAG: word word ...`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from agents.guard.grammar import Grammar
from agents.guard.spelling import Spelling

READ: Final = ("en", "es", "fr", "de", "pt", "it", "tl")

# Tags whose words matter enough to be recognised when they are misspelt.
_WORTH_RECOGNISING: Final = (
    "YOUR", "ACCOUNT", "EVENT", "MONEY", "SECRET", "CUSTOMER", "DONE", "FINACT", "KEPT", "DOING",
)  # fmt: skip
_SHORTEST_KEYWORD: Final = 4
_SHORTEST_PAST: Final = 5


@dataclass(frozen=True, slots=True)
class Language:
    """One language: `little` are the words that no text in it does without."""

    code: str
    lexicon: Mapping[str, str]
    little: frozenset[str]
    spelling: Spelling

    def grammar(self, patterns: Sequence[str]) -> Grammar:
        """A grammar of this language for these patterns."""
        return Grammar(self.lexicon, patterns)


@cache
def language(code: str) -> Language:
    """The language with this code; raises FileNotFoundError for one that is not read."""
    lexicon = _lexicon(code)
    little = frozenset(lexicon["LITTLE"].split())
    words = {tag: listed for tag, listed in lexicon.items() if tag != "LITTLE"}
    if code == "en":
        words["PAST"] = " ".join(sorted(_past_forms(words)))
    keywords = {
        word for tag in _WORTH_RECOGNISING for word in words.get(tag, "").split() if len(word) >= _SHORTEST_KEYWORD
    }
    known = {word for listed in words.values() for word in listed.split()} | ordinary_words()
    # The little words of the others are no slips of this one's.
    known |= {word for other in READ for word in _lexicon(other)["LITTLE"].split()}
    return Language(code, words, little, Spelling(keywords, known, _shorthand() if code == "en" else None))


def _shorthand() -> dict[str, tuple[str, ...]]:
    """What is typed in a hurry, and the words that are meant by it."""
    meant = [line.partition(": ") for line in _lines("en_chat")]
    return {written: tuple(words.split()) for words, _, listed in meant for written in listed.split()}


@cache
def ordinary_words() -> frozenset[str]:
    """Ordinary English words that stand one letter away from a word that matters."""
    return frozenset(word for line in _lines("ordinary") for word in line.split())


def _past_forms(words: Mapping[str, str]) -> set[str]:
    """Every listed past form, whatever else it is."""
    listed = {word for line in words.values() for word in line.split()}
    regular = {word for word in listed if word.endswith("ed") and len(word) >= _SHORTEST_PAST}
    return regular | set(words["PASTV"].split()) | set(words["DONE"].split())


@cache
def _lexicon(code: str) -> Mapping[str, str]:
    tags: dict[str, str] = {}
    tag = ""
    for line in _lines(code):
        if not line.startswith(" "):
            tag, _, line = line.partition(":")
            tags[tag] = ""
        for word in line.split():
            other, _, shared = word.rpartition(":")
            tags[tag] += f" {_lexicon(other)[shared]}" if other else f" {word}"
    return tags


def _lines(name: str) -> list[str]:
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
