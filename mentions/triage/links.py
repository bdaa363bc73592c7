"""Whether an address in a post is out to deceive: by what it looks like, never by visiting it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from mentions.reasons import Part
from mentions.triage.reading import listed

_SHORTENERS = listed(
    "bit.ly tinyurl.com goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy t.ly tiny.cc bl.ink s.id"
    " lnkd.in qr.ae v.gd soo.gd clck.ru u.to shorte.st adf.ly bc.vc t.me wa.me linktr.ee"
)
_FREE_HOSTS = (
    "weebly.com", "wixsite.com", "blogspot.com", "000webhostapp.com", "github.io", "netlify.app", "vercel.app",
    "web.app", "firebaseapp.com", "pages.dev", "workers.dev", "duckdns.org", "ngrok.io", "ngrok-free.app", "glitch.me",
    "sites.google.com", "forms.gle", "webflow.io", "godaddysites.com", "square.site", "repl.co", "onrender.com",
)  # fmt: skip
_LURES = re.compile(
    r"log-?in|sign-?in|verif|secur|account|update|confirm|unlock|suspend|restor|wallet|bonus|refund|claim|reward|support"
    r"|helpdesk|auth|validat|acceso|clientes|konto|compte|conferma|acesso"
)
_ODD_ENDINGS = listed("tk ml ga cf gq top xyz icu click link rest cam buzz sbs cyou cfd monster zip mov live")
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:]+\]|0x[0-9a-f]{8}|\d{8,10}", re.IGNORECASE)
_LOOKALIKES = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "а": "a", "е": "e",
     "о": "o", "р": "p", "с": "c", "х": "x", "у": "y", "к": "k", "м": "m", "т": "t", "і": "i", "ı": "i", "ɡ": "g"}
)  # fmt: skip
_PATTERNS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


@dataclass(frozen=True, slots=True)
class Suspicion:
    """An address, how suspicious (3 and more is not to be trusted), and why, as `reasons` keeps it."""

    address: str
    weight: int
    reasons: tuple[Part, ...]


def suspect(address: str, names: Iterable[str], hosts: frozenset[str]) -> Suspicion:
    """Weighs one address against the bank's `names` (plain letters) and its own `hosts`."""
    host, path, user = _taken_apart(address)
    if not host or _is_ours(host, hosts):
        return Suspicion(address, 0, ())
    reasons: list[tuple[int, Part]] = []
    decoded = _decoded(host)
    if user:
        reasons.append((3, ("hidden_host",)))
    if _IP.fullmatch(host):
        reasons.append((3, ("bare_number",)))
    if "xn--" in host or not host.isascii():
        reasons.append((1, ("reads_as", decoded)))
    name = _imitated(decoded, path, names)
    if name:
        reasons.append((2, ("looks_like", name)))
    if host in _SHORTENERS:
        reasons.append((1, ("shortener",)))
    if host.endswith(_FREE_HOSTS):
        reasons.append((1, ("free_host",)))
    if host.rpartition(".")[2] in _ODD_ENDINGS:
        reasons.append((1, ("ends_in", f".{host.rpartition('.')[2]}")))
    lure = _LURES.search(host) or _LURES.search(path)
    if lure is not None:
        reasons.append((1, ("says", lure[0])))
    if host.count("-") > 2 or host.count(".") > 4:
        reasons.append((1, ("tangled_host",)))
    return Suspicion(address, sum(weight for weight, _ in reasons), tuple(reason for _, reason in reasons))


def _taken_apart(address: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        return (parts.hostname or "").rstrip("."), f"{parts.path}?{parts.query}".lower(), parts.username or ""
    except ValueError:
        return "", "", ""


def _is_ours(host: str, hosts: frozenset[str]) -> bool:
    return any(host == own or host.endswith(f".{own}") for own in hosts)


def _decoded(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _imitated(host: str, path: str, names: Iterable[str]) -> str:
    plain = re.sub(r"[^a-z]", "", host.lower().translate(_LOOKALIKES))
    spelled = plain
    for pair, letter in _PATTERNS:
        spelled = spelled.replace(pair, letter)
    labels = [label.translate(_LOOKALIKES) for part in host.split(".") for label in part.split("-")]
    for name in names:
        if len(name) < 4:
            if name in labels:
                return name
        elif name in plain or name in spelled or name in path or any(_one_off(label, name) for label in labels):
            return name
    return ""


def _one_off(label: str, name: str) -> bool:
    """Tells whether a label is the name with one letter changed, dropped, added or swapped."""
    if len(name) < 6 or abs(len(label) - len(name)) > 1 or label == name:
        return False
    start = next((i for i, (a, b) in enumerate(zip(label, name, strict=False)) if a != b), min(len(label), len(name)))
    rest, wanted = label[start:], name[start:]
    return (
        rest[1:] == wanted[1:]
        or rest == wanted[1:]
        or rest[1:] == wanted
        or (rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:] and len(wanted) > 1)
    )
