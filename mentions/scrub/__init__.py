"""Takes payment and identity numbers out of a text before anything is written.

Pure, and never raises: on doubt it masks more, and when a finder fails every run of nine digits goes and
`found` says "degraded". The last four digits stay, so that people can still talk about the same card.

    scrub("my card 4111 1111 1111 1111") -> Scrubbed("my card •••• 1111", ("card",))
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mentions.scrub import accounts, cards, codes
from mentions.scrub.fold import DIGIT_LIKE, INVISIBLE, MASK, SHORT_MASK, Folded, decoded, flat, runs_masked

__all__ = ["Scrubbed", "SplitScrub", "scrub", "scrub_json", "scrub_sequence"]

_ASCII_DIGIT = re.compile(r"[0-9]")
_DIGIT_RUNS = re.compile(r"\d+")
_KEPT_IN_MASK = 4
_DEEPEST = 60
_ROUNDS = 6

# Stems of the words that can give a short number away; any text without one needs no closer look.
_STEMS = (
    "acc", "a/c", "acnt", "cvv", "cvc", "csc", "cvn", "cid", "code", "pin", "otp", "one", "tan", "2fa", "digit", "rout",
    "aba", "rtn", "transit", "bsb", "ifsc", "swift", "cuenta", "compte", "konto", "cont", "rekening", "clabe", "hesap",
    "cód", "codi", "crypto", "prüf", "pruf", "сч", "код", "口座", "账", "帳", "계좌", "حساب", "码", "碼", "コード", "번호", "رمز",
)  # fmt: skip
_KEYS = re.compile(
    r"(?:card|pan|acct|account|iban|routing|sort|ssn|social|cvv2?|cvc2?|pin|otp|passcode)"
    r"(?:[_ -]?(?:number|num|no|nr|code|security|security[_ -]?number))?",
    re.IGNORECASE,
)
_SHORT = frozenset({"cvv", "pin", "one_time_code", "expiry", "track"})
_ADDRESS = re.compile(r"(?:https?|at)://", re.IGNORECASE)


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


def scrub(text: str) -> Scrubbed:
    """Masks payment and identity numbers. Never raises; scrubbing twice changes nothing more."""
    try:
        if (_ASCII_DIGIT if text.isascii() else DIGIT_LIKE).search(text) is None:
            return Scrubbed(text)
        return _scrub(text, frozenset())
    except Exception:  # noqa: BLE001  whatever happens, the text must not pass as it is
        return _degraded(text)


def scrub_sequence(previous: Sequence[str], text: str) -> SplitScrub:
    """Scrubs `text`, and takes out a card number that began in the author's messages just before.

    `previous` holds at most the last two earlier texts, oldest first, as they were stored; they come back
    with their share of the number masked. Never raises.
    """
    alone = scrub(text)
    try:
        if (_ASCII_DIGIT if text.isascii() else DIGIT_LIKE).search(alone.text) is None:
            return SplitScrub(alone.text, tuple(previous), alone.found)
        return _join(tuple(previous), alone)
    except Exception:  # noqa: BLE001  see scrub
        worse = _degraded(alone.text)
        return SplitScrub(worse.text, tuple(_degraded(earlier).text for earlier in previous), worse.found)


def scrub_json(value: object, keep: frozenset[str] = frozenset()) -> tuple[object, tuple[str, ...]]:
    """Scrubs decoded JSON: texts, numbers and the keys themselves, at any depth.

    Texts and numbers under a key in `keep` stay as they are: a network's own identifiers, which may pass
    the Luhn test by chance. Their digits stay in web addresses too. Never raises.
    """
    found: set[str] = set()
    try:
        spare = frozenset(_kept_digits(value, keep)) if keep else frozenset[str]()
        return _scrub_value(value, keep, spare, found, 0), tuple(sorted(found))
    except Exception:  # noqa: BLE001  see scrub
        return MASK, ("degraded",)


def _scrub(text: str, spare: frozenset[str]) -> Scrubbed:
    kinds: set[str] = set()
    runs = _DIGIT_RUNS.findall(text)
    if text.isascii() and "%" not in text and "&" not in text and "\\" not in text:
        total = sum(map(len, runs))
        if total < 3 or (total < 8 and not _has_stem(text.lower())):
            return Scrubbed(text)
    for _ in range(_ROUNDS):
        before = text
        unfolded = decoded(text)
        if unfolded is not None:
            text = _cut(text, unfolded, _hits(unfolded.text, spare), kinds)
        folded = flat(text)
        text = _cut(text, folded, _hits(folded.text, spare), kinds)
        if text == before:
            return Scrubbed(text, tuple(sorted(kinds)))
    raise RuntimeError("masking does not settle")


def _has_stem(lowered: str) -> bool:
    return any(stem in lowered for stem in _STEMS)


def _hits(text: str, spare: frozenset[str]) -> list[accounts.Found]:
    """Returns what to mask in folded text, as (start, end, kind)."""
    lowered = text.lower()
    found: list[accounts.Found] = []
    total = sum(map(len, _DIGIT_RUNS.findall(text)))
    if total >= 12:
        spans = list(cards.find(text, spare))
        found += [(start, end, "card") for start, end in spans]
        if spans:
            found += codes.find_beside(text, spans)
    if total >= 6:
        found += accounts.find(text, lowered)
    if total >= 3 and _has_stem(lowered):
        found += accounts.find_labelled(text)
        found += codes.find_labelled(text)
    return found


def _cut(text: str, folded: Folded, hits: Iterable[accounts.Found], kinds: set[str]) -> str:
    """Replaces what was found in the folded text by masks in the original."""
    pieces: list[str] = []
    position = 0
    for start, end, kind in _merged(hits):
        kinds.add(kind)
        first, last = folded.origin(start, end)
        pieces += [text[position:first], _mask(folded.text[start:end], kind)]
        # What decorated the last digit (a keycap, a stroke) has nothing left to stand on.
        trailing = INVISIBLE.match(text, last)
        position = trailing.end() if trailing else last
    return "".join([*pieces, text[position:]]) if pieces else text


def _merged(hits: Iterable[accounts.Found]) -> list[accounts.Found]:
    merged: list[accounts.Found] = []
    for start, end, kind in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if merged and start < merged[-1][1]:
            first, last, stronger = merged[-1]
            merged[-1] = (first, max(last, end), stronger)
        else:
            merged.append((start, end, kind))
    return merged


def _mask(folded: str, kind: str) -> str:
    if kind in _SHORT:
        return SHORT_MASK
    if kind == "sort_code":
        return MASK
    symbols = [symbol for symbol in folded if symbol.isascii() and symbol.isalnum()]
    if kind != "iban":
        symbols = [symbol for symbol in symbols if symbol.isdecimal()]
    return f"{MASK} {''.join(symbols[-_KEPT_IN_MASK:]).upper()}"


def _degraded(text: object) -> Scrubbed:
    try:
        return Scrubbed(runs_masked(str(text)), ("degraded",))
    except Exception:  # noqa: BLE001  see scrub
        return Scrubbed(MASK, ("degraded",))


def _join(previous: tuple[str, ...], alone: Scrubbed) -> SplitScrub:
    """Looks for a card number that is complete only with the ends of earlier messages."""
    texts = [*previous[-2:], alone.text]
    folded = [(decoded(text) or flat(text)) for text in texts]
    for depth in range(2, len(texts) + 1):
        spans = _running_through(folded[-depth:])
        if spans is None:
            continue
        for place, (start, end) in zip(range(len(texts) - depth, len(texts)), spans, strict=True):
            first, last = folded[place].origin(start, end)
            mask = _mask(folded[place].text[start:end], "card") if place == len(texts) - 1 else MASK
            texts[place] = texts[place][:first] + mask + texts[place][last:]
        kinds = tuple(sorted({*alone.found, "card"}))
        earlier = previous[: len(previous) - len(texts) + 1] + tuple(texts[:-1])
        return SplitScrub(texts[-1], earlier, kinds)
    return SplitScrub(alone.text, previous, alone.found)


def _running_through(folded: Sequence[Folded]) -> list[tuple[int, int]] | None:
    """Returns one span a message whose digits together make a card number."""
    parts: list[list[tuple[str, tuple[int, int]]]] = []
    for place, message in enumerate(folded):
        shapes = cards.known_shapes(message.text)
        choices: list[tuple[str, tuple[int, int]]] = []
        for _, groups in cards.fragments(message.text)[:8]:
            opens = range(len(groups)) if place == 0 else range(1)
            closes = (
                range(1, len(groups) + 1) if place == len(folded) - 1 else range(len(groups), len(groups) + 1)
            )
            for first in opens:
                for last in closes:
                    if last <= first or last - first > 19:
                        continue
                    start, end = groups[first][0], groups[last - 1][1]
                    if any(start < after and before < end for before, after in shapes):
                        continue
                    digits = "".join(message.text[a:b] for a, b in groups[first:last])
                    if len(digits) <= 18:
                        choices.append((digits, (start, end)))
        parts.append(choices)
    return _combined(parts, "", [])


def _combined(
    parts: list[list[tuple[str, tuple[int, int]]]], digits: str, spans: list[tuple[int, int]]
) -> list[tuple[int, int]] | None:
    if not parts:
        long_enough = 13 <= len(digits) <= 19
        return spans if long_enough and cards.plausible(digits) and cards.passes_luhn(digits) else None
    for more, span in parts[0]:
        if len(digits) + len(more) <= 19:
            result = _combined(parts[1:], digits + more, [*spans, span])
            if result is not None:
                return result
    return None


def _kept_digits(value: object, keep: frozenset[str]) -> Iterable[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in keep and isinstance(inner, str | int):
                yield from _DIGIT_RUNS.findall(str(inner))
            else:
                yield from _kept_digits(inner, keep)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _kept_digits(inner, keep)


def _scrub_value(
    value: object, keep: frozenset[str], spare: frozenset[str], found: set[str], depth: int
) -> object:
    if depth > _DEEPEST:
        found.add("degraded")
        return MASK
    if isinstance(value, str):
        clean = _scrub_spared(value, spare) if spare and _ADDRESS.match(value) else scrub(value)
        found.update(clean.found)
        return clean.text
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _scrub_number(value, found)
    if isinstance(value, dict):
        clean_map: dict[object, object] = {}
        for key, inner in value.items():
            name = key
            if isinstance(key, str):
                name = _free_key(str(_scrub_value(key, keep, spare, found, depth + 1)), key, clean_map)
                if key in keep and _is_scalar(inner):
                    clean_map[name] = inner
                    continue
                if _KEYS.fullmatch(key) and isinstance(inner, str | int) and not isinstance(inner, bool):
                    clean_map[name] = _scrub_named(inner, found)
                    continue
            clean_map[name] = _scrub_value(inner, keep, spare, found, depth + 1)
        return clean_map
    if isinstance(value, list | tuple):
        return [_scrub_value(inner, keep, spare, found, depth + 1) for inner in value]
    return value


def _is_scalar(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(inner, str | int) for inner in value)
    return not isinstance(value, dict)


def _free_key(name: str, key: str, taken: dict[object, object]) -> str:
    """Keeps two keys apart that became the same mask."""
    if name == key:
        return name
    number = 1
    while (free := name if number == 1 else f"{name} ({number})") in taken:
        number += 1
    return free


def _scrub_spared(text: str, spare: frozenset[str]) -> Scrubbed:
    try:
        return _scrub(text, spare)
    except Exception:  # noqa: BLE001  see scrub
        return _degraded(text)


def _scrub_number(value: int | float, found: set[str]) -> object:
    if not 10**11 <= abs(value) < 10**19 or value != int(value):
        return value
    digits = str(abs(int(value)))
    if cards.plausible(digits) and cards.passes_luhn(digits):
        found.add("card")
        return _mask(digits, "card")
    return value


def _scrub_named(value: str | int, found: set[str]) -> object:
    """Masks a value whose own key says that it is a number to hide."""
    clean = scrub(str(value))
    if clean.found:
        found.update(clean.found)
        return clean.text
    digits = "".join(_DIGIT_RUNS.findall(str(value)))
    if not 3 <= len(digits) <= 19 or len(digits) * 2 < len(str(value)):
        return value
    found.add("account")
    return SHORT_MASK if len(digits) < 7 else _mask(digits, "account")
