"""The database's time between its words: what ends by the clock ends on time also where a word of it comes late."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

WORDS_S = 60.0  # for so long a word counts; where all of a minute are further back than before, the clock was set


class Clock:
    """Another machine's clock, told by what it says of itself and carried on by a steady one of ours, in seconds.

    Its word may come late and never early, so of the last minute's words the one that puts it furthest ahead is nearest
    to the truth. One that is not believed by then was not late: the clock was set, or drifts.
    """

    def __init__(self) -> None:
        self._words: deque[tuple[float, float]] = deque()  # when heard, how far ahead; the furthest first

    def hear(self, at: datetime, here: float) -> None:
        """It said that it was `at`, and the word came at `here`."""
        said = at.timestamp() - here
        while self._words and self._words[-1][1] <= said:
            self._words.pop()
        self._words.append((here, said))
        while here - self._words[0][0] > WORDS_S or self._words[0][1] - said > WORDS_S:
            self._words.popleft()

    def now(self, here: float) -> datetime:
        """What it shows now; long ago if it has never said anything."""
        return datetime.fromtimestamp(self._words[0][1] + here if self._words else 0, UTC)
