"""Payment card numbers in folded text.

A number is a chain of digit groups with anything but letters between them. A whole group or a grouping
that is printed on cards is strong evidence; any other stretch of a chain must also look like one number
and not like dates, times, telephone numbers or sums standing side by side.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

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
)
_LENGTHS = range(12, 20)
_PLAUSIBLE = {length: bytearray(10_000) for length in _LENGTHS}
for _first, _last, _lengths in _SCHEMES:
    for _length in _lengths:
        _PLAUSIBLE[_length][_first : _last + 1] = b"\x01" * (_last + 1 - _first)
_STARTS = {prefix: tuple(n for n in _LENGTHS if _PLAUSIBLE[n][prefix]) for prefix in range(10_000)}

_PLAIN = bytes(max(0, min(9, code - 48)) for code in range(256))
_DOUBLED = bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[digit] for digit in _PLAIN)

_PRINTED = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 3), (4, 4, 4, 2), (4, 4, 4, 1), (4, 4, 5),
     (4, 4, 4), (8, 8), (6, 10), (6, 13), (4, 12), (12, 4), (8, 4, 4), (4, 8, 4), (4, 4, 8), (4, 4, 7)}
)  # fmt: skip

_FIRST_PRINTED = frozenset(shape[0] for shape in _PRINTED)
_USUAL = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4)})

_CHAIN = re.compile(r"[0-9]+(?:[\W_]{1,8}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_BETWEEN = r"[^0-9\ua66e]{1,16}"
_WORDS_BETWEEN = re.compile(
    rf"[0-9](?<![0-9].)(?=[0-9]{{3}}{_BETWEEN}(?:([0-9]{{4}}){_BETWEEN}([0-9]{{4}}){_BETWEEN}([0-9]{{4}})"
    rf"|([0-9]{{6}}){_BETWEEN}([0-9]{{5}}))(?![0-9]))"
)

_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]*(?![^\W_])")
_HEXADECIMAL_END = re.compile(r"(?<![^\W_])[0-9A-Fa-f]+$")

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
    rf"|{_ALONE}[0-9]{{1,3}}\.[0-9]{{4,9}}(?![0-9])(?!\.[0-9])"
    rf"|{_ALONE}(?:0[1-9]|1[0-2])/(?:20)?[2-4][0-9]{_ENDED}"
)

_IDENTIFIER_WORDS = (
    r"\b(?:order|tracking|track|parcel|package|shipment|ref|reference|case|ticket|tweet|post|status|invoice"
    r"|booking|imei|isbn|serial|sku|uuid|trace|id|pedido|commande|bestellung|rastreo|sendung|colis|encomenda)s?"
)
_IDENTIFIER = re.compile(rf"{_IDENTIFIER_WORDS}\b", re.IGNORECASE)
_IDENTIFIER_BEFORE = re.compile(
    rf"(?:{_IDENTIFIER_WORDS}"
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
    """Digit groups that may belong together, with running sums that make any stretch's Luhn test one step.

    `gaps[n]` stands before group n, `counts[n]` digits stand before it.
    """

    text: str
    groups: Sequence[tuple[int, int]]
    gaps: Sequence[str]
    sizes: Sequence[int]
    counts: Sequence[int]
    digits: str
    sums: tuple[Sequence[int], Sequence[int]]

    def passes(self, first: int, last: int) -> bool:
        """Tells whether the digits `first:last` pass the Luhn test."""
        sums = self.sums[last % 2]
        return (sums[last] - sums[first]) % 10 == 0

    def before(self, index: int) -> str:
        """Returns the words before group `index`; only the first group of a chain can have words before it."""
        start = self.groups[index][0]
        return "" if index else self.text[max(0, start - 48) : start]


def plausible(digits: str) -> bool:
    """Tells whether an issuer uses these first digits at this length."""
    return len(digits) in _PLAUSIBLE and bool(_PLAUSIBLE[len(digits)][int(digits[:4])])


def passes_luhn(digits: str) -> bool:
    """The Luhn test on a string of ASCII digits."""
    code = digits.encode()
    return (sum(code[-1::-2].translate(_PLAIN)) + sum(code[-2::-2].translate(_DOUBLED))) % 10 == 0


def is_named(text: str, start: int) -> bool:
    """Tells whether the words before `start` call what follows an order, a case, a parcel or the like."""
    return _IDENTIFIER_BEFORE.search(text, max(0, start - 48), start) is not None


def find(text: str, spare: frozenset[str] = frozenset()) -> Iterator[tuple[int, int]]:
    """Yields the stretches of folded `text` that hold a card number; they may overlap.

    Digits in `spare` stay: identifiers that the caller knows to be the network's own.
    """
    for match in _CHAIN.finditer(text):
        if match.end() - match.start() >= 12:
            chain = _chain(text, match.start(), match.end())
            if len(chain.digits) >= 12:
                yield from _in_chain(chain, spare)
    yield from _with_words_between(text)


def _with_words_between(text: str) -> Iterator[tuple[int, int]]:
    """Yields numbers as printed on cards, said with words between the groups: "4111 then 1111 then ..."."""
    for match in _WORDS_BETWEEN.finditer(text):
        groups = [text[match.start() : match.start() + 4], *filter(None, match.groups())]
        digits = "".join(groups)
        if not (plausible(digits) and passes_luhn(digits)):
            continue
        first = (match.start(), match.start() + 4)
        spans = [first, *(match.span(group) for group in range(1, 6) if match[group])]
        start, end = spans[0][0], spans[-1][1]
        gaps = {text[left[1] : right[0]] for left, right in pairwise(spans)}
        years = sum(group[:2] in ("19", "20") for group in groups)
        if len(gaps) == 1 or (years < 2 and not _IDENTIFIER.search(text, start, end) and not is_named(text, start)):
            yield start, end


def chains(text: str) -> list[list[tuple[int, int]]]:
    """Returns the spans of the digit groups of each chain in folded `text`."""
    return [
        [group.span() for group in _GROUP.finditer(text, match.start(), match.end())] for match in _CHAIN.finditer(text)
    ]


def known_shapes(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Returns dates, times, telephone numbers, sums, places and machines' addresses in folded `text`."""
    return [match.span() for match in _KNOWN.finditer(text, start, len(text) if end is None else end)]


def _chain(text: str, start: int, end: int) -> _Chain:
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    pieces = [text[first:last] for first, last in groups]
    ends = [start, *(last for _, last in groups[:-1])]
    gaps = [text[last:first] for last, (first, _) in zip(ends, groups, strict=True)]
    sizes = [*map(len, pieces)]
    digits = "".join(pieces)
    return _Chain(text, groups, gaps, sizes, [*accumulate(sizes, initial=0)], digits, _luhn_sums(digits))


def _luhn_sums(digits: str) -> tuple[Sequence[int], Sequence[int]]:
    """Returns running sums with the even, and with the odd, positions doubled.

    In a number that ends before position n the doubled digits are those of n's own parity.
    """
    plain = digits.encode().translate(_PLAIN)
    double = digits.encode().translate(_DOUBLED)
    even, odd = bytearray(double), bytearray(plain)
    even[1::2], odd[1::2] = plain[1::2], double[1::2]
    return [*accumulate(even, initial=0)], [*accumulate(odd, initial=0)]


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
            if not _is_parcel(digits) and _holds_card(chain, first, first + length):
                yield start, end
            continue
        before = chain.text[max(0, start - 48) : start]
        likely = plausible(digits)
        if chain.passes(first, first + length):
            if _is_telephone(digits, before) or (length == 12 and not likely) or _in_digest(chain, start, end):
                continue
            if (not likely or length == 12) and (_IDENTIFIER_BEFORE.search(before) or _in_address(chain, start)):
                continue
            yield start, end
        elif likely and length in (15, 16) and _CARD_BEFORE.search(before):
            # A card number with a slip of the finger is still most of a card number.
            yield start, end


def _printed(chain: _Chain) -> Iterator[tuple[int, int]]:
    for index, size in enumerate(chain.sizes):
        if size not in _FIRST_PRINTED:
            continue
        for count in (5, 4, 3, 2):
            last = index + count
            shape = tuple(chain.sizes[index:last])
            if len(shape) < count or shape not in _PRINTED:
                continue
            if shape not in _USUAL and len(set(chain.gaps[index + 1 : last])) > 1:
                continue
            if index and not chain.passes(chain.counts[index], chain.counts[last]):
                continue
            if _is_printed_card(chain, index, last):
                yield chain.groups[index][0], chain.groups[last - 1][1]


def _is_printed_card(chain: _Chain, index: int, last: int) -> bool:
    passes = chain.passes(chain.counts[index], chain.counts[last])
    digits = chain.digits[chain.counts[index] : chain.counts[last]]
    if not passes:
        likely = len(digits) in (15, 16) and plausible(digits)
        return likely and _CARD_BEFORE.search(chain.before(index)) is not None
    if len(digits) > 12 and plausible(digits):
        return True
    before = chain.before(index)
    if _IDENTIFIER_BEFORE.search(before):
        return False
    if plausible(digits):
        return not before.endswith("+")
    return last - index == 4 and len(digits) == 16 and _stands_alone(chain, index, last, ())


def _loose(chain: _Chain) -> Iterator[tuple[int, int]]:
    """Yields stretches of whole groups, in any grouping, that pass as one card number."""
    if len(chain.digits) > 19 and len({*chain.sizes}) == 1 and len({*chain.gaps[1:]}) == 1:
        return  # a list of equal numbers: no stretch of it stands alone
    index_at = {count: index for index, count in enumerate(chain.counts)}
    known: list[tuple[int, int]] | None = None
    for index, first in enumerate(chain.counts[:-1]):
        for length in _STARTS[int(chain.digits[first : first + 4])]:
            last = index_at.get(first + length, 0)
            if length < 13 or last < index + 2 or not chain.passes(first, first + length):
                continue
            if known is None:
                known = known_shapes(chain.text, max(0, chain.groups[0][0] - 2), chain.groups[-1][1] + 2)
            if not _stands_alone(chain, index, last, known):
                continue
            start, end = chain.groups[index][0], chain.groups[last - 1][1]
            if any(start < after and before < end for before, after in known):
                continue
            if length > 13 or _is_even(chain, index, last):
                yield start, end


def _is_even(chain: _Chain, index: int, last: int) -> bool:
    """Asks more of thirteen digits, which so many telephone numbers have: one separator, no valid number."""
    start = chain.groups[index][0]
    digits = chain.digits[chain.counts[index] : chain.counts[last]]
    return len({*chain.gaps[index + 1 : last]}) == 1 and not _is_telephone(
        digits, chain.text[max(0, start - 3) : start]
    )


def _stands_alone(chain: _Chain, index: int, last: int, known: Sequence[tuple[int, int]]) -> bool:
    """Tells whether groups `index:last` are set apart from their neighbours in the chain."""
    gaps = chain.gaps[index + 1 : last]
    sizes = chain.sizes[index:last]
    uneven = sizes.count(sizes[0]) < len(sizes)
    for neighbour, place in ((index - 1, index), (last, last)):
        if not 0 <= neighbour < len(chain.groups) or chain.gaps[place] not in gaps:
            continue
        if not uneven and chain.sizes[neighbour] != sizes[0]:
            continue
        start, end = chain.groups[neighbour]
        if not any(before <= start and end <= after for before, after in known):
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


def _in_digest(chain: _Chain, start: int, end: int) -> bool:
    """Tells whether the digits are part of a hash: hexadecimal, and of a length that hashes have."""
    after = _HEXADECIMAL.match(chain.text, end)
    before = _HEXADECIMAL_END.search(chain.text, max(0, start - 128), start)
    length = end - start + (after.end() - end if after else 0) + (start - before.start() if before else 0)
    return length in (32, 40, 64, 96, 128) and length - (end - start) >= 8


def _in_address(chain: _Chain, start: int) -> bool:
    return _ADDRESS_BEFORE.search(chain.text[max(0, start - 160) : start]) is not None
