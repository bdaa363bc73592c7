"""Learns the weights of the second reading from labelled replies: `python -m agents.guard.training FOLDER`.

The folder holds `confirming_*.jsonl` and `good_*.jsonl`, one `{"lang", "text"}` a line. Deterministic: the
same replies give the same weights. Whoever adds replies or words to a lexicon runs it again.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.guard import confirming, second_reading
from agents.guard.languages import language
from agents.guard.reading import read

_SEEN_AT_LEAST: Final = 2
_SMALLEST: Final = 0.01
_ROUNDS: Final = 400
_RATE: Final = 0.5
_PENALTY: Final = 0.0025


def texts(folder: Path) -> list[tuple[str, bool]]:
    """The English replies of the folder, and whether each confirms somebody."""
    labelled: list[tuple[str, bool]] = []
    for path in sorted(folder.glob("*.jsonl")):
        confirms = path.name.startswith("confirming")
        for line in path.read_text(encoding="utf-8").splitlines():
            reply = json.loads(line)
            if reply["lang"] == "en":
                labelled.append((reply["text"], confirms))
    return labelled


def features(text: str) -> set[str]:
    """The features of one reply."""
    words, kinds, _ = confirming.kinds_of(read(text, language("en").spelling))
    return {feature for _, feature in second_reading.features(words, kinds)}


def learn(replies: Sequence[tuple[str, bool]]) -> tuple[dict[str, float], float]:
    """Fits a penalised logistic regression by gradient descent; gives the weights and the bias."""
    rows = [features(text) for text, _ in replies]
    counts = Counter(feature for row in rows for feature in row)
    names = sorted(feature for feature, count in counts.items() if count >= _SEEN_AT_LEAST)
    columns = {name: column for column, name in enumerate(names)}
    seen: npt.NDArray[np.float32] = np.zeros((len(rows), len(names)), dtype=np.float32)
    for number, row in enumerate(rows):
        seen[number, [columns[feature] for feature in row if feature in columns]] = 1.0
    labels = np.array([confirms for _, confirms in replies], dtype=np.float32)
    weights = np.zeros(len(names), dtype=np.float32)
    bias = np.float32(0.0)
    # Nesterov's momentum: plain descent would need ten times the rounds.
    speed, bias_speed = np.zeros_like(weights), np.float32(0.0)
    for _ in range(_ROUNDS):
        ahead = weights + 0.9 * speed
        error = 1 / (1 + np.exp(-np.clip(seen @ ahead + bias, -30, 30))) - labels
        speed = 0.9 * speed - _RATE * 0.1 * (seen.T @ error / len(rows) + _PENALTY * ahead)
        bias_speed = np.float32(0.9 * bias_speed - _RATE * 0.1 * error.mean())
        weights, bias = weights + speed, np.float32(bias + bias_speed)
    learned = {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}
    return {name: weight for name, weight in learned.items() if abs(weight) >= _SMALLEST}, round(float(bias), 3)


def main(folder: Path) -> None:
    """Learns from the folder and writes the weights beside the code."""
    replies = texts(folder)
    weights, bias = learn(replies)
    learned = {"replies": len(replies), "bias": bias, "weights": weights}
    second_reading.WEIGHTS.write_text(
        json.dumps(learned, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8"
    )
    sys.stdout.write(f"{len(weights)} weights from {len(replies)} replies\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
