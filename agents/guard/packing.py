"""Packs a MiniLM for `encoder`: `python -m agents.guard.packing FOLDER`.

FOLDER holds `model.safetensors` and `tokenizer.json` of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as it is
published. Run once; what it writes beside the code is part of the project.
"""

import json
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from agents.guard import encoder
from agents.guard.encoder import Floats

# Pieces stand in the order of their frequency; rarer words are cut into smaller ones.
_KEPT: Final = 20_000
_PLACES: Final = 128


def main(folder: Path) -> None:
    """Writes the pieces, their rows and the layers beside the code."""
    weights = _read(folder / "model.safetensors")
    listed = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    special = {"[CLS]", "[SEP]", "[UNK]"}
    kept = [
        (piece, row)
        for piece, row in sorted(listed.items(), key=lambda its: its[1])
        if piece in special or (piece.isascii() and piece[0] != "[" and row < _KEPT)
    ]
    encoder.PIECES.write_text("".join(f"{piece}\n" for piece, _ in kept), encoding="utf-8")
    table, scales = encoder.in_bytes(weights["embeddings.word_embeddings.weight"][[row for _, row in kept]].T)
    np.save(encoder.TABLE, np.ascontiguousarray(table.T))
    packed = {
        "scales": scales,
        "places": weights["embeddings.position_embeddings.weight"][:_PLACES]
        + weights["embeddings.token_type_embeddings.weight"][0],
        "embedded.weight": weights["embeddings.LayerNorm.weight"],
        "embedded.bias": weights["embeddings.LayerNorm.bias"],
    }
    for number in range(encoder.DEPTH):
        packed |= encoder.packed(_layer(weights, f"encoder.layer.{number}."), str(number))
    np.savez_compressed(encoder.LAYERS, **packed)


def _layer(weights: Mapping[str, Floats], at: str) -> encoder.Layer:
    """One layer, its matrices turned so that rows of figures stand on their left."""

    def matrix(*names: str) -> tuple[Floats, Floats]:
        weight = np.concatenate([weights[f"{at}{name}.weight"] for name in names])
        return weight.T, np.concatenate([weights[f"{at}{name}.bias"] for name in names])

    def norm(name: str) -> tuple[Floats, Floats]:
        return weights[f"{at}{name}.LayerNorm.weight"], weights[f"{at}{name}.LayerNorm.bias"]

    return encoder.Layer(
        matrix(*(f"attention.self.{name}" for name in ("query", "key", "value"))),
        matrix("attention.output.dense"),
        matrix("intermediate.dense"),
        matrix("output.dense"),
        norm("attention.output"),
        norm("output"),
    )


def _read(path: Path) -> dict[str, Floats]:
    """The tensors of a safetensors file: the length of its head, a head in JSON, then the figures."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    tensors: dict[str, Floats] = {}
    for name, its in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__" and its["dtype"] == "F32":
            first, last = its["data_offsets"]
            held = np.frombuffer(data[8 + length + first : 8 + length + last], np.float32)
            tensors[name] = held.reshape(its["shape"])
    return tensors


if __name__ == "__main__":
    main(Path(sys.argv[1]))
