"""One text read once: what every label is made from."""

import re
from typing import NamedTuple

from mentions.words import folded

# Addresses, people and markup say nothing about language, topic or tone.
_PEOPLE = re.compile(r"@[\w.-]+")
_NOISE = re.compile(r"(?:https?://|www\.)\S+|@[\w.-]+|&(?:amp|lt|gt|quot|#39);|\bhttp\b")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"'“”]+|\b(?:[a-z0-9-]+\.)+[a-z]{2,12}/[^\s<>\"'“”]*", re.IGNORECASE)
_LONGEST = 4_000


def listed(words: str) -> frozenset[str]:
    """Returns the words of a list that is written as one text."""
    return frozenset(words.split())


class Reading(NamedTuple):
    """A text without its noise, its words without case and accents, and the addresses in it.

    Texts are read up to 4,000 characters: what a post is about stands at its beginning.
    """

    text: str
    plain: str
    words: tuple[str, ...]
    addresses: tuple[str, ...]


def read(text: str) -> Reading:
    """Reads a text as it came."""
    text = text[:_LONGEST]
    if "http" in text or "www." in text or "&" in text:
        plain = _NOISE.sub(" ", text)
    else:
        plain = _PEOPLE.sub(" ", text) if "@" in text else text
    if "’" in plain:
        plain = plain.replace("’", "'")
    addresses = tuple(_ADDRESS.findall(text)) if "/" in text or "www." in text else ()
    return Reading(text, plain, tuple(folded(plain)), addresses)
