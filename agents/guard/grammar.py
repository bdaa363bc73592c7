"""Patterns over the kinds of words of a sentence, instead of over its letters.

Every word of a lexicon carries tags ("YOUR", "THING", "DONE"). Words with the same tags share one
character, so that a text becomes a short string and a pattern an ordinary regular expression:

    WE HAVE? ADV* DONE GAP{0,3} THING      "we've already reversed the fee", in any language with a lexicon

A pattern is a row of names: capitals are tags, small letters words, `_` any word within the sentence,
`[A B]` one of several, `~[A B]` any word within the sentence but these; `? * + {m,n} ( | )` as usual.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_PART: Final = re.compile(
    r"(~?\[[^\]]*\]|[A-Za-z][A-Za-z0-9'_]*|'s|_)|(\(\?[:!=]|\(\?<[!=]|[()|*+?^$]|\{\d*,?\d*\}\??)|\s+"
)
_NAME: Final = re.compile(r"[A-Za-z'][A-Za-z0-9'_]*")
_FIRST_CODE: Final = 0xE000
STOP: Final = "STOP"
_CURRENCIES: Final = (
    "$", "€", "£", "₱", "dollar", "dollars", "bucks", "usd", "eur", "euro", "euros", "reais", "peso", "pesos",
    "dolares",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """Tokens `first` up to, not including, `last`."""

    first: int
    last: int


class Grammar:
    """Compiles patterns against a lexicon and finds them in lists of words."""

    def __init__(self, lexicon: Mapping[str, str], patterns: Sequence[str]) -> None:
        """`lexicon` gives each tag its words, separated by spaces; `patterns` are all that will be asked for."""
        tags: dict[str, set[str]] = {}
        for tag, words in lexicon.items():
            for word in words.split():
                tags.setdefault(word, set()).add(tag)
        for pattern in patterns:
            for name in _NAME.findall(pattern):
                if not name.isupper():
                    # A word that only patterns name keeps the kind that its form gives it.
                    tags.setdefault(name, {_shape(name, capital=False)}).add(f"={name}")
        self._codes: dict[frozenset[str], str] = {}
        self._words = {word: self._code(frozenset(its)) for word, its in tags.items()}
        self._shapes = {
            shape: self._code(frozenset({shape}))
            for shape in (STOP, "COMMA", "BREAK", "NUM", "AMOUNT", "X", "CAP", "ED", "ING", "LY", "PLURAL")
        }
        self._by_tag: dict[str, str] = {}
        for its, code in self._codes.items():
            for tag in its:
                self._by_tag[tag] = self._by_tag.get(tag, "") + code
        self.words = frozenset(tags)
        self._tags = {code: its for its, code in self._codes.items()}
        self.stops = self._class(STOP)
        self._compiled = {pattern: self._compile(pattern) for pattern in patterns}

    def encode(self, words: Sequence[str], capitals: Sequence[bool]) -> str:
        """One character a word, with a stop before the first and after the last."""
        known, stop = self._words, self._shapes[STOP]
        codes = [stop]
        for word, capital in zip(words, capitals, strict=True):
            codes.append(known.get(word) or self._shapes[_shape(word, capital=capital)])
        codes.append(stop)
        return "".join(codes)

    def tags(self, code: str) -> frozenset[str]:
        """The tags of one encoded word."""
        return self._tags[code]

    def find(self, pattern: str, encoded: str) -> list[Match]:
        """Every place where the pattern stands, as tokens of the text (not of the encoded string)."""
        return [
            Match(max(found.start() - 1, 0), min(found.end() - 1, len(encoded) - 2))
            for found in self._compiled[pattern].finditer(encoded)
        ]

    def holds(self, pattern: str, encoded: str) -> bool:
        """Whether the pattern stands anywhere in these encoded words."""
        return self._compiled[pattern].search(encoded) is not None

    def spans(self, pattern: str, encoded: str) -> list[tuple[int, int]]:
        """Every place of the pattern in these encoded words."""
        return [found.span() for found in self._compiled[pattern].finditer(encoded)]

    def _code(self, tags: frozenset[str]) -> str:
        if tags not in self._codes:
            self._codes[tags] = chr(_FIRST_CODE + len(self._codes))
        return self._codes[tags]

    def _class(self, names: str) -> str:
        codes = "".join(self._by_tag.get(name if name.isupper() else f"={name}", "") for name in names.split())
        return "".join(sorted(set(codes)))

    def _compile(self, pattern: str) -> re.Pattern[str]:
        compiled: list[str] = []
        end = 0
        for part in _PART.finditer(pattern):
            if part.start() != end:
                raise ValueError(f"{pattern!r} cannot be read at {pattern[end:]!r}.")
            end = part.end()
            name, operator = part.groups()
            if operator:
                compiled.append("(?:" if operator == "(" else operator)
            elif name == "_":
                compiled.append(f"[^{self._class(STOP)}]")
            elif name and name[0] == "~":
                compiled.append(f"[^{self._class(f'{STOP} {name[2:-1]}')}]")
            elif name:
                members = self._class(name.strip("[]"))
                # A tag that this language has no word for can never match.
                compiled.append(f"[{members}]" if members else "(?!)")
        if end != len(pattern):
            raise ValueError(f"{pattern!r} cannot be read at {pattern[end:]!r}.")
        return re.compile("".join(compiled))


def _shape(word: str, *, capital: bool) -> str:
    """What a word that no lexicon holds is taken for, by its form."""
    first = word[0]
    if first.isdigit():
        return "AMOUNT" if word.endswith(_CURRENCIES) else "NUM"
    if first in "$€£₱":
        return "AMOUNT" if len(word) > 1 else "X"
    if not first.isalpha():
        if first in ".!?;…\n":
            return STOP
        return "COMMA" if first == "," else "BREAK"
    if word.startswith(("usd", "us$", "r$", "php")) and word[-1].isdigit():
        return "AMOUNT"
    if capital:
        return "CAP"
    if len(word) > 4:
        if word.endswith("ed"):
            return "ED"
        if word.endswith("ing"):
            return "ING"
        if word.endswith("ly"):
            return "LY"
        if word.endswith("s") and not word.endswith("ss"):
            return "PLURAL"
    return "X"
