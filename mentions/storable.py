"""What PostgreSQL can hold of what strangers send: text without NUL and halves of characters, JSON within bounds."""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

MAX_DEPTH: Final = 32
MAX_WEIGHT: Final = 262_144  # characters and members of one object together
_INT64: Final = 2**63


class NotStorable(ValueError):
    """A value that jsonb cannot hold. `reason` is a sentence that can be shown to whoever sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_text(text: str) -> str:
    """The text without NUL and lone surrogates, either of which aborts a whole batch in PostgreSQL.

    NUL is removed instead of replaced, so that it cannot stand between the digits of a card number and hide
    it from the scrubber. Halves of a pair that stand side by side become their character, others U+FFFD.
    """
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def cleaned(value: object) -> Any:
    """A copy of any JSON value that jsonb accepts. Raises `NotStorable` if it is too deep, too large or no JSON."""
    return _clean(value, 0, [MAX_WEIGHT])


def _clean(value: Any, depth: int, budget: list[int]) -> Any:
    """A copy that jsonb and any JSON writer accept; the budget bounds its size, `depth` its nesting.

    NaN and the infinities become null, integers beyond 64 bits become text.
    """
    kind = value.__class__
    if kind is str:
        if len(value) > 256:
            _spend(budget, len(value))
        return value if value.isascii() and "\0" not in value else clean_text(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        if -_INT64 <= value < _INT64:
            return value
        if value.bit_length() > 14_000:  # past which Python does not write it as text
            raise NotStorable("a number has too many digits")
        return str(value)
    if kind is float:
        return value if isfinite(value) else None
    if kind is not dict and kind is not list:
        raise NotStorable(f"{kind.__name__} is not a JSON value")
    if depth >= MAX_DEPTH:
        raise NotStorable(f"nested deeper than {MAX_DEPTH} levels")
    _spend(budget, len(value))
    if kind is list:
        return [_clean(entry, depth + 1, budget) for entry in value]
    copy: dict[str, Any] = {}
    for key, entry in value.items():
        if key.__class__ is not str:
            raise NotStorable("a key is not a string")
        if len(key) > 256:
            raise NotStorable("a key is longer than 256 characters")
        if not key.isascii() or "\0" in key:
            key = clean_text(key)
        # Most of what a post holds is nothing, or short plain text; the rest is looked at more closely.
        if entry is None or (entry.__class__ is str and len(entry) <= 256 and entry.isascii() and "\0" not in entry):
            copy[key] = entry
        else:
            copy[key] = _clean(entry, depth + 1, budget)
    return copy


def _spend(budget: list[int], amount: int) -> None:
    budget[0] -= amount
    if budget[0] < 0:
        raise NotStorable("the object is too large")
