"""Posts as JSON, one or many: how a request body and a file of lines are read."""

from __future__ import annotations

import json
import re

from mentions.intake import Unreadable

# Some programs begin every file in UTF-8 with it.
_MARK = "\ufeff"
MOST_DIGITS = 4000  # of a number that Python counts with
# A line with something in it; four million empty ones are passed over in one step.
_FILLED = re.compile(r"\S[^\n]*")


class TooMany(ValueError):
    """More items than are taken at once."""


def body(raw: bytes, *, most: int | None = None) -> list[object]:
    """The items of a request body: one object, a list, or JSON lines, where a bad line is refused in its place.

    Raises `ValueError` with a sentence if the body is not UTF-8 or nothing in it parses, and `TooMany` past `most`,
    without having looked at the rest.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        raise ValueError(f"the body is not UTF-8: byte {bad.start} cannot be read") from bad
    text = text.removeprefix(_MARK)
    try:
        whole = _read(text)
    except (ValueError, RecursionError):
        return _lines(text, most)
    if isinstance(whole, list):
        if most is not None and len(whole) > most:
            raise TooMany(f"{len(whole)} posts at once: send at most {most}")
        return whole
    if isinstance(whole, dict):
        return [whole]
    raise ValueError("a post is a JSON object: send one, a list, or one a line")


def line(text: str) -> object:
    """One JSON line as an item; what is not JSON is an item too, to be refused in its place."""
    try:
        return _read(text.removeprefix(_MARK))
    except (ValueError, RecursionError) as bad:
        return Unreadable(text, f"not JSON: {bad}"[:200])


def _read(text: str) -> object:
    """The value of a JSON text; a number that is too long for Python to count with stays as it is written."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(text, parse_int=_whole)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _lines(text: str, most: int | None) -> list[object]:
    items: list[object] = []
    for row in _FILLED.finditer(text):
        items.append(line(row[0]))
        if most is not None and len(items) > most:
            raise TooMany(f"more than {most} lines at once: send at most {most} posts")
    if all(isinstance(item, Unreadable) for item in items):
        raise ValueError("the body is neither JSON nor JSON lines")
    return items
