"""Knows the words that matter however they are spelled: slips of one letter, stars, words run together.

Pure. A word is corrected only when it is no word itself: `knows` holds the words of the lexicons and the
real words that stand one letter away from a word that matters ("change" beside "charge").
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

_SHORTEST_CORRECTED: Final = 4
_SHORTEST_JOINED: Final = 4
_LONGEST_SQUEEZED: Final = 60
# Short words that are run together with others; any two letters are a word in some language.
_SHORT: Final = frozenset({"is", "we", "my", "it", "to", "on", "of", "ur", "us", "su", "tu"})


class Spelling:
    """`keywords` are worth recognising in any spelling, `words` are those that stay as they are.

    `shorthand` gives for what is typed in a hurry ("ur", "recd") the words that are meant.
    """

    def __init__(
        self, keywords: Iterable[str], words: Iterable[str], shorthand: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self.shorthand = shorthand or {}
        self.keywords = frozenset(word for word in keywords if word.isascii() and word.isalpha())
        self._known = frozenset(words) | self.keywords
        self.joinable = frozenset(word for word in self.keywords if len(word) >= _SHORTEST_JOINED)
        self._by_deletion: dict[str, list[str]] = {}
        for word in sorted(self.keywords):
            if len(word) >= _SHORTEST_CORRECTED:
                for shape in {word, *_deletions(word)}:
                    self._by_deletion.setdefault(shape, []).append(word)
        self.corrected = lru_cache(maxsize=8_192)(self._corrected)

    def knows(self, word: str) -> bool:
        """Whether the word is one that needs no correction."""
        return word in self._known

    def _corrected(self, word: str) -> str:
        """The word that matters from which this one is a slip away, or the word itself."""
        if word in self._known or len(word) < _SHORTEST_CORRECTED - 1 or not word.isascii():
            return word
        for shape in (word, *_deletions(word)):
            for candidate in self._by_deletion.get(shape, ()):
                if _one_slip(word, candidate):
                    return candidate
        undoubled = re.sub(r"([a-z])\1", r"\1", word)
        return undoubled if undoubled in self.keywords else word

    def starred(self, written: str) -> str:
        """The word that matters behind "acc*unt", or what was written."""
        pattern = re.compile(re.sub(r"[*#]", "[a-z]", written))
        if len(written) < _SHORTEST_CORRECTED:
            return written
        for word in self.keywords:
            if len(word) == len(written) and pattern.fullmatch(word):
                return word
        return written

    def parted(self, written: str) -> tuple[str, ...]:
        """The words of "youraccount", if all of them are known and one of them matters."""
        words = self.segmented(written)
        likely = all(len(word) > 2 or word in _SHORT for word in words)
        return words if likely and any(word in self.joinable for word in words) else ()

    def segmented(self, letters: str) -> tuple[str, ...]:
        """The fewest known words that these letters make without a gap, or nothing."""
        if len(letters) > _LONGEST_SQUEEZED:
            return ()
        best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 16), end):
                before = best[start]
                word = letters[start:end]
                if before is None or word not in self._known or (end - start == 1 and word not in "ai"):
                    continue
                current = best[end]
                if current is None or len(before) + 1 < len(current):
                    best[end] = (*before, word)
        return best[len(letters)] or ()


def _deletions(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def _one_slip(written: str, meant: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped make the one of the other."""
    if abs(len(written) - len(meant)) > 1:
        return False
    if len(written) == len(meant):
        differing = [place for place, (a, b) in enumerate(zip(written, meant, strict=True)) if a != b]
        if len(differing) == 1:
            return True
        return (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and written[differing[0]] == meant[differing[1]]
            and written[differing[1]] == meant[differing[0]]
        )
    longer, shorter = (written, meant) if len(written) > len(meant) else (meant, written)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
