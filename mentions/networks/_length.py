"""How networks count a text, where code points will not do.

Graphemes are what a reader takes for one character: a family of four is one, and so is a letter with its accents.
"""

from __future__ import annotations

from typing import Final

import regex

LINK_WEIGHT: Final = 23
LONGEST_LINK: Final = 4096

_GRAPHEMES: Final = regex.compile(r"\X")
_EMOJI: Final = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}]")
_LINKS: Final = regex.compile(
    r"(?<![\p{L}\p{N}@＠$#＃_/.-])https?://(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+\p{L}{2,63}(?::\d+)?"
    r"(?:[/?#][^\s<>\"]*[\p{L}\p{N}/=&#+_-])?/?(?![\p{L}\p{N}@])",
    regex.IGNORECASE,
)
# A user name, and the server that a far one is on: at most as long as a host name may be.
_FAR: Final = regex.compile(
    r"(?<![=/\w])(@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@([\w]+(?:[.-]+[\w]+)*)(?![@＠]|://)", regex.IGNORECASE
)
_LONGEST_HOST: Final = 253


_SPOKEN_OF: Final = regex.compile(r"(?:https?://|(?<![\w@./-])www\.)[^\s<>\"]+", regex.IGNORECASE)


def links(text: str) -> set[str]:
    """The different links of a text, as Threads counts them: with "https://" or "www.", each once."""
    return {found.rstrip(".,;:!?)]}'\u201d\u00bb") for found in _SPOKEN_OF.findall(text)}


def in_bytes(text: str) -> int:
    """The bytes of a text in UTF-8."""
    return len(text.encode())


def emoji_in_bytes(text: str) -> int:
    """Threads' count: characters, and of emoji the bytes in UTF-8 (developers.facebook.com/docs/threads/posts)."""
    if text.isascii():
        return len(text)
    return sum(in_bytes(sign) if _EMOJI.search(sign) else len(sign) for sign in _GRAPHEMES.findall(text))


def graphemes(text: str) -> int:
    """The characters that a reader sees."""
    return len(text) if text.isascii() and "\r" not in text else len(_GRAPHEMES.findall(text))


def fediverse(text: str, link_weight: int = LINK_WEIGHT) -> int:
    """Mastodon's count: graphemes, with every link worth the same and a far person without their server."""
    shortened = _LINKS.sub(lambda link: "x" * link_weight if len(link[0]) <= LONGEST_LINK else link[0], text)
    return graphemes(_FAR.sub(lambda name: name[1] if len(name[2]) <= _LONGEST_HOST else name[0], shortened))
