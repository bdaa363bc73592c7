"""Reads a text with a small language model: what every word means where it stands.

The layers of all-MiniLM-L6-v2 (see NOTICE), quantised to one byte a weight, read with numpy alone: no library
and no download at run time. "post" in "popped it in the post" and in "your post" come out as different rows of
figures, which is what `second_reading` needs where the words themselves do not tell. The rows of the pieces are
read as they were published; the layers as `training` has tuned them, which is part of `meaning`. Pure and
deterministic; loaded once a process, at the first reply that is checked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

PIECES: Final = Path(__file__).with_name("encoder_pieces.txt")
TABLE: Final = Path(__file__).with_name("encoder_table.npy")
LAYERS: Final = Path(__file__).with_name("encoder_layers.npz")

DEPTH: Final = 6
WIDTH: Final = 384
HEADS: Final = 12
# The names of a layer's steps, in the order of their use and of `Layer`.
MATRICES: Final = ("attend", "gather", "widen", "narrow")
NORMS: Final = ("gathered", "narrowed")
_LONGEST: Final = 126
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_PART: Final = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
TINY: Final = np.float32(1e-12)
_BYTE: Final = 127
_HALF: Final = np.float32(0.5)
# tanh(x * (0.7978... + 0.0356... * x * x)) stands for the error function.
_PLAIN: Final = np.float32(0.7978845608)
_CUBED: Final = np.float32(0.0356774081)

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
    """The pieces of words with their rows, and what each place in a text adds to them."""

    pieces: dict[str, int]
    table: npt.NDArray[np.int8]
    scales: Floats
    places: Floats
    embedded: tuple[Floats, Floats]


@cache
def model() -> Model:
    """The model; the table stays in the file and is shared by all processes."""
    pieces = {piece: row for row, piece in enumerate(PIECES.read_text(encoding="utf-8").splitlines())}
    with np.load(LAYERS) as its:
        return Model(
            pieces,
            np.load(TABLE, mmap_mode="r"),
            its["scales"],
            its["places"],
            (its["embedded.weight"], its["embedded.bias"]),
        )


def published() -> tuple[Layer, ...]:
    """The layers as they were published, from which `training` starts."""
    with np.load(LAYERS) as its:
        return tuple(unpacked(its, str(number)) for number in range(DEPTH))


def unpacked(its: Mapping[str, npt.NDArray[Any]], at: str) -> Layer:
    """A layer from the figures of a file."""

    def matrix(name: str) -> tuple[Floats, Floats]:
        weight = its[name].astype(np.float32) * its[f"{name}.scale"]
        return np.ascontiguousarray(weight), its[f"{name}.bias"].astype(np.float32)

    def norm(name: str) -> tuple[Floats, Floats]:
        return its[f"{name}.weight"].astype(np.float32), its[f"{name}.bias"].astype(np.float32)

    return Layer(*(matrix(f"{at}.{name}") for name in MATRICES), *(norm(f"{at}.{name}") for name in NORMS))


def packed(layer: Layer, at: str) -> dict[str, npt.NDArray[Any]]:
    """The figures of a layer as they are kept: one byte a weight, and by what each column is multiplied."""
    its: dict[str, npt.NDArray[Any]] = {}
    for name in MATRICES:
        weight, bias = getattr(layer, name)
        weight, scale = in_bytes(weight)
        its |= {f"{at}.{name}": weight, f"{at}.{name}.scale": scale, f"{at}.{name}.bias": bias}
    for name in NORMS:
        its |= dict(zip((f"{at}.{name}.weight", f"{at}.{name}.bias"), getattr(layer, name), strict=True))
    return its


def in_bytes(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """The matrix in whole numbers up to 127, and by what each column is multiplied."""
    scale = (np.abs(matrix).max(0) / _BYTE).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale


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


@cache
def _longest_piece() -> int:
    return max(map(len, model().pieces))


@lru_cache(maxsize=4096)
def _cut(word: str) -> tuple[int, ...]:
    known = model().pieces
    rows: list[int] = []
    for part in _PART.findall(word):
        begin, its = 0, []
        while begin < len(part):
            for end in range(min(len(part), begin + _longest_piece()), begin, -1):
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


def embedded(rows: Sequence[int]) -> Floats:
    """What each piece is by itself and where it stands, which the first layer reads: (pieces, `WIDTH`)."""
    its = model()
    held = its.table[list(rows)].astype(np.float32) * its.scales[list(rows), None] + its.places[: len(rows)]
    return _normal(held, its.embedded)


def through(layers: Iterable[Layer], state: Floats) -> Floats:
    """What layers make of a text, one after the other: the same shape."""
    for layer in layers:
        state = _through(layer, state)
    return state


def _through(layer: Layer, state: Floats) -> Floats:
    length = len(state)
    asked = (state @ layer.attend[0] + layer.attend[1]).reshape(length, 3, HEADS, -1).transpose(1, 2, 0, 3)
    query, key, value = asked
    near = query @ key.transpose(0, 2, 1) * np.float32(query.shape[-1] ** -0.5)
    near = np.exp(near - near.max(-1, keepdims=True))
    near /= near.sum(-1, keepdims=True)
    gathered = (near @ value).transpose(1, 0, 2).reshape(length, WIDTH)
    state = _normal(state + gathered @ layer.gather[0] + layer.gather[1], layer.gathered)
    wide: Floats = state @ layer.widen[0] + layer.widen[1]
    wide *= below(wide)
    return _normal(state + wide @ layer.narrow[0] + layer.narrow[1], layer.narrowed)


def _normal(state: Floats, weights: tuple[Floats, Floats]) -> Floats:
    away = state - state.mean(-1, keepdims=True)
    spread = np.sqrt(np.einsum("td,td->t", away, away)[:, None] / np.float32(WIDTH) + TINY)
    normal: Floats = away / spread * weights[0] + weights[1]
    return normal


def below(figures: Floats) -> Floats:
    """The share of a normal distribution below each figure, as the published model has it, good to four digits."""
    share: Floats = _CUBED * figures
    share *= figures
    share += _PLAIN
    share *= figures
    np.tanh(share, out=share)
    share += 1
    share *= _HALF
    return share
