"""Finds links to hosts that the bank has not listed, however they are written.

A copycat needs one thing: that people get used to the bank sending them elsewhere. So a reply links to
listed hosts only: no shorteners, no bare numbers, no look-alikes, no host behind "user@", no QR codes.
"""

import re
import unicodedata
from typing import Final

# Endings that networks turn into links even when the sentence only lacks a space ("here.It").
_ENDINGS: Final = frozenset(
    ["com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "mobi", "app", "dev", "page", "web", "site", "online", "shop", "store", "xyz", "top", "club", "live", "link", "click", "help", "support", "bank", "banking", "finance", "financial", "money", "cash", "credit", "card", "cards", "loan", "loans", "mortgage", "insurance", "pay", "fund", "tech", "cloud", "digital", "email", "chat", "social", "network", "news", "blog", "media", "today", "world", "life", "email", "services", "service", "solutions", "company", "group", "center", "agency", "global", "team", "work", "works", "zone", "plus", "one", "vip", "icu", "cyou", "buzz", "sbs", "bond", "lol", "fun", "art", "bio", "ink", "ltd", "llc", "inc", "wiki", "review", "reviews", "download", "stream", "host", "space", "website", "press", "rocks", "ninja", "guru", "expert", "tips", "guide", "tools", "codes", "systems", "city", "nyc", "london", "berlin", "paris", "tokyo", "asia", "africa", "lat", "ac", "ad", "ae", "af", "ag", "ai", "al", "am", "ao", "aq", "ar", "as", "at", "au", "aw", "ax", "az", "ba", "bb", "bd", "be", "bf", "bg", "bh", "bi", "bj", "bm", "bn", "bo", "br", "bs", "bt", "bw", "by", "bz", "ca", "cc", "cd", "cf", "cg", "ch", "ci", "ck", "cl", "cm", "cn", "co", "cr", "cu", "cv", "cw", "cx", "cy", "cz", "de", "dj", "dk", "dm", "do", "dz", "ec", "ee", "eg", "er", "es", "et", "eu", "fi", "fj", "fk", "fm", "fo", "fr", "ga", "gd", "ge", "gf", "gg", "gh", "gi", "gl", "gm", "gn", "gp", "gq", "gr", "gs", "gt", "gu", "gw", "gy", "hk", "hm", "hn", "hr", "ht", "hu", "id", "ie", "il", "im", "in", "io", "iq", "ir", "is", "it", "je", "jm", "jo", "jp", "ke", "kg", "kh", "ki", "km", "kn", "kp", "kr", "kw", "ky", "kz", "la", "lb", "lc", "li", "lk", "lr", "ls", "lt", "lu", "lv", "ly", "ma", "mc", "md", "me", "mg", "mh", "mk", "ml", "mm", "mn", "mo", "mp", "mq", "mr", "ms", "mt", "mu", "mv", "mw", "mx", "my", "mz", "na", "nc", "ne", "nf", "ng", "ni", "nl", "no", "np", "nr", "nu", "nz", "om", "pa", "pe", "pf", "pg", "ph", "pk", "pl", "pm", "pn", "pr", "ps", "pt", "pw", "py", "qa", "re", "ro", "rs", "ru", "rw", "sa", "sb", "sc", "sd", "se", "sg", "sh", "si", "sk", "sl", "sm", "sn", "so", "sr", "ss", "st", "su", "sv", "sx", "sy", "sz", "tc", "td", "tf", "tg", "th", "tj", "tk", "tl", "tm", "tn", "to", "tr", "tt", "tv", "tw", "tz", "ua", "ug", "uk", "us", "uy", "uz", "va", "vc", "ve", "vg", "vi", "vn", "vu", "wf", "ws", "ye", "yt", "za", "zm", "zw"]
)
# Endings that begin no sentence, so that even a space before them does not excuse them ("evil. com").
_PLAIN_ENDINGS: Final = r"(?:com|net|org|info|biz|xyz|ru|cn|app|io|co\.uk)"
_ABBREVIATIONS: Final = re.compile(
    r"(?:(?:[a-z]\.)+[a-z]?|e\.g|i\.e|a\.m|p\.m|vs|etc|no|st|dr|mr|mrs|ms|jr|sr|inc|ltd|ph\.d)", re.IGNORECASE
)

_DOT: Final = r"(?:\.|\[\.\]|\(\.\)|\{\.\}|\s?[\[({]\s?(?:dot|punto|ponto|point|punkt)\s?[\])}]\s?|\s+(?:dot|d0t)\s+(?=[a-z]{2,}\b))"
_SCHEME: Final = re.compile(r"\b(?:h(?:xx|tt)ps?|ftp|wss?|javascript|data|tel|sms|whatsapp|tg|intent)\s?:(?:\s?/\s?/|(?<=tel:)|(?<=sms:)|(?<=data:)|(?<=javascript:))\s?\S*", re.IGNORECASE)
_HOST: Final = re.compile(
    rf"(?<![\w@#$/.-])(?:[\w%.+~-]+@)?(?:[\w-]+{_DOT})+[^\W\d_][\w-]*(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)
_SPACED_HOST: Final = re.compile(rf"\b[\w-]{{2,}}(?:\s\.\s?|\.\s|\s?,\s?){_PLAIN_ENDINGS}\b(?:/\S*)?", re.IGNORECASE)
_NUMERIC: Final = re.compile(r"(?<![\d.$€£])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])(?::\d+)?(?:/\S*)?|\[[0-9a-f:]*:[0-9a-f:]+\]|\b0x[0-9a-f]{8}\b", re.IGNORECASE)
_QR: Final = re.compile(r"\bq[\s.-]?r[\s-]?(?:codes?|code)\b|\bscan (?:the|this|our|my) code\b|\bqr\b", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[\w.%+-]+@((?:[\w-]+\.)+[^\W\d_][\w-]+)", re.IGNORECASE)


def find(plain: str, allowed: frozenset[str]) -> list[tuple[int, int]]:
    """The places of links in the undressed text that lead to no allowed host."""
    found: list[tuple[int, int]] = []
    for match in _SCHEME.finditer(plain):
        if not _is_allowed(_host_of(match.group()), allowed):
            found.append(match.span())
    for match in _HOST.finditer(plain):
        written = match.group()
        if _inside(match.span(), found) or not _looks_like_a_host(plain, match):
            continue
        if _EMAIL.fullmatch(written.rstrip(".,;:!?)")):
            continue
        if not _is_allowed(_host_of(written), allowed):
            found.append(match.span())
    for pattern in (_SPACED_HOST, _NUMERIC):
        for match in pattern.finditer(plain):
            host = re.sub(r"[\s,]+", ".", match.group().strip()).replace("..", ".")
            if not _inside(match.span(), found) and not _is_allowed(_host_of(host), allowed):
                found.append(match.span())
    return found


def mentions_qr(plain: str) -> list[tuple[int, int]]:
    """The places where the reader is sent to a QR code, which hides its host."""
    return [match.span() for match in _QR.finditer(plain)]


def emails(plain: str, allowed: frozenset[str]) -> list[tuple[int, int]]:
    """The places of e-mail addresses at hosts that are not the bank's."""
    return [match.span() for match in _EMAIL.finditer(plain) if not _is_allowed(match[1].rstrip("."), allowed)]


def normal_hosts(hosts: frozenset[str]) -> frozenset[str]:
    """Hosts as they are compared: small letters, without a trailing dot, ASCII form."""
    return frozenset(_ascii(host.strip().lower().rstrip(".").removeprefix("*.")) for host in hosts if host.strip())


def _host_of(written: str) -> str:
    """The host that a browser would open."""
    rest = re.sub(r"^\s*[a-z+.-]+\s?:\s?(?:/\s?/)?", "", written.strip(), flags=re.IGNORECASE) if ":" in written else written
    rest = re.split(r"[/?#\\\s]", rest, maxsplit=1)[0]
    rest = rest.rpartition("@")[2]
    rest = re.sub(_DOT, ".", rest, flags=re.IGNORECASE)
    rest = rest.partition(":")[0]
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


def _looks_like_a_host(plain: str, match: re.Match[str]) -> bool:
    """Whether "left.right" is a host, and not an abbreviation or a sentence that lacks a space."""
    host = _host_of(match.group())
    if _ABBREVIATIONS.fullmatch(host) or "." not in host:
        return False
    ending = host.rpartition(".")[2]
    if ending in _ENDINGS or ending.startswith("xn--"):
        return True
    return "/" in match.group() or host.startswith("www.") or not ending.isascii()
