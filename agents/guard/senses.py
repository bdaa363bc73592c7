"""The sense of each English word in a reply, one a word, and the row of senses that a sentence makes.

Coarser than the kinds of `grammar`, which give a word every part that a phrase may want of it. Here "the wire
has been pushed through" and "the refund was put back" come out nearly the same, so that what was learned of
the one holds for the other. Adverbs, greetings and signs are left out: they change nothing about who is
spoken of. The words stand in `languages/en_senses.txt`.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

_WORDS: Final = Path(__file__).parent / "languages" / "en_senses.txt"
# After these a word that may be either ("charge", "hold") is the verb.
_VERBS_FOLLOW: Final = (
    "^ to will can could may might would should must not please kindly we you they i never and let us"
)
_BEFORE_VERBS: Final = frozenset(_VERBS_FOLLOW.split())
_UNSAID: Final = "ADV"
# A run of these counts once: "debit card payment" is one thing, and so are three names in a row.
_ONCE: Final = frozenset({"X", "FIN", "NUM", ":"})
_LONG: Final = 4


def row(words: Sequence[str], moods: Sequence[str]) -> tuple[list[str], list[str]]:
    """The senses of a sentence in order, from "^" to "$", and the mood in which each stands."""
    known, verbs = lexicon()
    senses, kept = ["^"], [moods[0]]
    before = "^"
    for word, mood in zip(words, moods, strict=True):
        sense = known.get(word)
        if sense is None:
            sense = _by_form(word)
        elif before in _BEFORE_VERBS:
            sense = verbs.get(word, sense)
        if sense == _UNSAID:
            continue
        before = word
        if sense in _ONCE and sense == senses[-1]:
            continue
        if senses[-1] == "FIN" and sense == "FINs":
            senses[-1] = sense
            continue
        senses.append(sense)
        kept.append(mood)
    return [*senses, "$"], [*kept, moods[-1]]


def _by_form(word: str) -> str:
    """What a word that the lexicon does not hold is taken for."""
    if word[0].isdigit():
        return "NUM"
    if word[0] in "$€£₱":
        return "AMT"
    if word == ",":
        return ","
    if not word.isalpha():
        return ":" if word.isascii() and word not in "\"'()" else _UNSAID
    if len(word) > _LONG:
        for ending, sense in (("ed", "X.d"), ("ing", "X.g"), ("ly", _UNSAID)):
            if word.endswith(ending):
                return sense
    return "Xs" if len(word) >= _LONG and word.endswith("s") and not word.endswith("ss") else "X"


@cache
def lexicon() -> tuple[dict[str, str], dict[str, str]]:
    """Each known word's sense, and the sense of the words that may be verbs where they are; read once."""
    known: dict[str, str] = {}
    verbs: dict[str, str] = {}
    for sort, sense, word in _listed():
        if sort == "noun":
            known.setdefault(word, sense)
            known.setdefault(_inflected(word)[0], f"{sense}s")
        elif sort == "verb":
            base, *past = word.split(":")
            verbs[base] = sense
            third, regular, going = _inflected(base)
            doubled = base + base[-1]
            for form in (base, third):
                known.setdefault(form, sense)
            for form in (going, f"{doubled}ing"):
                known.setdefault(form, f"{sense}.g")
            for form in past or (regular, f"{doubled}ed"):
                known.setdefault(form, f"{sense}.d")
        else:
            known.setdefault(word, sense)
    return known, verbs


def _listed() -> Iterator[tuple[str, str, str]]:
    head = ("", "")
    for line in _WORDS.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words = line
        if not line.startswith(" "):
            name, _, words = line.partition(": ")
            sort, sense = name.split()
            head = (sort, sense)
        for word in words.split():
            yield *head, word


def _inflected(base: str) -> tuple[str, str, str]:
    """The form in -s, the regular past and the form in -ing."""
    if base.endswith("e"):
        return f"{base}s", f"{base}d", f"{base[:-1]}ing"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return f"{base[:-1]}ies", f"{base[:-1]}ied", f"{base}ing"
    plural = "es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s"
    return f"{base}{plural}", f"{base}ed", f"{base}ing"
