"""Folding: the same text with every digit written 0-9, and the way back to the original.

Digits hide as other scripts' digits, as circled or superscript ones, behind percent signs, HTML entities
and backslash escapes, and between invisible characters. The finders read folded text only; what they find
is cut out of the original by `Folded.origin`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

MASK = "\u2022\u2022\u2022\u2022"
SHORT_MASK = "\u2022\u2022\u2022"

# A letter nobody writes stands in for masks that are already there: letters end a number, so an earlier
# mask is never read as a separator and its last four digits never join a neighbour.
_OPAQUE = "\ua66e"

# Wider than the digits it must catch, because a coarse class is four times as fast as the exact one.
_OTHER_FORMS = (
    "\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u218f\u2460-\u24ff\u2776-\u2793"
    "\u3200-\u33ff\U0001f100-\U0001f10c"
)
DIGIT_LIKE = re.compile(rf"[\d{_OTHER_FORMS}]")

_FOLDABLE = re.compile(rf"[^\x00-\x7f](?<=[\d{_OTHER_FORMS}{_OPAQUE}\uff21-\uff5a])")

_INVISIBLE = (
    "\u00ad\u0300-\u036f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20d0-\u20f0"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
)


def _tables() -> tuple[dict[int, str], str]:
    """Returns the one-to-one folding and the characters that fold to several (⑳, ½)."""
    every = "".join(map(chr, range(0x80, 0xD800))) + "".join(map(chr, range(0xE000, 0x1FC00)))
    single: dict[int, str] = {}
    several: list[str] = []
    for character in DIGIT_LIKE.findall(every):
        digit = unicodedata.digit(character, None)
        if digit is not None:
            single[ord(character)] = str(digit)
        elif any(map(str.isdecimal, unicodedata.normalize("NFKC", character))) or unicodedata.numeric(character, 0) in (
            10,
            20,
        ):
            several.append(character)
    for offset in range(26):
        single[0xFF21 + offset] = chr(0x41 + offset)
        single[0xFF41 + offset] = chr(0x61 + offset)
    return single, "".join(several)


_SINGLE, _SEVERAL = _tables()

_NAMED = {
    "nbsp": " ",
    "ensp": " ",
    "emsp": " ",
    "thinsp": " ",
    "shy": "",
    "zwj": "",
    "zwnj": "",
    "num": "#",
    "sol": "/",
    "period": ".",
    "comma": ",",
    "hyphen": "-",
    "dash": "-",
    "ndash": "-",
    "mdash": "-",
    "lowbar": "_",
    "colon": ":",
    "semi": ";",
    "tab": " ",
    "newline": " ",
    "amp": "&",
    "bull": "*",
}

_ENCODED = re.compile(
    r"(?P<percent>(?:%(?:25)*[0-9A-Fa-f]{2})+)"
    r"|&(?:amp;)*\#(?P<decimal>[0-9]{1,7});?"
    r"|&(?:amp;)*\#[xX](?P<hexadecimal>[0-9A-Fa-f]{1,6});?"
    r"|&(?P<named>[A-Za-z]{3,8});"
    r"|\\+(?:u(?P<escape>[0-9A-Fa-f]{4})|u\{(?P<brace>[0-9A-Fa-f]{1,6})\}|x(?P<byte>[0-9A-Fa-f]{2})|[nrtvf/])"
    rf"|(?P<several>[{_SEVERAL}])"
    rf"|(?P<invisible>[{_INVISIBLE}])"
)
INVISIBLE = re.compile(rf"[{_INVISIBLE}]*")
_ONE_PERCENT = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")

_OUR_MASK = (
    r"\u2022(?<![0-9\u2022].)\u2022{3}(?: (?:[0-9]{1,4}(?![0-9])|[0-9A-Z]{4}(?![0-9A-Za-z])))?(?!\u2022)"
    r"|\u2022(?<![0-9\u2022].)\u2022{2}(?![0-9\u2022])"
)
# Three masks in a row that touch are more likely a number written with dots than three of our masks.
_MASKS = re.compile(rf"(?:{_OUR_MASK})(?:[\W_]{{0,3}}(?:{_OUR_MASK}))*")


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text, in stretches that begin at `places`; None means that nothing moved.

    Each of `spans` is where a stretch stands in the original, and whether it is one code that stands for all of it;
    otherwise it is the same text, character for character.
    """

    text: str
    places: Sequence[int] | None = None
    spans: Sequence[tuple[int, int, bool]] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Returns where the folded stretch `start:end` stands in the original."""
        if self.places is None:
            return start, end
        return self._character(self.places, start)[0], self._character(self.places, end - 1)[1]

    def _character(self, places: Sequence[int], at: int) -> tuple[int, int]:
        stretch = bisect_right(places, at) - 1
        first, last, code = self.spans[stretch]
        if code:
            return first, last
        first += at - places[stretch]
        return first, first + 1


def flat(text: str) -> Folded:
    """Folds character by character; nothing moves."""
    if not text.isascii() and _FOLDABLE.search(text) is not None:
        text = text.replace(_OPAQUE, " ").translate(_SINGLE)
    return Folded(_hide_masks(text))


def reads_as_it_stands(text: str) -> bool:
    """Whether nothing in a text could be folded or decoded: `flat` changes nothing and `decoded` is None."""
    return text.isascii() and "%" not in text and "&" not in text and "\\" not in text


def decoded(text: str) -> Folded | None:
    """Also undoes encodings and drops invisible characters; None where that changes no number."""
    if reads_as_it_stands(text):
        return None
    if not any(_touches_digits(match) for match in _ENCODED.finditer(text)):
        return None
    pieces: list[str] = []
    places: list[int] = []
    spans: list[tuple[int, int, bool]] = []
    length = 0

    def add(piece: str, start: int, end: int, *, code: bool) -> None:
        nonlocal length
        if piece:
            pieces.append(piece)
            places.append(length)
            spans.append((start, end, code))
            length += len(piece)

    position = 0
    for match in _ENCODED.finditer(text):
        start, end = match.span()
        add(text[position:start], position, start, code=False)
        position = end
        percent = match["percent"]
        if percent is None:
            add(_plain(match), start, end, code=True)
        else:
            for piece, first, last in _percent(percent):
                add(piece, start + first, start + last, code=True)
    add(text[position:], position, len(text), code=False)
    folded = "".join(pieces).replace(_OPAQUE, " ").translate(_SINGLE)
    return Folded(_hide_masks(folded), places, spans)


def runs_masked(text: str) -> str:
    """The crude way out when the finders fail: every run of nine digits or more goes, whatever it was."""
    folded = text.replace(_OPAQUE, " ").translate(_SINGLE)
    pieces: list[str] = []
    position = 0
    for match in re.finditer(r"[0-9](?:[\W_]{0,3}[0-9]){8,}", folded):
        pieces += [text[position : match.start()], MASK]
        position = match.end()
    return "".join([*pieces, text[position:]])


def _touches_digits(match: re.Match[str]) -> bool:
    """Tells whether undoing an encoding can matter: it hides a digit, or stands right beside one."""
    start, end = match.span()
    around = match.string[max(0, start - 3) : start] + match.string[end : end + 3]
    if DIGIT_LIKE.search(around) is not None:
        return True
    percent = match["percent"]
    hidden = "".join([piece for piece, _, _ in _percent(percent)]) if percent else _plain(match)
    return DIGIT_LIKE.search(hidden) is not None


def _plain(match: re.Match[str]) -> str:
    if (code := match["decimal"]) is not None:
        return _character(int(code))
    if (code := match["hexadecimal"] or match["escape"] or match["brace"] or match["byte"]) is not None:
        return _character(int(code, 16))
    if (name := match["named"]) is not None:
        return _NAMED.get(name.lower(), match[0])
    if (several := match["several"]) is not None:
        normal = unicodedata.normalize("NFKC", several)
        return normal if normal != several else str(int(unicodedata.numeric(several)))
    return "" if match["invisible"] is not None else " "


def _character(code: int) -> str:
    # Surrogates decode to something that is no digit and no letter: it separates, as they would.
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "


def _percent(run: str) -> list[tuple[str, int, int]]:
    """Decodes a run of percent-encoded bytes, each character with its place in the run."""
    tokens = list(_ONE_PERCENT.finditer(run))
    raw = bytes(int(token[1], 16) for token in tokens)
    if raw.isascii():
        return [(chr(byte), *token.span()) for byte, token in zip(raw, tokens, strict=True)]
    found: list[tuple[str, int, int]] = []
    index = 0
    # Bytes that are no UTF-8 come back as one surrogate each, so that lengths still tell the place.
    for character in raw.decode("utf-8", "surrogateescape"):
        escaped = 0xDC80 <= ord(character) <= 0xDCFF
        width = 1 if escaped else len(character.encode())
        found.append((" " if escaped else character, tokens[index].start(), tokens[index + width - 1].end()))
        index += width
    return found


def _hide_masks(folded: str) -> str:
    if "\u2022\u2022\u2022" not in folded:
        return folded
    return _MASKS.sub(_hidden, folded)


def _hidden(match: re.Match[str]) -> str:
    masks = match[0].count(MASK[:3])
    digits = sum(character.isdecimal() for character in match[0])
    return match[0] if masks > 2 and digits > 11 else _OPAQUE * len(match[0])
