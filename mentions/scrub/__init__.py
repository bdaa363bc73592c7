"""Takes payment and identity numbers out of a text before anything is written.

Pure, and never raises: on doubt it masks more, and when a finder fails every run of nine digits goes and
`found` says "degraded". The last four digits stay, so that people can still talk about the same card.

    scrub("my card 4111 1111 1111 1111") -> Scrubbed("my card •••• 1111", ("card",))

What stays although it passes the Luhn test: a network's own long identifiers that no card begins like, where
the words before them ("order", "tweet"), the web address or the hash around them say what they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mentions.scrub import split, structured
from mentions.scrub.fold import DIGIT_LIKE, MASK, runs_masked
from mentions.scrub.masking import masked
from mentions.storable import clean_text

__all__ = ["Scrubbed", "SplitScrub", "scrub", "scrub_json", "scrub_sequence", "typed", "typed_line", "without_digits"]

_ASCII_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text without its numbers, and the kinds that were found ("card", "iban", "ssn", ..., "degraded")."""

    text: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitScrub:
    """A text and the author's earlier texts, after a number that runs through them was taken out."""

    text: str
    previous: tuple[str, ...]
    found: tuple[str, ...] = ()


def scrub(text: str, spare: frozenset[str] = frozenset()) -> Scrubbed:
    """Masks payment and identity numbers. Never raises; scrubbing twice changes nothing more.

    Digits in `spare` stay: identifiers that the caller knows to be the network's own.
    """
    try:
        if (_ASCII_DIGIT if text.isascii() else DIGIT_LIKE).search(text) is None:
            return Scrubbed(text)
        return Scrubbed(*masked(text, spare))
    except Exception:
        return _degraded(text)


def typed(text: str, most: int = 10_000) -> str:
    """What a colleague typed as it may be kept: storable, without private numbers, `most` characters at most."""
    return scrub(clean_text(text)).text.strip()[:most]


def typed_line(text: str, most: int) -> str:
    """`typed` for what is shown on one line, such as a name."""
    return typed(" ".join(clean_text(text).split()), most)


def scrub_sequence(previous: Sequence[str], text: str) -> SplitScrub:
    """Scrubs `text`, and takes out a card number that began in the author's messages just before.

    `previous` holds earlier texts as they were stored, oldest first; the last two are looked at. All come
    back, with their share of the number masked. Never raises.
    """
    alone = scrub(text)
    try:
        joined = split.masked([*previous[-2:], alone.text]) if previous else None
    except Exception:
        worse = _degraded(alone.text)
        return SplitScrub(worse.text, tuple(_degraded(earlier).text for earlier in previous), worse.found)
    if joined is None:
        return SplitScrub(alone.text, tuple(previous), alone.found)
    earlier = (*previous[:-2], *joined[:-1])
    return SplitScrub(joined[-1], earlier, tuple(sorted({*alone.found, "card"})))


def without_digits(text: str) -> str:
    """A text that is known to hold a part of a number, without any number in it. Never raises."""
    try:
        return split.blanked(text)
    except Exception:
        return MASK


def scrub_json(value: object, keep: frozenset[str] = frozenset()) -> tuple[object, tuple[str, ...]]:
    """Scrubs decoded JSON: texts, numbers and the keys themselves, at any depth.

    Texts and numbers under a key in `keep` stay as they are: a network's own identifiers, which may pass
    the Luhn test by chance. Their digits stay in web addresses too. Never raises.
    """
    found: set[str] = set()

    def clean(text: str, spare: frozenset[str]) -> str:
        scrubbed = scrub(text, spare)
        found.update(scrubbed.found)
        return scrubbed.text

    try:
        return structured.masked(value, keep, clean, found), tuple(sorted(found))
    except Exception:
        return MASK, ("degraded",)


def _degraded(text: object) -> Scrubbed:
    try:
        return Scrubbed(runs_masked(str(text)), ("degraded",))
    except Exception:
        return Scrubbed(MASK, ("degraded",))
