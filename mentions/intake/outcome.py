"""What became of what arrived, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from mentions.intake.prepare import Clean, Refused
from mentions.posts import Operation


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item. `reason` is a sentence, empty for an accepted one."""

    external_id: str | None
    status: Literal["accepted", "duplicate", "rejected"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch, in the order given."""

    items: tuple[ItemResult, ...]

    def count(self, status: str) -> int:
        """How many items ended so."""
        return sum(item.status == status for item in self.items)


class Place(NamedTuple):
    """Where an item stands: the number of its batch, and its own in the batch."""

    batch: int
    item: int


Results = dict[Place, ItemResult]


def accepted(prepared: Clean | Operation) -> ItemResult:
    """It is stored, or its change was made."""
    return ItemResult(_name(prepared), "accepted")


def repeated(prepared: Clean | Operation | Refused) -> ItemResult:
    """It was here before; what is no post is none the second time either."""
    if isinstance(prepared, Refused):
        return refused(prepared)
    return ItemResult(_name(prepared), "duplicate", "it is stored already")


def made_before(operation: Operation) -> ItemResult:
    """The change adds nothing to what is stored."""
    return ItemResult(operation.external_id, "duplicate", "this change was made already")


def refused(prepared: Refused) -> ItemResult:
    """It is no post, and why."""
    return ItemResult(prepared.external_id, "rejected", prepared.reason)


def _name(prepared: Clean | Operation) -> str:
    return prepared.post.external_id if isinstance(prepared, Clean) else prepared.external_id
