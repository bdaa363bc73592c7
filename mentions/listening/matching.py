"""Whether a post fits a query, and by which words. Pure; compiled once, then some microseconds a post."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mentions.listening.query import And, From, Handle, Lang, Near, Node, Not, On, Or, Tag, Words, parse
from mentions.words import folded

MOST_WORDS: Final = 12
LONGEST_WORD: Final = 120
_HANDLES: Final = re.compile(r"(?<![\w@.])[@＠]([\w.-]*\w)")
_TAGS: Final = re.compile(r"[#＃](\w+)")
# Scripts that put no space between words, or none before their particles: parts are compared instead of words.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")

_RUNS: Final = re.compile(r"[\w\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3]+")

Found = tuple[str, ...]
Test = Callable[["_Read"], Found | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """What of a post a query may look at. `language` is what is stored as the post's language."""

    text: str
    handle: str = ""
    network: str = ""
    language: str = ""


class _Read:
    """One post with what its tests share, worked out when first asked for."""

    __slots__ = ("_handles", "_line", "_places", "_sorted", "_tags", "subject", "words")

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.words = folded(subject.text)
        self._places: dict[str, list[int]] | None = None
        self._sorted: list[str] | None = None
        self._line: str | None = None
        self._handles: frozenset[str] | None = None
        self._tags: frozenset[str] | None = None

    @property
    def places(self) -> dict[str, list[int]]:
        if self._places is None:
            self._places = {}
            for place, word in enumerate(self.words):
                self._places.setdefault(word, []).append(place)
        return self._places

    @property
    def sorted(self) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self.places)
        return self._sorted

    @property
    def line(self) -> str:
        if self._line is None:
            self._line = " ".join(self.words)
        return self._line

    @property
    def handles(self) -> frozenset[str]:
        if self._handles is None:
            text = self.subject.text
            held = "@" in text or "＠" in text
            self._handles = frozenset(name.lower() for name in _HANDLES.findall(text)) if held else frozenset()
        return self._handles

    @property
    def tags(self) -> frozenset[str]:
        if self._tags is None:
            text = self.subject.text
            held = "#" in text or "＃" in text
            self._tags = frozenset("".join(folded(tag)) for tag in _TAGS.findall(text)) if held else frozenset()
        return self._tags


class Matcher:
    """A query, ready to be compared with many posts. Made by `compiled`."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._test = _test(node)

    def match(self, subject: Subject) -> Found | None:
        """The words by which a post fits, each as the query has it, none twice; None if it does not fit."""
        found = self._test(_Read(subject))
        return None if found is None else tuple(dict.fromkeys(word[:LONGEST_WORD] for word in found))[:MOST_WORDS]


def glance(nodes: Sequence[Node], network: str) -> Callable[[str], bool]:
    """Whether a text of this network may fit one of these queries, for whoever knows its words and nothing else."""
    tests = [_glance(node, network) for node in nodes]

    def look(text: str) -> bool:
        read = _Read(Subject(text, network=network))
        return any(test(read) is not False for test in tests)

    return look


@lru_cache(maxsize=512)
def compiled(query: str) -> Matcher:
    """The matcher of a query. Raises `query.BadQuery`."""
    return Matcher(parse(query))


def marked(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the words that were found in it."""
    told = [(found.start(), found.end(), word) for found in _RUNS.finditer(text) for word in folded(found.group())]
    spans: list[tuple[int, int]] = []
    for given in words:
        wanted = folded(given)
        if not wanted:
            continue
        if _UNSPACED.search(given):
            spans += [(found.start(), found.end()) for found in re.finditer(re.escape(given), text, re.IGNORECASE)]
        for place in range(len(told) - len(wanted) + 1):
            if all(told[place + n][2] == word for n, word in enumerate(wanted)):
                spans.append((told[place][0], told[place + len(wanted) - 1][1]))
    pieces: list[tuple[str, bool]] = []
    last = 0
    for start, end in sorted(spans):
        if start < last:
            continue
        pieces += [(text[last:start], False)] * (start > last) + [(text[start:end], True)]
        last = end
    return [*pieces, (text[last:], False)] if last < len(text) or not pieces else pieces


def _test(node: Node) -> Test:
    match node:
        case Words():
            return _words_test(node)
        case Near(left, right, apart):
            return _near_test(left, right, apart)
        case Handle(name):
            # Another server's people are named with it or without.
            short = name.partition("@")[0]
            told = (f"@{name}",)
            return lambda read: told if short in read.handles else None
        case Tag(name=name):
            tag = (f"#{name}",)
            return lambda read: tag if name in read.tags else None
        case From(handles):
            wanted = frozenset(handles)
            return lambda read: (f"from:{_handle(read)}",) if _handle(read) in wanted else None
        case Lang(codes):
            return lambda read: () if read.subject.language in codes else None
        case On(networks):
            return lambda read: () if read.subject.network in networks else None
        case Not(part):
            inner = _test(part)
            return lambda read: () if inner(read) is None else None
        case And(parts):
            return _all_test([_test(part) for part in parts])
        case Or(parts):
            return _any_test([_test(part) for part in parts])


def _glance(node: Node, network: str) -> Callable[[_Read], bool | None]:
    """Like `_test`, but None where more than the words would have to be known."""
    match node:
        case From() | Lang():
            return lambda read: None
        case Not(part):
            inner = _glance(part, network)
            return lambda read: _opposite(inner(read))
        case And(parts):
            every = [_glance(part, network) for part in parts]
            return lambda read: _least([test(read) for test in every])
        case Or(parts):
            each = [_glance(part, network) for part in parts]
            return lambda read: _opposite(_least([_opposite(test(read)) for test in each]))
        case _:
            plain = _test(node)
            return lambda read: plain(read) is not None


def _least(found: Sequence[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _opposite(found: bool | None) -> bool | None:
    return None if found is None else not found


def _handle(read: _Read) -> str:
    return read.subject.handle.removeprefix("@").lower()


def _all_test(tests: Sequence[Test]) -> Test:
    def test(read: _Read) -> Found | None:
        words: list[str] = []
        for each in tests:
            found = each(read)
            if found is None:
                return None
            words += found
        return tuple(words)

    return test


def _any_test(tests: Sequence[Test]) -> Test:
    def test(read: _Read) -> Found | None:
        """All that fit are looked for, since all of their words are why the post was heard."""
        fitting = [found for each in tests if (found := each(read)) is not None]
        return tuple(word for found in fitting for word in found) if fitting else None

    return test


def _words_test(term: Words) -> Test:
    if not term.begins and len(term.words) == 1 and not _is_unspaced(term):
        word = term.words[0]
        told = (word,)
        return lambda read: told if word in read.places else None

    def test(read: _Read) -> Found | None:
        if _is_unspaced(term):
            joined = " ".join(term.words)
            return (joined,) if joined in read.line else None
        spans = _spans(term, read)
        return tuple(dict.fromkeys(" ".join(read.words[start : end + 1]) for start, end in spans)) or None

    return test


def _near_test(left: Words, right: Words, apart: int) -> Test:
    def test(read: _Read) -> Found | None:
        firsts, seconds = _spans(left, read), _spans(right, read)
        for one, other in ((firsts, seconds), (seconds, firsts)):
            starts = [start for start, _ in other]
            for start, end in one:
                place = bisect_right(starts, end)
                if place < len(other) and other[place][0] - end - 1 <= apart:
                    pair = ((start, end), other[place])
                    return tuple(" ".join(read.words[a : b + 1]) for a, b in pair)
        # A run of letters without spaces is one word here; both terms may stand in it.
        if (_is_unspaced(left) or _is_unspaced(right)) and (both := set(firsts) & set(seconds)):
            place = min(both)[0]
            return (read.words[place],)
        return None

    return test


def _spans(term: Words, read: _Read) -> list[tuple[int, int]]:
    """The places of the first and last word wherever the term stands, in order."""
    if _is_unspaced(term):
        joined = " ".join(term.words)
        return [(place, place) for place, word in enumerate(read.words) if joined in word]
    *before, last = term.words
    size = len(term.words)
    if not before:
        return sorted((place, place) for word in _forms(term, read) for place in read.places[word])
    words = read.words
    return [
        (place, place + size - 1)
        for place in read.places.get(before[0], ())
        if words[place : place + size - 1] == before
        and place + size <= len(words)
        and (words[place + size - 1].startswith(last) if term.begins else words[place + size - 1] == last)
    ]


def _forms(term: Words, read: _Read) -> list[str]:
    word = term.words[0]
    if not term.begins:
        return [word] if word in read.places else []
    forms = []
    for place in range(bisect_left(read.sorted, word), len(read.sorted)):
        if not read.sorted[place].startswith(word):
            break
        forms.append(read.sorted[place])
    return forms


def _is_unspaced(term: Words) -> bool:
    return any(_UNSPACED.search(word) for word in term.words)
