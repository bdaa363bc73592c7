"""Finds links to hosts that the bank has not listed, however they are written.

A copycat needs one thing: that people get used to the bank sending them elsewhere. So a reply links to
listed hosts only: no shorteners, no bare numbers, no look-alikes, no host behind "user@", no QR codes.
"""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agents.guard.languages import ordinary_words

_ENDINGS: Final = frozenset(
    ending
    for line in Path(__file__).with_name("host_endings.txt").read_text(encoding="ascii").splitlines()
    if not line.startswith("#")
    for ending in line.split()
)
# Endings that begin no sentence, so that even a space before them does not excuse them ("evil. com").
_PLAIN_ENDINGS: Final = r"(?:com|net|org|biz|xyz|ru|cn|io|co\.uk)"
# These two are words as well: "thanks. app is back", "hello bro, app needs an update".
_WORDY_ENDINGS: Final = "(?:info|app)"
_ABBREVIATIONS: Final = re.compile(
    r"(?:(?:[a-z]\.)+[a-z]?|e\.g|i\.e|a\.m|p\.m|vs|etc|no|st|dr|mr|mrs|ms|jr|sr|inc|ltd|ph\.d)", re.IGNORECASE
)

_DOT: Final = (
    r"(?:\.|\[\.\]|\(\.\)|\{\.\}|\s?[\[({]\s?(?:dot|punto|ponto|point|punkt)\s?[\])}]\s?|"
    r"\s+(?:dot|d0t)\s+(?=[a-z]{2,}\b))"
)
_SCHEME: Final = re.compile(
    (
        r"\b(?:h(?:xx|tt)ps?|ftp|wss?|javascript|data|tel|sms|whatsapp|tg|intent)\s?:(?:\s?/\s?/|"
        r"(?<=tel:)|(?<=sms:)|(?<=data:)|(?<=javascript:))\s?\S*"
    ),
    re.IGNORECASE,
)
_HOST: Final = re.compile(
    rf"(?<![\w@#$.-])(?:[\w%.+~-]+@)?(?:[\w-]+{_DOT})+[^\W\d_][\w-]*(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)
_SPACED_HOST: Final = re.compile(
    rf"\b[\w-]{{2,}}(?:(?:\s\.\s?|\.\s|\s?,\s?){_PLAIN_ENDINGS}|(?:\s\.\s?|\s?,){_WORDY_ENDINGS})\b(?:/\S*)?",
    re.IGNORECASE,
)
_NUMERIC: Final = re.compile(
    r"(?<![\d.$€£])(?<!version )(?<!release )(?<!build )"
    r"(?:\d{1,3}\.){3}\d{1,3}(?![\d.])(?::\d+)?(?:/\S*)?|\[[0-9a-f:]*:[0-9a-f:]+\]|\b0x[0-9a-f]{8}\b",
    re.IGNORECASE,
)
_QR: Final = re.compile(
    r"\bq[\s.-]?r[\s-]?(?:codes?|code)\b|\bscan (?:the|this|our|my) code\b"
    r"|\bqr\b(?! (?:stickers?|payments?|stands?|terminals?|merchants?)\b)",
    re.IGNORECASE,
)
# A sentence that warns of codes sends nobody to one, unless it bids the reader scan one all the same.
_WARNED_OF: Final = re.compile(
    r"\b(?:scams?|scammers?|fake|fraud\w*|phishing|quishing|criminals?|thieves|crooks?|tampered|"
    r"(?:never|don't|do not|avoid|before|careful|wary|rather than|instead of)\b[^.!?,;:\n]{0,20}\b(?:scan\w*|qr))\b",
    re.IGNORECASE,
)
# "Thieves want you to scan one" and "never open or scan one" tell of scanning and bid nothing.
_SENT_TO: Final = re.compile(
    r"(?<!never )(?<!ever )(?<!n't )(?<!not )(?<!to )(?<!you )(?<!who )(?<!they )(?<!people )(?<!before )(?<!or )"
    r"\bscan\b(?! (?:and|or)\b)",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?:[^.!?\n]|[.!?](?=\S))+")
_EMAIL: Final = re.compile(r"[\w.%+-]+@((?:[\w-]+\.)+[^\W\d_][\w-]+)", re.IGNORECASE)


def find(plain: str, allowed: frozenset[str], *, as_written: Callable[[int, int], str]) -> list[tuple[int, int]]:
    """The places of links in the undressed text that lead to no allowed host.

    `as_written` gives the original of a place: "hárborfirst.example" reads like a listed host and is another.
    """

    def leads_away(match: re.Match[str], host: str) -> bool:
        return not _is_allowed(_host_of(host), allowed) or not as_written(*match.span()).isascii()

    found = [match.span() for match in _SCHEME.finditer(plain) if leads_away(match, match.group())]
    for match in _HOST.finditer(plain):
        written = match.group()
        if _inside(match.span(), found) or not _looks_like_a_host(match):
            continue
        if not _EMAIL.fullmatch(written.rstrip(".,;:!?)")) and leads_away(match, written):
            found.append(match.span())
    for pattern in (_SPACED_HOST, _NUMERIC):
        for match in pattern.finditer(plain):
            host = re.sub(r"[\s,]+", ".", match.group().strip()).replace("..", ".")
            if not _inside(match.span(), found) and leads_away(match, host):
                found.append(match.span())
    return found


def without(text: str, addresses: frozenset[str]) -> str:
    """The text with these very addresses blanked, as long as before; one that is longer or spelled otherwise stays."""
    for address in addresses:
        text = re.sub(rf"(?<!\S){re.escape(address)}(?=[.,;:!?]?(?:\s|\Z))", " " * len(address), text)
    return text


def mentions_qr(plain: str) -> list[tuple[int, int]]:
    """The places where the reader is sent to a QR code, which hides its host."""
    return [
        (sentence.start() + match.start(), sentence.start() + match.end())
        for sentence in _SENTENCE.finditer(plain)
        if not _WARNED_OF.search(sentence.group()) or _SENT_TO.search(sentence.group())
        for match in _QR.finditer(sentence.group())
    ]


def emails(plain: str, allowed: frozenset[str], *, as_written: Callable[[int, int], str]) -> list[tuple[int, int]]:
    """The places of e-mail addresses at hosts that are not the bank's."""
    return [
        match.span()
        for match in _EMAIL.finditer(plain)
        if not _is_allowed(match[1].rstrip("."), allowed) or not as_written(*match.span()).isascii()
    ]


def normal_hosts(hosts: frozenset[str]) -> frozenset[str]:
    """Hosts as they are compared: small letters, without a trailing dot, ASCII form."""
    return frozenset(_ascii(host.strip().lower().rstrip(".").removeprefix("*.")) for host in hosts if host.strip())


def _host_of(written: str) -> str:
    """The host that a browser would open."""
    rest = re.sub(_DOT, ".", written.strip(), flags=re.IGNORECASE)
    rest = re.sub(r"^[a-z][a-z+]*\s?:\s?(?:/\s?/)?", "", rest, flags=re.IGNORECASE)
    rest = re.split(r"[/?#\\\s]", rest, maxsplit=1)[0]
    rest = rest.rpartition("@")[2].partition(":")[0]
    return _ascii(rest.strip(".,;:!?)(\"'").lower())


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return unicodedata.normalize("NFKC", host)


def _is_allowed(host: str, allowed: frozenset[str]) -> bool:
    return host in allowed or (host.startswith("www.") and host[4:] in allowed)


def _inside(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] < end for start, end in spans)


def _looks_like_a_host(match: re.Match[str]) -> bool:
    """Whether "left.right" is a host, and not an abbreviation or a sentence that lacks a space."""
    host = _host_of(match.group())
    if _ABBREVIATIONS.fullmatch(host) or "." not in host:
        return False
    ending = host.rpartition(".")[2]
    if ending in _ENDINGS or ending.startswith("xn--"):
        return True
    # New endings come every year; what is no word of a sentence is taken for one.
    return ending not in ordinary_words() or "/" in match.group() or host.startswith("www.")
