"""What the rules on wording share: where their patterns stand in the undressed text, and when a find is none."""

import re
from typing import Final

# What ends a sentence, and what ends a clause.
STOPS: Final = ".!?;:\n"
BREAKS: Final = STOPS + ","

# "Guaranteed returns are the oldest trick in the book": what deceivers offer, we do not.
_DECEIT: Final = re.compile(
    r"(?<!no )(?<!zero )(?<!without )(?<!not )(?<!not a )(?<!n't a )\b(?:scams?|scammers?|fakes?|frauds?|fraudsters?|"
    r"phishing|tricks?|lies?|liars?|lying|impostors?|(?:isn't|aren't|not) (?:from )?(?:us|ours))\b"
    r"(?! (?:team|line|desk|department|protection|cover|alerts?|policy|guarantee))"
)
_BY_US: Final = re.compile(r"\b(?:we|i)\b")


def spans(patterns: tuple[re.Pattern[str], ...], plain: str) -> list[tuple[int, int]]:
    """The places of the patterns, but for those that only warn of what others say."""
    found = [match.span() for pattern in patterns for match in pattern.finditer(plain)]
    return [span for span in found if not _is_a_warning(plain, *span)]


def around(plain: str, start: int, end: int, stops: str) -> tuple[int, int]:
    """The stretch between two of the stops in which a find stands."""
    begin = max(plain.rfind(stop, 0, start) for stop in stops) + 1
    ends = [place for stop in stops if (place := plain.find(stop, end)) >= 0]
    return begin, min(ends, default=len(plain))


def _is_a_warning(plain: str, start: int, end: int) -> bool:
    begin, stop = around(plain, start, end, BREAKS)
    if _BY_US.search(plain, begin, stop):
        return False
    # "If an ad promises guaranteed approval, it isn't from us."
    if plain[begin:stop].lstrip().startswith("if "):
        begin, stop = around(plain, start, end, STOPS)
    return _DECEIT.search(plain, begin, stop) is not None
