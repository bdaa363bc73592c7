"""A second reading by figures: how much a reply reads like those that tell about a person.

Rules see the forms that somebody thought of. This estimate, a logistic regression over words and kinds of
words, learned from the labelled replies of the project (see `training`), sees what stands between them:
idioms ("nixed the late fee", "popped it in the post"). It does two things and no more. A reply that reads
strongly like a statement about a person waits for a second person although no rule spoke; and where only a
doubtful rule spoke, a reply that reads nothing like one may go. What a certain rule found, it never excuses.
English only.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

WEIGHTS: Final = Path(__file__).with_name("second_reading.json")

# Above `SUSPECT` a reply waits although no rule spoke; below `CLEAR` a doubtful rule alone does not hold it,
# below `CLEAR_OF_VAGUE` a vague phrase does not. Where no word is of what a bank deals in,
# or a licence spoke for the text, it takes more to suspect.
SUSPECT: Final = 0.85
SUSPECT_AT_LEAST: Final = 0.96
CLEAR: Final = 0.04
CLEAR_OF_VAGUE: Final = 0.1

# The kinds of words that features are made of; the rest of the tags serve single phrases.
_KINDS: Final = """
    YOU YOUR WE US OUR HIS THEIR IT ORG RECORDS ACCOUNT EVENT ITEM MONEY SECRET PAPERS CUSTOMER PLURALS TECH CROWD
    HAVE BE S NOT CAN WILL DO TO SEE LOOKED DONE PAST ARRIVED STATE FINACT SPOKE MESSAGED FEELING THANK JOY SORRY DEF
    INDEF COND WHEN BYTHEN PLACE HOWTO NUM AMOUNT CAP ED ING STOP COMMA BREAK PREP KEPT SAFEOWN SAFEPAST MATTER
"""
KINDS: Final = frozenset(_KINDS.split())
_DEALINGS: Final = """
    ACCOUNT EVENT ITEM MONEY KEPT PAPERS SECRET CUSTOMER FINACT DONE AMOUNT RECORDS LOOKED NUM
"""
_MATTERS: Final = frozenset(_DEALINGS.split())


@dataclass(frozen=True, slots=True)
class Estimate:
    """How likely a text tells about a person (0..1), and the tokens of the sentence that says it most."""

    likely: float
    matters: bool
    first: int
    last: int

    def suspect(self, *, excused: bool) -> bool:
        """Whether the text waits although no rule spoke; `excused`: a rule did, and a licence excused it."""
        return self.likely >= (SUSPECT if self.matters and not excused else SUSPECT_AT_LEAST)


def features(words: Sequence[str], kinds: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    """The features of a text, each with the token where it begins."""
    before, earlier = "^", ""
    kinds_before: Sequence[str] = ("^",)
    for place, word in enumerate(words):
        yield place, word
        yield place, f"{before} {word}"
        if earlier:
            yield place, f"{earlier} * {word}"
        for kind in kinds[place]:
            yield place, kind
            for kind_before in kinds_before:
                yield place, f"{kind_before} {kind}"
        earlier, before, kinds_before = before, word, kinds[place] or ("-",)
    yield max(len(words) - 1, 0), f"{before} $"


def estimate(words: Sequence[str], kinds: Sequence[Sequence[str]], stops: Iterable[int]) -> Estimate:
    """Reads a text; `stops` are the tokens that end its sentences."""
    learned, bias = weights()
    said: dict[str, float] = {}
    by_place = [0.0] * (len(words) + 1)
    for place, feature in features(words, kinds):
        if feature not in said:
            said[feature] = weight = learned.get(feature, 0.0)
            by_place[place] += weight
    total = bias + sum(said.values())
    first, last, most, begin = 0, len(words), -math.inf, 0
    for end in [*stops, len(words)]:
        if begin < end and (here := sum(by_place[begin:end])) > most:
            first, last, most = begin, end, here
        begin = end + 1
    likely = 1 / (1 + math.exp(-max(min(total, 40.0), -40.0)))
    matters = any(not _MATTERS.isdisjoint(its) for its in kinds)
    return Estimate(likely, matters, first, last)


@cache
def weights() -> tuple[Mapping[str, float], float]:
    """The learned weight of each feature, and the bias; read once a process."""
    learned = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return learned["weights"], learned["bias"]
