"""Reasons as they are kept: a code and its values.

What is decided while a post is stored is read for weeks, by people of several countries, so no sentence of any language
is stored with it. `mentions.telling` says each code in the language of who reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import orjson


def kept(code: str, *values: object) -> str:
    """A reason as it is stored: `["code", value, ...]`.

    Values are text, numbers, truths, None, and lists of those; in a rule's reason also reasons, as lists.
    """
    return orjson.dumps((code, *values)).decode() if values else _bare(code)


@cache
def _bare(code: str) -> str:
    return orjson.dumps((code,)).decode()


# A reason that is one of several: its code and its values.
Part = tuple[object, ...]


def together(parts: Sequence[Part]) -> str:
    """Several reasons for one thing as one that is kept; "" for none."""
    return kept("together", *parts) if len(parts) > 1 else kept(*parts[0]) if parts else ""  # type: ignore[arg-type]
