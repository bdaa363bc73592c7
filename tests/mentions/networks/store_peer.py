"""The stores as their users know them: reviews with stars, each with at most one response of the bank's."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import Any

from tests.mentions.networks.api_peer import ApiPeer


class StorePeer(ApiPeer):
    """One app or branch. Reviews are kept by the identifier that the connector gives."""

    def __init__(self) -> None:
        super().__init__()
        self.reviews: dict[str, dict[str, Any]] = {}

    @abstractmethod
    def named(self, number: int) -> str:
        """The identifier that the connector gives the review of this number."""

    def write(self, text: str) -> str:
        own = self.named(self.number())
        self.reviews[own] = {"text": text, "stars": 2, "at": time.time(), "response": None}
        return own

    def edit(self, external_id: str, text: str) -> None:
        self.reviews[external_id] |= {"text": text, "at": time.time()}

    def delete(self, external_id: str) -> None:
        del self.reviews[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        response = self.reviews[external_id]["response"]
        return [response] if response else []

    def newest(self) -> list[tuple[str, dict[str, Any]]]:
        return list(reversed(self.reviews.items()))
