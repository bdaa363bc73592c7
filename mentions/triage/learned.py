"""Topics learned from examples: TF-IDF of words and letters, and a softmax trained by gradient descent.

A bank's own topics need only a handful of examples each. The name of a topic is an example too, so names
that say what they mean help. Training on a hundred topics with ten examples each takes a second.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]

_WORD = re.compile(r"\w+")
_LETTERS = range(2, 5)
_LETTERS_WEIGH = 1.7
_RATE = 2.0
_BIAS_RATE = 0.02
_SHRINK = 1e-5
# Few examples bear more rounds than many; both ends were chosen on the development texts.
_ROUNDS = (10, 30)
_STEPS = 30_000
_SEED = 1
_TELLING = 3


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest topic, its probability (0 to 1), and the words that spoke for it."""

    label: str
    score: float
    reason: str


class TopicModel:
    """A trained classifier. Make one with `train`."""

    def __init__(self, labels: Sequence[str], vocabulary: Mapping[str, int], idf: Floats) -> None:
        self._labels = labels
        self._vocabulary = vocabulary
        self._idf = idf
        self._weights: Floats = np.zeros((len(idf), len(labels)), dtype=np.float32)
        self._bias: Floats = np.zeros(len(labels), dtype=np.float32)

    def predict(self, texts: Iterable[str]) -> list[Prediction]:
        """Returns one prediction a text; a text without a known word gets the commonest topic's chance."""
        return [self._predicted(text) for text in texts]

    def _predicted(self, text: str) -> Prediction:
        places, values = self._vector(text)
        weights = self._weights[places]
        chances = _softmax(values @ weights + self._bias)
        best = int(chances.argmax())
        return Prediction(self._labels[best], float(chances[best]), self._reason(text, best))

    def _reason(self, text: str, label: int) -> str:
        words = dict.fromkeys(_WORD.findall(text.lower()))
        weighed = [
            (float(self._weights[self._vocabulary[word], label] * self._idf[self._vocabulary[word]]), word)
            for word in words
            if word in self._vocabulary
        ]
        telling = [f"'{word}'" for weight, word in sorted(weighed, reverse=True)[:_TELLING] if weight > 0]
        return f"learned from {', '.join(telling)}" if telling else "learned from parts of its words"

    def _vector(self, text: str) -> tuple[Places, Floats]:
        """Returns the features of a text that training saw, and their weights, of length one."""
        places: list[int] = []
        blocks: list[Floats] = []
        for features, share in zip(_features(text), (1.0, _LETTERS_WEIGH), strict=True):
            known = [(self._vocabulary[name], count) for name, count in features.items() if name in self._vocabulary]
            if not known:
                continue
            found = [place for place, _ in known]
            counts = np.array([1.0 + math.log(count) for _, count in known], dtype=np.float32)
            block = counts * self._idf[found]
            places += found
            blocks.append(block * np.float32(share / np.linalg.norm(block)))
        if not places:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32)
        values = np.concatenate(blocks)
        return np.array(places, dtype=np.intp), values / np.float32(np.linalg.norm(values))

    def fit(self, examples: Sequence[tuple[str, str]]) -> None:
        """Trains on (topic, text) pairs."""
        place_of = {label: place for place, label in enumerate(self._labels)}
        vectors = [(*self._vector(text), place_of[label]) for label, text in examples]
        order = np.random.default_rng(_SEED)
        rounds = max(_ROUNDS[0], min(_ROUNDS[1], _STEPS // len(examples)))
        steps = rounds * len(examples)
        step = 0
        for _ in range(rounds):
            for index in order.permutation(len(examples)):
                places, values, label = vectors[index]
                rate = _RATE * (1.0 - step / steps)
                step += 1
                weights = self._weights[places]
                error = _softmax(values @ weights + self._bias)
                error[label] -= 1.0
                self._weights[places] = weights * np.float32(1.0 - rate * _SHRINK) - np.multiply.outer(
                    values * np.float32(rate), error
                )
                self._bias -= np.float32(rate * _BIAS_RATE) * error


def train(examples: Sequence[tuple[str, str]]) -> TopicModel:
    """Trains on (topic, text) pairs, the same way each time. Raises ValueError without two topics."""
    labels = sorted({label for label, _ in examples})
    if len(labels) < 2:
        raise ValueError("training needs examples of at least two topics")
    named = [*examples, *((label, re.sub(r"[_-]+", " ", label)) for label in labels)]
    occurrences: Counter[str] = Counter()
    for _, text in named:
        for features in _features(text):
            occurrences.update(features.keys())
    vocabulary = {name: place for place, name in enumerate(occurrences)}
    idf = np.array([1.0 + math.log((1 + len(named)) / (1 + count)) for count in occurrences.values()], dtype=np.float32)
    model = TopicModel(labels, vocabulary, idf)
    model.fit(named)
    return model


def _features(text: str) -> tuple[Counter[str], Counter[str]]:
    """Returns words with pairs of words, and pieces of words with their edges."""
    words = _WORD.findall(text.lower())
    whole = Counter(words)
    whole.update(f"{first} {second}" for first, second in pairwise(words))
    return whole, Counter(_pieces(words))


def _pieces(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        padded = f"<{word}>"
        for length in _LETTERS:
            if length >= len(padded):
                yield f"={padded}"
                break
            for start in range(len(padded) - length + 1):
                yield f"={padded[start : start + length]}"


def _softmax(scores: Floats) -> Floats:
    shifted: Floats = np.exp(scores - scores.max())
    shifted /= shifted.sum()
    return shifted
