"""Finding phrases of several kinds in one pass over a text's words.

Phrases are written as data. A concept is a set of words in any language; a phrase asks for concepts and
words that stand near each other:

    "CARD + DECLINED"       a word of each concept, in any order, within a few words
    "CARD + declin* /12"    a beginning of a word; within twelve words
    "insufficient funds"    these words in this order
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from mentions.words import folded

_NEAR = 8
_MOST_CACHED = 60_000
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_ARABIC = re.compile(r"[\u0621-\u064a]")
_ARABIC_ENDS = str.maketrans("ةى", "هي")
_ARABIC_BEFORE = re.compile(r"^(?:و|ف)?(?:بال|كال|لل|ال|ب|ل)?")
_ARABIC_AFTER = re.compile(r"(?:هم|نا|كم|ي|ك|ه)$")
_SHORTEST_STEM = 3
_LONGEST_STEM = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that was found: what it stands for, the words as they stood, and how telling it is (0 to 1)."""

    key: str
    words: str
    score: float


@dataclass(frozen=True, slots=True)
class _Rule:
    key: str
    atoms: tuple[int, ...]
    near: int
    score: float


class Phrasebook:
    """All phrases of a kind, compiled.

    `concepts` maps a name in capitals to its words; `phrases` maps a key to its phrases, the most telling
    first. Raises ValueError for a phrase that names no known concept.
    """

    def __init__(self, concepts: Mapping[str, str], phrases: Mapping[str, Sequence[str]]) -> None:
        self._ids: dict[str, int] = {}
        self._words: dict[str, tuple[int, ...]] = {}
        self._stems: dict[str, tuple[int, ...]] = {}
        self._lines: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self._parts: dict[str, tuple[int, ...]] = {}
        self._rules: dict[int, list[_Rule]] = {}
        self._cache: dict[str, tuple[int, ...]] = {}
        for name, words in concepts.items():
            for word in words.split():
                self._add(word.replace("_", " "), self._id(name))
        self._order = {key: place for place, key in enumerate(phrases)}
        for key, several in phrases.items():
            for phrase in several:
                self._compile(key, phrase, concepts)

    def find(self, tokens: Sequence[str]) -> list[Hit]:
        """Returns at most one hit a key, in the order of the keys, for the words that `folded` gives."""
        hits = self._hits(tokens)
        if not hits:
            return []
        unspaced = -1 in hits
        found: dict[str, Hit] = {}
        for atom in hits:
            for rule in self._rules.get(atom, ()):
                if rule.key in found and found[rule.key].score >= rule.score:
                    continue
                words = _together(rule, hits, tokens, anywhere=unspaced)
                if words is not None:
                    found[rule.key] = Hit(rule.key, words, rule.score)
        return sorted(found.values(), key=lambda hit: self._order[hit.key]) if found else []

    def _hits(self, tokens: Sequence[str]) -> dict[int, list[tuple[int, int, str]]]:
        """Returns where each atom stands: (first word, last word, the words as they stood)."""
        hits: dict[int, list[tuple[int, int, str]]] = {}
        cache = self._cache
        for place, token in enumerate(tokens):
            atoms = cache.get(token)
            if atoms is None:
                atoms = self._meaning(token)
            if not atoms:
                continue
            for atom in atoms:
                if atom >= 0:
                    hits.setdefault(atom, []).append((place, place, token))
                elif atom == -1:
                    hits[-1] = []
                    for part, wanted in self._parts.items():
                        if part in token:
                            for inner in wanted:
                                hits.setdefault(inner, []).append((place, place, part))
                else:
                    self._follow(tokens, place, hits)
        return hits

    def _follow(self, tokens: Sequence[str], place: int, hits: dict[int, list[tuple[int, int, str]]]) -> None:
        for line, atom in self._lines[tokens[place]]:
            last = place + len(line)
            if all(
                token == word or (word[-1] == "*" and token.startswith(word[:-1]))
                for token, word in zip(tokens[place:last], line, strict=False)
            ) and last <= len(tokens):
                hits.setdefault(atom, []).append((place, last - 1, " ".join(tokens[place:last])))

    def _meaning(self, token: str) -> tuple[int, ...]:
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
        if len(self._cache) > _MOST_CACHED:
            self._cache.clear()
        self._cache[token] = found = tuple(dict.fromkeys(atoms))
        return found

    def _id(self, name: str) -> int:
        return self._ids.setdefault(name, len(self._ids))

    def _add(self, written: str, atom: int) -> None:
        words = [word for part in written.split() for word in _plain(part)]
        if _UNSPACED.search(written):
            part = "".join(words).rstrip("*")
            self._parts[part] = (*self._parts.get(part, ()), atom)
        elif len(words) > 1:
            self._lines.setdefault(words[0], []).append((tuple(words), atom))
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
        self._rules.setdefault(atoms[0], []).append(rule)


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
