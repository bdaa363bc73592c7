"""The seam of a legal hold: who must keep a copy before the live one is purged.

A deletion always purges the live copy. Whoever must keep what it said (the vault, in a layer above) registers a
keeper, which runs in the deletion's own transaction before anything is gone. Nothing here decides what is held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Held = Callable[[Sequence[int]], frozenset[int]]
Keeper = Callable[[Sequence[int]], None]

_held: list[Held] = []
_keepers: list[Keeper] = []


def register(*, held: Held, keep: Keeper) -> None:
    """`held` says which of these mentions are under a hold; `keep` copies those before they are purged.

    Both run inside the deletion's transaction; if keeping fails, so does the deletion, and it is tried again.
    """
    _held.append(held)
    _keepers.append(keep)


def held(mention_ids: Sequence[int]) -> frozenset[int]:
    """Those of the mentions that somebody holds."""
    return frozenset().union(*(ask(mention_ids) for ask in _held))


def before_purge(mention_ids: Sequence[int]) -> None:
    """Let every keeper copy what it holds; for whoever is about to purge."""
    for ask, keep in zip(_held, _keepers, strict=True):
        if wanted := sorted(ask(mention_ids)):
            keep(wanted)
