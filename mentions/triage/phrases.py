"""Finding phrases of several kinds in one pass over a text's words.

Phrases are written as data. A concept is a set of words in any language; a phrase asks for concepts and
words that stand near each other:

    "CARD + DECLINED"       a word of each concept, in any order, within a few words
    "CARD + declin* /12"    a beginning of a word; within twelve words
    "insufficient funds"    these words in this order
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise, product, zip_longest
from typing import NamedTuple, TypeVar

from mentions.words import folded

_NEAR = 8
_MOST_CACHED = 60_000
_MOST_SECONDS = 2_000
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_ARABIC = re.compile(r"[\u0621-\u064a]")
_ARABIC_ENDS = str.maketrans("ةى", "هي")
_ARABIC_BEFORE = re.compile(r"^(?:و|ف)?(?:بال|كال|لل|ال|ب|ل)?")
_ARABIC_AFTER = re.compile(r"(?:هم|نا|كم|ي|ك|ه)$")
_SHORTEST_STEM = 3
_LONGEST_STEM = 12


class Hit(NamedTuple):
    """A phrase that was found: what it stands for, the words as they stood, and how telling it is (0 to 1)."""

    key: str
    words: str
    score: float


class _Rule(NamedTuple):
    key: str
    atoms: tuple[int, ...]
    near: int
    score: float


_Line = tuple[int, tuple[str, ...], int]
# A word that means something to a book: its place among the words, itself, and its atoms.
_Mark = tuple[int, str, tuple[int, ...]]


class _Lines(dict[str, Sequence[_Line]]):
    """Phrases of several words that begin alike: for a second word those that it continues, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self._by_second: dict[str, list[_Line]] = {}
        self._by_stem: list[tuple[str, _Line]] = []
        self._count = 0

    def add(self, words: tuple[str, ...], atom: int) -> None:
        line = (self._count, words, atom)
        self._count += 1
        if words[1].endswith("*"):
            self._by_stem.append((words[1][:-1], line))
        else:
            self._by_second.setdefault(words[1], []).append(line)

    def __missing__(self, second: str) -> Sequence[_Line]:
        if len(self) > _MOST_SECONDS:
            self.clear()
        stems = [line for stem, line in self._by_stem if second.startswith(stem)]
        self[second] = lines = sorted([*self._by_second.get(second, ()), *stems])
        return lines


# What a word means to the books of a shelf: the place of each book and its atoms.
_Meant = Sequence[tuple[int, tuple[int, ...]]]
_Told = TypeVar("_Told")


class _Meanings(dict[str, _Told]):
    """What each word seen before stands for, so that a word is taken apart once."""

    def __init__(self, meaning: Callable[[str], _Told]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, token: str) -> _Told:
        if len(self) > _MOST_CACHED:
            self.clear()
        self[token] = found = self._meaning(token)
        return found


class Phrasebook:
    """All phrases of a kind, compiled.

    `concepts` maps a name in capitals to its words; `phrases` maps a key to its phrases, the most telling
    first. Raises ValueError for a phrase that names no known concept.
    """

    def __init__(self, concepts: Mapping[str, str], phrases: Mapping[str, Sequence[str]]) -> None:
        self._ids: dict[str, int] = {}
        self._words: dict[str, tuple[int, ...]] = {}
        self._stems: dict[str, tuple[int, ...]] = {}
        self._lines: dict[str, _Lines] = {}
        self._parts: dict[str, tuple[int, ...]] = {}
        self._rules: dict[int, list[tuple[int, _Rule]]] = {}  # by their first atom, each with its last
        self._meanings = _Meanings(self.meaning)
        for name, words in concepts.items():
            for word in words.split():
                self._add(word.replace("_", " "), self._id(name))
        self._order = {key: place for place, key in enumerate(phrases)}
        for key, several in phrases.items():
            for phrase in several:
                self._compile(key, phrase, concepts)

    def find(self, tokens: Sequence[str]) -> list[Hit]:
        """Returns at most one hit a key, in the order of the keys, for the words that `folded` gives."""
        meanings = self._meanings
        return self.found(
            tokens, [(place, token, atoms) for place, token in enumerate(tokens) if (atoms := meanings[token])]
        )

    def found(self, tokens: Sequence[str], marks: Sequence[_Mark]) -> list[Hit]:
        """Returns what `find` does, once the words that mean something are known."""
        hits = self._hits(tokens, marks) if marks else {}
        if not hits:
            return []
        unspaced = -1 in hits
        found: dict[str, Hit] = {}
        rules = self._rules
        for atom in hits:
            if atom not in rules:
                continue
            for last, rule in rules[atom]:
                if last not in hits or (rule.key in found and found[rule.key].score >= rule.score):
                    continue
                words = _together(rule, hits, tokens, anywhere=unspaced)
                if words is not None:
                    found[rule.key] = Hit(rule.key, words, rule.score)
        return sorted(found.values(), key=lambda hit: self._order[hit.key]) if found else []

    def _hits(self, tokens: Sequence[str], marks: Sequence[_Mark]) -> dict[int, list[tuple[int, int, str]]]:
        """Returns where each atom stands: (first word, last word, the words as they stood)."""
        hits: dict[int, list[tuple[int, int, str]]] = {}
        for place, token, atoms in marks:
            for atom in atoms:
                if atom >= 0:
                    if atom in hits:
                        hits[atom].append((place, place, token))
                    else:
                        hits[atom] = [(place, place, token)]
                elif atom == -1:
                    hits[-1] = []
                    for part, wanted in self._parts.items():
                        if part in token:
                            for inner in wanted:
                                hits.setdefault(inner, []).append((place, place, part))
                elif place + 1 < len(tokens):
                    for _, line, begun in self._lines[token][tokens[place + 1]]:
                        if _goes_on(line, tokens, place):
                            last = place + len(line)
                            hits.setdefault(begun, []).append((place, last - 1, " ".join(tokens[place:last])))
        return hits

    def meaning(self, token: str) -> tuple[int, ...]:
        """Returns the atoms that a word belongs to; -1 for a script without spaces, -2 where a line may begin."""
        atoms: list[int] = []
        for form in _forms(token):
            atoms += self._words.get(form, ())
            for length in range(_SHORTEST_STEM, min(len(form), _LONGEST_STEM) + 1):
                atoms += self._stems.get(form[:length], ())
        if not token.isascii() and _UNSPACED.search(token):
            atoms.append(-1)
        if token in self._lines:
            atoms.append(-2)
        return tuple(dict.fromkeys(atoms))

    def lines(self, token: str) -> _Lines:
        """The phrases of several words that begin with a word whose meaning has -2."""
        return self._lines[token]

    def _id(self, name: str) -> int:
        return self._ids.setdefault(name, len(self._ids))

    def _add(self, written: str, atom: int) -> None:
        words = [word for part in written.split() for word in _plain(part)]
        if _UNSPACED.search(written):
            part = "".join(words).rstrip("*")
            self._parts[part] = (*self._parts.get(part, ()), atom)
        elif len(words) > 1:
            self._lines.setdefault(words[0], _Lines()).add(tuple(words), atom)
        else:
            table = self._stems if words[0].endswith("*") else self._words
            key = words[0].rstrip("*")
            table[key] = (*table.get(key, ()), atom)

    def _compile(self, key: str, phrase: str, concepts: Mapping[str, str]) -> None:
        text, _, near = phrase.partition("/")
        names = [name.strip() for name in text.split("+")]
        for name in names:
            if name.isupper() and not _UNSPACED.search(name):
                if name not in concepts:
                    raise ValueError(f"{key}: no concept {name}")
            elif name not in self._ids:
                self._add(name, self._id(name))
        atoms = tuple(self._id(name) for name in names)
        length = len(atoms) if len(atoms) > 1 else len(names[0].split())
        rule = _Rule(key, atoms, int(near or _NEAR), {1: 0.7, 2: 0.85}.get(length, 0.95))
        self._rules.setdefault(atoms[0], []).append((atoms[-1], rule))


class _Followed(dict[str, _Meant]):
    """What a word that begins lines means before each second word; most go on with none of its lines."""

    def __init__(self, meant: _Meant, begun: Mapping[int, _Lines]) -> None:
        super().__init__()
        self._meant = meant
        self._begun = begun

    def __missing__(self, second: str) -> _Meant:
        if len(self) > _MOST_SECONDS:
            self.clear()
        marks = [
            (place, atoms if place not in self._begun or self._begun[place][second] else atoms[:-1])
            for place, atoms in self._meant
        ]
        self[second] = found = [(place, atoms) for place, atoms in marks if atoms]
        return found


class Shelf:
    """Several phrasebooks that are looked up together: each word of a text is taken apart once for all of them."""

    def __init__(self, *books: Phrasebook) -> None:
        self._books = books
        self._meanings: _Meanings[_Meant | _Followed] = _Meanings(self._meaning)

    def find(self, tokens: Sequence[str]) -> list[list[Hit]]:
        """Returns what each book's own `find` does, in the order of the books."""
        meanings = self._meanings
        marks: list[list[_Mark]] = [[] for _ in self._books]
        for place, (token, second) in enumerate(zip_longest(tokens, tokens[1:], fillvalue="")):
            told = meanings[token]
            for book, atoms in told[second] if isinstance(told, _Followed) else told:
                marks[book].append((place, token, atoms))
        return [book.found(tokens, own) if own else [] for book, own in zip(self._books, marks, strict=True)]

    def _meaning(self, token: str) -> _Meant | _Followed:
        meant = [(place, atoms) for place, book in enumerate(self._books) if (atoms := book.meaning(token))]
        begun = {place: self._books[place].lines(token) for place, atoms in meant if atoms[-1] == -2}
        return _Followed(meant, begun) if begun else meant


def _goes_on(line: Sequence[str], tokens: Sequence[str], place: int) -> bool:
    """Tells whether the words at `place` are those of the line."""
    there = tokens[place : place + len(line)]
    return len(there) == len(line) and all(
        token == word or (word[-1] == "*" and token.startswith(word[:-1]))
        for token, word in zip(there, line, strict=True)
    )


def _together(
    rule: _Rule, hits: Mapping[int, list[tuple[int, int, str]]], tokens: Sequence[str], *, anywhere: bool
) -> str | None:
    """Returns the words that satisfy a rule, in the order of the text, or None."""
    if len(rule.atoms) == 1:
        return hits[rule.atoms[0]][0][2]
    places = []
    for atom in rule.atoms:
        if atom not in hits:
            return None
        places.append(hits[atom][:4])
    for chosen in product(*places):
        ordered = sorted(chosen)
        overlap = any(left[1] >= right[0] and left[2] == right[2] for left, right in pairwise(ordered))
        if not overlap and (anywhere or ordered[-1][1] - ordered[0][0] <= rule.near):
            return _quoted(ordered)
    return None


def _quoted(ordered: Iterable[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    after = -1
    for first, last, words in ordered:
        if -1 < last <= after and first < after:
            continue  # said within the words before
        if pieces:
            pieces.append(" " if first <= after + 1 else " … ")
        pieces.append(words)
        after = max(after, last)
    return "".join(pieces)


def _plain(word: str) -> list[str]:
    """Returns the words that one written word becomes, as texts are read: "don't" is two."""
    words = [arabic(part) for part in folded(word.rstrip("*"))]
    if word.endswith("*"):
        words[-1] += "*"
    return words


def _forms(token: str) -> tuple[str, ...]:
    """Returns the forms under which a word may be listed: Arabic writes articles and pronouns into it."""
    if token.isascii() or _ARABIC.match(token) is None:
        return (token,)
    token = arabic(token)
    bare = _ARABIC_BEFORE.sub("", token)
    forms = [token, bare, _ARABIC_AFTER.sub("", token), _ARABIC_AFTER.sub("", bare)]
    forms += [f"{form[:-1]}ه" for form in forms if form.endswith("ت")]
    return tuple(dict.fromkeys(forms))


def arabic(token: str) -> str:
    """Levels two endings that writers of Arabic use one for the other."""
    return token if token.isascii() else token.translate(_ARABIC_ENDS)
