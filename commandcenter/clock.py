"""The database's time between its words: what ends by the clock ends on time also where a word of it comes late."""

from __future__ import annotations

from datetime import UTC, datetime

DRIFT = 0.0002  # how far two clocks may go apart: seventeen seconds a day
SET_S = 60.0  # further back than this nothing comes that was merely late: the clock was set


class Clock:
    """Another machine's clock, told by what it says of itself and carried on by a steady one of ours, in seconds.

    Its word may come late and never early, so the one that puts it furthest ahead is nearest to the truth; a later word
    counts for less only as fast as clocks drift apart.
    """

    def __init__(self) -> None:
        self._ahead: float | None = None
        self._heard = 0.0

    def hear(self, at: datetime, here: float) -> None:
        """It said that it was `at`, and the word came at `here`."""
        said = at.timestamp() - here
        if self._ahead is not None:
            kept = self._ahead - DRIFT * (here - self._heard)
            said = kept if kept - SET_S < said < kept else said
        self._ahead, self._heard = said, here

    def now(self, here: float) -> datetime:
        """What it shows now; long ago if it has never said anything."""
        return datetime.fromtimestamp(0 if self._ahead is None else self._ahead + here, UTC)
