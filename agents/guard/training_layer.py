"""Tunes a layer of `encoder`: the layer read forwards as `encoder` does, and its slopes read backwards.

Plain numpy. All texts of a batch have one length, so that nothing is padded and nothing masked; whatever concerns each
piece by itself is done for all texts at once, as rows, which is a third quicker.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.guard import encoder
from agents.guard.encoder import Floats, Layer

# The layer's figures in the order in which their slopes are given.
STEPS: Final = ("attend", "gather", "widen", "narrow", "gathered", "narrowed")
_BELL: Final = np.float32(0.3989422804)
_HALF: Final = np.float32(0.5)


@dataclass(frozen=True, slots=True)
class Climb:
    """What a batch was on its way through the layer, as rows, and as (texts, heads, ...); needed on the way back."""

    rows: Floats
    asked: Floats
    near: Floats
    gathered: Floats
    first: tuple[Floats, Floats]
    middle: Floats
    wide: Floats
    below: Floats
    second: tuple[Floats, Floats]
    left: tuple[Floats, Floats]


def forwards(layer: Layer, state: Floats, left: tuple[Floats, Floats]) -> tuple[Floats, Climb]:
    """The batch after the layer. What the layer adds to each row is multiplied by `left`: some of it is left out."""
    texts, length, width = state.shape
    rows = state.reshape(-1, width)
    asked = (rows @ layer.attend[0] + layer.attend[1]).reshape(texts, length, 3, encoder.HEADS, -1)
    asked = asked.transpose(2, 0, 3, 1, 4)
    query, key, value = asked
    near = query @ key.swapaxes(-1, -2) * np.float32(query.shape[-1] ** -0.5)
    near = np.exp(near - near.max(-1, keepdims=True))
    near /= near.sum(-1, keepdims=True)
    gathered = (near @ value).transpose(0, 2, 1, 3).reshape(rows.shape)
    added: Floats = gathered @ layer.gather[0] + layer.gather[1]
    first = _standard(rows + added * left[0])
    middle: Floats = first[0] * layer.gathered[0] + layer.gathered[1]
    wide: Floats = middle @ layer.widen[0] + layer.widen[1]
    below = encoder.below(wide)
    curved: Floats = wide * below
    added = curved @ layer.narrow[0] + layer.narrow[1]
    second = _standard(middle + added * left[1])
    after = second[0] * layer.narrowed[0] + layer.narrowed[1]
    return after.reshape(state.shape), Climb(rows, asked, near, gathered, first, middle, wide, below, second, left)


def backwards(layer: Layer, climb: Climb, slope: Floats) -> tuple[list[Floats], Floats]:
    """The slope of the loss by each figure of the layer and by what went into it, from that by what came out."""
    its = climb
    texts, length, width = slope.shape
    query, key, value = its.asked
    slope = slope.reshape(-1, width)
    by_narrowed = (slope * its.second[0]).sum(0), slope.sum(0)
    added = _through_standard(slope * layer.narrowed[0], its.second)
    narrowed = added * its.left[1]
    by_narrow = _by(its.wide * its.below, narrowed)
    curved = its.below + its.wide * np.exp(-_HALF * its.wide * its.wide) * _BELL
    widened = (narrowed @ layer.narrow[0].T) * curved
    by_widen = _by(its.middle, widened)
    slope = added + widened @ layer.widen[0].T
    by_gathered = (slope * its.first[0]).sum(0), slope.sum(0)
    slope = _through_standard(slope * layer.gathered[0], its.first)
    added = slope * its.left[0]
    by_gather = _by(its.gathered, added)
    seen = (added @ layer.gather[0].T).reshape(texts, length, encoder.HEADS, -1).transpose(0, 2, 1, 3)
    by_near = seen @ value.swapaxes(-1, -2)
    by_near = its.near * (by_near - (by_near * its.near).sum(-1, keepdims=True)) * np.float32(query.shape[-1] ** -0.5)
    asked: Floats = np.stack([by_near @ key, by_near.swapaxes(-1, -2) @ query, its.near.swapaxes(-1, -2) @ seen])
    asked = asked.transpose(1, 3, 0, 2, 4).reshape(-1, 3 * width)
    by_attend = _by(its.rows, asked)
    steps = (by_attend, by_gather, by_widen, by_narrow, by_gathered, by_narrowed)
    by_state: Floats = slope + asked @ layer.attend[0].T
    return [part for step in steps for part in step], by_state.reshape(texts, length, width)


def _by(rows: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """The slopes by a weight and by its bias."""
    return rows.T @ slope, slope.sum(0)


def _standard(state: Floats) -> tuple[Floats, Floats]:
    """The rows with a mean of nothing and a spread of one, and what they were multiplied by."""
    away = state - state.mean(-1, keepdims=True)
    factor = 1 / np.sqrt((away * away).mean(-1, keepdims=True) + encoder.TINY)
    return away * factor, factor


def _through_standard(slope: Floats, standard: tuple[Floats, Floats]) -> Floats:
    rows, factor = standard
    even: Floats = slope - slope.mean(-1, keepdims=True) - rows * (slope * rows).mean(-1, keepdims=True)
    return even * factor
