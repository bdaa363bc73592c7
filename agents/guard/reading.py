"""Reads a reply as a person would: letters undressed, words cut apart, every word knowing where it stood.

Pure. What evades a search but not an eye is undone here: invisible characters, look-alike and full-width
letters, letters spaced or dotted apart, digits in place of letters, joined or broken words, contractions
with any apostrophe or none, and slips of one letter in the words that matter.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agents.guard import glyphs
from agents.guard.spelling import Spelling

_TOKEN: Final = re.compile(
    r"(?:[$€£₱]|usd|us\$|r\$|php)\s?\d[\d.,]*(?:\s?(?:k|million|dollars))?"
    r"|\d[\d.,]*\s?(?:€|\$|£|₱|dollars?\b|bucks\b|usd\b|eur\b|euros?\b|reais\b|pesos?\b|dolares\b)"
    r"|(?:[a-z]\.){2,}"
    r"|[a-z]+(?:'[a-z]+)*'?(?=[^a-z]|$)"
    r"|\d+(?:[.,:/]\d+)*(?:st|nd|rd|th|am|pm)?"
    r"|[^\W\d_]+"
    r"|\.{2,}|\S|\n"
)
_LEET: Final = dict(zip("0134578@$!|+€", "oleastbasilte", strict=True))
_LEET_WORD: Final = re.compile(
    r"(?<![\w@#$./-])(?=[a-z0-9@$!|+€]*[a-z])(?=[a-z0-9@$!|+€]*[0-9@$!|+€])[a-z0-9@$!|+€]{1,15}[a-z0-9](?![\w@$/-])"
)
_SPACED: Final = re.compile(r"(?<![a-z0-9'])[a-z0-9@$](?:[ ._\-*·•|/~,]{1,3}[a-z0-9@$]){2,}(?![a-z0-9'])")
_BROKEN: Final = re.compile(r"[a-z]+(?:[-._*·•~/|=+^]{1,2}[a-z]+)+")
# Brackets between letters hold words apart only for a machine: "your(card)is".
_GLUED: Final = re.compile(r"(?<=[a-z])[()\[\]{}<>_~|](?=[a-z])")
_STARRED: Final = re.compile(r"(?<!\w)[a-z]+[*#][a-z*#]*[a-z](?!\w)")
_DRAWN_OUT: Final = re.compile(r"([a-z])\1{2,}")
_LOOK_ALIKE_SCRIPTS: Final = frozenset(
    {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "GEORGIAN", "CANADIAN", "DESERET"}
)
_LONGEST_BROKEN: Final = 4

# What a contraction says; "'s" stays, since it may be "is", "has" or a possessive.
_CONTRACTED: Final = {
    "n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am", "'s": "'s",
}  # fmt: skip
_ODD_CONTRACTIONS: Final = {
    "won't": ("will", "not"), "can't": ("can", "not"), "cannot": ("can", "not"), "shan't": ("will", "not"),
    "ain't": ("are", "not"), "let's": ("let", "us"), "y'all": ("you",), "ya'll": ("you",), "i'ma": ("i", "will"),
    "wont": ("will", "not"), "cant": ("can", "not"), "dont": ("do", "not"), "didnt": ("did", "not"),
    "doesnt": ("does", "not"), "isnt": ("is", "not"), "arent": ("are", "not"), "wasnt": ("was", "not"),
    "werent": ("were", "not"), "hasnt": ("has", "not"), "havent": ("have", "not"), "hadnt": ("had", "not"),
    "wouldnt": ("would", "not"), "couldnt": ("could", "not"), "shouldnt": ("should", "not"),
    "youre": ("you", "are"), "youve": ("you", "have"), "youll": ("you", "will"), "youd": ("you", "would"),
    "ure": ("you", "are"), "uve": ("you", "have"), "weve": ("we", "have"), "ive": ("i", "have"), "im": ("i", "am"),
    "theyve": ("they", "have"), "theyre": ("they", "are"), "its": ("it", "'s"), "thats": ("that", "'s"),
    "itll": ("it", "will"), "thatll": ("that", "will"), "theyll": ("they", "will"), "theres": ("there", "'s"),
    "acct": ("account",), "accts": ("accounts",), "pymt": ("payment",), "pmt": ("payment",), "txn": ("transaction",),
    "xfer": ("transfer",), "stmt": ("statement",), "cust": ("customer",), "chkg": ("checking",), "svgs": ("savings",),
    "dm'd": ("dmed",),
    "dm'ed": ("dmed",),
    "gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"), "heres": ("here", "'s"),
}  # fmt: skip


# "callin'" is "calling".
_CLIPPED: Final = ("in", "in'")
# "na-receive" is "received".
_TAGLISH: Final = re.compile(r"(?<![\w-])(?:na-?i|na|naka|ni|in|pina|ipina)-[a-z]{3,}(?![\w-])")
# "yr" is "your" but for the places where it is "year".
_YEAR: Final = re.compile(r"(?<=\d )yrs?\b|(?<=\ba )yr\b|(?<=\b(?:this|last|next|each) )yr\b|\byr(?= olds?\b)")


@dataclass(frozen=True, slots=True)
class Token:
    """One word as it is read, where it stood in the original, and whether it began with a capital."""

    word: str
    start: int
    end: int
    capital: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A text cut into words. `plain` is the undressed text, `places[i]` where its character i stood."""

    original: str
    plain: str
    places: Sequence[int]
    tokens: tuple[Token, ...]
    disguised: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of `plain[start:end]`."""
        return self.places[start], self.places[end - 1] + 1


class _Folds(dict[str, str]):
    def __missing__(self, character: str) -> str:
        self[character] = folded = glyphs.folded(character)
        return folded


_FOLDS: Final = _Folds()


def read(text: str, spelling: Spelling) -> Reading:
    """Reads the text; `spelling` knows the words that are worth recognising however they are written."""
    plain, places = undressed(text)
    plain, places = _rejoined(plain, places, spelling)
    tokens: list[Token] = []
    shouted = _is_shouted(text)
    for match in _TOKEN.finditer(plain):
        start, end = places[match.start()], places[match.end() - 1] + 1
        capital = text[start].isupper() and not shouted
        tokens.extend(Token(word, start, end, capital) for word in _words(match.group(), spelling))
    return Reading(text, plain, places, tuple(_mended(tokens, spelling)), _disguised(text))


def _is_shouted(text: str) -> bool:
    """Whether most letters are capitals, so that one says nothing of its word."""
    return 2 * sum(map(str.isupper, text)) > sum(map(str.isalpha, text))


def undressed(text: str) -> tuple[str, Sequence[int]]:
    """The text in plain small letters, and for each of its characters where it stood."""
    if text.isascii():
        lowered = text.lower()
        if lowered.isprintable() or not any(ord(c) < 32 and c not in "\n\t\r" for c in lowered):
            return lowered.replace("\t", " ").replace("\r", "\n"), range(len(text))
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for plain in _FOLDS[character]:
            characters.append(plain)
            places.append(place)
    return "".join(characters), places


def _rejoined(plain: str, places: Sequence[int], spelling: Spelling) -> tuple[str, Sequence[int]]:
    """Undoes what pulls words apart or puts other signs in place of letters."""
    if spelling.shorthand:
        plain, places = _replaced(plain, places, _YEAR, lambda _: "year")
        plain, places = _replaced(plain, places, _TAGLISH, lambda found: _past(found, spelling))
    if _DRAWN_OUT.search(plain):
        plain, places = _replaced(plain, places, _DRAWN_OUT, lambda found: found[0] * 2)
    if _SPACED.search(plain):
        plain, places = _replaced(plain, places, _SPACED, lambda found: _squeezed(found, spelling))
    if _GLUED.search(plain):
        plain = _GLUED.sub(" ", plain)
    if any(sign in plain for sign in "-._*·•~/|=+^"):
        plain, places = _replaced(plain, places, _BROKEN, lambda found: _unbroken(found, spelling))
    if "*" in plain or "#" in plain:
        plain, places = _replaced(plain, places, _STARRED, spelling.starred)
    if _LEET_WORD.search(plain):
        plain, places = _replaced(plain, places, _LEET_WORD, lambda found: _unleeted(found, spelling))
    return plain, places


def _replaced(
    plain: str, places: Sequence[int], pattern: re.Pattern[str], reread: Callable[[str], str]
) -> tuple[str, Sequence[int]]:
    """Reads each match anew; a shorter reading keeps the first and last place of what it stands for."""
    pieces: list[str] = []
    kept: list[int] = []
    end = 0
    for match in pattern.finditer(plain):
        new = reread(match.group())
        if new == match.group():
            continue
        pieces.append(plain[end : match.start()])
        kept.extend(places[end : match.start()])
        first, last = match.start(), match.end() - 1
        step = (last - first) / max(len(new) - 1, 1)
        pieces.append(new)
        kept.extend(places[first + round(index * step)] for index in range(len(new)))
        end = match.end()
    if not pieces:
        return plain, places
    pieces.append(plain[end:])
    kept.extend(places[end:])
    return "".join(pieces), kept


def _past(found: str, spelling: Spelling) -> str:
    verb = found.rpartition("-")[2]
    for past in (f"{verb}d", f"{verb[:-1]}ied", f"{verb}ed", f"{verb}{verb[-1]}ed"):
        if spelling.knows(past):
            return past
    return found.replace("-", " ")


def _squeezed(found: str, spelling: Spelling) -> str:
    letters = "".join(_LEET.get(c, c) for c in found if c.isalnum() or c in "@$")
    words = spelling.segmented(letters)
    return " ".join(words) if words else found


def _unbroken(found: str, spelling: Spelling) -> str:
    if found == "a/c":
        return "account"
    joined = "".join(c for c in found if c.isalpha())
    if joined in spelling.joinable or spelling.corrected(joined) in spelling.joinable:
        return joined
    if "." in found or "/" in found:
        return found
    return re.sub(r"[^a-z]+", " ", found)


def _unleeted(found: str, spelling: Spelling) -> str:
    for one in ("l", "i"):
        candidate = "".join(one if c == "1" else _LEET.get(c, c) for c in found)
        if spelling.knows(candidate) or (found[0] != "@" and spelling.corrected(candidate) != candidate):
            return candidate
    return found


def _words(written: str, spelling: Spelling) -> tuple[str, ...]:
    """The words of one token: contractions opened, slips of the pen corrected, joined words parted."""
    if not written[0].isalpha() or not written.isascii() or written[-1] == ".":
        return (written,)
    if written in spelling.shorthand:
        return spelling.shorthand[written]
    if (
        written.endswith(_CLIPPED)
        and not spelling.knows(written)
        and spelling.knows(unclipped := written.strip("'") + "g")
    ):
        return (unclipped,)
    if spelling.knows(written) and "'" not in written and written not in _ODD_CONTRACTIONS:
        return (written,)
    if written in _ODD_CONTRACTIONS:
        return _ODD_CONTRACTIONS[written]
    if "'" in written:
        written = written.strip("'")
        if written in _ODD_CONTRACTIONS:
            return _ODD_CONTRACTIONS[written]
        for ending, meaning in _CONTRACTED.items():
            if written.endswith(ending) and len(written) > len(ending):
                return (*_words(written[: -len(ending)], spelling), meaning)
        return tuple(spelling.corrected(part) for part in written.split("'") if part)
    corrected = spelling.corrected(written)
    if corrected == written and len(written) > 6:
        parts = spelling.parted(written)
        if parts:
            return parts
    return (corrected,)


def _mended(tokens: list[Token], spelling: Spelling) -> list[Token]:
    """Joins "acc ount" and "re fund": neighbours that make a word that matters where one of them makes none."""
    mended: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        joined = None
        if token.word.isalpha() and len(token.word) < 9:
            word = token.word
            for width in range(1, _LONGEST_BROKEN):
                if index + width >= len(tokens) or not tokens[index + width].word.isalpha():
                    break
                word += tokens[index + width].word
                parts = tokens[index : index + width + 1]
                if word in spelling.joinable and not all(spelling.knows(part.word) for part in parts):
                    joined = Token(word, token.start, parts[-1].end, token.capital)
                    index += width
                    break
        mended.append(joined or token)
        index += 1
    return mended


def _disguised(text: str) -> tuple[tuple[int, int], ...]:
    """Words that mix alphabets that look alike, and words with characters in them that cannot be seen."""
    if text.isascii():
        return ()
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"\S+", text):
        scripts: set[str] = set()
        hidden = False
        word = match.group()
        if word.isascii():
            continue
        for place, character in enumerate(word):
            if glyphs.is_hidden(character):
                hidden = hidden or (0 < place < len(word) - 1)
            elif not character.isalpha():
                if character not in glyphs.EMOJI_JOINERS and _mixed(scripts):
                    break
            else:
                scripts.add(glyphs.script(character))
        if _mixed(scripts) or (hidden and scripts & {"LATIN", "CYRILLIC", "GREEK"}):
            spans.append(match.span())
    return tuple(spans)


def _mixed(scripts: set[str]) -> bool:
    return "LATIN" in scripts and bool(scripts & _LOOK_ALIKE_SCRIPTS)
