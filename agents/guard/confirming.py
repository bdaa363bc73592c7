"""Finds wording that tells the public whether somebody is, was or is not a customer.

That fact alone is confidential: the duty of Tournier v National Provincial and Union Bank (1924) in the
United Kingdom, nonpublic personal information under the Gramm-Leach-Bliley Act (Regulation P, 12 CFR 1016)
in the United States. The phrases are in `phrases`, what excuses them in `licences`.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from agents.guard import licence_patterns, licences, licences_plain, second_reading, senses
from agents.guard.grammar import Grammar
from agents.guard.languages import READ, Language, language, ordinary_words
from agents.guard.licences import Context
from agents.guard.phrases import Licence, Phrase, english, plain
from agents.guard.reading import Reading

_ENOUGH_WORDS: Final = 2
_QUOTED: Final = re.compile(r"\"[^\"\n]{3,160}\"|\u201c[^\u201c\u201d\n]{3,160}\u201d")
_DECEIT: Final = re.compile(
    r"\b(?:scams?|scammers?|fake|fakes|fraud|fraudsters?|phishing|smishing|criminals?|impostors?|con artists?|tricks?|"
    r"a lie|(?:never|wouldn't|won't|don't) (?:write|text|say|send|tap|click|ring)|hang up|estafas?|estafadores?|"
    r"arnaques?|betrug|betruger|golpes?|truff[ae]|peke|manloloko)\b"
)
# "@ann_lee" before a reply and "^JD" behind it: whom it is for and who wrote it, no part of what it says.
_ADDRESSED: Final = re.compile(r"\s*(?:@[A-Za-z0-9][\w.]*[,:]?\s+)+(?=\S)", re.ASCII)
_SIGNED: Final = re.compile(r"(?<=\S)\s+(?:\^\s?[A-Za-z]{1,12}|[-~*/\u2013\u2014]\s?[A-Z]{2,3})\s*$")
_TELLING: Final = ("ACCOUNT", "EVENT", "MONEY", "CUSTOMER", "DONE", "WEDID", "LOYAL")
_WORD: Final = re.compile(r"[a-z]+")
_NOT_PROSE: Final = re.compile(r"[@#]\w+|\S+\.\S+|\^\w+")
_FOREIGN_LETTERS: Final = 4
_CONTRACTED: Final = re.compile(r"n?'(?:t|s|re|ve|ll|d|m)\b")
_ONE_IN: Final = 3
_ONE_IN_ENGLISH: Final = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that is broken by `original[start:end]`."""

    rule: str
    start: int
    end: int
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """One language with its phrases and what excuses them, ready to read."""

    language: Language
    grammar: Grammar
    phrases: tuple[Phrase, ...]
    patterns: Mapping[str, str]
    excuses: Mapping[Licence, Callable[[Context], bool]]


@cache
def reader(code: str) -> Reader:
    """The reader of a language; made once a process."""
    its = language(code)
    if code == "en":
        forms, named, excuses = english.PHRASES, licence_patterns.PATTERNS, licences.LICENCES
    else:
        forms, named, excuses = plain.PHRASES, licences_plain.PATTERNS, licences_plain.LICENCES
    patterns = [*(phrase.pattern for phrase in forms), *named.values()]
    return Reader(its, its.grammar(patterns), forms, named, excuses)


def find(reading: Reading, code: str) -> list[Hit]:
    """Every phrase of this language in the text that no licence excuses."""
    its = reader(code)
    words = [token.word for token in reading.tokens]
    encoded = its.grammar.encode(words, [token.capital for token in reading.tokens])
    questions = frozenset(place for place, word in enumerate(words) if word == "?")
    hits: list[Hit] = []
    for phrase in its.phrases:
        for match in its.grammar.find(phrase.pattern, encoded):
            context = Context.of(its.grammar, its.patterns, encoded, match, questions)
            if any(its.excuses[licence](context) for licence in phrase.unless):
                continue
            first, last = reading.tokens[match.first], reading.tokens[max(match.last - 1, match.first)]
            hits.append(Hit(phrase.rule, first.start, last.end, phrase.vague))
    return hits


def kinds_of(reading: Reading) -> tuple[list[str], list[tuple[str, ...]]]:
    """An English text as words, and the kinds of each word."""
    words = [token.word for token in reading.tokens]
    encoded = reader("en").grammar.encode(words, [token.capital for token in reading.tokens])
    return words, [_kinds(code) for code in encoded[1:-1]]


@cache
def _kinds(code: str) -> tuple[str, ...]:
    return tuple(sorted(reader("en").grammar.tags(code) & second_reading.KINDS))


def without_examples(reading: Reading) -> Reading:
    """The reading without what a warning quotes: '"Your account is locked" is how many fake texts begin'.

    Only a reply that speaks of deceit may quote; everywhere else quotation marks change nothing.
    """
    if _DECEIT.search(reading.plain) is None:
        return reading
    quoted = [reading.span(*match.span()) for match in _QUOTED.finditer(reading.plain)]
    tokens = tuple(
        token for token in reading.tokens if not any(start <= token.start and token.end <= end for start, end in quoted)
    )
    return replace(reading, tokens=tokens) if quoted else reading


def without_names(reading: Reading) -> Reading:
    """The reading without the handles that it is addressed to and the initials that sign it."""
    addressed, signed = _ADDRESSED.match(reading.original), _SIGNED.search(reading.original)
    if not addressed and not signed:
        return reading
    start = addressed.end() if addressed else 0
    end = signed.start() if signed else len(reading.original)
    tokens = tuple(token for token in reading.tokens if start <= token.start and token.end <= end)
    if not tokens:
        return reading
    first, last = bisect_left(reading.places, start), bisect_left(reading.places, end)
    return replace(reading, plain=reading.plain[first:last], places=reading.places[first:last], tokens=tokens)


def languages_of(plain: str) -> list[str]:
    """The languages to read a text in: English, and each that shows by its little words or its banking words."""
    words = set(_WORD.findall(plain))
    codes = ["en"]
    # Neighbours share words: the language that explains most is read, then whichever explains the rest.
    while True:
        scores = {code: _score(code, words) for code in READ if code not in codes}
        best = max(scores, key=lambda code: scores[code], default="en")
        if not scores or scores[best] < _ENOUGH_WORDS:
            return codes
        codes.append(best)
        words -= _marks(best)[0] | reader(best).grammar.words


def _score(code: str, words: set[str]) -> int:
    little, telling = _marks(code)
    return len(little & words) + _ENOUGH_WORDS * len(telling & words)


@cache
def _marks(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words by which a language shows: its little ones, and those that it would use of a customer."""
    its, english_words = language(code), reader("en").grammar.words | ordinary_words()
    telling = {word for tag in _TELLING for word in its.lexicon.get(tag, "").split() if len(word) > 3}
    return its.little - language("en").little, frozenset(telling) - english_words


def is_unread(plain: str) -> bool:
    """Whether most of a text is in no language that the guard reads."""
    letters = sum(map(str.isalpha, plain))
    latin = len("".join(_WORD.findall(plain)))
    if letters - latin >= _FOREIGN_LETTERS:
        return True
    words = _WORD.findall(_CONTRACTED.sub(" ", _NOT_PROSE.sub(" ", plain)))
    if len(words) < _ENOUGH_WORDS:
        return False
    spelling = reader("en").language.spelling
    known = sum(word in _all_little() or spelling.knows(word) or word in spelling.shorthand for word in words)
    # Chance knows one word in three of any language ("is", "konto"): that is enough only where a language shows that
    # is read.
    return known * (_ONE_IN if len(languages_of(plain)) > 1 else _ONE_IN_ENGLISH) < len(words)


@cache
def _all_little() -> frozenset[str]:
    words = set(senses.lexicon()[0])
    for code in READ:
        its = language(code)
        words |= (
            its.little | its.spelling.keywords | {word for listed in its.lexicon.values() for word in listed.split()}
        )
    return frozenset(words)


def estimate(reading: Reading) -> second_reading.Estimate:
    """How much an English text reads like those that tell about a person."""
    return second_reading.estimate(*kinds_of(reading))


def telling(reading: Reading, suspect: second_reading.Estimate) -> tuple[int, int]:
    """The place in the original of the words that give a suspect text away."""
    first, last = second_reading.telling(*kinds_of(reading), suspect)
    return reading.tokens[first].start, reading.tokens[last - 1].end


def is_english(plain: str) -> bool:
    """Whether the text has enough of English in it for the second reading to mean something."""
    words = _WORD.findall(plain)
    return 2 * sum(word in _english_words() for word in words) >= len(words)


@cache
def _english_words() -> frozenset[str]:
    return reader("en").grammar.words | language("en").little | ordinary_words() | frozenset(senses.lexicon()[0])
