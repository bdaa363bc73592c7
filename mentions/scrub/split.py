"""Card numbers that run through two or three messages of one author."""

from collections.abc import Iterator, Sequence

from mentions.scrub import cards
from mentions.scrub.fold import DIGIT_LIKE, MASK, Folded, decoded, flat
from mentions.scrub.masking import mask

Span = tuple[int, int]
_Part = tuple[str, Span]

_MOST_CHAINS = 8
_LENGTHS = frozenset(range(13, 20))
# Odder lengths exist, but messages with several numbers each would too often add up to one.
_USUAL_LENGTHS = frozenset({14, 15, 16, 18, 19})


def masked(texts: Sequence[str]) -> list[str] | None:
    """Returns the texts with the number that is complete only with the last one masked; None if there is none."""
    if DIGIT_LIKE.search(texts[-1]) is None or not any(map(DIGIT_LIKE.search, texts[:-1])):
        return None
    folded = [decoded(text) or flat(text) for text in texts]
    for depth in range(len(texts), 1, -1):
        spans = _running_through(folded[-depth:])
        if spans is None:
            continue
        clean = list(texts)
        for place, (start, end) in zip(range(len(texts) - depth, len(texts)), spans, strict=True):
            if start == end:
                continue
            first, last = folded[place].origin(start, end)
            shown = mask(folded[place].text[start:end], "card") if place == len(texts) - 1 else MASK
            clean[place] = texts[place][:first] + shown + texts[place][last:]
        return clean
    return None


def blanked(text: str) -> str:
    """Returns the text without any number of three digits or more: on doubt, whatever may be a part."""
    folded = decoded(text) or flat(text)
    for groups in reversed(cards.chains(folded.text)):
        if sum(end - start for start, end in groups) > 2:
            first, last = folded.origin(groups[0][0], groups[-1][1])
            text = text[:first] + MASK + text[last:]
    return text


def _running_through(folded: Sequence[Folded]) -> list[Span] | None:
    """Returns one span a message whose digits together make a card number."""
    last = len(folded) - 1
    parts = [list(_parts(message.text, place > 0, place < last)) for place, message in enumerate(folded)]
    lengths = _LENGTHS if all(len(choices) == 1 for choices in parts) else _USUAL_LENGTHS
    return _joined(parts, lengths, "", [])


def _parts(text: str, from_start: bool, to_end: bool) -> Iterator[_Part]:
    """Yields what a message may contribute: the end of a chain, the whole of one, or its beginning."""
    if DIGIT_LIKE.search(text) is None:
        yield "", (0, 0)  # "wait", said in between
        return
    shapes = cards.known_shapes(text)
    chains = [groups for groups in cards.chains(text) if _is_loose(text, groups)]
    for groups in chains[:_MOST_CHAINS]:
        for first in range(1 if from_start else len(groups)):
            for last in range(len(groups) if to_end else first + 1, len(groups) + 1):
                start, end = groups[first][0], groups[last - 1][1]
                if last - first > 18 or any(start < after and before < end for before, after in shapes):
                    continue
                digits = "".join([text[left:right] for left, right in groups[first:last]])
                if len(digits) > 18 or (len(digits) < 3 and len(chains) > 1):
                    continue
                if _is_apart(text, groups, first, last, shapes):
                    yield digits, (start, end)


def _is_loose(text: str, groups: Sequence[Span]) -> bool:
    """Leaves out digits inside longer names, and numbers that the words before them explain."""
    start, end = groups[0][0], groups[-1][1]
    inside = text[max(0, start - 1) : start] + text[end : end + 1]
    return not (inside.isascii() and any(map(str.isalpha, inside))) and not cards.is_named(text, start)


def _is_apart(text: str, groups: Sequence[Span], first: int, last: int, shapes: Sequence[Span]) -> bool:
    """Tells whether a part of a chain is set apart from the rest: by another gap, or by what the rest is."""
    gaps = {text[groups[place][1] : groups[place + 1][0]] for place in range(first, last - 1)}
    for neighbour, left in ((first - 1, first - 1), (last, last - 1)):
        if not 0 <= neighbour < len(groups):
            continue
        start, end = groups[neighbour]
        if any(before <= start and end <= after for before, after in shapes):
            continue
        if not gaps or text[groups[left][1] : groups[left + 1][0]] in gaps:
            return False
    return True


def _joined(
    parts: Sequence[Sequence[_Part]], lengths: frozenset[int], digits: str, spans: list[Span]
) -> list[Span] | None:
    if not parts:
        usual = len(digits) in lengths
        return spans if usual and cards.plausible(digits) and cards.passes_luhn(digits) else None
    for more, span in parts[0]:
        if len(digits) + len(more) <= max(lengths):
            found = _joined(parts[1:], lengths, digits + more, [*spans, span])
            if found is not None:
                return found
    return None
