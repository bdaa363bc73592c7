"""Learns the weights of the second reading from labelled replies: `python -m agents.guard.training FOLDER`.

The folder holds `confirming_*.txt` and `good_*.txt`, one English reply a line; other languages stand in a folder
of their own, of which the one is learned from that agents mix with English. Deterministic: the same replies give
the same weights. Twenty-four thousand take one core about ten minutes, and more to tell how all are decided now.
Whoever adds replies or words to a lexicon runs it again: the weights carry a digest of what they were learned from.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from django.conf import settings

from agents.guard import confirming, meaning, second_reading, training_meaning
from agents.guard.checking import check
from agents.guard.languages import language
from agents.guard.policy import GuardPolicy
from agents.guard.reading import read
from agents.guard.rules import CONFIRMS
from agents.guard.verdict import Draft

_MIXED: Final = "tl"
_SEEN_AT_LEAST: Final = 2
_SMALLEST: Final = 0.015
_ROUNDS: Final = 1000
_RATE: Final = 0.1
_MOMENTUM: Final = 0.9
_PENALTY: Final = 0.0001
_FIRST_BIAS: Final = -1.0
_TINY: Final = 1e-9
_LOOKED_INTO: Final = 10

Floats = npt.NDArray[np.float64]


def texts(folder: Path) -> list[tuple[str, bool]]:
    """The replies of the folder, and whether each confirms somebody."""
    return [
        (line, path.name.startswith("confirming"))
        for path in [*sorted(folder.glob("*.txt")), *sorted(folder.glob(f"others/*_{_MIXED}.txt"))]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def words_of(text: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """The words of a reply and the kinds of each, as the second reading is given them."""
    return confirming.kinds_of(confirming.without_names(read(text, language("en").spelling)))


def features(text: str) -> list[set[str]]:
    """The features of each sentence of a reply."""
    words, kinds = words_of(text)
    return [second_reading.features(sentence) for sentence in second_reading.sentences(words, kinds)]


def digest(replies: Sequence[tuple[str, bool]]) -> str:
    """What tells replies and the way in which they are read from all others: every text, and the features of some."""
    told = hashlib.sha256()
    for number, (text, confirms) in enumerate(replies):
        read_as = [sorted(its) for its in features(text)] if number % _LOOKED_INTO == 0 else None
        told.update(json.dumps([text, confirms, read_as]).encode())
    return told.hexdigest()


def learn(replies: Sequence[tuple[str, bool]]) -> tuple[dict[str, float], float]:
    """Fits a penalised logistic regression by gradient descent; gives the weights and the bias.

    A confirming reply needs only one sentence that tells, a good one must have none: the chance that a reply
    tells is one minus the chances that each of its sentences does not ("noisy or"). So "Thanks for writing!"
    in front of a confirmation is not taken for one.
    """
    labels = np.array([confirms for _, confirms in replies], dtype=np.float64)
    rows: list[set[str]] = []
    owners: list[int] = []
    for number, (text, _) in enumerate(replies):
        its = features(text)
        rows.extend(its)
        owners.extend([number] * len(its))
    counts = Counter(feature for row in rows for feature in row)
    names = sorted(feature for feature, count in counts.items() if count >= _SEEN_AT_LEAST)
    columns = {name: column for column, name in enumerate(names)}
    listed = [[columns[feature] for feature in sorted(row) if feature in columns] for row in rows]
    column = np.array([its for row in listed for its in row], dtype=np.int64)
    sentence = np.repeat(np.arange(len(rows)), [len(row) for row in listed])
    owner = np.array(owners, dtype=np.int64)
    # Both labels weigh the same, however many replies there are of each.
    share = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))

    def slope(weights: Floats, bias: float) -> tuple[Floats, float]:
        """The gradient of the loss."""
        sums = bias + np.bincount(sentence, weights[column], len(rows))
        likely = 1 / (1 + np.exp(-np.clip(sums, -30, 30)))
        told = 1 - np.exp(np.bincount(owner, np.log1p(-np.minimum(likely, 1 - _TINY)), len(replies)))
        pull = np.where(labels[owner] == 1, -(1 - told[owner]) / np.maximum(told[owner], _TINY), 1.0)
        error = share[owner] * likely * pull / len(replies)
        return np.bincount(column, error[sentence], len(names)) + _PENALTY * weights, float(error.sum())

    weights, bias = np.zeros(len(names)), _FIRST_BIAS
    # Nesterov's momentum: plain descent would need ten times the rounds.
    speed, bias_speed = np.zeros_like(weights), 0.0
    for _ in range(_ROUNDS):
        steep, bias_steep = slope(weights + _MOMENTUM * speed, bias + _MOMENTUM * bias_speed)
        speed = _MOMENTUM * speed - _RATE * steep
        bias_speed = _MOMENTUM * bias_speed - _RATE * bias_steep
        weights, bias = weights + speed, bias + bias_speed
    learned = {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}
    return {name: weight for name, weight in learned.items() if abs(weight) >= _SMALLEST}, round(bias, 3)


def decided(replies: Sequence[tuple[str, bool]]) -> str:
    """How the guard decides these replies now, under a policy that lists nothing of the bank's."""
    policy = GuardPolicy()
    left, confirming_rules, any_rule = 0, 0, 0
    for text, confirms in replies:
        verdict = check(Draft(text), policy)
        rules = {finding.rule for finding in verdict.findings if finding.action in {"approve", "block"}}
        left += confirms and not rules
        any_rule += not confirms and bool(rules)
        confirming_rules += not confirms and not rules.isdisjoint(CONFIRMS)
    told = sum(confirms for _, confirms in replies)
    return (
        f"of {told} confirming replies {left} leave; of {len(replies) - told} good ones {confirming_rules} are held "
        f"for confirming, {any_rule} by any rule"
    )


def main(folder: Path) -> None:
    """Learns from the folder, writes the weights beside the code and tells how all replies are decided now."""
    replies = texts(folder)
    weights, bias = learn(replies)
    learned = {"replies": len(replies), "digest": digest(replies), "bias": bias, "weights": weights}
    second_reading.WEIGHTS.write_text(
        json.dumps(learned, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8"
    )
    encoded = training_meaning.encoded([words_of(text)[0] for text, _ in replies], [told for _, told in replies])
    meaning.write(training_meaning.learn(encoded))
    second_reading.weights.cache_clear()
    meaning.learned.cache_clear()
    sys.stdout.write(f"{len(weights)} weights from {len(replies)} replies: {decided(replies)}\n")


if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    main(Path(sys.argv[1]))
