"""A second reading by figures: how much a reply reads like those that tell about a person.

Rules see the forms that somebody thought of. This estimate, learned from the labelled replies of the project (see
`training`), sees what stands between them: idioms ("nixed the late fee", "popped it in the post"). Two add up to it:
a logistic regression over words, parts of words, kinds of words and rows of senses, which reads every sentence by
itself (a reply tells as soon as one of its sentences does), and what the words mean together (see `meaning`), which
knows words that no labelled reply held. It does two things and no more. A reply that reads like a
statement about a person waits for a second person although no rule spoke; and what a rule found in a reply that
reads nothing like one may go, the more certain the rule the less readily. English only.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

from agents.guard import meaning, senses

WEIGHTS: Final = Path(__file__).with_name("second_reading.json")

# From `SUSPECT` on a reply waits although no rule spoke, from `SUSPECT_MIXED` on where another language shows too, of
# which the figures know little. Below the others a rule alone does not hold it: a certain one only where the figures
# say the contrary plainly. Chosen on replies of authors that it had not learned from, where a leak was weighed twice
# a reply held up (see tests/agents/corpora/README.md).
SUSPECT: Final = 0.4
SUSPECT_MIXED: Final = 0.8
CLEAR_OF_CERTAIN: Final = 0.005
CLEAR_OF_DOUBTFUL: Final = 0.05
CLEAR_OF_VAGUE: Final = 0.3
# The words that are named add at least this share of what speaks for telling; tried one after the other.
_ENOUGH: Final = (0.5, 0.8)
_FEWEST: Final = 3

# The kinds of words that features are made of; the rest of the tags serve single phrases.
_KINDS: Final = """
    YOU YOUR WE US OUR HIS THEIR IT ORG RECORDS ACCOUNT EVENT ITEM MONEY SECRET PAPERS CUSTOMER PLURALS TECH CROWD
    HAVE BE S NOT CAN WILL DO TO SEE LOOKED DONE PAST ARRIVED STATE FINACT SPOKE MESSAGED FEELING THANK JOY SORRY DEF
    INDEF COND WHEN BYTHEN PLACE HOWTO NUM AMOUNT CAP ED ING STOP COMMA BREAK PREP KEPT SAFEOWN SAFEPAST MATTER
    BEPAST BENOW
"""
KINDS: Final = frozenset(_KINDS.split())
# Of these kinds and senses it is learned which stands before which, however far apart.
_KINDS_IN_PAIRS: Final = """
    YOU YOUR WE US OUR HIS IT ORG RECORDS ACCOUNT EVENT ITEM MONEY SECRET PAPERS CUSTOMER PLURALS TECH CROWD HAVE
    BEPAST BENOW S NOT CAN WILL SEE LOOKED DONE PAST ARRIVED STATE FINACT SPOKE MESSAGED FEELING THANK SORRY DEF INDEF
    COND WHEN BYTHEN HOWTO NUM AMOUNT ED ING
"""
_SENSES_IN_PAIRS: Final = """
    YOU YOUR WE US OUR THE ANY ONEOF COND CAN WILL HAVE BEP NOT FIN FINs CUST CUSTs TECH PLACE POST PUBN ACT ACT.d
    ACT.g KNOW KNOW.d KNOW.g COMM.d CUSTV.d PAYV.d MOVE MOVE.d X.d STATE NOWP LAST GEN REC STAFF KIN SORRY THANK MONEY
    AMT NUM INFO GENV.d WH DOC DOCs CASE CASEs THIRD THIRDs PUBL PUBLs WORLD WORLDs ADJP ADJG ALWAYS EVAL IT THIS
    THEY PREP BUT WHEN TIMEN TIMES EVENTN FEELN ONEOF SECURE HELP HELP.d BANK GENV HOWTO
"""
_PAIRED_KINDS: Final = frozenset(_KINDS_IN_PAIRS.split())
_PAIRED_SENSES: Final = frozenset(_SENSES_IN_PAIRS.split())
_CONDITIONS: Final = frozenset({"if", "whether", "unless", "case", "kung", "kapag", "pag"})
_INVERTED: Final = frozenset({"should", "had", "were"})
_BOUNDARIES: Final = frozenset({",", ";", ":", "-", "\u2013", "\u2014", "then", "please"})
_NEW_SUBJECTS: Final = frozenset({"we", "i"})
_PARTS: Final = (4, 5)
_ROWS: Final = (1, 2, 3)
_STEEPEST: Final = 30.0
_SURE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with the kinds of each, without the stop; `first` is the token where it begins, `end` the stop."""

    words: Sequence[str]
    kinds: Sequence[Sequence[str]]
    first: int
    end: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """How likely a text tells about a person (0..1), the tokens of the sentence that says it most, what each added."""

    likely: float
    first: int
    last: int
    added: Sequence[float] = ()


def sentences(words: Sequence[str], kinds: Sequence[Sequence[str]]) -> Iterator[Sentence]:
    """The sentences of a text; a word of the kind STOP ends one."""
    begin = 0
    for place in range(len(words) + 1):
        ends = place == len(words)
        if ends or "STOP" in kinds[place]:
            if begin < place:
                yield Sentence(words[begin:place], kinds[begin:place], begin, "." if ends else words[place])
            begin = place + 1


def features(sentence: Sentence) -> set[str]:
    """What is looked at in a sentence; what stands under a condition or in a question is learned apart."""
    moods = list(_moods(sentence))
    found = {f"END{sentence.end[:1]}"}
    before = "^"
    kinds_before: Sequence[str] = ("^",)
    kinds_so_far: list[str] = []
    for word, kinds, mood in zip(sentence.words, sentence.kinds, moods, strict=True):
        found.add(mood + word)
        found.add(f"{mood}{before} {word}")
        if len(word) >= _PARTS[0] and word.isalpha():
            whole = f"<{word}>"
            found.update(f"{mood}#{whole[at : at + size]}" for size in _PARTS for at in range(len(whole) - size + 1))
        for kind in kinds:
            found.add(mood + kind)
            found.update(f"{mood}{kind_before} {kind}" for kind_before in kinds_before)
            if kind in _PAIRED_KINDS:
                found.update(f"{mood}{earlier}>{kind}" for earlier in kinds_so_far)
        kinds_so_far.extend(kind for kind in kinds if kind in _PAIRED_KINDS and kind not in kinds_so_far)
        before, kinds_before = word, kinds or ("-",)
    found.add(f"{moods[-1]}{before} $")
    found.update(_of_senses(*senses.row(sentence.words, moods)))
    return found


def _moods(sentence: Sentence) -> Iterator[str]:
    """For each word "" where the sentence asserts, or the sign of what it does instead."""
    plain = "?:" if sentence.end == "?" else ""
    mood, since = plain, 0
    for place, word in enumerate(sentence.words):
        if word in _CONDITIONS or (place == 0 and word in _INVERTED):
            mood, since = "if:", place
        elif mood == "if:" and (word in _BOUNDARIES or (place > since + 2 and word in _NEW_SUBJECTS)):
            mood = plain
        yield mood


def _of_senses(row: Sequence[str], moods: Sequence[str]) -> Iterator[str]:
    so_far: list[str] = []
    for place, (sense, mood) in enumerate(zip(row, moods, strict=True)):
        for length in _ROWS:
            if length <= place + 1:
                yield f"{mood}%{' '.join(row[place + 1 - length : place + 1])}"
        if sense in _PAIRED_SENSES:
            for earlier in so_far:
                yield f"{mood}%{earlier}>{sense}"
            if sense not in so_far:
                so_far.append(sense)


def estimate(words: Sequence[str], kinds: Sequence[Sequence[str]]) -> Estimate:
    """Reads a text: it tells unless none of its sentences does."""
    learned, bias = weights()
    meant, added = meaning.judge(words)
    innocent, most, first, last = 1.0, -math.inf, 0, len(words)
    for sentence in sentences(words, kinds):
        # Sorted, since a sum in another order is another sum in its last digit.
        total = bias + sum(learned.get(feature, 0.0) for feature in sorted(features(sentence)))
        innocent *= 1 - _share(total)
        end = sentence.first + len(sentence.words)
        total += sum(added[sentence.first : end])
        if total > most:
            most, first, last = total, sentence.first, end
    told = min(max(1 - innocent, _SURE), 1 - _SURE)
    return Estimate(_share(math.log(told / (1 - told)) + meant), first, last, added)


def telling(words: Sequence[str], kinds: Sequence[Sequence[str]], suspect: Estimate) -> tuple[int, int]:
    """The tokens of a suspect text that give it away: the shortest run without which it is suspect no more.

    Where no run alone does it, the sentence that says it most.
    """
    for share in _ENOUGH:
        first, last = _shortest(suspect, share)
        rest = estimate([*words[:first], *words[last:]], [*kinds[:first], *kinds[last:]])
        if rest.likely < SUSPECT:
            return first, last
    return suspect.first, suspect.last


def _shortest(suspect: Estimate, share: float) -> tuple[int, int]:
    """The shortest run of the sentence that adds this share of all that speaks for telling."""
    sums = list(accumulate(suspect.added[suspect.first : suspect.last], initial=0.0))
    enough = share * sum(max(after - before, 0.0) for before, after in pairwise(sums))
    for length in range(min(_FEWEST, len(sums) - 1), len(sums)):
        start = max(range(len(sums) - length), key=lambda at: sums[at + length] - sums[at])
        if sums[start + length] - sums[start] >= enough:
            return suspect.first + start, suspect.first + start + length
    return suspect.first, suspect.last


def _share(total: float) -> float:
    return 1 / (1 + math.exp(-max(min(total, _STEEPEST), -_STEEPEST)))


@cache
def weights() -> tuple[Mapping[str, float], float]:
    """The learned weight of each feature, and the bias; read once a process."""
    learned = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return learned["weights"], learned["bias"]
