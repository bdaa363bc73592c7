"""How much a token may ask of one process, whatever it is: a bucket that fills by the second."""

from __future__ import annotations

import time


class Limits:
    """A bucket for each token, filled at `rate` a second up to `burst`."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: dict[int, tuple[float, float]] = {}

    def wait(self, key: int, amount: int) -> float:
        """Take `amount` and return 0, or take nothing and return in how many seconds it would fit."""
        now = time.monotonic()
        level, at = self._buckets.get(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._rate)
        if amount > level:
            self._buckets[key] = (level, now)
            return (amount - level) / self._rate
        self._buckets[key] = (level - amount, now)
        return 0.0


class TooFast(Exception):
    """A token that asks more than it may; `seconds` until it may again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = int(seconds) + 1
