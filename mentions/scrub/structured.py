"""Scrubbing of decoded JSON, keys and numbers included."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from mentions.scrub import cards
from mentions.scrub.fold import MASK, SHORT_MASK
from mentions.scrub.masking import mask

Clean = Callable[[str, frozenset[str]], str]

_DEEPEST = 60
_DIGIT_RUNS = re.compile(r"[0-9]+")
_DIGIT = re.compile(r"[0-9]")
# A time as programs write it; no card number begins with 19 or 20.
_TIME = re.compile(r"(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_WEB_ADDRESS = re.compile(r"(?:https?|at)://", re.IGNORECASE)
# Keys that say by themselves what their value is, however short it is.
_TELLING_KEY = re.compile(
    r"(?:(?:card|account|acct|routing|ssn|social[ _-]?security)(?:[ _-]?(?:number|num|no|nr))|iban|pan|ssn|cvv2?|cvc2?"
    r"|cv2|pin|otp|passcode|sort[ _-]?code|security[ _-]?code)",
    re.IGNORECASE,
)


def masked(value: object, keep: frozenset[str], clean: Clean, found: set[str]) -> object:
    """Returns a scrubbed copy of `value`; `clean` scrubs one text, `found` gathers kinds found elsewhere.

    Anything nested deeper than people nest is dropped whole.
    """
    return _Scrubber(value, keep, clean, found).value(value, 0)


class _Scrubber:
    def __init__(self, whole: object, keep: frozenset[str], clean: Clean, found: set[str]) -> None:
        self._whole = whole
        self._keep = keep
        self._clean = clean
        self._found = found

    @cached_property
    def _spare(self) -> frozenset[str]:
        """The digits of identifiers, which only a web address may show again; most posts have none."""
        return frozenset(_kept_digits(self._whole, self._keep, 0)) if self._keep else frozenset()

    def value(self, value: object, depth: int) -> object:
        if depth > _DEEPEST:
            self._found.add("degraded")
            return MASK
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return self._number(value)
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, list | tuple):
            return [self.value(inner, depth + 1) for inner in value]
        return value

    def _text(self, text: str) -> str:
        if text.isascii() and (_DIGIT.search(text) is None or _TIME.fullmatch(text)):
            return text
        return self._clean(text, self._spare if _WEB_ADDRESS.match(text) else frozenset())

    def _object(self, value: dict[object, object], depth: int) -> dict[object, object]:
        clean: dict[object, object] = {}
        deepest = depth == _DEEPEST
        for key, inner in value.items():
            if not isinstance(key, str):
                clean[key] = self.value(inner, depth + 1)
                continue
            name = key if _is_harmless(key) else _free(self._text(key), key, clean)
            if key in self._keep and _is_plain(inner):
                clean[name] = inner
            elif _is_telling(key) and isinstance(inner, str | int) and not isinstance(inner, bool):
                clean[name] = self._told(inner)
            elif inner.__class__ is str and not deepest:
                clean[name] = self._text(inner)
            else:
                clean[name] = self.value(inner, depth + 1)
        return clean

    def _number(self, value: int | float) -> object:
        if isinstance(value, float) and not value.is_integer():
            return self._decimal(value)
        if not 10**11 <= abs(value) < 10**19:
            return value
        digits = str(abs(int(value)))
        if not (cards.plausible(digits) and cards.passes_luhn(digits)):
            return value
        self._found.add("card")
        return mask(digits, "card")

    def _decimal(self, value: float) -> object:
        """A number with decimals is read as it is written; infinity and what is no number hold nothing."""
        text = repr(value)
        clean = self._text(text)
        return value if clean == text else clean

    def _told(self, value: str | int) -> object:
        """Masks a value whose own key says that it is a number to hide."""
        text = str(value)
        clean = self._text(text)
        if clean != text:
            return clean
        digits = "".join(_DIGIT_RUNS.findall(text))
        if not 3 <= len(digits) <= 34 or len(digits) * 2 < len(text):
            return value
        self._found.add("account")
        return SHORT_MASK if len(digits) < 7 else mask(digits, "account")


@lru_cache(maxsize=2048)
def _is_harmless(key: str) -> bool:
    return key.isascii() and _DIGIT.search(key) is None


@lru_cache(maxsize=2048)
def _is_telling(key: str) -> bool:
    return _TELLING_KEY.fullmatch(key) is not None


def _kept_digits(value: object, keep: frozenset[str], depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in keep and isinstance(inner, str | int):
                yield from _DIGIT_RUNS.findall(str(inner))
            else:
                yield from _kept_digits(inner, keep, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _kept_digits(inner, keep, depth + 1)


def _is_plain(value: object) -> bool:
    """Whether a caller has looked at it as an identifier: a text or a whole number, or some of them."""
    if isinstance(value, list | tuple):
        return all(isinstance(inner, str | int) for inner in value)
    return isinstance(value, str | int)


def _free(name: str, key: str, taken: dict[object, object]) -> str:
    """Keeps two keys apart that became the same mask."""
    free = name
    number = 2
    while name != key and free in taken:
        free = f"{name} ({number})"
        number += 1
    return free
