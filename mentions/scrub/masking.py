"""Puts the finders together: what to mask in one text, and the masking itself."""

import re
from collections.abc import Iterable, Sequence

from mentions.scrub import accounts, beside, cards, labelled
from mentions.scrub.fold import DIGIT_LIKE, INVISIBLE, MASK, SHORT_MASK, Folded, decoded, flat, reads_as_it_stands

Found = tuple[int, int, str]

_DIGIT_RUNS = re.compile(r"\d+")
_FOLDED_RUNS = re.compile(r"[0-9]+")
_DIGIT_LIKE_RUNS = re.compile(rf"{DIGIT_LIKE.pattern}+")
# With what a magnetic track says after its number.
_DIGITS_OR_TRACK = re.compile(rf"{DIGIT_LIKE.pattern}+(?:[=^][^\s?]{{4,80}})?")
_KEPT_IN_MASK = 4
_ROUNDS = 6
# More numbers than this, and closer together, nobody writes to a bank; the finders would take their time over them.
_MOST_NUMBERS, _CHARACTERS_A_NUMBER = 100, 40
_MOST_DIGITS, _CHARACTERS_A_DIGIT = 800, 8

_WITHOUT_LAST_FOUR = {
    "cvv": SHORT_MASK,
    "pin": SHORT_MASK,
    "one_time_code": SHORT_MASK,
    "expiry": SHORT_MASK,
    "track": SHORT_MASK,
    "sort_code": MASK,
}


def masked(text: str, spare: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
    """Returns the text with its numbers masked, and the kinds found, in order.

    Digits in `spare` stay. Masking what is masked changes nothing. A text that is crowded with numbers loses every
    digit, which is more than the finders would have taken. May raise on what no test foresaw.
    """
    runs = (_DIGIT_RUNS if text.isascii() else _DIGIT_LIKE_RUNS).findall(text)
    if len(runs) < 3 and len(max(runs, key=len, default="")) < 3:
        return text, ()  # not enough digits, in any form, for anything; most texts end here
    if _is_crowded(runs, len(text)):
        return _DIGITS_OR_TRACK.sub(SHORT_MASK, text), ("crowded",)
    if reads_as_it_stands(text) and not _hits(text, spare):
        return text, ()
    kinds: set[str] = set()
    for _ in range(_ROUNDS):
        before = text
        unfolded = decoded(text)
        if unfolded is not None:
            text = _cut(text, unfolded, _hits(unfolded.text, spare), kinds)
        folded = flat(text)
        text = _cut(text, folded, _hits(folded.text, spare), kinds)
        if text == before:
            return text, tuple(sorted(kinds))
    raise RuntimeError("masking does not settle")


def mask(number: str, kind: str) -> str:
    """Returns what stands in the place of a number in folded text: dots and its last four digits."""
    if kind in _WITHOUT_LAST_FOUR:
        return _WITHOUT_LAST_FOUR[kind]
    symbols = [symbol for symbol in number if symbol.isascii() and symbol.isalnum()]
    if kind != "iban":
        symbols = [symbol for symbol in symbols if symbol.isdecimal()]
    return f"{MASK} {''.join(symbols[-_KEPT_IN_MASK:]).upper()}"


def _is_crowded(runs: Sequence[str], length: int) -> bool:
    if len(runs) > _MOST_NUMBERS and len(runs) * _CHARACTERS_A_NUMBER > length:
        return True
    if length < _MOST_DIGITS:
        return False
    digits = sum(map(len, runs))
    return digits > _MOST_DIGITS and digits * _CHARACTERS_A_DIGIT > length


def _hits(text: str, spare: frozenset[str]) -> list[Found]:
    runs = _FOLDED_RUNS.findall(text)
    total = sum(map(len, runs))
    found: list[Found] = []
    lowered = _lower(text)
    if total >= 12:
        spans = list(cards.find(text, spare))
        if spans:
            found += [(start, end, "card") for start, end in spans]
            found += beside.find(text, lowered, spans)
    if total >= 6:
        found += accounts.find_insurance(text)
    if total >= 9:
        found += accounts.find(text, lowered)
    if len(max(runs, key=len, default="")) > 2:
        found += labelled.find(lowered)
    return found


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join([character.lower()[:1] for character in text])


def _cut(text: str, folded: Folded, hits: Iterable[Found], kinds: set[str]) -> str:
    """Replaces what was found in the folded text by masks in the original."""
    pieces: list[str] = []
    position = 0
    for start, end, kind in _merged(hits):
        kinds.add(kind)
        first, last = folded.origin(start, end)
        pieces += [text[position:first], mask(folded.text[start:end], kind)]
        # What decorated the last digit (a keycap, a stroke) has nothing left to stand on.
        trailing = INVISIBLE.match(text, last)
        position = trailing.end() if trailing else last
    return "".join([*pieces, text[position:]]) if pieces else text


def _merged(hits: Iterable[Found]) -> list[Found]:
    merged: list[Found] = []
    for start, end, kind in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if merged and start < merged[-1][1]:
            first, last, stronger = merged[-1]
            merged[-1] = (first, max(last, end), stronger)
        else:
            merged.append((start, end, kind))
    return merged
