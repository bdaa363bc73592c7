"""What stands beside a card number: its expiry, its CVV and the rest of a magnetic track."""

import re
from collections.abc import Iterator, Sequence

Found = tuple[int, int, str]

_MONTH_YEAR = r"(?:0?[1-9]|1[0-2])\s?[-/. ]\s?(?:20)?[2-5][0-9](?![0-9])(?![-/.][0-9])"
_EXPIRY = re.compile(
    r"(?:exp(?:iry|ires?|iration|\.)?(?: date)?|valid(?: (?:thru|through|until|to))?|thru|mm/yy|vence|caduca|caducidad"
    r"|validade|g[uü]ltig bis|expire(?: le)?|scad(?:enza|e)?)(?:\W{0,3}(?:is|on|the|in|date))?"
    rf"[\W_]{{0,4}}({_MONTH_YEAR}|(?:0[1-9]|1[0-2])[2-5][0-9](?![0-9]))"
)
_AFTER = re.compile(
    rf"[\s/|;:,._-]{{1,4}}({_MONTH_YEAR})(?:[\s/|;:,._-]{{1,4}}([0-9]{{3,4}})(?![0-9]))?"
    r"|[\s/|;_-]{1,3}([0-9]{3})(?![0-9])(?![.,:/-][0-9])(?!\s?(?:[%$€£]|dollars?|usd|eur|gbp|euros?|times|k\b|days?))",
    re.IGNORECASE,
)
_TRACK = re.compile(r"[=^D][^\s?]{4,80}")


def find(text: str, lowered: str, cards: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """Yields (start, end, kind) in folded `text` that holds card numbers at `cards`; `lowered` is its lower case."""
    for match in _EXPIRY.finditer(lowered):
        if not text[max(0, match.start() - 1) : match.start()].isalnum():
            yield *match.span(1), "expiry"
    for _, end in cards:
        if (match_after := _AFTER.match(text, end)) is not None:
            for group, kind in ((1, "expiry"), (2, "cvv"), (3, "cvv")):
                if match_after[group]:
                    yield *match_after.span(group), kind
        if (track := _TRACK.match(text, end)) is not None:
            yield *track.span(), "track"
