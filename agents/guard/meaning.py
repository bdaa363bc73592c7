"""What the words of a reply mean together: how much it tells about a person, by figures from `encoder`.

The layers of the encoder, tuned to such replies, and small networks over their rows: every piece of a word is
turned into a few traits, four readers each weigh the pieces by what they look for, and what they gathered is added up.
Several such networks, learned together with the layers (see `training_meaning`), are averaged. The sum falls apart
into what each word added, which is how a finding can name its words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.guard import encoder
from agents.guard.encoder import Floats

WEIGHTS: Final = Path(__file__).with_name("meaning.npz")
FIGURES: Final = ("traits", "traits_bias", "seek", "weigh", "bias")


@dataclass(frozen=True, slots=True)
class Network:
    """`traits` (rows to traits), `seek` (traits to readers), `weigh` (what a reader gathered), each with its bias."""

    traits: Floats
    traits_bias: Floats
    seek: Floats
    weigh: Floats
    bias: Floats

    def shares(self, state: Floats) -> Floats:
        """What each encoded piece of a text adds to how much it tells."""
        found = np.maximum(state @ self.traits + self.traits_bias, 0)
        sought = found @ self.seek
        sought = np.exp(sought - sought.max(0))
        added: Floats = (sought / sought.sum(0) * (found @ self.weigh.T)).sum(1)
        return added


@dataclass(frozen=True, slots=True)
class Learned:
    """The layers as they were tuned, and the networks over them."""

    layers: tuple[encoder.Layer, ...]
    networks: tuple[Network, ...]

    def judge(self, rows: Sequence[int]) -> tuple[float, Floats]:
        """How much a text tells, given as the rows of its pieces, and what each of them added to that."""
        state = encoder.through(self.layers, encoder.embedded(rows))
        shares: Floats = np.mean([its.shares(state) for its in self.networks], axis=0)
        return float(shares.sum()) + float(np.mean([its.bias[0] for its in self.networks])), shares


def judge(words: Sequence[str]) -> tuple[float, list[float]]:
    """How much a text tells (0 is even, 3 is plain), and what each of its words added to that.

    A long text tells as much as the part of it that tells most.
    """
    added = [0.0] * len(words)
    most = -math.inf
    for rows, owners in encoder.windows(words):
        told, shares = learned().judge(rows)
        most = max(most, told)
        for owner, share in zip(owners, shares.tolist(), strict=True):
            if owner >= 0:
                added[owner] += share
    return most, added


@cache
def learned() -> Learned:
    """The layers and the networks; read once a process."""
    with np.load(WEIGHTS) as its:
        figures = [its[name].astype(np.float32) for name in FIGURES]
        layers = tuple(encoder.unpacked(its, str(number)) for number in range(encoder.DEPTH))
        return Learned(layers, tuple(Network(*one) for one in zip(*figures, strict=True)))


def write(learned: Learned) -> None:
    """Writes what was learned beside the code."""
    its: dict[str, Any] = {
        name: np.stack([getattr(one, name) for one in learned.networks]).astype(np.float16) for name in FIGURES
    }
    for number, layer in enumerate(learned.layers):
        its |= encoder.packed(layer, str(number))
    np.savez_compressed(WEIGHTS, **its)
