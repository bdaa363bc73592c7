"""Reads a text with the lower layers of a small language model: what every word means where it stands.

The first layers of all-MiniLM-L6-v2 (see NOTICE), quantised to one byte a weight, read with numpy alone: no
library and no download at run time. "post" in "popped it in the post" and in "your post" come out as different
rows of figures, which is what `second_reading` needs where the words themselves do not tell. Pure and
deterministic; loaded once a process, at the first reply that is checked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

PIECES: Final = Path(__file__).with_name("encoder_pieces.txt")
TABLE: Final = Path(__file__).with_name("encoder_table.npy")
LAYERS: Final = Path(__file__).with_name("encoder_layers.npz")

WIDTH: Final = 384
_HEADS: Final = 12
_LONGEST: Final = 126
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_PART: Final = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_TINY: Final = np.float32(1e-12)
_ROOT_HALF: Final = np.float32(0.70710678)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: queries, keys and values in one matrix; `(weight, bias)` of each step."""

    attend: tuple[Floats, Floats]
    gather: tuple[Floats, Floats]
    widen: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    gathered: tuple[Floats, Floats]
    narrowed: tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Model:
    """The pieces of words with their rows, where each place in a text adds its own, and the layers."""

    pieces: dict[str, int]
    table: npt.NDArray[np.int8]
    scales: Floats
    places: Floats
    embedded: tuple[Floats, Floats]
    layers: tuple[Layer, ...]


@cache
def model() -> Model:
    """The model; the table stays in the file and is shared by all processes, the layers are unpacked."""
    with np.load(LAYERS) as packed:
        its = {name: packed[name] for name in packed.files}

    def matrix(name: str) -> tuple[Floats, Floats]:
        # One scale a column: its largest weight is 127.
        return np.ascontiguousarray(its[name].astype(np.float32) * its[f"{name}.scale"]), its[f"{name}.bias"]

    def norm(name: str) -> tuple[Floats, Floats]:
        return its[f"{name}.weight"], its[f"{name}.bias"]

    count = sum(name.endswith("attend") for name in its)
    pieces = {piece: row for row, piece in enumerate(PIECES.read_text(encoding="utf-8").splitlines())}
    return Model(
        pieces,
        np.load(TABLE, mmap_mode="r"),
        its["scales"],
        its["places"],
        norm("embedded"),
        tuple(
            Layer(
                matrix(f"{at}.attend"),
                matrix(f"{at}.gather"),
                matrix(f"{at}.widen"),
                matrix(f"{at}.narrow"),
                norm(f"{at}.gathered"),
                norm(f"{at}.narrowed"),
            )
            for at in range(count)
        ),
    )


def windows(words: Sequence[str]) -> Iterator[tuple[list[int], list[int]]]:
    """The rows of the pieces that the words are cut into, and for each the place of its word (-1 at both ends).

    Nearly every reply is one window; a text that is longer than the encoder reads at once is cut into several.
    """
    known = model().pieces
    rows, owners = [known[_START]], [-1]
    for place, word in enumerate(words):
        cut = _cut(word)
        if len(rows) + len(cut) > _LONGEST:
            yield [*rows, known[_END]], [*owners, -1]
            rows, owners = [known[_START]], [-1]
        rows.extend(cut[: _LONGEST - 1])
        owners.extend([place] * len(cut[: _LONGEST - 1]))
    yield [*rows, known[_END]], [*owners, -1]


@lru_cache(maxsize=4096)
def _cut(word: str) -> tuple[int, ...]:
    known = model().pieces
    rows: list[int] = []
    for part in _PART.findall(word):
        begin, its = 0, []
        while begin < len(part):
            for end in range(len(part), begin, -1):
                row = known.get(part[begin:end] if begin == 0 else f"##{part[begin:end]}")
                if row is not None:
                    its.append(row)
                    begin = end
                    break
            else:
                its = [known[_UNKNOWN]]
                break
        rows.extend(its)
    return tuple(rows)


def encode(rows: Sequence[int]) -> Floats:
    """What each piece means in its text: (pieces, `WIDTH`)."""
    its = model()
    held = its.table[list(rows)].astype(np.float32) * its.scales[list(rows), None] + its.places[: len(rows)]
    state = _normal(held, its.embedded)
    for layer in its.layers:
        state = _through(layer, state)
    return state


def _through(layer: Layer, state: Floats) -> Floats:
    length = len(state)
    asked = (state @ layer.attend[0] + layer.attend[1]).reshape(length, 3, _HEADS, -1).transpose(1, 2, 0, 3)
    query, key, value = asked
    near = query @ key.transpose(0, 2, 1) * np.float32(query.shape[-1] ** -0.5)
    near = np.exp(near - near.max(-1, keepdims=True))
    near /= near.sum(-1, keepdims=True)
    gathered = (near @ value).transpose(1, 0, 2).reshape(length, WIDTH)
    state = _normal(state + gathered @ layer.gather[0] + layer.gather[1], layer.gathered)
    wide = _gelu(state @ layer.widen[0] + layer.widen[1])
    return _normal(state + wide @ layer.narrow[0] + layer.narrow[1], layer.narrowed)


def _normal(state: Floats, weights: tuple[Floats, Floats]) -> Floats:
    away = state - state.mean(-1, keepdims=True)
    spread = np.sqrt(np.einsum("td,td->t", away, away)[:, None] / np.float32(WIDTH) + _TINY)
    normal: Floats = away / spread * weights[0] + weights[1]
    return normal


def _gelu(wide: Floats) -> Floats:
    """x * P(N(0, 1) < x), by the approximation of Abramowitz and Stegun (7.1.26), good to seven digits."""
    size = np.abs(wide) * _ROOT_HALF
    share = 1 / (1 + np.float32(0.3275911) * size)
    series = np.float32(1.061405429) * share - np.float32(1.453152027)
    for factor in (1.421413741, -0.284496736, 0.254829592):
        series = series * share + np.float32(factor)
    upper = np.float32(0.5) * series * share * np.exp(-size * size)
    curved: Floats = np.maximum(wide, 0) - np.abs(wide) * upper
    return curved
