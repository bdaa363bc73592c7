"""Payment card numbers in folded text.

A number is a chain of digit groups with anything but letters between them. A whole group or a grouping
that is printed on cards is strong evidence; any other stretch of a chain must also look like one number
and not like dates, times, telephone numbers or sums standing side by side.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import phonenumbers

# First digits and lengths that issuers use: (from, to, lengths), compared on the first four digits.
_SCHEMES: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (4000, 4999, (13, 16, 19)),
    (5100, 5599, (16,)),
    (2221, 2720, (16,)),
    (5000, 5099, tuple(range(12, 20))),
    (5600, 5999, tuple(range(12, 20))),
    (6000, 6999, tuple(range(12, 20))),
    (3400, 3499, (15,)),
    (3700, 3799, (15,)),
    (3000, 3059, (14, 16, 17, 18, 19)),
    (3095, 3095, (14, 16, 17, 18, 19)),
    (3600, 3699, (14, 15, 16, 17, 18, 19)),
    (3800, 3999, (14, 16, 17, 18, 19)),
    (3528, 3589, (16, 17, 18, 19)),
    (2131, 2131, (15,)),
    (1800, 1800, (15,)),
    (2200, 2204, (16, 17, 18, 19)),
    (8100, 8299, (16, 17, 18, 19)),
    (8600, 8600, (16,)),
    (9112, 9112, (16,)),
    (9792, 9792, (16,)),
    (9860, 9860, (16,)),
    (1000, 1999, (15,)),
)
_LENGTHS = range(12, 20)
_PLAUSIBLE = {length: bytearray(10_000) for length in _LENGTHS}
for _first, _last, _lengths in _SCHEMES:
    for _length in _lengths:
        _PLAUSIBLE[_length][_first : _last + 1] = b"\x01" * (_last + 1 - _first)
_STARTS = {prefix: tuple(n for n in _LENGTHS if _PLAUSIBLE[n][prefix]) for prefix in range(10_000)}

_PRINTED = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 3), (4, 4, 4, 2), (4, 4, 4, 1), (4, 4, 5),
     (4, 4, 4), (8, 8), (6, 10), (6, 13), (4, 12), (12, 4), (8, 4, 4), (4, 8, 4), (4, 4, 8), (4, 4, 7)}
)  # fmt: skip

_CHAIN = re.compile(r"[0-9]+(?:[\W_]{1,8}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_BETWEEN = r"[^0-9\ua66e]{1,16}"
_WORDS_BETWEEN = re.compile(
    rf"(?<![0-9])(?=(?:([0-9]{{4}}){_BETWEEN}([0-9]{{4}}){_BETWEEN}([0-9]{{4}}){_BETWEEN}([0-9]{{4}})"
    rf"|([0-9]{{4}}){_BETWEEN}([0-9]{{6}}){_BETWEEN}([0-9]{{5}}))(?![0-9]))"
)

# Tokens that are complete in themselves; one that continues with the same separator is part of a number.
_ALONE = r"(?<![0-9])(?<![0-9][-/.:,])"
_ENDED = r"(?![0-9])(?![-/.:,][0-9])"
_KNOWN = re.compile(
    rf"{_ALONE}(?:19|20)[0-9]{{2}}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12][0-9]|3[01])(?:[T ]+[0-9]{{1,2}}"
    rf":[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?)?{_ENDED}"
    rf"|{_ALONE}(?:0?[1-9]|[12][0-9]|3[01])([-/.])(?:0?[1-9]|[12][0-9]|3[01])\1(?:(?:19|20)[0-9]{{2}}|[0-9]{{2}})"
    rf"{_ENDED}"
    rf"|{_ALONE}[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?{_ENDED}"
    rf"|\+[0-9][0-9 ().\-]{{6,18}}[0-9](?![0-9])"
    rf"|{_ALONE}\(?[0-9]{{3}}\)?[-. ]{{1,2}}[0-9]{{3}}[-. ][0-9]{{4}}{_ENDED}"
    rf"|[$€£¥₹₱]\s?[0-9]{{1,3}}(?:[,.' ]?[0-9]{{3}})*(?:[.,][0-9]{{1,2}})?(?![0-9])"
    rf"|{_ALONE}[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]{{2}})?{_ENDED}"
    rf"|{_ALONE}[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}{_ENDED}"
)

_IDENTIFIER_BEFORE = re.compile(
    r"(?:\b(?:order|tracking|track|parcel|package|shipment|ref|reference|case|ticket|tweet|post|status|invoice"
    r"|booking|imei|isbn|serial|sku|uuid|trace|id|pedido|commande|bestellung|rastreo|sendung|colis|encomenda)s?"
    r"|\#)(?:[\W_]{0,3}(?:number|num|nr|no|id|code|is|was|n[°º]))?[\W_]{0,4}$",
    re.IGNORECASE,
)
_CARD_BEFORE = re.compile(
    r"(?:\b(?:card|visa|master ?card|amex|american express|debit|credit|pan|tarjeta|carte|karte|kredit\w*|cart[aã]o"
    r"|carta|kaart|karta|kad)|карт\w*|カード|卡|بطاق\w*)(?:[\W_]{0,3}\b(?:number|num|nr|no|is|was|it'?s|ending|número"
    r"|numero|numéro|nummer|号|番号|号码|:))*[\W_]{0,4}$",
    re.IGNORECASE,
)
_ADDRESS_BEFORE = re.compile(r"(?:https?://|www\.|\bat://)\S*[/=_-]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Chain:
    """Digit groups that may belong together, with running sums that make any stretch's Luhn test one step."""

    text: str
    groups: Sequence[tuple[int, int]]
    counts: Sequence[int]
    digits: str
    sums: tuple[Sequence[int], Sequence[int]]

    def passes(self, first: int, last: int) -> bool:
        """Tells whether the digits `first:last` pass the Luhn test."""
        sums = self.sums[last % 2]
        return (sums[last] - sums[first]) % 10 == 0

    def gap(self, index: int) -> str:
        """Returns what stands before group `index`."""
        return self.text[self.groups[index - 1][1] : self.groups[index][0]]


def plausible(digits: str) -> bool:
    """Tells whether an issuer uses these first digits at this length."""
    return len(digits) in _PLAUSIBLE and bool(_PLAUSIBLE[len(digits)][int(digits[:4])])


def passes_luhn(digits: str) -> bool:
    """The Luhn test on a string of ASCII digits."""
    return _luhn_sums(digits)[len(digits) % 2][-1] % 10 == 0


def find(text: str, spare: frozenset[str] = frozenset()) -> Iterator[tuple[int, int]]:
    """Yields the stretches of folded `text` that hold a card number; they may overlap.

    Digits in `spare` stay: identifiers that the caller knows to be the network's own.
    """
    for match in _CHAIN.finditer(text):
        if match.end() - match.start() >= 12:
            chain = _chain(text, match.start(), match.end())
            if len(chain.digits) >= 12:
                yield from _in_chain(chain, spare)
    for match in _WORDS_BETWEEN.finditer(text):
        digits = "".join(group for group in match.groups() if group)
        if plausible(digits) and passes_luhn(digits):
            yield match.start(), match.end(4 if match[4] else 7)


def fragments(text: str) -> list[tuple[str, list[tuple[int, int]]]]:
    """Returns each chain of folded `text` as its digits and the spans of its groups."""
    found = []
    for match in _CHAIN.finditer(text):
        spans = [group.span() for group in _GROUP.finditer(text, match.start(), match.end())]
        found.append(("".join(text[start:end] for start, end in spans), spans))
    return found


def known_shapes(text: str) -> list[tuple[int, int]]:
    """Returns dates, times, telephone numbers, sums and addresses of machines in folded `text`."""
    return [match.span() for match in _KNOWN.finditer(text)]


def _chain(text: str, start: int, end: int) -> _Chain:
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    digits = "".join([text[first:last] for first, last in groups])
    counts = list(accumulate((last - first for first, last in groups), initial=0))
    return _Chain(text, groups, counts, digits, _luhn_sums(digits))


def _luhn_sums(digits: str) -> tuple[Sequence[int], Sequence[int]]:
    """Returns running sums with the even, and with the odd, positions doubled.

    In a number that ends before position n the doubled digits are those of n's own parity.
    """
    plain = [int(digit) for digit in digits]
    double = [(0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[digit] for digit in plain]
    even, odd = double[:], plain[:]
    even[1::2], odd[1::2] = plain[1::2], double[1::2]
    return list(accumulate(even, initial=0)), list(accumulate(odd, initial=0))


def _in_chain(chain: _Chain, spare: frozenset[str]) -> Iterator[tuple[int, int]]:
    if _is_parcel(chain.digits):
        return
    strong = [*_whole_groups(chain, spare), *_printed(chain)]
    yield from strong
    if len(chain.groups) > 1:
        for start, end in _loose(chain):
            if not any(start < last and first < end for first, last in strong):
                yield start, end


def _whole_groups(chain: _Chain, spare: frozenset[str]) -> Iterator[tuple[int, int]]:
    for (start, end), first in zip(chain.groups, chain.counts, strict=False):
        length = end - start
        if length < 12 or chain.text[start:end] in spare:
            continue
        digits = chain.text[start:end]
        if length > 19:
            if _holds_card(chain, first, first + length):
                yield start, end
            continue
        before = chain.text[max(0, start - 48) : start]
        likely = plausible(digits)
        if chain.passes(first, first + length):
            if _is_telephone(digits, before) or (length == 12 and not likely):
                continue
            if (not likely or length == 12) and (
                _IDENTIFIER_BEFORE.search(before) or _in_address(chain, start)
            ):
                continue
            yield start, end
        elif likely and length in (15, 16) and _CARD_BEFORE.search(before):
            # A card number with a slip of the finger is still most of a card number.
            yield start, end


def _printed(chain: _Chain) -> Iterator[tuple[int, int]]:
    sizes = [end - start for start, end in chain.groups]
    for index, size in enumerate(sizes):
        if size not in (4, 6, 8, 12):
            continue
        for count in (5, 4, 3, 2):
            if index + count > len(sizes) or tuple(sizes[index : index + count]) not in _PRINTED:
                continue
            first, last = chain.counts[index], chain.counts[index + count]
            start, end = chain.groups[index][0], chain.groups[index + count - 1][1]
            digits = chain.digits[first:last]
            before = chain.text[max(0, start - 48) : start]
            if chain.passes(first, last):
                if plausible(digits):
                    if len(digits) > 12 or not (_IDENTIFIER_BEFORE.search(before) or before.endswith("+")):
                        yield start, end
                elif sizes[index : index + count] == [4, 4, 4, 4] and _stands_alone(
                    chain, index, index + count
                ):
                    if not _IDENTIFIER_BEFORE.search(before):
                        yield start, end
            elif plausible(digits) and len(digits) in (15, 16) and _CARD_BEFORE.search(before):
                yield start, end


def _loose(chain: _Chain) -> Iterator[tuple[int, int]]:
    """Yields stretches of whole groups, in any grouping, that pass as one card number."""
    index_at = {count: index for index, count in enumerate(chain.counts)}
    known: list[tuple[int, int]] | None = None
    for index, first in enumerate(chain.counts[:-1]):
        if chain.digits[first] in "0789":
            continue
        for length in _STARTS.get(int(chain.digits[first : first + 4]), ()):
            last = index_at.get(first + length, 0)
            if length < 14 or last < index + 2 or not chain.passes(first, first + length):
                continue
            if not _stands_alone(chain, index, last):
                continue
            if known is None:
                known = known_shapes(chain.text)
            start, end = chain.groups[index][0], chain.groups[last - 1][1]
            if not any(start < after and before < end for before, after in known):
                yield start, end


def _stands_alone(chain: _Chain, index: int, last: int) -> bool:
    """Tells whether groups `index:last` are set apart from their neighbours in the chain."""
    gaps = {chain.gap(i) for i in range(index + 1, last)}
    sizes = {end - start for start, end in chain.groups[index:last]}
    for neighbour, place in ((index - 1, index), (last, last)):
        if not 0 <= neighbour < len(chain.groups) or chain.gap(place) not in gaps:
            continue
        start, end = chain.groups[neighbour]
        if len(sizes) > 1 or end - start in sizes:
            return False
    return True


def _holds_card(chain: _Chain, first: int, last: int) -> bool:
    """Looks into a run too long to be one card: at both ends, and everywhere once it holds two."""
    inside = last - first >= 30
    for start in range(first, last - 13):
        for length in _STARTS[int(chain.digits[start : start + 4])]:
            end = start + length
            if end > last or length not in (15, 16, 19) or not chain.passes(start, end):
                continue
            if inside or start == first or end == last:
                return True
    return False


def _is_parcel(digits: str) -> bool:
    """Recognises a parcel label: its own check digit (GS1), and the lengths and beginnings carriers use."""
    if not (len(digits) in (20, 22) and (digits.startswith("00") or "91" <= digits[:2] <= "95")):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0


def _is_telephone(digits: str, before: str) -> bool:
    if len(digits) > 15:
        return False
    if before.endswith("+") or len(digits) == 12:
        try:
            return phonenumbers.is_valid_number(phonenumbers.parse("+" + digits))
        except phonenumbers.NumberParseException:
            return False
    return False


def _in_address(chain: _Chain, start: int) -> bool:
    return _ADDRESS_BEFORE.search(chain.text[max(0, start - 160) : start]) is not None
