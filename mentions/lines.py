"""Posts as JSON, one or many: how a request body and a file of lines are read."""

from __future__ import annotations

import json

from mentions.intake import Unreadable

# Some programs begin every file in UTF-8 with it.
_MARK = "\ufeff"


def body(raw: bytes) -> list[object]:
    """The items of a request body: one object, a list, or JSON lines, where a bad line is refused in its place.

    Raises `ValueError` with a sentence if the body is not UTF-8 or nothing in it parses.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        raise ValueError(f"the body is not UTF-8: byte {bad.start} cannot be read") from bad
    text = text.removeprefix(_MARK)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _lines(text)
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict):
        return [whole]
    raise ValueError("a post is a JSON object: send one, a list, or one a line")


def line(text: str) -> object:
    """One JSON line as an item; what is not JSON is an item too, to be refused in its place."""
    try:
        return json.loads(text.removeprefix(_MARK))
    except (ValueError, RecursionError) as bad:
        return Unreadable(text, f"not JSON: {bad}"[:200])


def _lines(text: str) -> list[object]:
    items = [line(row) for row in text.split("\n") if row.strip()]
    if all(isinstance(item, Unreadable) for item in items):
        raise ValueError("the body is neither JSON nor JSON lines")
    return items
