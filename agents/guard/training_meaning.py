"""Learns the networks of `meaning`, and the layers they stand on, from labelled replies; `training` calls it.

Plain numpy and a fixed seed: the same replies give the same figures on the same processor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.guard import encoder, meaning, training_layer
from agents.guard.encoder import Floats

_NETWORKS: Final = 3
_TRAITS: Final = 96
_READERS: Final = 4
_EPOCHS: Final = 2
_RATE: Final = 2e-4
_DEEPER: Final = 0.85
_BATCH: Final = 48
_WARM_UP: Final = 1 / 16
# Shares of the figures that are left out at random while learning, so that none is relied on alone.
_UNSEEN_STEPS: Final = 0.1
_UNSEEN_ROWS: Final = 0.15
_UNSEEN_TRAITS: Final = 0.4

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Replies:
    """The rows of the pieces of each reply, and the labels."""

    rows: Sequence[Sequence[int]]
    labels: Floats


class Descent:
    """AdamW over some figures, which it changes in place."""

    _MEAN: Final = np.float32(0.9)
    _SQUARE: Final = np.float32(0.999)
    _TINY: Final = np.float32(1e-8)

    def __init__(self, figures: Sequence[Floats], rate: float, decay: float) -> None:
        self.figures, self.rate, self.decay = figures, rate, decay
        self.means, self.squares = [np.zeros_like(its) for its in figures], [np.zeros_like(its) for its in figures]
        self.steps = 0

    def step(self, slopes: Sequence[Floats], factor: float) -> None:
        """One step down these slopes, at a share of the rate."""
        self.steps += 1
        rate = np.float32(self.rate * factor)
        even, steady = 1 - self._MEAN**self.steps, 1 - self._SQUARE**self.steps
        for its, slope, mean, square in zip(self.figures, slopes, self.means, self.squares, strict=True):
            mean += (1 - self._MEAN) * (slope - mean)
            square += (1 - self._SQUARE) * (slope * slope - square)
            its *= 1 - rate * np.float32(self.decay)
            its -= rate * (mean / even) / (np.sqrt(square / steady) + self._TINY)


def encoded(texts: Sequence[Sequence[str]], labels: Sequence[bool]) -> Replies:
    """The replies, each a row of words, cut into pieces."""
    return Replies([next(encoder.windows(words))[0] for words in texts], np.array(labels, dtype=np.float32))


def learn(replies: Replies, epochs: int = _EPOCHS) -> meaning.Learned:
    """Tunes the layers and learns the networks over them, all at once: logistic loss, a rate that falls to nothing."""
    chance = np.random.default_rng(0)
    layers = encoder.published()
    networks = [_begun(chance) for _ in range(_NETWORKS)]
    tuned = [
        Descent([figures for name in training_layer.STEPS for figures in getattr(layer, name)], rate, 0.01)
        for layer, rate in zip(layers, _rates(len(layers)), strict=True)
    ]
    learned = [Descent(_figures(network), 2e-3, 0.02) for network in networks]
    lengths = np.array([len(rows) for rows in replies.rows])
    batches = [chosen for _ in range(epochs) for chosen in _batches(lengths, chance)]
    for number, chosen in enumerate(batches, start=1):
        done = number / len(batches)
        factor = min(1.0, done / _WARM_UP) * (1 - done)
        state = np.stack([encoder.embedded(replies.rows[its]) for its in chosen])
        climbs = []
        shape = state.size // encoder.WIDTH, encoder.WIDTH
        for layer in layers:
            left = _left(chance, shape, _UNSEEN_STEPS), _left(chance, shape, _UNSEEN_STEPS)
            state, climb = training_layer.forwards(layer, state, left)
            climbs.append(climb)
        by_state = np.zeros_like(state)
        for network, descent in zip(networks, learned, strict=True):
            slopes, by_rows = _slopes(network, state, replies.labels[chosen], chance)
            by_state += by_rows / np.float32(_NETWORKS)
            descent.step(slopes, factor)
        for layer, climb, descent in reversed(list(zip(layers, climbs, tuned, strict=True))):
            slopes, by_state = training_layer.backwards(layer, climb, by_state)
            descent.step(slopes, factor)
    return meaning.Learned(layers, tuple(networks))


def _rates(layers: int) -> list[float]:
    """By how much each layer is tuned, from the lowest: what lies deeper changes less."""
    return [_RATE * _DEEPER**above for above in reversed(range(layers))]


def _begun(chance: np.random.Generator) -> meaning.Network:
    def drawn(rows: int, columns: int, spread: int) -> Floats:
        its: Floats = (chance.standard_normal((rows, columns)) * spread**-0.5).astype(np.float32)
        return its

    return meaning.Network(
        drawn(encoder.WIDTH, _TRAITS, encoder.WIDTH),
        np.zeros(_TRAITS, np.float32),
        drawn(_TRAITS, _READERS, _TRAITS),
        drawn(_READERS, _TRAITS, _TRAITS),
        np.zeros(1, np.float32),
    )


def _figures(network: meaning.Network) -> list[Floats]:
    return [getattr(network, name) for name in meaning.FIGURES]


def _batches(lengths: Whole, chance: np.random.Generator) -> list[Whole]:
    """Every reply once, in batches of one length each, in any order."""
    order = chance.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    batches = [
        batch
        for alike in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1)
        for batch in np.array_split(alike, -(-len(alike) // _BATCH))
    ]
    return [batches[place] for place in chance.permutation(len(batches))]


def _slopes(
    network: meaning.Network, rows: Floats, labels: Floats, chance: np.random.Generator
) -> tuple[list[Floats], Floats]:
    """The slope of the loss by each figure of the network, in the order of `FIGURES`, and by the rows."""
    seen = _left(chance, rows.shape, _UNSEEN_ROWS)
    rows = rows * seen
    before = rows @ network.traits + network.traits_bias
    kept = _left(chance, before.shape, _UNSEEN_TRAITS) * (before > 0)
    found = before * kept
    sought = found @ network.seek
    sought = np.exp(sought - sought.max(1, keepdims=True))
    sought /= sought.sum(1, keepdims=True)
    worth = found @ network.weigh.T
    sums = (sought * worth).sum((1, 2)) + network.bias
    # By the size of a full batch: a rare length counts no more than a common one.
    error = ((1 / (1 + np.exp(-sums)) - labels) / _BATCH).astype(np.float32)
    by_worth = sought * error[:, None, None]
    by_sought = worth * by_worth
    by_sought -= sought * by_sought.sum(1, keepdims=True)
    by_before = (by_worth @ network.weigh + by_sought @ network.seek.T) * kept
    slopes = [
        _flat(rows).T @ _flat(by_before),
        by_before.sum((0, 1)),
        _flat(found).T @ _flat(by_sought),
        _flat(by_worth).T @ _flat(found),
        error.sum(keepdims=True),
    ]
    return slopes, (by_before @ network.traits.T) * seen


def _flat(rows: Floats) -> Floats:
    return rows.reshape(-1, rows.shape[-1])


def _left(chance: np.random.Generator, shape: tuple[int, ...], share: float) -> Floats:
    return (chance.random(shape, dtype=np.float32) >= share).astype(np.float32) / np.float32(1 - share)
