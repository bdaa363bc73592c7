"""What the words of a reply mean together: how much it tells about a person, by figures from `encoder`.

A small network over the rows of the encoder: every piece of a word is turned into a few traits, four readers each
weigh the pieces by what they look for, and what they gathered is added up. Several such networks, learned from the
same replies (see `training_meaning`), are averaged. The sum falls apart into what each word added, which is how a
finding can name its words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from agents.guard import encoder
from agents.guard.encoder import Floats

WEIGHTS: Final = Path(__file__).with_name("meaning.npz")


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


def judge(words: Sequence[str]) -> tuple[float, list[float]]:
    """How much a text tells (0 is even, 3 is plain), and what each of its words added to that.

    A long text tells as much as the part of it that tells most.
    """
    bias = float(np.mean([its.bias[0] for its in learned()]))
    added = [0.0] * len(words)
    most = -math.inf
    for rows, owners in encoder.windows(words):
        state = encoder.encode(rows)
        shares = np.mean([its.shares(state) for its in learned()], axis=0)
        most = max(most, float(shares.sum()) + bias)
        for owner, share in zip(owners, shares.tolist(), strict=True):
            if owner >= 0:
                added[owner] += share
    return most, added


@cache
def learned() -> tuple[Network, ...]:
    """The networks; read once a process."""
    with np.load(WEIGHTS) as packed:
        its = {name: packed[name].astype(np.float32) for name in packed.files}
    names = ("traits", "traits_bias", "seek", "weigh", "bias")
    return tuple(Network(*(its[name][number] for name in names)) for number in range(len(its["bias"])))
