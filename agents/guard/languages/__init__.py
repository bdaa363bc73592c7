"""The languages that the guard reads: for each its words, its grammar and its spelling.

English is always read, since agents mix it in everywhere; another language is read beside it when the text
has enough of its little words. What is written in none of them is never let through unread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from agents.guard.grammar import Grammar
from agents.guard.languages import ordinary
from agents.guard.spelling import Spelling

READ: Final = ("en", "es", "fr", "de", "pt", "it", "tl")

# Tags whose words matter enough to be recognised when they are misspelt.
_WORTH_RECOGNISING: Final = (
    "YOUR", "ACCOUNT", "EVENT", "MONEY", "SECRET", "CUSTOMER", "DONE", "FINACT", "KEPT", "DOING", "PRIVATE",
)  # fmt: skip


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


def _words_of(code: str) -> ModuleType:
    return import_module(f"agents.guard.languages.{code}")


@cache
def language(code: str) -> Language:
    """The language with this code; raises ModuleNotFoundError for one that is not read."""
    words = _words_of(code)
    lexicon: dict[str, str] = words.LEXICON
    little = frozenset(words.LITTLE.split())
    keywords = {word for tag in _WORTH_RECOGNISING for word in lexicon.get(tag, "").split() if len(word) > 3}
    known = {word for listed in lexicon.values() for word in listed.split()} | ordinary.WORDS
    # The little words of the others are no slips of this one's.
    known |= {word for other in READ for word in _words_of(other).LITTLE.split()}
    return Language(code, lexicon, little, Spelling(keywords, known))
