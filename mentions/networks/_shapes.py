"""Reading JSON that somebody else wrote: whatever has another shape than hoped for counts as empty."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def mapping(value: object) -> dict[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def maps(value: object) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [entry for entry in listed(value) if isinstance(entry, dict)]


def text(value: object) -> str:
    """The string, or an empty one."""
    return value if isinstance(value, str) else ""


def identifier(value: object) -> str:
    """An identifier that some networks write as a number; empty for anything else."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


def reposted(who: str, words: str) -> str:
    """What an account only passes on, as it is told of: it has no words of its own."""
    return f"[repost] @{who}: {words}" if who else f"[repost] {words}"


def since_epoch(value: object, per_second: int = 1) -> str | None:
    """A time counted from 1970, a number or its digits, in the product's form; None if it is none."""
    digits = identifier(value)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 16:
        return None
    try:
        return datetime.fromtimestamp(int(digits) / per_second, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def unread(network: str, body: str | bytes) -> dict[str, Any]:
    """Something that is no event of this network's, in a form that is refused with its reason and kept."""
    words = body.decode(errors="replace") if isinstance(body, bytes) else body
    return {"network": network, "unread": words[:20_000]}
