"""Learns the networks of `meaning` from labelled replies; `training` calls it.

Plain numpy and a fixed seed: the same replies give the same networks on the same processor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agents.guard import encoder, meaning
from agents.guard.encoder import Floats

NETWORKS: Final = 3
_TRAITS: Final = 96
_READERS: Final = 4
_EPOCHS: Final = 12
_BATCH: Final = 64
_RATE: Final = 2e-3
_WARM_UP: Final = 50
_DECAY: Final = 0.02
# Shares of the figures that are left out at random while learning, so that none is relied on alone.
_UNSEEN_ROWS: Final = 0.15
_UNSEEN_TRAITS: Final = 0.4
_MEAN, _SQUARE, _TINY = 0.9, 0.999, 1e-8

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Replies:
    """The encoded pieces of all replies one after the other, where each reply begins, and its label."""

    states: npt.NDArray[np.float16]
    begins: Whole
    labels: Floats

    def some(self, chosen: Whole) -> tuple[Floats, Whole]:
        """The pieces of the chosen replies, and to which of these each belongs."""
        lengths = self.begins[chosen + 1] - self.begins[chosen]
        owners = np.repeat(np.arange(len(chosen)), lengths)
        starts = np.repeat(self.begins[chosen] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        return self.states[starts + np.arange(len(owners))].astype(np.float32), owners


def encoded(texts: Sequence[Sequence[str]], labels: Sequence[bool]) -> Replies:
    """The replies, each a row of words, as the encoder reads them."""
    states = [encoder.encode(next(encoder.windows(words))[0]).astype(np.float16) for words in texts]
    begins = np.concatenate([[0], np.cumsum([len(state) for state in states])])
    return Replies(np.concatenate(states), begins, np.array(labels, dtype=np.float32))


def learn(replies: Replies, number: int) -> meaning.Network:
    """One network: logistic loss, AdamW, a rate that falls to nothing."""
    chance = np.random.default_rng(number)
    weights = [
        (chance.standard_normal((encoder.WIDTH, _TRAITS)) * encoder.WIDTH**-0.5).astype(np.float32),
        np.zeros(_TRAITS, np.float32),
        (chance.standard_normal((_TRAITS, _READERS)) * _TRAITS**-0.5).astype(np.float32),
        (chance.standard_normal((_READERS, _TRAITS)) * _TRAITS**-0.5).astype(np.float32),
        np.zeros(1, np.float32),
    ]
    means, squares = [np.zeros_like(its) for its in weights], [np.zeros_like(its) for its in weights]
    batches = list(_batches(len(replies.labels), chance))
    for step, chosen in enumerate(batches, start=1):
        rate = _RATE * min(1.0, step / _WARM_UP) * (1 - (step - 1) / len(batches))
        slopes = _slopes(meaning.Network(*weights), *replies.some(chosen), replies.labels[chosen], chance)
        for its, slope, mean, square in zip(weights, slopes, means, squares, strict=True):
            mean += (1 - _MEAN) * (slope - mean)
            square += (1 - _SQUARE) * (slope * slope - square)
            its *= 1 - rate * _DECAY
            its -= rate * (mean / (1 - _MEAN**step)) / (np.sqrt(square / (1 - _SQUARE**step)) + _TINY)
    return meaning.Network(*weights)


def _batches(count: int, chance: np.random.Generator) -> Iterator[Whole]:
    for _ in range(_EPOCHS):
        yield from np.array_split(chance.permutation(count), count // _BATCH + 1)


def _slopes(
    network: meaning.Network, rows: Floats, owners: Whole, labels: Floats, chance: np.random.Generator
) -> tuple[npt.NDArray[Any], ...]:
    """The gradient of the loss by each weight, in the order of `Network`."""
    rows = rows * _left(chance, rows.shape, _UNSEEN_ROWS)
    begins = np.flatnonzero(np.diff(owners, prepend=-1))
    before = rows @ network.traits + network.traits_bias
    kept = _left(chance, before.shape, _UNSEEN_TRAITS) * (before > 0)
    found = before * kept
    sought = found @ network.seek
    sought = np.exp(sought - np.maximum.reduceat(sought, begins)[owners])
    sought /= np.add.reduceat(sought, begins)[owners]
    worth = found @ network.weigh.T
    sums = np.add.reduceat((sought * worth).sum(1), begins) + network.bias
    error = ((1 / (1 + np.exp(-sums)) - labels) / len(labels)).astype(np.float32)
    pull = error[owners][:, None]
    by_worth = sought * pull
    by_sought = worth * by_worth
    by_sought -= sought * np.add.reduceat(by_sought, begins)[owners]
    by_before = (by_worth @ network.weigh + by_sought @ network.seek.T) * kept
    return (
        rows.T @ by_before,
        by_before.sum(0),
        found.T @ by_sought,
        by_worth.T @ found,
        error.sum(keepdims=True),
    )


def _left(chance: np.random.Generator, shape: tuple[int, ...], share: float) -> Floats:
    return (chance.random(shape, dtype=np.float32) >= share).astype(np.float32) / np.float32(1 - share)


def write(networks: Sequence[meaning.Network]) -> None:
    """Writes the networks beside the code."""
    names = ("traits", "traits_bias", "seek", "weigh", "bias")
    packed = {name: np.stack([getattr(its, name) for its in networks]).astype(np.float16) for name in names}
    np.savez_compressed(meaning.WEIGHTS, **packed)  # type: ignore[arg-type]  # the stub takes every name for `allow_pickle`
